"""Runs of the system under care: ``/api/v1/traces``, OTLP at ``/v1/traces``, and the page ``/traces``."""

from __future__ import annotations

import zlib
from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from tocsin import wire
from tocsin.core.trace import Trace
from tocsin.errors import Invalid, TooLarge, WrongType
from tocsin.plug import heard
from tocsin.service import tracing
from tocsin.service.access import Caller
from tocsin.service.tracing import NewTraces
from tocsin.store import traces
from tocsin.web.endpoints import Call, Endpoint, Query, give
from tocsin.web.frame import app_of, seen, show

MOST = 1000
LISTED = 200
LONGEST_WORDS = 100
LARGEST = 16 * 1024 * 1024
STATUSES = ("ok", "error", "running")
SPANS = {"15m": timedelta(minutes=15), "1h": timedelta(hours=1), "24h": timedelta(hours=24), "": None}
TELLER = "agent"


def take(call: Call) -> Response:
    """Keep the runs that were sent, all or none."""
    return give({"kept": tracing.record(call.app, call.read(NewTraces), call.caller.name)}, 202)


def take_spans(call: Call) -> Response:
    """Keep the spans that an OpenTelemetry exporter sends, in OTLP's JSON encoding."""
    kind = call.request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        said = f"The body is {kind[:100]!r}." if kind else "Nothing says of what type the body is."
        raise WrongType(said, "Set the exporter to OTLP over HTTP in its JSON encoding (http/json).")
    found = tracing.record_spans(call.app, wire.read_json(_plain(call), largest=LARGEST), call.caller.name)
    told = {"rejectedSpans": str(found.rejected), "errorMessage": "no trace id, no start, or a start in the future"}
    return give({"partialSuccess": told if found.rejected else {}})


def list_traces(call: Call) -> Response:
    """The runs of a time, the newest first."""
    asked = call.request.query_params
    bounds: dict[str, datetime | None] = {}
    for name in ("since", "until"):
        text = asked.get(name, "")
        bounds[name] = heard.moment(text)
        if text and bounds[name] is None:
            raise Invalid(f"?{name}= is not a time with a zone.", f"Write for example ?{name}=2026-11-20T23:17:31Z.")
    status = asked.get("status", "")
    if status not in ("", *STATUSES):
        raise Invalid("?status= is not a status.", f"Use one of: {', '.join(STATUSES)}.")
    limit = min(call.number("limit", 100), MOST)
    words, service = (_line(asked.get(name, "")) for name in ("words", "service"))
    found = call.app.db.read(
        lambda tx: traces.listing(
            tx, since=bounds["since"], until=bounds["until"], status=status, service=service, words=words, limit=limit
        )
    )
    return give({"traces": found})


@seen
def page(request: Request, caller: Caller) -> Response:
    """The latest runs, with a choice of time, status and service."""
    app, asked = app_of(request), request.query_params
    span = asked.get("span", "1h") if asked.get("span", "1h") in SPANS else "1h"
    status = asked.get("status", "") if asked.get("status", "") in STATUSES else ""
    words, service = (_line(asked.get(name, "")) for name in ("words", "service"))
    back = SPANS[span]
    since = app.clock.now() - back if back else None
    found, services = app.db.read(
        lambda tx: (
            traces.listing(tx, since=since, status=status, service=service, words=words, limit=LISTED),
            traces.services(tx),
        )
    )
    return show(
        request, caller, "traces.html", traces=found, services=services, span=span, chosen=status, service=service,
        asked_words=words, most=LISTED,
    )  # fmt: skip


def _plain(call: Call) -> bytes:
    """The body, unpacked where it is packed; exporters pack theirs unless told otherwise."""
    packing = call.request.headers.get("content-encoding", "").strip().lower()
    if packing in ("", "identity"):
        return call.body
    if packing != "gzip":
        raise WrongType(f"The body is packed as {packing[:60]!r}.", "Send it plain or with gzip.")
    unpacking = zlib.decompressobj(wbits=31)
    try:
        text = unpacking.decompress(call.body, LARGEST + 1)
    except zlib.error:
        raise Invalid("The body is no gzip.", "Send it plain, or packed with gzip.") from None
    if len(text) > LARGEST:
        raise TooLarge(f"Unpacked, the body has more than {LARGEST:,} bytes.", "Send less at a time.")
    if not unpacking.eof:
        raise Invalid("The gzip ends too early.", "Send it whole.")
    return text


def _line(text: str) -> str:
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text[:LONGEST_WORDS]).split())


routes: list[BaseRoute] = [Route("/traces", page, methods=["GET"])]
ENDPOINTS = (
    Endpoint(
        method="GET", path="/api/v1/traces", says="Runs of the system under care, the newest first.",
        serve=list_traces, role="viewer", gives=dict[str, list[Trace]],
        query=(
            Query(name="since", says="Only what began from then on (RFC 3339)."),
            Query(name="until", says="Only what began until then (RFC 3339)."),
            Query(name="status", says="ok, error or running."),
            Query(name="service", says="Only runs of this service."),
            Query(name="words", says="Only what holds these words: name, service, error or id."),
            Query(name="limit", says=f"At most so many; 100 unless told, never more than {MOST}.", kind="integer"),
        ),
    ),
    Endpoint(
        method="POST", path="/api/v1/traces", door="intake", role=TELLER, serve=take, takes=NewTraces, status=202,
        says="Tell of runs of the system under care: requests, workflows, jobs.", gives=dict[str, int],
    ),
    Endpoint(
        method="POST", path="/v1/traces", door="intake", role=TELLER, serve=take_spans,
        says="The same from OpenTelemetry: OTLP over HTTP, JSON encoding, also packed with gzip.",
        gives=dict[str, dict[str, str]],
    ),
)  # fmt: skip
