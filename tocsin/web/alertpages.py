"""The pages of alerts: which fire, what became of one, and silences; all of it works without a script."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from tocsin import wire
from tocsin.app import App
from tocsin.core.labels import Matcher, parse_matchers
from tocsin.errors import Invalid, TocsinError
from tocsin.service import alerting, deadman, silencing
from tocsin.service.access import Caller
from tocsin.store.alertbook import Wanted
from tocsin.store.incidents import id_of
from tocsin.web.frame import Fields, Typed, app_of, local, posted, seen, show
from tocsin.web.live import everything_since

LISTED = 200
SOON = timedelta(hours=24)
"""Maintenance windows that begin so soon stand on the page Now."""
STATES = {"firing": "that fire", "silenced": "kept back", "resolved": "resolved", "all": "all"}
SPANS = (("30m", "30 min"), ("2h", "2 hours"), ("8h", "8 hours"), ("1d", "1 day"))
NOTHING: Mapping[str, Any] = {"silences": (), "deadman": deadman.Standing()}


@seen
def alerts(request: Request, caller: Caller) -> Response:
    """The alerts that are asked for, and the silences."""
    return _alerts(request, caller)


@seen
def one(request: Request, caller: Caller) -> Response:
    """One alert: what it says, what became of it, and a silence in one more click."""
    return _one(request, caller, request.path_params["fingerprint"])


@posted
def silence(request: Request, caller: Caller, fields: Fields) -> Response:
    """Begin a silence, now or later, and come back to where it was asked for."""
    app, back = app_of(request), local(fields.get("next", "/alerts"))
    try:
        silencing.plan(app, _wanted(fields), caller.name, caller.role)
    except TocsinError as error:
        typed = Typed("silence", fields)
        if back.startswith("/alerts/"):
            return _one(request, caller, back[len("/alerts/") :], error.status, refusal=error, typed=typed)
        return _alerts(request, caller, error.status, refusal=error, typed=typed)
    return RedirectResponse(back, 303)


@posted
def end(request: Request, caller: Caller, fields: Fields) -> Response:
    """End a silence now."""
    try:
        silencing.end(app_of(request), request.path_params["silence"], caller.role)
    except TocsinError as error:
        return _alerts(request, caller, error.status, refusal=error)
    return RedirectResponse(local(fields.get("next", "/alerts")), 303)


def quiet(app: App) -> dict[str, Any]:
    """What the page Now says of silences that count or begin soon, and of the dead man's switch."""
    near = app.clock.now() + SOON
    silences = [each for each in silencing.listing(app) if each.state == "active" or each.starts_at <= near]
    return {"silences": silences, "deadman": deadman.standing(app)}


def _alerts(request: Request, caller: Caller, status: int = 200, **values: Any) -> Response:
    app = app_of(request)
    asked = {
        name: request.query_params.get(name, "").strip() for name in ("state", "text", "label", "source", "incident")
    }
    try:
        matchers = parse_matchers(asked["label"]) if asked["label"] else ()
    except Invalid as error:
        matchers, status = (), error.status
        values.setdefault("refusal", error)
    found = alerting.listed(app, _which(asked), matchers, LISTED, caller)
    kept = {name: value for name, value in asked.items() if value}
    return show(
        request, caller, "alerts.html", status,
        **{
            "found": found, "asked": asked, "states": STATES, "sources": alerting.sources(app), "spans": SPANS,
            "silences": silencing.listing(app, past=True), "of": _which(asked).incident, "most": LISTED,
            "here": "/alerts", "again": f"/alerts?{urlencode(kept)}" if kept else "/alerts",
            "live": everything_since(app, caller), **values,
        },
    )  # fmt: skip


def _one(request: Request, caller: Caller, fingerprint: str, status: int = 200, **values: Any) -> Response:
    app = app_of(request)
    known = alerting.known(app, fingerprint, caller)
    covering = _covering(app, known)
    return show(
        request, caller, "alert.html", status,
        **{
            "known": known, "alert": known.view.alert, "covering": covering, "spans": SPANS,
            "here": f"/alerts/{quote(known.view.alert.fingerprint)}", "live": everything_since(app, caller), **values,
        },
    )  # fmt: skip


def _covering(app: App, known: alerting.Known) -> list[silencing.SilenceView]:
    """The silences that count and match the alert."""
    labels = known.view.alert.labels
    return [
        each
        for each in silencing.listing(app)
        if each.state == "active" and all(_matches(text, labels) for text in each.matchers)
    ]


def _matches(text: str, labels: Mapping[str, str]) -> bool:
    matchers: tuple[Matcher, ...] = parse_matchers(text)
    return all(matcher.matches(labels) for matcher in matchers)


def _which(asked: Mapping[str, str]) -> Wanted:
    incident = (id_of(asked["incident"]) or "no incident") if asked["incident"] else ""
    state: Any = asked["state"] if asked["state"] in STATES else "all" if incident else "firing"
    return Wanted(state=state, source=asked["source"], text=asked["text"], incident=incident)


def _wanted(fields: Fields) -> silencing.Silencing:
    """A silence as the form tells it; a moment is that of the browser's field, in UTC."""
    given = {name: value for name, value in fields.items() if value.strip() and name != "next"}
    for name in ("starts_at", "ends_at"):
        if name in given and len(given[name]) == len("2026-03-07T22:00"):
            given[name] += ":00"
    given.setdefault("matchers", "")
    given.setdefault("why", "")
    if "ends_at" in given and not fields.get("lasts", "").strip():
        given.pop("lasts", None)
    return wire.convert_words(silencing.Silencing, given, "Write a moment as 2026-03-07T22:00.")


routes: list[BaseRoute] = [
    Route("/alerts", alerts, methods=["GET"]),
    Route("/alerts/{fingerprint}", one, methods=["GET"]),
    Route("/silences", silence, methods=["POST"]),
    Route("/silences/{silence}/end", end, methods=["POST"]),
]
