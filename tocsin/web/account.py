"""Who you are here: your role, what your token reaches, and where you are signed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from tocsin.service import access
from tocsin.service.access import Caller
from tocsin.web import auth
from tocsin.web.endpoints import Call, Endpoint, give
from tocsin.web.frame import Fields, app_of, posted, seen, show


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A browser that is signed in. ``this``: it is the one that asks."""

    id: str
    device: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    this: bool


@seen
def account(request: Request, caller: Caller) -> Response:
    """Your role, your scopes, your sessions."""
    sessions = _signed_in(request, caller)
    return show(request, caller, "account.html", sessions=sessions, idle=access.IDLE.total_seconds())


@posted
def end(request: Request, caller: Caller, _: Fields) -> Response:
    """Sign one of your browsers out."""
    which = request.path_params["session"]
    access.end_own(app_of(request), caller, which)
    mine = which == access.short(access.hashed(auth.session_cookie(request)))
    return auth.without_session(RedirectResponse("/login", 303)) if mine else RedirectResponse("/account", 303)


def list_sessions(call: Call) -> Response:
    """Where the caller is signed in."""
    return give({"sessions": _signed_in(call.request, call.caller)})


def end_session(call: Call) -> Response:
    """Sign one of the caller's browsers out."""
    access.end_own(call.app, call.caller, str(call.path["session"]))
    return Response(status_code=204)


def _signed_in(request: Request, caller: Caller) -> list[SignedIn]:
    here = access.hashed(auth.session_cookie(request))
    return [
        SignedIn(
            id=access.short(each.hash), device=each.device, created_at=each.created_at, seen_at=each.seen_at,
            expires_at=min(each.expires_at, each.seen_at + access.IDLE), this=each.hash == here,
        )
        for each in access.sessions_of(app_of(request), caller)
    ]  # fmt: skip


routes: list[BaseRoute] = [
    Route("/account", account, methods=["GET"]),
    Route("/account/sessions/{session}/end", end, methods=["POST"]),
]

ENDPOINTS = (
    Endpoint(
        method="GET", path="/api/v1/sessions", says="Where the caller is signed in.", serve=list_sessions,
        role="viewer", gives=dict[str, list[SignedIn]],
    ),
    Endpoint(
        method="DELETE", path="/api/v1/sessions/{session}", says="Sign one of the caller's browsers out.",
        serve=end_session, role="viewer", status=204,
    ),
)  # fmt: skip
