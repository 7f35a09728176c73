"""What was learned, for programs: the possible causes of an incident, and action items over all incidents."""

from __future__ import annotations

from starlette.responses import Response

from tocsin.core.causes import Hypothesis
from tocsin.errors import Invalid
from tocsin.service import actions, learning, respond
from tocsin.service.actions import ActionView
from tocsin.service.books import pinned
from tocsin.web.endpoints import Call, Endpoint, Query, give

STATES = ("open", "done", "dropped", "overdue", "all")


def list_causes(call: Call) -> Response:
    """The possible causes of an incident, with what speaks for each."""
    found = respond.exists(call.app, str(call.path["ref"])[:40])
    book = call.app.db.read(lambda tx: pinned(call.app, tx, found.runbook_digest))
    return give({"causes": learning.causes_of(found, book)})


def list_actions(call: Call) -> Response:
    """Action items, what is overdue first."""
    state = call.request.query_params.get("state", "open")
    if state not in STATES:
        raise Invalid("?state= is not a state.", f"Use one of: {', '.join(STATES)}.")
    owner = call.request.query_params.get("owner", "")
    found = actions.listing(
        call.app, actions.seen_by(call.app, call.caller), state="open" if state == "overdue" else state, owner=owner
    )
    return give({"actions": [each for each in found if state != "overdue" or each.overdue]})


ENDPOINTS = (
    Endpoint(
        method="GET", path="/api/v1/incidents/{ref}/causes", says="The possible causes of an incident.",
        serve=list_causes, role="viewer", gives=dict[str, list[Hypothesis]],
    ),
    Endpoint(
        method="GET", path="/api/v1/actions", says="Action items, what is overdue first.", serve=list_actions,
        role="viewer", gives=dict[str, list[ActionView]],
        query=(
            Query(name="state", says="open (unless told), overdue, done, dropped or all"),
            Query(name="owner", says="Only those of this person."),
        ),
    ),
)  # fmt: skip
