"""Webhooks of monitoring systems: ``POST /in/SOURCE``, one address for each source that is set up or needs no setting.

A source that is set up with a token or a secret of its own looks itself who sends; any other asks for a token of ours.
What is answered with 202 is on disk; alerts are worked off behind, so that no sender waits for that.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from tocsin.app import App
from tocsin.core.change import Change
from tocsin.errors import Invalid, NotFound
from tocsin.plug import registry
from tocsin.plug.kinds import Inbound, Source
from tocsin.service import catalogue, ingest, tracking
from tocsin.service.access import Caller
from tocsin.settings import ROLES
from tocsin.web.auth import app_of
from tocsin.web.endpoints import Call, Endpoint, Query, Show, give
from tocsin.web.overload import refuse_flood

PACKAGE = "tocsin.sources"
log = logging.getLogger("tocsin.web")


def take(call: Call) -> Response:
    """Hand the message to its source; answered 202 when what it says is on disk."""
    name = str(call.path["source"])
    found = source(call.app, name)
    refuse_flood(call.request)
    trusted = getattr(found, "guarded", False) or may_acknowledge(call.caller)
    inbound = inbound_of(call.request, call.body)
    accepted, changes = hand_in(call.app, name, found, inbound, acknowledges=trusted)
    return give({"accepted": accepted, **({"changes": changes} if changes else {})}, 202)


def inbound_of(request: Request, body: bytes) -> Inbound:
    """The request as sources read it."""
    return Inbound(
        body=body,
        headers=dict(request.headers),
        query=dict(request.query_params),
        received_at=app_of(request).clock.now(),
    )


def may_acknowledge(caller: Caller) -> bool:
    """Whether somebody with a token of ours could acknowledge any incident at another door too."""
    role = ROLES.index(caller.role) >= ROLES.index(catalogue.CATALOGUE["acknowledge"].role)
    return role and caller.reach.may("incidents:write") and caller.reach.every_incident


def hand_in(app: App, name: str, source: Source, inbound: Inbound, *, acknowledges: bool = True) -> tuple[int, int]:
    """Take what a source reads in a message; how many alerts and changes. Returned means stored.

    Unless the sender ``acknowledges``, the word that somebody took an alert is noted only.
    """
    alerts = source.parse(inbound)
    if not acknowledges:
        alerts = [replace(alert, acknowledged="there") if alert.acknowledged else alert for alert in alerts]
    told: Callable[[Inbound], list[Change]] | None = getattr(source, "changes", None)
    named: Callable[[Inbound], str] | None = getattr(source, "message", None)
    changes = told(inbound) if told else []
    ingest.accept(app, name, alerts, changes, message=named(inbound) if named else "")
    tracked: Callable[[Inbound], list[tuple[str, bool]]] | None = getattr(source, "issues", None)
    if tracked:
        tracking.seen(app, tracked(inbound))
    remark: Callable[[Inbound], str] | None = getattr(source, "remark", None)
    if remark and (said := remark(inbound)):
        log.warning(json.dumps({"where": f"source {name}", "message": said}, ensure_ascii=True))
    return len(alerts), len(changes)


def source(app: App, name: str) -> Source:
    """The source of this name: one that is set up, else the kind of this name as it is. Raises `NotFound`."""
    if name in app.settings.sources:
        return app.settings.sources[name]
    kinds: Mapping[str, Any] = registry.discover(PACKAGE, Source)
    if name not in kinds:
        known = sorted({*kinds, *app.settings.sources})
        raise NotFound(f"There is no source {name[:60]!r}.", f"Sources: {', '.join(known)}.")
    try:
        bound: Source = registry.bind(kinds[name], {}, f"[sources.{name}]")
    except Invalid as error:
        raise NotFound(f"The source {name!r} is not set up: {error.message}") from None
    return bound


def own_guard(request: Request) -> Show | None:
    """How the source of an address looks who sends; None where it asks for one of our tokens."""
    name = str(request.path_params["source"])
    found = app_of(request).settings.sources.get(name)
    if found is None or not getattr(found, "guarded", False):
        return None

    def show(body: bytes) -> Caller:
        found.admit(inbound_of(request, body))  # type: ignore[attr-defined]
        return Caller(name, "agent", ("alerts:send",))

    return show


ENDPOINTS = (
    Endpoint(
        method="POST", path="/in/{source}", says="Take what a monitoring system sends; alertmanager is its webhook v4.",
        serve=take, role="agent", door="webhook", takes=dict[str, Any], gives=dict[str, int], status=202, own=own_guard,
        query=(Query(name="token", says="A token, for senders that can set no header."),),
    ),
)  # fmt: skip
