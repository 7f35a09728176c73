"""Where people of the team write for the public: the panel on an incident, and the page of the status page itself."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from tocsin.app import App
from tocsin.core.incident import Incident
from tocsin.core.statuspage.model import STAGES, STATES, Public, Report
from tocsin.errors import TocsinError
from tocsin.service.access import Caller
from tocsin.service.statuspage import maintenance, publishing, showing
from tocsin.settings import ROLES
from tocsin.store import subscribers
from tocsin.web.frame import Fields, Typed, app_of, posted, seen, show
from tocsin.web.statuspage.drawing import SAYS, STAGE_WORDS

HERE = "/status-page"
LISTED = 30


def panel(app: App, incident: Incident) -> dict[str, Any]:
    """What the incident's page shows of what is public; nothing where there is no status page."""
    status = app.settings.status
    if status is None:
        return {"publicity": None}
    report, proposal = publishing.standing(app, incident)
    return {
        "publicity": {
            "report": report, "proposal": proposal, "page": status.page, "stages": STAGES, "states": STATES,
            "says": SAYS, "stage_words": STAGE_WORDS, "address": f"{status.path}/",
            "behind": report is not None and proposal.stage == "resolved" and report.posts[-1].stage != "resolved",
        }
    }  # fmt: skip


@seen
def page(request: Request, caller: Caller) -> Response:
    """How the public sees the systems, what is planned, and who is told."""
    return _page(request, caller)


@posted
def plan(request: Request, caller: Caller, fields: Fields) -> Response:
    """Plan a maintenance, or switch maintenance mode on."""
    try:
        wanted = maintenance.Planning(
            title=fields.get("title", ""), text=fields.get("text", ""), starts_at=fields.get("starts_at", ""),
            ends_at=fields.get("ends_at", ""), lasts=fields.get("lasts", ""), remind=fields.get("remind", "") or "0s",
            components=tuple(name[10:] for name, on in fields.items() if name.startswith("component.") and on),
            offline=bool(fields.get("offline")),
        )  # fmt: skip
        maintenance.plan(app_of(request), wanted, caller.name, caller.role)
    except TocsinError as error:
        return _page(request, caller, error.status, refusal=error, typed=Typed("maintenance", fields))
    return RedirectResponse(HERE, 303)


@posted
def end(request: Request, caller: Caller, fields: Fields) -> Response:
    """End a maintenance, or call it off."""
    wanted = maintenance.Ending(text=fields.get("text", ""))
    try:
        maintenance.end(app_of(request), request.path_params["report"], wanted, caller.name, caller.role)
    except TocsinError as error:
        return _page(request, caller, error.status, refusal=error)
    return RedirectResponse(HERE, 303)


@posted
def update(request: Request, caller: Caller, fields: Fields) -> Response:
    """Say more of a maintenance."""
    try:
        maintenance.update(
            app_of(request), request.path_params["report"], fields.get("text", ""), caller.name, caller.role
        )
    except TocsinError as error:
        return _page(request, caller, error.status, refusal=error)
    return RedirectResponse(HERE, 303)


def _page(request: Request, caller: Caller, status: int = 200, **values: Any) -> Response:
    app, now = app_of(request), app_of(request).clock.now()
    found = app.settings.status
    public = showing.public(app) if found else None
    told = app.db.read(subscribers.count) if found else (0, 0)
    may_plan = caller.reach.everything and ROLES.index(caller.role) >= ROLES.index("responder")
    reports: list[Report] = sorted(public.reports, key=lambda each: each.begun_at, reverse=True) if public else []
    return show(
        request, caller, "statuspage.html", status,
        **{
            "site": found, "public": public, "told": told, "may_plan": may_plan, "says": SAYS,
            "stage_words": STAGE_WORDS, "parts": _parts(public, now) if public else [],
            "open_reports": [each for each in reports if each.open(now)],
            "past": [each for each in reports if not each.open(now)][:LISTED],
            "address": f"{found.path}/" if found else "", **values,
        },
    )  # fmt: skip


def _parts(public: Public, now: Any) -> list[tuple[Any, str]]:
    return [(component, public.state(component.id, now)) for component in public.page.components]


routes: list[BaseRoute] = [
    Route(HERE, page, methods=["GET"]),
    Route(f"{HERE}/maintenance", plan, methods=["POST"]),
    Route(f"{HERE}/maintenance/{{report}}/end", end, methods=["POST"]),
    Route(f"{HERE}/maintenance/{{report}}/update", update, methods=["POST"]),
]
