"""The status page for programs of the team: ``/api/v1/status-page``. Publishing itself is a move of the incident."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from starlette.responses import Response

from tocsin.core.statuspage.model import Affected, Report, indicator
from tocsin.service import access, respond
from tocsin.service.statuspage import maintenance, publishing, showing, subscribing
from tocsin.store import subscribers
from tocsin.web.endpoints import Call, Endpoint, Query, give
from tocsin.web.statuspage.drawing import draw

_HERE = "/api/v1/status-page"


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentView:
    """A component as the public sees it now."""

    id: str
    name: str
    group: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportView:
    """An incident or a maintenance as the public sees it. Which incident of ours it is about is not said here."""

    id: str
    kind: str
    title: str
    stage: str
    begun_at: datetime
    over_at: datetime | None
    offline: bool
    components: Mapping[str, Affected]
    updates: int
    last: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageView:
    """The page in short; ``reports`` are those that are open or to come."""

    name: str
    path: str
    url: str
    indicator: str
    components: tuple[ComponentView, ...]
    reports: tuple[ReportView, ...]
    subscribers: int
    waiting: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalView:
    """What publishing an incident begins with, and what the public knows of it already."""

    title: str
    stage: str
    components: Mapping[str, Affected]
    why: Mapping[str, str] = field(default_factory=dict)
    public: ReportView | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """Words for the public."""

    text: respond.Words


def show_page(call: Call) -> Response:
    """How the public sees everything now."""
    status, now = showing.configured(call.app), call.app.clock.now()
    public = showing.public(call.app)
    told, waiting = call.app.db.read(subscribers.count)
    parts = tuple(
        ComponentView(id=each.id, name=each.name, group=each.group, state=public.state(each.id, now))
        for each in status.page.components
    )
    view = PageView(
        name=status.page.name, path=status.path, url=status.url, indicator=indicator(public, now), components=parts,
        reports=tuple(_view(each, now) for each in public.reports if each.open(now)), subscribers=told,
        waiting=waiting,
    )  # fmt: skip
    return give(view)


def show_proposal(call: Call) -> Response:
    """What publishing an incident begins with."""
    ref = call.request.query_params.get("incident", "")
    access.need_in_reach(call.app, call.caller, ref)
    report, proposal = publishing.standing(call.app, respond.exists(call.app, ref))
    now = call.app.clock.now()
    view = ProposalView(
        title=proposal.title, stage=proposal.stage, components=proposal.components, why=proposal.why,
        public=_view(report, now) if report else None,
    )  # fmt: skip
    return give(view)


def show_files(call: Call) -> Response:
    """Every file of the page, to be served by any web server."""
    status, now = showing.configured(call.app), call.app.clock.now()
    files = draw(status, showing.public(call.app), now, now.replace(second=0, microsecond=0), static=True)
    return give({"files": {name: file.body.decode() for name, file in files.items()}})


def plan(call: Call) -> Response:
    """Plan a maintenance, or begin one now."""
    made = maintenance.plan(call.app, call.read(maintenance.Planning), call.caller.name, call.caller.role)
    return give(_view(made, call.app.clock.now()), 201)


def end(call: Call) -> Response:
    """End a maintenance, or call it off."""
    wanted, caller = call.read(maintenance.Ending), call.caller
    made = maintenance.end(call.app, str(call.path["report"]), wanted, caller.name, caller.role)
    return give(_view(made, call.app.clock.now()))


def update(call: Call) -> Response:
    """Say more of a maintenance."""
    text, caller = call.read(Saying).text, call.caller
    made = maintenance.update(call.app, str(call.path["report"]), text, caller.name, caller.role)
    return give(_view(made, call.app.clock.now()))


def list_subscribers(call: Call) -> Response:
    """Who is told."""
    showing.configured(call.app)
    return give({"subscribers": call.app.db.read(subscribers.listing)})


def remove_subscriber(call: Call) -> Response:
    """End a subscription."""
    showing.configured(call.app)
    subscribing.remove(call.app, str(call.path["subscriber"]))
    return give({"removed": str(call.path["subscriber"])})


def _view(report: Report, now: datetime) -> ReportView:
    return ReportView(
        id=report.id, kind=report.kind, title=report.title, stage=report.stage(now), begun_at=report.begun_at,
        over_at=report.over_at, offline=report.offline, components=report.affected(now), updates=len(report.posts),
        last=report.posts[-1].text if report.posts else "",
    )  # fmt: skip


ENDPOINTS = (
    Endpoint(
        method="GET", path=_HERE, says="How the public sees everything now.", serve=show_page, role="viewer",
        gives=PageView,
    ),
    Endpoint(
        method="GET", path=f"{_HERE}/proposal", says="What publishing an incident begins with.", serve=show_proposal,
        role="viewer", gives=ProposalView, query=(Query(name="incident", says="The incident: INC-1."),),
    ),
    Endpoint(
        method="GET", path=f"{_HERE}/files", says="Every file of the page, for any web server.", serve=show_files,
        role="viewer", gives=dict[str, dict[str, str]],
    ),
    Endpoint(
        method="POST", path=f"{_HERE}/maintenance", says="Plan a maintenance, or begin one now.", serve=plan,
        role="responder", takes=maintenance.Planning, gives=ReportView, status=201,
    ),
    Endpoint(
        method="POST", path=f"{_HERE}/maintenance/{{report}}/end", says="End a maintenance, or call it off.",
        serve=end, role="responder", takes=maintenance.Ending, gives=ReportView,
    ),
    Endpoint(
        method="POST", path=f"{_HERE}/maintenance/{{report}}/update", says="Say more of a maintenance.",
        serve=update, role="responder", takes=Saying, gives=ReportView,
    ),
    Endpoint(
        method="GET", path=f"{_HERE}/subscribers", says="Who is told by the status page.", serve=list_subscribers,
        role="admin", gives=dict[str, list[subscribers.Subscriber]],
    ),
    Endpoint(
        method="POST", path=f"{_HERE}/subscribers/{{subscriber}}/end", says="End a subscription.",
        serve=remove_subscriber, role="admin", gives=dict[str, Any],
    ),
)  # fmt: skip
