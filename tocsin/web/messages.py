"""The document's messages, for programs and for the panel of an incident's page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.responses import PlainTextResponse, Response

from tocsin.app import App
from tocsin.core.messages.drafts import Asked, Draft
from tocsin.errors import NotFound
from tocsin.service import messagedrafts, messaging, views
from tocsin.service.messagedrafts import Messages
from tocsin.web.endpoints import Call, Endpoint, Query, give

LONGEST_REF = 40


def panel(app: App, view: views.IncidentPage) -> dict[str, Any]:
    """What the incident's page shows of its messages, in the document's order, and what is asked, each once."""
    told = app.db.read(lambda tx: messagedrafts.messages(app, tx, view.incident, view.runbook))
    asked: dict[str, Asked] = {}
    for each in told.messages:
        for field in each.fields:
            if field.whose != "incident":
                asked.setdefault(field.field, field)
    due = next((each for each in told.messages if each.due), None)
    return {
        "told": told,
        "asks_now": due.open_fields if due else (),
        "asks_later": _later(told.messages, due, asked),
        "answers": [each for each in asked.values() if each.value],
        "promised": view.incident.clocks.promised,
    }


def _later(ordered: Sequence[Draft], due: Draft | None, asked: dict[str, Asked]) -> list[Asked]:
    now = {each.field for each in due.open_fields} if due else set()
    open_ones = {field.field for each in ordered for field in each.open_fields}
    return [each for name, each in asked.items() if name in open_ones and name not in now]


def list_messages(call: Call) -> Response:
    """Every message of an incident's document as it would be sent now, with what it still asks, and the channels."""
    return give(messaging.of_incident(call.app, str(call.path["ref"])[:LONGEST_REF]))


def show_message(call: Call) -> Response:
    """One message; with ``?as=text`` nothing but its text."""
    found = messaging.of_incident(call.app, str(call.path["ref"])[:LONGEST_REF])
    name = str(call.path["message"])
    draft = next((each for each in found.messages if each.id == name), None)
    if draft is None:
        known = ", ".join(each.id for each in found.messages) or "none"
        raise NotFound(f"{found.incident} has no message {name[:60]!r}.", f"Its messages: {known}.")
    if call.request.query_params.get("as") == "text":
        return PlainTextResponse(draft.text, headers={"Cache-Control": "no-store"})
    return give(draft)


ENDPOINTS = (
    Endpoint(
        method="GET", path="/api/v1/incidents/{ref}/messages", says="The messages of an incident's runbook.",
        serve=list_messages, role="viewer", gives=Messages,
    ),
    Endpoint(
        method="GET", path="/api/v1/incidents/{ref}/messages/{message}", says="One message as it would be sent now.",
        serve=show_message, role="viewer", gives=Draft,
        query=(Query(name="as", says="text: nothing but its text"),),
    ),
)  # fmt: skip
