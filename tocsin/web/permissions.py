"""What each route asks of who calls it: the least role, and the deed that a token's scopes must leave to it.

One table for the pages; the endpoints for programs state their role themselves, and their deed follows from their path.
A route that stands in neither is open to whole tokens alone, and fails the tests.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from tocsin.app import App
from tocsin.service import access
from tocsin.service.access import Caller
from tocsin.web import auth

UNKNOWN = "undeclared"
GLASS = "break_glass"
WHOLE = "server:write"
"""A deed that no scope names: only a token without scopes may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """``role`` empty: anybody. ``deed`` empty: it is about the caller alone. ``by_move``: the role is the move's.

    ``new``: it begins an incident, so a token that is narrowed to some incidents or runbooks may not. ``glass``: it
    lets an admin into a private incident.
    """

    role: str = ""
    deed: str = ""
    by_move: bool = False
    new: bool = False
    glass: bool = False


OPEN = Permission()
_OWN = Permission(role="viewer")
_LOOK = Permission(role="viewer", deed="incidents:read")
_BOOKS = Permission(role="viewer", deed="runbooks:read")
_PLAN = Permission(role="responder", deed=WHOLE)

PAGES: Mapping[tuple[str, str], Permission] = {
    ("GET", "/"): _LOOK,
    ("GET", "/login"): OPEN,
    ("POST", "/login"): OPEN,
    ("POST", "/logout"): _OWN,
    ("POST", "/theme"): OPEN,
    ("GET", "/account"): _OWN,
    ("GET", "/answer/{deed}/{token}"): OPEN,
    ("POST", "/answer/{deed}/{token}"): OPEN,
    ("POST", "/account/sessions/{session}/end"): _OWN,
    ("GET", "/incidents"): _LOOK,
    ("POST", "/incidents"): Permission(role="responder", deed="incidents:write", new=True),
    ("GET", "/alerts"): Permission(role="viewer", deed="alerts:read"),
    ("GET", "/alerts/{fingerprint}"): Permission(role="viewer", deed="alerts:read"),
    ("POST", "/silences"): Permission(role="responder", deed="alerts:write"),
    ("POST", "/silences/{silence}/end"): Permission(role="responder", deed="alerts:write"),
    ("GET", "/approvals"): _LOOK,
    ("GET", "/actions"): _LOOK,
    ("POST", "/actions/{ref}/{deed}"): Permission(role="responder", deed="incidents:write"),
    ("GET", "/signals"): Permission(role="viewer", deed="alerts:read"),
    ("GET", "/figures"): _LOOK,
    ("GET", "/figures.csv"): _LOOK,
    ("GET", "/status-page"): _LOOK,
    ("POST", "/status-page/maintenance"): _PLAN,
    ("POST", "/status-page/maintenance/{report}/end"): _PLAN,
    ("POST", "/status-page/maintenance/{report}/update"): _PLAN,
    ("GET", "/changes"): Permission(role="viewer", deed="alerts:read"),
    ("POST", "/changes"): Permission(role="agent", deed="alerts:send"),
    ("GET", "/traces"): Permission(role="viewer", deed="alerts:read"),
    ("GET", "/oncall"): _LOOK,
    ("POST", "/oncall/changes"): _PLAN,
    ("POST", "/oncall/changes/{change}/end"): _PLAN,
    ("POST", "/oncall/swaps"): _PLAN,
    ("POST", "/oncall/swaps/{change}/{answer}"): _PLAN,
    ("POST", "/oncall/feeds"): _PLAN,
    ("POST", "/oncall/feeds/{feed}/revoke"): _PLAN,
    ("GET", "/deliveries"): Permission(role="viewer", deed=WHOLE),
    ("POST", "/deliveries/{deed}"): Permission(role="responder", deed=WHOLE),
    ("GET", "/readiness"): Permission(role="viewer", deed=WHOLE),
    ("POST", "/readiness/access"): _PLAN,
    ("POST", "/readiness/targets"): _PLAN,
    ("GET", "/runbooks"): _BOOKS,
    ("GET", "/runbooks/{name:path}"): _BOOKS,
    ("GET", "/health/{name:path}"): _BOOKS,
    ("GET", "/incidents/{ref}"): _LOOK,
    ("GET", "/incidents/{ref}/review"): _LOOK,
    ("GET", "/incidents/{ref}/commands"): _LOOK,
    ("GET", "/incidents/{ref}/documents/{number}"): _LOOK,
    ("GET", "/incidents/{ref}/meeting.ics"): _LOOK,
    ("GET", "/incidents/{ref}/charts/{name}"): _LOOK,
    ("POST", "/incidents/{ref}/review"): Permission(role="responder", deed="incidents:write"),
    ("GET", "/incidents/{ref}/runs/{run}/output"): _LOOK,
    ("GET", "/incidents/{ref}/runs/{run}/files/{name:path}"): _LOOK,
    ("POST", "/incidents/{ref}/{move}"): Permission(role="viewer", deed="incidents:write", by_move=True),
    ("GET", "/incidents/{ref}/live"): _LOOK,
    ("GET", "/live"): _LOOK,
    ("GET", "/signals/live"): Permission(role="viewer", deed="alerts:read"),
    ("GET", "/icon.svg"): OPEN,
    ("GET", "/assets/{name}"): OPEN,
}
"""Method and path of every page → what it asks."""

_BY_PATH: tuple[tuple[str, str, str], ...] = (
    ("/in/heartbeat/", "alerts:send", "alerts:send"),
    ("/in/", "", "alerts:send"),
    ("/api/v1/signals", "alerts:read", "alerts:write"),
    ("/api/v1/health", "alerts:read", ""),
    ("/v2/", "", "alerts:send"),
    ("/api/v1/changes", "alerts:read", "alerts:send"),
    ("/api/v1/samples", "", "alerts:send"),
    ("/api/v1/traces", "alerts:read", "alerts:send"),
    ("/v1/traces", "", "alerts:send"),
    ("/api/v2/alerts", "alerts:read", "alerts:send"),
    ("/api/v2/", "alerts:read", "alerts:write"),
    ("/api/v1/alerts", "alerts:read", "alerts:write"),
    ("/api/v1/silences", "alerts:read", "alerts:write"),
    ("/api/v1/deadman", "alerts:read", ""),
    ("/api/v1/status-page/subscribers", WHOLE, WHOLE),
    ("/api/v1/status-page", "incidents:read", WHOLE),
    ("/api/v1/approvals", "incidents:read", "incidents:write"),
    ("/api/v1/actions", "incidents:read", "incidents:write"),
    ("/api/v1/reviews", "incidents:read", "incidents:write"),
    ("/api/v1/deadlines", "incidents:read", "incidents:write"),
    ("/api/v1/oncall/feeds", WHOLE, WHOLE),
    ("/api/v1/oncall", "incidents:read", WHOLE),
    ("/api/v1/figures", "incidents:read", ""),
    ("/api/v1/incidents", "incidents:read", "incidents:write"),
    ("/api/v1/runbooks", "runbooks:read", "runbooks:write"),
    ("/api/v1/deliveries", WHOLE, WHOLE),
    ("/api/v1/notices", WHOLE, WHOLE),
    ("/api/v1/readiness", WHOLE, WHOLE),
    ("/api/v1/people/access", WHOLE, WHOLE),
    ("/api/v1/people/methods", WHOLE, WHOLE),
    ("/api/v1/people/verify", WHOLE, WHOLE),
    ("/-/reload", "", WHOLE),
)
"""Beginning of a path for programs → the deed of reading there, and that of changing."""
_ABOUT_THE_CALLER = ("/api/v1/me", "/api/v1/sessions")


def of_program(method: str, path: str, role: str) -> Permission:
    """What an endpoint for programs asks; its role is its own, `UNKNOWN` the deed where its path is not known here."""
    if not role:
        return OPEN
    if path.startswith(_ABOUT_THE_CALLER):
        return Permission(role=role)
    reading, changing = next(
        ((reading, changing) for start, reading, changing in _BY_PATH if path.startswith(start)), ("", "")
    )
    deed = (reading if method == "GET" else changing) or UNKNOWN
    new, glass = (method, path) == ("POST", "/api/v1/incidents"), path.endswith(f"/{GLASS}")
    return Permission(role=role, deed=deed, new=new, glass=glass)


def check(app: App, caller: Caller, permission: Permission, path: Mapping[str, Any]) -> None:
    """Raise as `tocsin.service.access.need` where the caller's scopes do not reach a route or its incident."""
    glass = permission.glass or (permission.by_move and path.get("move") == GLASS)
    access.need(app, caller, permission.deed, ref=str(path.get("ref", "")), new=permission.new, glass=glass)


def guarded(route: BaseRoute) -> BaseRoute:
    """The route, which looks at the caller's scopes before it does anything. Roles are its own to look at."""
    if not isinstance(route, Route):
        return route
    inner: Callable[[Request], Any] = route.endpoint
    waits = inspect.iscoroutinefunction(inner)

    async def endpoint(request: Request) -> Response:
        await run_in_threadpool(_guard, request, route.path)
        answer: Response = await inner(request) if waits else await run_in_threadpool(inner, request)
        return answer

    return Route(route.path, endpoint, methods=list(route.methods or ()), name=route.name)


def _guard(request: Request, path: str) -> None:
    method = "GET" if request.method == "HEAD" else request.method
    permission = PAGES.get((method, path), Permission(role="viewer", deed=UNKNOWN))
    caller = auth.caller(request) if permission.role else None
    if caller is not None:
        check(auth.app_of(request), caller, permission, request.path_params)
