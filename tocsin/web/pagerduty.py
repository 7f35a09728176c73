"""PagerDuty's Events API v2, so that its clients speak to Tocsin as they are.

Source: PagerDuty/developer-docs ``docs/events-API-v2``. The answers are PagerDuty's: 202 with ``dedup_key``, 400 with
``errors``. An event's ``routing_key`` is the token of a source of the kind pagerduty, or a token of ours.
"""

from __future__ import annotations

import hmac
import uuid
from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from tocsin import wire
from tocsin.app import App
from tocsin.errors import Invalid, Unauthorized
from tocsin.service import access, catalogue, ingest
from tocsin.service.access import Caller
from tocsin.sources import pagerduty
from tocsin.sources.pagerduty import PagerDuty
from tocsin.web.auth import app_of
from tocsin.web.endpoints import Call, Endpoint, Show, give
from tocsin.web.overload import refuse_flood
from tocsin.web.webhooks import inbound_of, may_acknowledge

LARGEST_EVENT = 512 * 1024


def enqueue(call: Call) -> Response:
    """Take an event about an alert; answered when it is on disk."""
    if len(call.body) > LARGEST_EVENT:
        return _invalid([f"The event has {len(call.body):,} bytes; at most {LARGEST_EVENT:,} are taken"], 413)
    try:
        event = _event(call.body)
    except Invalid as error:
        return _invalid([error.message])
    wrong = pagerduty.faults(event)
    if wrong:
        return _invalid(wrong)
    refuse_flood(call.request)
    key = str(event.get("dedup_key") or "") or uuid.uuid4().hex
    source = source_of(call)
    ingest.accept(call.app, source.name, [source.hear(event, key, inbound_of(call.request, call.body))])
    return give({"status": "success", "message": "Event processed", "dedup_key": key}, 202)


def enqueue_change(call: Call) -> Response:
    """Take a change event: kept and shown, and nobody is paged."""
    if len(call.body) > LARGEST_EVENT:
        return _invalid([f"The event has {len(call.body):,} bytes; at most {LARGEST_EVENT:,} are taken"], 413)
    try:
        event = _event(call.body)
    except Invalid as error:
        return _invalid([error.message])
    wrong = pagerduty.faults_of_change(event)
    if wrong:
        return _invalid(wrong)
    refuse_flood(call.request)
    name = source_of(call).name
    ingest.accept(call.app, name, [], [pagerduty.change(name, event, inbound_of(call.request, call.body))])
    return give({"status": "success", "message": "Change event processed"}, 202)


def source_of(call: Call) -> PagerDuty:
    """The source that the caller came as; for a token of ours one of its own, which acknowledges if its role may."""
    known = getattr(call.request.state, "source", None)
    if isinstance(known, PagerDuty):
        return known
    return PagerDuty(name=f"pagerduty/{call.caller.name}", acknowledge=may_acknowledge(call.caller))


def own_guard(request: Request) -> Show:
    """Who sends, by the event's ``routing_key``; nobody where it has none, so that a header may tell."""

    def show(body: bytes) -> Caller | None:
        missing = "'routing_key' is missing or blank"
        try:
            key = pagerduty.routing_key(wire.read_json(body))
        except Invalid as error:
            key, missing = "", error.message
        if not key and body and "authorization" not in request.headers:
            raise WithoutKey(missing)
        return _caller(request, app_of(request), key) if key else None

    return show


class WithoutKey(Unauthorized):
    """The event names nobody, or can't be read."""


def _caller(request: Request, app: App, key: str) -> Caller:
    for name, source in app.settings.sources.items():
        if isinstance(source, PagerDuty) and source.token.value:
            wanted = source.token.value.encode()
            if hmac.compare_digest(key.encode("utf-8", "replace"), wanted):
                request.state.source = source
                return Caller(name, "agent", ("alerts:send",))
    caller = access.caller_of(app, key)
    catalogue.allow(caller.role, "agent", "send events")
    return caller


def _event(body: bytes) -> dict[str, Any]:
    event = wire.read_json(body)
    if not isinstance(event, dict):
        raise Invalid("The event is not a JSON object.")
    return event


def _invalid(errors: Sequence[str], status: int = 400) -> Response:
    return give({"status": "invalid event", "message": "Event object is invalid", "errors": list(errors)}, status)


def unknown_key(error: Unauthorized) -> Response:
    """What PagerDuty says of a key that it does not know, or of an event without one."""
    if isinstance(error, WithoutKey):
        return _invalid([error.message])
    return _invalid(["'routing_key' is not known here; use a source's token or a token of the role agent"])


ENDPOINTS = (
    Endpoint(
        method="POST", path="/v2/enqueue", says="Take an event, as PagerDuty's Events API v2 does.", serve=enqueue,
        role="agent", door="intake", takes=dict[str, Any], gives=dict[str, str], status=202, own=own_guard,
        stranger=unknown_key,
    ),
    Endpoint(
        method="POST", path="/v2/change/enqueue", says="Take a change event, as PagerDuty's Events API v2 does.",
        serve=enqueue_change, role="agent", door="intake", takes=dict[str, Any], gives=dict[str, str], status=202,
        own=own_guard, stranger=unknown_key,
    ),
)  # fmt: skip
