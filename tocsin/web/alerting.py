"""The JSON API of alerts and silences: `tocsin alerts` and `tocsin silence` ask here."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from tocsin.core.labels import parse_matchers
from tocsin.errors import Invalid
from tocsin.service import alerting, deadman, silencing
from tocsin.store.alertbook import Wanted
from tocsin.store.incidents import id_of
from tocsin.web.endpoints import Call, Endpoint, Query, give

LISTED = 1000
STATES = ("firing", "silenced", "resolved", "all")


def list_alerts(call: Call) -> Response:
    """The alerts that fire, or those that are asked for."""
    asked = call.request.query_params
    state, incident = asked.get("state") or "firing", asked.get("incident", "")
    if state not in STATES:
        raise Invalid("?state= is not a state.", f"Use one of: {', '.join(STATES)}.")
    wanted = Wanted(
        state=state,  # type: ignore[arg-type]
        source=asked.get("source", ""),
        text=asked.get("text", ""),
        incident=(id_of(incident) or "no incident") if incident else "",
    )
    matchers = tuple(each for text in asked.getlist("filter") for each in parse_matchers(text))
    most = min(call.number("limit", LISTED), alerting.SCANNED)
    found = alerting.listed(call.app, wanted, matchers, most, call.caller)
    return give({"alerts": [each.plain() for each in found.alerts], "total": found.total, "more": found.more})


def show_alert(call: Call) -> Response:
    """One alert, and what became of it, the last first."""
    found = alerting.known(call.app, str(call.path["fingerprint"]), call.caller)
    return give({"alert": found.view.plain(), "history": found.turns, "suggested": found.suggested})


def list_silences(call: Call) -> Response:
    """Silences and maintenance windows: those that count first, then those to come."""
    return give({"silences": silencing.listing(call.app, past=call.flag("past", default=False))})


def add_silence(call: Call) -> Response:
    """Begin a silence, now or later."""
    wanted = call.read(silencing.Silencing)
    made = silencing.plan(call.app, wanted, call.caller.name, call.caller.role)
    return give(made, 201)


def end_silence(call: Call) -> Response:
    """End a silence now."""
    return give(silencing.end(call.app, str(call.path["silence"]), call.caller.role))


def show_deadman(call: Call) -> Response:
    """Whether somebody outside is told that all is well, and whether the alert that always fires arrives."""
    return give(deadman.standing(call.app))


ENDPOINTS = (
    Endpoint(
        method="GET", path="/api/v1/alerts", says="The alerts that fire, or those that are asked for.",
        serve=list_alerts, role="viewer", gives=dict[str, Any],
        query=(
            Query(name="state", says="firing (unless told), silenced (fires and declares nothing), resolved or all"),
            Query(name="filter", says='A matcher, for example service="api"; may be repeated.'),
            Query(name="source", says="Only those of this source."),
            Query(name="text", says="Only those with these words in a name, a label or an annotation."),
            Query(name="incident", says="Only those of this incident."),
            Query(name="limit", says=f"How many at most; {LISTED} unless told.", kind="integer"),
        ),
    ),
    Endpoint(
        method="GET", path="/api/v1/alerts/{fingerprint}", says="One alert with its history.", serve=show_alert,
        role="viewer", gives=dict[str, Any],
    ),
    Endpoint(
        method="GET", path="/api/v1/silences", says="Silences and maintenance windows.", serve=list_silences,
        role="viewer", gives=dict[str, list[silencing.SilenceView]],
        query=(Query(name="past", says="Those that ended lately, too.", kind="boolean"),),
    ),
    Endpoint(
        method="POST", path="/api/v1/silences", says="Begin a silence, now or later.", serve=add_silence,
        role="responder", takes=silencing.Silencing, gives=silencing.SilenceView, status=201,
    ),
    Endpoint(
        method="GET", path="/api/v1/deadman", says="How the dead man's switch stands.", serve=show_deadman,
        role="viewer", gives=deadman.Standing,
    ),
    Endpoint(
        method="POST", path="/api/v1/silences/{silence}/end", says="End a silence now.", serve=end_silence,
        role="responder", gives=silencing.SilenceView,
    ),
)  # fmt: skip
