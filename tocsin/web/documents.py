"""Documents that an incident's runbook links to: ``/incidents/{ref}/documents/{number}``, and the same for programs."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from tocsin.errors import NotFound
from tocsin.service import documents, respond
from tocsin.service.access import Caller
from tocsin.service.documents import Document, Opened
from tocsin.web.endpoints import Call, Endpoint, give
from tocsin.web.frame import app_of, seen, show


@seen
def page(request: Request, caller: Caller) -> Response:
    """One document, as a page."""
    app = app_of(request)
    incident = respond.exists(app, request.path_params["ref"])
    opened = documents.open_document(app, incident.id, _number(request.path_params["number"]))
    return show(request, caller, "document.html", incident=incident, opened=opened)


def list_documents(call: Call) -> Response:
    """What the incident's runbooks link to."""
    return give({"documents": documents.documents(call.app, str(call.path["ref"])[:60])})


def show_document(call: Call) -> Response:
    """One of them with its text."""
    return give(documents.open_document(call.app, str(call.path["ref"])[:60], _number(str(call.path["number"]))))


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        raise NotFound("There is no such document.", "The incident's page lists them.")
    return int(text)


routes: list[BaseRoute] = [Route("/incidents/{ref}/documents/{number}", page, methods=["GET"])]
ENDPOINTS = (
    Endpoint(
        method="GET", path="/api/v1/incidents/{ref}/documents", says="What the incident's runbooks link to.",
        serve=list_documents, role="viewer", gives=dict[str, list[Document]],
    ),
    Endpoint(
        method="GET", path="/api/v1/incidents/{ref}/documents/{number}", says="One of these documents, whole.",
        serve=show_document, role="viewer", gives=Opened,
    ),
)  # fmt: skip
