"""Readiness for programs and as a page: who would be paged when, what is missing, and one's own word on access."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from tocsin.app import App
from tocsin.core.readiness import Finding
from tocsin.core.runbook import Runbook
from tocsin.core.schedules import shown_at
from tocsin.errors import TocsinError
from tocsin.ids import slug
from tocsin.service import readiness, targetchecks
from tocsin.service.access import Caller
from tocsin.service.readiness import AccessRow, Readiness, Said
from tocsin.settings import ROLES
from tocsin.store.readying import TargetCheck
from tocsin.times import say_duration
from tocsin.web import heat, permissions
from tocsin.web.endpoints import Call, Endpoint, Query, give
from tocsin.web.frame import Fields, Typed, app_of, posted, seen, show

PAGE = "/readiness"
DOER = "responder"
MOST_SPANS = 120


def news(app: App, caller: Caller) -> tuple[Finding, ...]:
    """What is not ready or will not be within a day, as far as the caller may know of it."""
    return readiness.soon(app) if caller.reach.may(permissions.WHOLE) else ()


def show_readiness(call: Call) -> Response:
    """Everything, for the next weeks."""
    return give(readiness.overview(call.app, call.number("weeks", readiness.WEEKS)))


def look_at_targets(call: Call) -> Response:
    """Look at the targets now."""
    return give({"targets": targetchecks.check_by_hand(call.app, call.caller)})


def list_access(call: Call) -> Response:
    """What each responder said of each system."""
    return give({"access": readiness.overview(call.app, 1).access})


def say_access(call: Call) -> Response:
    """Keep what somebody says of a system."""
    return give(readiness.say_access(call.app, call.read(Said), call.caller))


@seen
def page(request: Request, caller: Caller) -> Response:
    """The page."""
    return _page(request, caller)


@posted
def said(request: Request, caller: Caller, fields: Fields) -> Response:
    """What the caller says of a system."""
    wanted = Said(
        system=fields.get("system", "")[:200], ok=fields.get("ok") == "true", person=fields.get("person", "")[:200],
        note=fields.get("note", "")[:500],
    )  # fmt: skip
    try:
        readiness.say_access(app_of(request), wanted, caller)
    except TocsinError as error:
        return _page(request, caller, error.status, refusal=error, typed=Typed("access", fields))
    return RedirectResponse(f"{PAGE}#access", 303)


@posted
def look(request: Request, caller: Caller, fields: Fields) -> Response:
    """Look at the targets now, and come back."""
    del fields
    try:
        targetchecks.check_by_hand(app_of(request), caller)
    except TocsinError as error:
        return _page(request, caller, error.status, refusal=error)
    return RedirectResponse(f"{PAGE}#targets", 303)


def _page(request: Request, caller: Caller, status: int = 200, **values: Any) -> Response:
    app = app_of(request)
    view = readiness.overview(app)
    books = {book.source: book for book in app.books}
    me = slug(caller.name)
    return show(
        request, caller, "readiness.html", status,
        **{
            "view": view, "here": PAGE, "links": _links(books, view), "most": MOST_SPANS, "states": heat.WORDS,
            "pictures": [(each, heat.days(each, view.zone)) for each in view.outlooks],
            "several": len(app.books) > 1, "me": me if me in app.settings.directory.people else "",
            "people": app.settings.directory.people, "wall": _wall, "wait": _wait, "bars": heat.legend(),
            "may_do": ROLES.index(caller.role) >= ROLES.index(DOER), **values,
        },
    )  # fmt: skip


def _links(books: dict[str, Runbook], view: Readiness) -> dict[str, str]:
    """Where the lines of each document are shown."""
    named = {each.source for each in view.findings if each.source} | {each.source for each in view.outlooks}
    return {source: f"/runbooks/{books[source].digest.removeprefix('sha256:')}" for source in named if source in books}


def _wait(seconds: float) -> str:
    return say_duration(timedelta(seconds=seconds))


def _wall(moment: datetime, zone: str) -> str:
    shown = shown_at(moment, zone)
    return f"{shown:%a} {shown.day} {shown:%b %H:%M}"


routes: list[BaseRoute] = [
    Route(PAGE, page, methods=["GET"]),
    Route(f"{PAGE}/access", said, methods=["POST"]),
    Route(f"{PAGE}/targets", look, methods=["POST"]),
]

ENDPOINTS = (
    Endpoint(
        method="GET", path="/api/v1/readiness", says="Who would be paged at each hour ahead, and what is not ready.",
        serve=show_readiness, role="viewer", gives=Readiness,
        query=(Query(name="weeks", says="How many weeks, 4 unless told and at most.", kind="integer"),),
    ),
    Endpoint(
        method="POST", path="/api/v1/readiness/targets", says="Look whether targets answer and have their programs.",
        serve=look_at_targets, role=DOER, gives=dict[str, list[TargetCheck]],
    ),
    Endpoint(
        method="GET", path="/api/v1/people/access", says="What each responder said of each system of the runbooks.",
        serve=list_access, role="viewer", gives=dict[str, list[AccessRow]],
    ),
    Endpoint(
        method="POST", path="/api/v1/people/access", says="Say whether somebody reaches a system of the runbook.",
        serve=say_access, role=DOER, takes=Said, gives=AccessRow,
    ),
)  # fmt: skip
