"""Post-mortems for programs: the list, earlier versions, opening one, its charts."""

from __future__ import annotations

from starlette.responses import Response

from tocsin.core.shown import Review
from tocsin.service import access, respond, review
from tocsin.service.review import ReviewSummary
from tocsin.store import incidents, library
from tocsin.web import reviewpages
from tocsin.web.endpoints import Call, Endpoint, Query, give

MOST = 1000


def list_reviews(call: Call) -> Response:
    """The post-mortems that there are, and those of resolved incidents that nobody has opened."""
    most = min(call.number("limit", 100), MOST)
    found = call.app.db.read(lambda tx: incidents.listing(tx, limit=MOST))
    seen = access.only_in_reach(call.app, call.caller, found)
    return give({"reviews": review.listing(call.app, seen)[:most]})


def open_review(call: Call) -> Response:
    """Draft the post-mortem from the timeline, unless somebody has edited it; the text as it stands."""
    ref = respond.exists(call.app, str(call.path["ref"])[:40]).id
    return give(_shown(review.open_review(call.app, ref, call.caller.actor)))


def show_version(call: Call) -> Response:
    """A version of a post-mortem as it was written."""
    ref = respond.exists(call.app, str(call.path["ref"])[:40]).id
    return give(_shown(review.version_of(call.app, ref, call.number("version", 0))))


def show_chart(call: Call) -> Response:
    """A chart of an incident as SVG."""
    incident = respond.exists(call.app, str(call.path["ref"])[:40])
    return reviewpages.svg(call.app, incident, str(call.path["name"]))


def _shown(text: library.ReviewText) -> Review:
    return Review(
        incident=text.incident, status=text.status, version=text.version, text=text.text, updated_at=text.updated_at,
        updated_by=text.updated_by,
    )  # fmt: skip


ENDPOINTS = (
    Endpoint(
        method="GET", path="/api/v1/reviews", says="Post-mortems, and what is still to be written.", serve=list_reviews,
        role="viewer", gives=dict[str, list[ReviewSummary]],
        query=(Query(name="limit", says=f"How many at most; 100 unless told, at most {MOST}.", kind="integer"),),
    ),
    Endpoint(
        method="POST", path="/api/v1/incidents/{ref}/review", says="Draft the post-mortem from the timeline.",
        serve=open_review, role="responder", gives=Review,
    ),
    Endpoint(
        method="GET", path="/api/v1/incidents/{ref}/review/version", says="The post-mortem as it was in a version.",
        serve=show_version, role="viewer", gives=Review,
        query=(Query(name="version", says="Which one, counted from 1.", kind="integer"),),
    ),
    Endpoint(
        method="GET", path="/api/v1/incidents/{ref}/charts/{name}", says="A chart of the incident as SVG.",
        serve=show_chart, role="viewer",
    ),
)  # fmt: skip
