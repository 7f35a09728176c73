"""How well a runbook is kept and what it should learn: the page, and the same for programs."""

from __future__ import annotations

from pathlib import PurePath

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from tocsin.app import App
from tocsin.core.observations import Observation
from tocsin.core.runbook import Runbook
from tocsin.errors import NotFound
from tocsin.reading.learned import as_diff, proposed
from tocsin.service import access, bookhealth
from tocsin.service.access import Caller
from tocsin.service.bookhealth import BookHealth
from tocsin.web.endpoints import Call, Endpoint, Query, give
from tocsin.web.frame import app_of, seen, show

_NAME = (Query(name="name", says="Title, file name or digest; not needed where one runbook is loaded."),)


@seen
def page(request: Request, caller: Caller) -> Response:
    """A loaded runbook's health, and the changes that its incidents ask for, as a diff."""
    app = app_of(request)
    book = _book(app, caller, request.path_params["name"])
    raw = app.raw.get(book.digest, b"")
    today = app.clock.now().date().isoformat()
    after, learned = proposed(raw, book.source, bookhealth.observed(app, book, caller), today)
    diff = as_diff(PurePath(book.source).name, raw, after, learned)
    return show(
        request, caller, "bookhealth.html", book=book, health=bookhealth.health(app, book, caller), learned=learned,
        diff=diff, today=app.clock.now(),
    )  # fmt: skip


def show_health(call: Call) -> Response:
    """When a runbook was used, drilled and reviewed, and how its steps went."""
    book = _book(call.app, call.caller, call.request.query_params.get("name", ""))
    return give(bookhealth.health(call.app, book, call.caller))


def show_observations(call: Call) -> Response:
    """What the incidents of a runbook showed about it."""
    book = _book(call.app, call.caller, call.request.query_params.get("name", ""))
    return give({"observations": bookhealth.observed(call.app, book, call.caller)})


def _book(app: App, caller: Caller, name: str) -> Runbook:
    known = [book for book in app.books if access.reaches_book(caller, book)]
    book = app.book(name) or app.book(f"sha256:{name}") if name else known[0] if len(known) == 1 else None
    if book is None and name.isdecimal() and len(name) < 4 and int(name) < len(app.books):
        book = app.books[int(name)]
    if book is None or book not in known:
        titles = ", ".join(repr(each.title) for each in known) or "none"
        raise NotFound(f"There is no runbook {name[:80]!r}." if name else "Several are loaded.", f"Loaded: {titles}.")
    return book


routes: list[BaseRoute] = [Route("/health/{name:path}", page, methods=["GET"])]
ENDPOINTS = (
    Endpoint(
        method="GET", path="/api/v1/runbooks/health", says="How well a runbook is kept.", serve=show_health,
        role="viewer", gives=BookHealth, query=_NAME,
    ),
    Endpoint(
        method="GET", path="/api/v1/runbooks/observations", says="What incidents showed about their runbook.",
        serve=show_observations, role="viewer", gives=dict[str, list[Observation]], query=_NAME,
    ),
)  # fmt: skip
