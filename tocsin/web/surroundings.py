"""``GET /api/v1/incidents/{ref}/context``: what lies around an incident."""

from __future__ import annotations

from starlette.responses import Response

from tocsin.errors import NotFound
from tocsin.service import context
from tocsin.service.context import Context
from tocsin.web.endpoints import Call, Endpoint, give

LONGEST_REF = 40


def show_context(call: Call) -> Response:
    """Signals, changes near the beginning, suppliers, people affected, earlier incidents like it."""
    ref = str(call.path["ref"])
    if len(ref) > LONGEST_REF:
        raise NotFound("There is no such incident.", "`tocsin incident list` shows them.")
    return give(context.around(call.app, call.caller, ref))


ENDPOINTS = (
    Endpoint(
        method="GET", path="/api/v1/incidents/{ref}/context", says="What lies around an incident.",
        serve=show_context, role="viewer", gives=Context,
    ),
)  # fmt: skip
