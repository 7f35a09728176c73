"""The page of on-call: who it is now, four weeks as a calendar, what would hurt, overrides and swaps."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from tocsin import wire
from tocsin.app import App
from tocsin.core.schedules import shown_at
from tocsin.errors import Invalid, NotFound, TocsinError
from tocsin.ids import slug
from tocsin.service import calendars, oncall, planning
from tocsin.service.access import Caller
from tocsin.service.catalogue import allow
from tocsin.settings import ROLES
from tocsin.web.frame import Fields, Typed, app_of, posted, seen, show
from tocsin.web.rota import weeks_of

PAGE = "/oncall"
COLOURS = 6
_T = TypeVar("_T")
_MINUTES = len("2026-03-07T22:00")


@seen
def page(request: Request, caller: Caller) -> Response:
    """Who is on call now and in the next weeks."""
    return _page(request, caller)


@posted
def change(request: Request, caller: Caller, fields: Fields) -> Response:
    """Put somebody else on call for a while."""
    return _then(request, caller, "change", fields, lambda app: planning.override(app, _override(fields), caller))


@posted
def end(request: Request, caller: Caller, fields: Fields) -> Response:
    """End a change now, or call it off."""
    known = request.path_params["change"]
    return _then(request, caller, "end", fields, lambda app: planning.end(app, known, caller))


@posted
def swap(request: Request, caller: Caller, fields: Fields) -> Response:
    """Offer one's own time."""
    allow(caller.role, "responder", "offer a swap")
    wanted = {name: value for name, value in _filled(fields).items() if name in planning.Swap.__dataclass_fields__}
    return _then(request, caller, "swap", fields, lambda app: planning.offer(app, _made(wanted, planning.Swap), caller))


@posted
def answer(request: Request, caller: Caller, fields: Fields) -> Response:
    """Accept or decline a swap."""
    known, said = request.path_params["change"], request.path_params["answer"]
    allow(caller.role, "responder", "answer a swap")
    if said not in ("accept", "decline"):
        raise NotFound("There is no such answer to a swap.")
    return _then(
        request, caller, "answer", fields, lambda app: planning.answer(app, known, caller, accept=said == "accept")
    )  # fmt: skip


@posted
def make_feed(request: Request, caller: Caller, fields: Fields) -> Response:
    """Make a secret address of a calendar, and show it this once."""
    wanted = calendars.NewFeed(schedule=fields.get("schedule", ""), replaces=fields.get("replaces", ""))
    try:
        made = calendars.make_feed(app_of(request), wanted, caller)
    except TocsinError as error:
        return _page(request, caller, error.status, refusal=error)
    return _page(request, caller, made=made)


@posted
def revoke_feed(request: Request, caller: Caller, fields: Fields) -> Response:
    """End a secret address."""
    known = request.path_params["feed"]
    return _then(request, caller, "feed", fields, lambda app: calendars.revoke_feed(app, known, caller))


def _then(request: Request, caller: Caller, form: str, fields: Fields, act: Callable[[App], object]) -> Response:
    """Do it and come back to the page; what was refused is said there, with all that was typed."""
    try:
        act(app_of(request))
    except TocsinError as error:
        return _page(request, caller, error.status, refusal=error, typed=Typed(form, fields))
    return RedirectResponse(PAGE, 303)


def _page(request: Request, caller: Caller, status: int = 200, **values: Any) -> Response:
    app = app_of(request)
    asked = request.query_params.get("at", "")
    try:
        view = oncall.overview(app, _at(app, asked))
    except TocsinError as error:
        view, status = oncall.overview(app), error.status
        values.setdefault("refusal", error)
    plan = caller.reach.everything and ROLES.index(caller.role) >= ROLES.index("responder")
    return show(
        request, caller, "oncall.html", status,
        **{
            "view": view, "asked": asked, "people": app.settings.directory.people, "plan": plan,
            "rotas": [(schedule, weeks_of(schedule, view.at, view.ends)) for schedule in view.schedules],
            "feeds": calendars.feeds(app, caller) if plan else (), "made": None, "me": slug(caller.name),
            "base_url": app.settings.base_url or str(request.base_url).rstrip("/"), "wall": _wall, "here": PAGE,
            "colours": _colours(app, view),
            **values,
        },
    )  # fmt: skip


def _colours(app: App, view: oncall.OnCall) -> dict[str, int]:
    """A colour for each name that is shown, as different as they can be; the names stand beside them anyway."""
    shown = [shift.name for schedule in view.schedules for shift in schedule.shifts if shift.person]
    everybody = [person.name for person in app.settings.directory.people.values()]
    return {name: number % COLOURS for number, name in enumerate(dict.fromkeys([*shown, *everybody]))}


def _wall(moment: datetime, zone: str) -> str:
    shown = shown_at(moment, zone)
    return f"{shown:%a} {shown.day} {shown:%b %H:%M}"


def _at(app: App, asked: str) -> datetime | None:
    """The moment that is asked for, as the wall of the first schedule shows it."""
    if not asked.strip():
        return None
    try:
        found = datetime.fromisoformat(asked.strip())
    except ValueError:
        raise Invalid("That is not a moment.", "Write for example 2026-03-07T22:00.") from None
    first = next(iter(app.settings.directory.schedules.values()), None)
    return planning.moment_of(found, first) if first else None


def _override(fields: Fields) -> planning.Override:
    given: dict[str, Any] = _filled(fields)
    given["people"] = [name for text in (given.pop("people", ""),) for name in _names(str(text))]
    return _made(given, planning.Override)


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _filled(fields: Fields) -> dict[str, Any]:
    """What was typed; a moment of the browser's field gets its seconds, and stays without a zone."""
    given = {name: value.strip() for name, value in fields.items() if value.strip()}
    moments = ("begins", "ends", "back_begins", "back_ends")
    return {
        name: f"{value}:00" if name in moments and len(value) == _MINUTES else value for name, value in given.items()
    }


def _made(given: dict[str, Any], kind: type[_T]) -> _T:
    return wire.convert_words(kind, given, "Write a moment as 2026-03-07T22:00.")


routes: list[BaseRoute] = [
    Route("/oncall", page, methods=["GET"]),
    Route("/oncall/changes", change, methods=["POST"]),
    Route("/oncall/changes/{change}/end", end, methods=["POST"]),
    Route("/oncall/swaps", swap, methods=["POST"]),
    Route("/oncall/swaps/{change}/{answer}", answer, methods=["POST"]),
    Route("/oncall/feeds", make_feed, methods=["POST"]),
    Route("/oncall/feeds/{feed}/revoke", revoke_feed, methods=["POST"]),
]
