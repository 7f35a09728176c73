"""How people are told: what reached nobody, each person's ways, the log of attempts. For programs and as a page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from msgspec import Meta
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from tocsin.app import App
from tocsin.errors import TocsinError
from tocsin.service import access, catalogue, deliveries, verifying
from tocsin.service.access import Caller
from tocsin.service.deliveries import Dead, MethodView, Trial
from tocsin.settings import ROLES
from tocsin.store.outbox import Delivery
from tocsin.web import permissions
from tocsin.web.endpoints import Call, Endpoint, Query, give
from tocsin.web.frame import Fields, Typed, app_of, posted, seen, show

MOST, LISTED = 1000, 100
DOER = "responder"
Word = Annotated[str, Meta(max_length=200)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """Which notice is tried again."""

    notice: Word


@dataclass(frozen=True, slots=True, kw_only=True)
class Test:
    """Whom to send a test: a person or channel; by one way, or by each."""

    to: Word
    via: Word = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """Which way is verified; with the code that came by it, or without, to have one sent."""

    person: Word
    via: Word
    code: Word = ""


def lost(app: App, caller: Caller) -> list[Dead]:
    """What reached nobody, as far as the caller may know of it."""
    return deliveries.dead(app, hidden=access.hidden(app, caller)) if caller.reach.may(permissions.WHOLE) else []


def list_deliveries(call: Call) -> Response:
    """The attempts, the newest first."""
    person, incident = (call.request.query_params.get(name, "")[:200] for name in ("person", "incident"))
    limit, hidden = min(call.number("limit", LISTED), MOST), access.hidden(call.app, call.caller)
    found = deliveries.log(call.app, limit, person=person, incident=incident, hidden=hidden)
    return give({"deliveries": found})


def list_dead(call: Call) -> Response:
    """What reached nobody."""
    return give({"dead": lost(call.app, call.caller)})


def retry(call: Call) -> Response:
    """Try a notice that reached nobody again."""
    return give({"ways": deliveries.retry(call.app, call.read(Again).notice)})


def try_out(call: Call) -> Response:
    """Send a test and say what came of it."""
    asked = call.read(Test)
    return give({"trials": deliveries.try_out(call.app, asked.to, asked.via, by=call.caller.name)})


def list_people(call: Call) -> Response:
    """Each way to each person."""
    return give({"methods": deliveries.known(call.app)})


def verify(call: Call) -> Response:
    """Send a code, or take one that came back."""
    asked, by = call.read(Verification), call.caller.name
    if asked.code:
        return give(verifying.confirm(call.app, asked.person, asked.via, asked.code, by=by))
    verifying.begin(call.app, asked.person, asked.via, by=by)
    return give(next(each for each in deliveries.known(call.app) if _means(each, asked)))


def _means(each: MethodView, asked: Verification) -> bool:
    return each.via == asked.via and asked.person.casefold() in (each.person, each.name.casefold())


@seen
def page(request: Request, caller: Caller) -> Response:
    """What reached nobody, the ways to each person, the log."""
    return _page(request, caller)


@posted
def act(request: Request, caller: Caller, fields: Fields) -> Response:
    """Try a notice again, send a test, send a code or take one; then come back."""
    app, deed = app_of(request), request.path_params["deed"]
    to, via = fields.get("person", ""), fields.get("via", "")
    catalogue.allow(caller.role, DOER, "try ways out")
    try:
        if deed == "retry":
            deliveries.retry(app, fields.get("notice", ""))
        elif deed == "test":
            trials = deliveries.try_out(app, to, via, by=caller.name)
            return _page(request, caller, trials=trials)
        elif deed == "verify" and fields.get("code", "").strip():
            verifying.confirm(app, to, via, fields["code"], by=caller.name)
        else:
            verifying.begin(app, to, via, by=caller.name)
            return _page(request, caller, asked=(to, via))
    except TocsinError as error:
        asked = (to, via) if fields.get("code") else ("", "")
        return _page(request, caller, error.status, refusal=error, typed=Typed(deed, fields), asked=asked)
    return RedirectResponse("/deliveries", 303)


def _page(request: Request, caller: Caller, status: int = 200, **values: Any) -> Response:
    app, person = app_of(request), request.query_params.get("person", "")[:200]
    incident = request.query_params.get("incident", "")[:40]
    hidden = access.hidden(app, caller)
    dead = deliveries.dead(app, LISTED, hidden)
    log = deliveries.log(app, LISTED, person=person, incident=incident, hidden=hidden)
    may_do = ROLES.index(caller.role) >= ROLES.index(DOER)
    return show(
        request, caller, "deliveries.html", status,
        **{
            "dead": dead, "methods": deliveries.known(app), "log": log, "person": person,
            "incident": incident, "channels": list(app.settings.directory.channels.values()), "most": LISTED,
            "may_do": may_do, "trials": (), "asked": ("", ""), "here": "/deliveries", **values,
        },
    )  # fmt: skip


routes: list[BaseRoute] = [
    Route("/deliveries", page, methods=["GET"]),
    Route("/deliveries/{deed}", act, methods=["POST"]),
]

ENDPOINTS = (
    Endpoint(
        method="GET", path="/api/v1/deliveries", says="Each attempt to tell somebody, the newest first.",
        serve=list_deliveries, role="viewer", gives=dict[str, list[Delivery]],
        query=(
            Query(name="person", says="Only to this person or channel."),
            Query(name="incident", says="Only about this incident."),
            Query(name="limit", says=f"At most so many; {LISTED} unless told, never more than {MOST}.", kind="integer"),
        ),
    ),
    Endpoint(
        method="GET", path="/api/v1/notices", says="Notices that reached nobody, the newest first.", serve=list_dead,
        role="viewer", gives=dict[str, list[Dead]],
    ),
    Endpoint(
        method="POST", path="/api/v1/notices/retry", says="Try a notice that reached nobody again, by every way.",
        serve=retry, role=DOER, takes=Again, gives=dict[str, int],
    ),
    Endpoint(
        method="POST", path="/api/v1/notices/test", says="Send a test to a person or channel, and say what came of it.",
        serve=try_out, role=DOER, takes=Test, gives=dict[str, list[Trial]],
    ),
    Endpoint(
        method="GET", path="/api/v1/people/methods", says="Each way to each person: verified or not, and how it works.",
        serve=list_people, role="viewer", gives=dict[str, list[MethodView]],
    ),
    Endpoint(
        method="POST", path="/api/v1/people/verify", says="Send a code by a way, or take the code that came by it.",
        serve=verify, role=DOER, takes=Verification, gives=MethodView,
    ),
)  # fmt: skip
