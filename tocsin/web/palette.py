"""Commands at hand: ``/incidents/{ref}/commands``, the same for programs, and what an incident's page shows of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from tocsin.app import App
from tocsin.errors import NotFound
from tocsin.service import causegate, documents, following, palette, views
from tocsin.service.access import Caller
from tocsin.web.endpoints import Call, Endpoint, Query, give
from tocsin.web.frame import Typed, app_of, seen, show

LONGEST_REF = 40


@seen
def page(request: Request, caller: Caller) -> Response:
    """The commands that have the words of ``?words=``, of all sections or of ``?section=``."""
    app, asked = app_of(request), request.query_params
    words, section = asked.get("words", "")[: palette.LONGEST_WORDS], asked.get("section", "")
    found = palette.palette(app, request.path_params["ref"], words, section)
    return show(
        request, caller, "commands.html", incident=found.incident, palette=found, asked_words=words,
        gates=causegate.gates(app, found.incident.id),
        section=next((each for each in found.sections if section and each.id.endswith(section)), None),
    )  # fmt: skip


def panel(app: App, view: views.IncidentPage, values: Mapping[str, Any]) -> dict[str, Any]:
    """What an incident's page shows beside its plan: commands of other sections that are used, and documents."""
    typed = values.get("typed")
    also = typed.fields.get("step", "") if isinstance(typed, Typed) else ""
    shown = [step.step.id for part in view.parts for step in part.steps]
    return {
        "palette": palette.beside(app, view.incident.id, shown, also),
        "followed_now": {book.number: following.state_of(book) for book in view.incident.followed},
        "documents": documents.documents(app, view.incident.id),
        "gates": causegate.gates(app, view.incident.id),
    }


def list_commands(call: Call) -> Response:
    """The commands of an incident's runbooks, without their proofs."""
    asked = call.request.query_params
    found = palette.palette(call.app, _ref(call), asked.get("words", ""), asked.get("section", ""))
    return give(palette.lighter(found))


def _ref(call: Call) -> str:
    ref = str(call.path["ref"])
    if len(ref) > LONGEST_REF:
        raise NotFound("There is no such incident.", "`tocsin incident list` shows them.")
    return ref


routes: list[BaseRoute] = [Route("/incidents/{ref}/commands", page, methods=["GET"])]
ENDPOINTS = (
    Endpoint(
        method="GET", path="/api/v1/incidents/{ref}/commands",
        says="Every step of the incident's runbook and of those that it follows, by section.", serve=list_commands,
        role="viewer", gives=palette.Listed,
        query=(
            Query(name="words", says="Only steps with these words: a symptom, a title, a part of the command."),
            Query(name="section", says="Only those of this section, by its id."),
        ),
    ),
)  # fmt: skip
