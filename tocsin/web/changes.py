"""``GET /api/v1/changes``: what was changed lately, as deployments, pushes and change events told it."""

from __future__ import annotations

from starlette.responses import Response

from tocsin.core.change import Change
from tocsin.errors import Invalid
from tocsin.plug import heard
from tocsin.store import changes
from tocsin.web.endpoints import Call, Endpoint, Query, give

MOST = 1000


def list_changes(call: Call) -> Response:
    """The changes of a time, the newest first."""
    bounds = {}
    for name in ("since", "until"):
        text = call.request.query_params.get(name, "")
        bounds[name] = heard.moment(text)
        if text and bounds[name] is None:
            raise Invalid(f"?{name}= is not a time with a zone.", f"Write for example ?{name}=2026-11-20T23:17:31Z.")
    limit = min(call.number("limit", 100), MOST)
    found = call.app.db.read(
        lambda tx: changes.listing(tx, since=bounds["since"], until=bounds["until"], limit=limit)
    )  # fmt: skip
    return give({"changes": found})


ENDPOINTS = (
    Endpoint(
        method="GET", path="/api/v1/changes", says="What was changed lately, the newest first.", serve=list_changes,
        role="viewer", gives=dict[str, list[Change]],
        query=(
            Query(name="since", says="Only what happened from then on (RFC 3339)."),
            Query(name="until", says="Only what happened until then (RFC 3339)."),
            Query(name="limit", says=f"At most so many; 100 unless told, never more than {MOST}.", kind="integer"),
        ),
    ),
)  # fmt: skip
