"""Figures: the page ``/figures``, the same as CSV, and for programs under ``/api/v1/figures``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from tocsin.app import App
from tocsin.core.figures.counting import GROUPS, LABEL, Asked, Figures
from tocsin.core.figures.meanings import MEANINGS, MEASURES, NAMES, PROMISES
from tocsin.core.figures.periods import KINDS, Kind
from tocsin.core.figures.report import Report
from tocsin.core.figures.sheets import SHEETS, as_csv
from tocsin.core.schedules import instant, shown_at
from tocsin.errors import Invalid, TocsinError
from tocsin.plug import heard
from tocsin.service import figuring, reporting
from tocsin.service.access import Caller
from tocsin.web import figurecharts
from tocsin.web.endpoints import Call, Endpoint, Query, give
from tocsin.web.frame import app_of, seen, show

USUAL = timedelta(days=90)
SPANS = (7, 30, 90, 365)
"""Days of which the page offers the figures by one click."""
Asking = Mapping[str, str]


def give_figures(call: Call) -> Response:
    """The figures of a period."""
    return give(figuring.of_period(call.app, call.caller, _asked(call.app, call.request.query_params)))


def give_report(call: Call) -> Response:
    """The report of the day or the week until now."""
    wanted = call.request.query_params.get("kind", "daily")
    kind: Kind | None = next((each for each in KINDS if each == wanted), None)
    if kind is None:
        raise Invalid("?kind= is no kind of report.", f"Use one of: {', '.join(KINDS)}.")
    return give(reporting.written(call.app, call.caller, kind, call.app.clock.now()))


@seen
def page(request: Request, caller: Caller) -> Response:
    """Times, people, promises, alerts and steps of a period; charts with a table beside each."""
    app, refusal, status = app_of(request), None, 200
    try:
        asked = _asked(app, request.query_params)
    except TocsinError as error:
        refusal, status, asked = error, error.status, _asked(app, {})
    told = figuring.of_period(app, caller, asked)
    last = shown_at(asked.until - timedelta(microseconds=1), asked.zone).date()
    return show(
        request, caller, "figures.html", status,
        refusal=refusal, told=told, asked=asked, first_day=shown_at(asked.since, asked.zone).date(), last_day=last,
        groups=GROUPS, measures=MEASURES, names=NAMES, meanings=MEANINGS, promised=PROMISES, spans=SPANS,
        chart=figurecharts.times, month_chart=figurecharts.months, said=figurecharts.said, share=figurecharts.share,
        label=asked.by.removeprefix(LABEL) if asked.by.startswith(LABEL) else "",
        query=request.url.query if status == 200 else "", reports=app.settings.reports,
        next_report=reporting.next_moment(app),
    )  # fmt: skip


@seen
def sheet(request: Request, caller: Caller) -> Response:
    """One table as CSV; ``?table=`` names it."""
    app, table = app_of(request), request.query_params.get("table", "times")
    if table not in SHEETS:
        raise Invalid("?table= is no table.", f"Use one of: {', '.join(SHEETS)}.")
    told = figuring.of_period(app, caller, _asked(app, request.query_params))
    headers = {"Cache-Control": "no-store", "Content-Disposition": f'attachment; filename="figures-{table}.csv"'}
    return Response(as_csv(told, table), media_type="text/csv", headers=headers)


def _asked(app: App, given: Asking) -> Asked:
    """What the query asks for; a day is one of the team's zone, and the last one counts whole."""
    zone, now = figuring.zone_of(app), app.clock.now()
    until = _moment(given.get("until", ""), "until", zone, whole=True) or now
    since = _moment(given.get("since", ""), "since", zone) or until - USUAL
    label = given.get("label", "").strip()
    by = f"{LABEL}{label}" if label else given.get("by", "severity")
    return figuring.asked_for(since, until, by, zone)


def _moment(text: str, name: str, zone: str, *, whole: bool = False) -> datetime | None:
    if not text:
        return None
    try:
        day = date.fromisoformat(text) + timedelta(days=1 if whole else 0)
        return instant(datetime.combine(day, time()), zone)
    except (ValueError, OverflowError):
        found = heard.moment(text)
    if found is None:
        hint = f"Write for example ?{name}=2026-03-01, or ?{name}=2026-03-01T08:00:00Z."
        raise Invalid(f"?{name}= is neither a day nor a time with a zone.", hint)
    return found


routes: list[BaseRoute] = [
    Route("/figures", page, methods=["GET"]),
    Route("/figures.csv", sheet, methods=["GET"]),
]
_PERIOD = (
    Query(name="since", says="From then on: a day of the team's zone, or RFC 3339; unless told, 90 days back."),
    Query(name="until", says="Until then, a day whole; unless told, until now."),
    Query(name="by", says=f"Group by {', '.join(GROUPS)} or {LABEL}NAME; severity unless told."),
)
ENDPOINTS = (
    Endpoint(
        method="GET", path="/api/v1/figures", says="Times, people, promises, alerts and steps of a period.",
        serve=give_figures, role="viewer", gives=Figures, query=_PERIOD,
    ),
    Endpoint(
        method="GET", path="/api/v1/figures/report", says="The report of the day or the week until now, as text.",
        serve=give_report, role="viewer", gives=Report,
        query=(Query(name="kind", says="daily (unless told) or weekly"),),
    ),
)  # fmt: skip
