"""An incident's assessment and its checklists: for programs, and what the incident page shows of them."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from tocsin.app import App
from tocsin.core.shown import StepView
from tocsin.errors import NotFound
from tocsin.service import assessing, checklists, duelist
from tocsin.service.assessing import Assessment
from tocsin.service.checklists import Checklists
from tocsin.service.duelist import Due
from tocsin.service.views import IncidentPage, step_view
from tocsin.web.charts import chart
from tocsin.web.endpoints import Call, Endpoint, Query, give

LONGEST_REF = 40
_REF = "/api/v1/incidents/{ref}"


def panel(app: App, view: IncidentPage) -> dict[str, Any]:
    """What the incident page shows; a phase's commands only where its steps don't stand on the page anyhow."""
    shown = checklists.shown(view.incident, view.runbook)
    found = assessing.assessment(app, view.incident.id)
    commands: dict[str, list[StepView]] = {
        phase.id: [step_view(app, view.incident, view.runbook, step) for step in phase.steps]
        for phase in shown.phases
        if view.scenario is not None
    }
    drawn = chart(found.measured) if found.measured else ""
    return {"lists": shown, "assessed": found, "commands": commands, "users_drawn": drawn}


def show_assessment(call: Call) -> Response:
    """Questions with their answers, rules that fit them, people affected, the beginning."""
    return give(assessing.assessment(call.app, _ref(call)))


def show_checklists(call: Call) -> Response:
    """Phases, boxes, deadlines, and what is open."""
    return give(checklists.listing(call.app, _ref(call)))


def list_deadlines(call: Call) -> Response:
    """What documents want done in time, over all incidents; ``?owner=`` those of one person."""
    found = duelist.listing(call.app, call.caller, owner=call.request.query_params.get("owner", "")[:LONGEST_REF])
    return give({"deadlines": found})


def _ref(call: Call) -> str:
    ref = str(call.path["ref"])
    if len(ref) > LONGEST_REF:
        raise NotFound("There is no such incident.", "`tocsin incident list` shows them.")
    return ref


ENDPOINTS = (
    Endpoint(
        method="GET", path=f"{_REF}/assessment", says="How bad an incident is: answers, rules, users, the beginning.",
        serve=show_assessment, role="viewer", gives=Assessment,
    ),
    Endpoint(
        method="GET", path=f"{_REF}/checklists", says="The checklists of an incident, and what is open.",
        serve=show_checklists, role="viewer", gives=Checklists,
    ),
    Endpoint(
        method="GET", path="/api/v1/deadlines", says="What documents want done in time, over all incidents.",
        serve=list_deadlines, role="viewer", gives=dict[str, list[Due]],
        query=(Query(name="owner", says="Only those that this person answers for."),),
    ),
)  # fmt: skip
