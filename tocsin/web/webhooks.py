"""Webhooks of monitoring systems: ``POST /in/SOURCE``, one address for each source that is installed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from tocsin.errors import Invalid, NotFound
from tocsin.plug import registry
from tocsin.plug.kinds import Inbound, Source
from tocsin.service import ingest
from tocsin.web.endpoints import Call, Endpoint, Query, give

PACKAGE = "tocsin.sources"


def take(call: Call) -> Response:
    """Hand the message to its source; answered 202 when its alerts are on disk."""
    name = str(call.path["source"])
    inbound = Inbound(
        body=call.body,
        headers=dict(call.request.headers),
        query=dict(call.request.query_params),
        received_at=call.app.clock.now(),
    )
    alerts = source(name).parse(inbound)
    ingest.accept(call.app, name, alerts)
    return give({"accepted": len(alerts)}, 202)


def source(name: str) -> Source:
    """The source of this name with its default settings. Raises `NotFound` where there is none."""
    kinds: Mapping[str, Any] = registry.discover(PACKAGE, Source)
    if name not in kinds:
        raise NotFound(f"There is no source {name[:60]!r}.", f"Sources: {', '.join(sorted(kinds))}.")
    try:
        bound: Source = registry.bind(kinds[name], {}, f"[sources.{name}]")
    except Invalid as error:
        raise NotFound(f"The source {name!r} is not set up: {error.message}") from None
    return bound


ENDPOINTS = (
    Endpoint(
        method="POST", path="/in/{source}", says="Take what a monitoring system sends; alertmanager is its webhook v4.",
        serve=take, role="agent", door="webhook", takes=dict[str, Any], gives=dict[str, int], status=202,
        query=(Query(name="token", says="A token, for senders that can set no header."),),
    ),
)  # fmt: skip
