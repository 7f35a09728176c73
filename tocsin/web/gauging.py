"""Signals for programs: what is measured, the health of the whole, one reading of everything now, heartbeats."""

from __future__ import annotations

from starlette.responses import Response

from tocsin.core.systemhealth import SystemHealth
from tocsin.service import gauging, systemhealth
from tocsin.service.gauging import Measured
from tocsin.service.systemhealth import Examined
from tocsin.web.endpoints import Call, Endpoint, Query, give

_TOKEN = (Query(name="token", says="A token, for senders that can set no header."),)


def list_signals(call: Call) -> Response:
    """Every signal with its newest value and the state of its thresholds."""
    return give({"signals": gauging.measured(call.app)})


def read_signals(call: Call) -> Response:
    """Read everything that is bound once, now, and judge it."""
    return give(systemhealth.examine(call.app))


def show_health(call: Call) -> Response:
    """The health of the system under care, by what was read last."""
    return give(systemhealth.standing(call.app))


def hear(call: Call) -> Response:
    """Note that somebody is alive. A HEAD request only looks whether the address is right."""
    name = str(call.path["name"])
    if call.request.method == "HEAD":
        return give({"heartbeat": name})
    return give({"heartbeat": name, "at": gauging.hear(call.app, name)})


ENDPOINTS = (
    Endpoint(
        method="POST", path="/in/heartbeat/{name}", says="Say that something is alive, for a signal that listens.",
        serve=hear, role="agent", door="webhook", gives=dict[str, str], query=_TOKEN,
    ),
    Endpoint(
        method="GET", path="/in/heartbeat/{name}", says="The same, for what can only fetch an address.",
        serve=hear, role="agent", door="webhook", gives=dict[str, str], query=_TOKEN,
    ),
    Endpoint(
        method="GET", path="/api/v1/signals", says="The signals, their newest values, the state of their thresholds.",
        serve=list_signals, role="viewer", gives=dict[str, list[Measured]],
    ),
    Endpoint(
        method="POST", path="/api/v1/signals/read", says="Read every signal once now, and say what came of it.",
        serve=read_signals, role="responder", gives=Examined,
    ),
    Endpoint(
        method="GET", path="/api/v1/health", says="The health of the system under care, by what was read last.",
        serve=show_health, role="viewer", gives=SystemHealth,
    ),
)  # fmt: skip
