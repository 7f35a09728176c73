"""What every page has in common: who looks, the frame around it, the way in, and forms that come back.

A page is sent whole, or, when htmx asks, only its ``#app`` element, which is morphed into the page that is open.
"""

from __future__ import annotations

import gzip
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, TypeVar
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from tocsin import wire
from tocsin.app import App
from tocsin.core.incident import Incident
from tocsin.errors import Invalid, TocsinError
from tocsin.service import access
from tocsin.service.access import Caller
from tocsin.service.catalogue import CATALOGUE
from tocsin.settings import ROLES
from tocsin.store import alerts, incidents
from tocsin.store.db import Tx
from tocsin.web import auth
from tocsin.web.problems import discreet
from tocsin.web.render import page

MOST_FIELDS = 240
SHORT = 4000
"""Characters of a page that is not worth compressing. A long incident's page shrinks to a twentieth."""
GZIP_LEVEL = 5
COUNTED = 1000
"""So many firing alerts are counted and listed; of a storm nobody reads more."""

T = TypeVar("T")
Fields = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody typed into a form that was refused, so that it is not lost."""

    move: str = ""
    fields: Fields = field(default_factory=dict)

    def fits(self, move: str, **hidden: object) -> bool:
        """Whether it was this very form."""
        return self.move == move and all(self.fields.get(name) == str(value) for name, value in hidden.items())

    def text(self, name: str, move: str, **hidden: object) -> str:
        """What stood in a field of that form; empty for any other form."""
        return self.fields.get(name, "") if self.fits(move, **hidden) else ""


def app_of(request: Request) -> App:
    """The application that serves this request."""
    app: App = request.app.state.app
    return app


def frame(request: Request, caller: Caller | None) -> dict[str, Any]:
    """What the frame around every page shows."""
    theme = request.cookies.get("tocsin_theme", "")
    shared: dict[str, Any] = {
        "caller": caller,
        "here": request.url.path,
        "again": "",
        "part": "hx-request" in request.headers,
        "theme": theme if theme in ("light", "dark") else "",
        "now": app_of(request).clock.now(),
        "may": {},
        "typed": Typed(),
        "refusal": None,
        "open_incidents": [],
        "firing": 0,
        "waiting": 0,
        "live": "",
        "version": 0,
        "name_of": app_of(request).settings.directory.name_of,
    }
    return {**shared, **(_counts(app_of(request), caller) if caller else {})}


def show(request: Request, caller: Caller | None, template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """A page in its frame. Nothing of it is kept by caches: it may show what only this caller may see."""
    shared = frame(request, caller)
    if shared["part"]:
        values.pop("typed", None)  # the browser still has the form with all that was typed
    if isinstance(values.get("refusal"), TocsinError):
        values["refusal"] = discreet(request, values["refusal"])
    html = page(template, **{**shared, **values})
    headers = {"Cache-Control": "no-store", "Vary": "HX-Request, Accept, Accept-Encoding"}
    if len(html) < SHORT or "gzip" not in request.headers.get("accept-encoding", ""):
        return HTMLResponse(html, status, headers=headers)
    body = gzip.compress(html.encode(), GZIP_LEVEL)
    return HTMLResponse(body, status, headers={**headers, "Content-Encoding": "gzip"})


def seen(handler: Callable[[Request, Caller], Response]) -> Callable[[Request], Response]:
    """A page that only somebody we know may see; everybody else is sent to the login."""

    @wraps(handler)
    def endpoint(request: Request) -> Response:
        caller = auth.caller(request)
        return handler(request, caller) if caller else to_login(request)

    return endpoint


def posted(handler: Callable[[Request, Caller, Fields], Response]) -> Callable[[Request], Awaitable[Response]]:
    """A form that only somebody we know may send. `tocsin.web.auth` has refused what another site sent."""

    @wraps(handler)
    async def endpoint(request: Request) -> Response:
        caller = await run_in_threadpool(auth.caller, request)
        if caller is None:
            return to_login(request)
        return await run_in_threadpool(handler, request, caller, await fields_of(request))

    return endpoint


async def fields_of(request: Request) -> Fields:
    """The fields of a form, each once; line ends as we write them. Raises `Invalid` for files and repeated fields."""
    form: FormData = await request.form(max_files=0, max_fields=MOST_FIELDS)
    fields: dict[str, str] = {}
    for name, value in form.multi_items():
        if not isinstance(value, str) or name in fields:
            raise Invalid(f"The field {name[:50]!r} is sent twice or as a file.", "Send each field once, as text.")
        fields[name] = value.replace("\r\n", "\n")
    return fields


def request_of(kind: type[T], fields: Fields) -> T:
    """The fields of a form as a request; ``steps.1`` and ``steps.2`` are a list, ``states.oven`` is of a map.

    Raises `Invalid` that names the field.
    """
    plain: dict[str, Any] = {}
    for name, value in fields.items():
        field, dot, number = name.partition(".")
        if dot and number.isdigit():
            plain.setdefault(field, []).append(value)
        elif dot and isinstance(plain.setdefault(field, {}), dict):
            plain[field][number] = value
        else:
            plain[name] = value
    return wire.convert_words(kind, plain)


def to_login(request: Request) -> Response:
    """To the login, and back to where somebody was afterwards."""
    back = request.url.path if request.method == "GET" else "/"
    login = "/login" if back in ("/", "/login") else f"/login?next={quote(back)}"
    if "hx-request" in request.headers:
        return Response(status_code=401, headers={"HX-Redirect": login})
    return RedirectResponse(login, 303)


def local(path: str) -> str:
    """A path of ours to go back to; anything that could lead elsewhere becomes ``/``."""
    safe = path.startswith("/") and not path.startswith("//") and "\\" not in path and path.isprintable()
    return path if safe else "/"


def may(caller: Caller) -> dict[str, bool]:
    """Which moves the caller's role and scopes reach."""
    rank, reach = ROLES.index(caller.role) if caller.role in ROLES else -1, caller.reach
    writes = reach.may("incidents:write")
    moves = {name: writes and rank >= ROLES.index(move.role) for name, move in CATALOGUE.items()}
    silences = reach.may("alerts:write") and rank >= ROLES.index("responder")
    return {
        **moves,
        "silence": silences,
        "declare": writes and reach.every_incident and rank >= ROLES.index("responder"),
    }


def _counts(app: App, caller: Caller) -> dict[str, Any]:
    reach = caller.reach

    def read(tx: Tx) -> tuple[list[Incident], int]:
        seen = [incident for incident in incidents.open_ones(tx) if access.in_reach(app, tx, caller, incident)]
        firing = alerts.count_firing(tx, app.clock.now()) if reach.may("alerts:read") else 0
        return seen if reach.may("incidents:read") else [], firing

    open_ones, firing = app.db.read(read)
    return {
        "open_incidents": open_ones[::-1],
        "firing": firing,
        "waiting": sum(len(incident.waiting_approvals) for incident in open_ones),
        "may": may(caller),
    }
