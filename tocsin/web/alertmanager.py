"""Alertmanager's API v2, so that Prometheus and amtool speak to Tocsin as they are.

Source: prometheus/alertmanager ``api/v2/openapi.yaml`` and ``api/v2/api.go``; the answers were compared with 0.25.
Its own error shapes are kept: a JSON string for what is wrong with an alert, ``{code, message}`` for a body that can't
be read. Posting keeps the good alerts of a message and answers 400 for the bad ones, as Alertmanager does: a sender
never mends a message, so one bad alert would hold back all the others for ever.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from starlette.responses import Response

from tocsin import __version__
from tocsin.core.alert import Alert
from tocsin.core.labels import Matcher, all_match, make_matcher, parse_matchers
from tocsin.errors import Invalid, Refused, WrongType
from tocsin.service import ingest
from tocsin.store import alerts as alert_store
from tocsin.times import say_duration
from tocsin.web import swift
from tocsin.web.endpoints import Call, Endpoint, Query, give
from tocsin.web.overload import refuse_flood
from tocsin.web.posted import SOURCE, PostableAlert, read_posted

RECEIVER = {"name": "tocsin"}
NEVER = "0001-01-01T00:00:00.000Z"
ROUTING = "route:\n  receiver: tocsin\nreceivers:\n- name: tocsin\n"


def post_alerts(call: Call) -> Response:
    """Take alerts; when this is answered they are on disk."""
    refuse_flood(call.request)
    swift.admit(call.request)
    try:
        good, faults = read_posted(call.json(), call.app.clock.now())
    except WrongType as error:
        return give({"code": 415, "message": f"unsupported media type: {error}"}, 415)
    except Invalid as error:
        return unreadable("alerts", error)
    ingest.accept(call.app, SOURCE, good)
    return give("; ".join(dict.fromkeys(faults)), 400) if faults else Response(status_code=200)


def get_alerts(call: Call) -> Response:
    """The alerts that fire, as Alertmanager tells them."""
    try:
        return give(sorted(_listed(call), key=lambda alert: str(alert["fingerprint"])))
    except Invalid as error:
        return give(error.message, 400)


def get_groups(call: Call) -> Response:
    """The alerts that fire, those of one name together."""
    groups: dict[str, list[dict[str, Any]]] = {}
    try:
        for alert in _listed(call):
            groups.setdefault(alert["labels"].get("alertname", ""), []).append(alert)
    except Invalid as error:
        return give(error.message, 400)
    return give([
        {"labels": {"alertname": name} if name else {}, "receiver": RECEIVER, "alerts": groups[name]}
        for name in sorted(groups)
    ])  # fmt: skip


def get_receivers(call: Call) -> Response:
    """The one receiver: what happens to an alert is decided by the runbook, not by a routing tree."""
    del call
    return give([RECEIVER])


def get_status(call: Call) -> Response:
    """What amtool asks first."""
    up = call.app.clock.now() - call.request.app.state.started_at
    version = {"version": __version__, "branch": "", "buildDate": "", "buildUser": "", "goVersion": "", "revision": ""}
    return give({
        "cluster": {"status": "disabled", "peers": []},
        "versionInfo": version,
        "config": {"original": ROUTING},
        "uptime": call.request.app.state.started_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "running": say_duration(up),
    })  # fmt: skip


def refuse_reload(_: Call) -> Response:
    """There is nothing to reload over HTTP."""
    raise Refused("Runbooks and settings are read at the start.", "Restart Tocsin; nothing that was accepted is lost.")


def _listed(call: Call) -> list[dict[str, Any]]:
    """The alerts that the query asks for. Raises `Invalid` for a filter that can't be read."""
    wanted = filters(call)
    active, silenced = call.flag("active", default=True), call.flag("silenced", default=True)
    call.flag("inhibited", default=True)  # nothing is ever inhibited, and nothing waits unprocessed for long
    call.flag("unprocessed", default=True)
    receiver = call.request.query_params.get("receiver", "")
    if receiver and not make_matcher("receiver", "=~", receiver).matches({"receiver": RECEIVER["name"]}):
        return []
    now = call.app.clock.now()
    known, silences = call.app.db.read(
        lambda tx: (alert_store.listing(tx, firing_at=now), alert_store.silences(tx, ending_after=now))
    )
    shown = []
    for alert in known:
        muting = [silence.id for silence in silences if silence.covers(alert, now)]
        if (silenced if muting else active) and all_match(wanted, alert.labels):
            shown.append(_gettable(alert, muting))
    return shown


def _gettable(alert: Alert, muting: list[str]) -> dict[str, Any]:
    return {
        "annotations": alert.annotations,
        "endsAt": say(alert.ends_at) if alert.ends_at else NEVER,
        "fingerprint": alert.fingerprint,
        "generatorURL": alert.url,
        "labels": alert.labels,
        "receivers": [RECEIVER],
        "startsAt": say(alert.starts_at),
        "status": {
            "inhibitedBy": [], "mutedBy": [], "silencedBy": muting, "state": "suppressed" if muting else "active"
        },
        "updatedAt": say(alert.updated_at),
    }  # fmt: skip


def filters(call: Call) -> tuple[Matcher, ...]:
    texts = call.request.query_params.getlist("filter")
    return tuple(matcher for text in texts for matcher in parse_matchers(text))


def say(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def unreadable(what: str, error: Invalid) -> Response:
    status = error.status
    return give({"code": status, "message": f'parsing {what} body from "" failed, because {error.message}'}, status)


FILTER = Query(name="filter", says='A matcher, for example severity="critical"; may be repeated.')
_LISTING = (
    FILTER,
    Query(name="active", says="Alerts that no silence mutes.", kind="boolean"),
    Query(name="silenced", says="Alerts that a silence mutes.", kind="boolean"),
    Query(name="inhibited", says="Kept for Alertmanager's clients; nothing is inhibited.", kind="boolean"),
    Query(name="unprocessed", says="Kept for Alertmanager's clients.", kind="boolean"),
    Query(name="receiver", says="A regular expression for the receiver's name, which is tocsin."),
)

ENDPOINTS = (
    Endpoint(
        method="POST", path="/api/v2/alerts", says="Take alerts, as Alertmanager does.", serve=post_alerts,
        role="agent", door="intake", takes=list[PostableAlert],
    ),
    Endpoint(
        method="GET", path="/api/v2/alerts", says="The alerts that fire.", serve=get_alerts, role="viewer",
        door="intake", query=_LISTING, gives=list[dict[str, Any]],
    ),
    Endpoint(
        method="GET", path="/api/v2/alerts/groups", says="The alerts that fire, by name.", serve=get_groups,
        role="viewer", door="intake", query=_LISTING, gives=list[dict[str, Any]],
    ),
    Endpoint(
        method="GET", path="/api/v2/receivers", says="The receivers: there is one.", serve=get_receivers,
        role="viewer", door="intake", gives=list[dict[str, str]],
    ),
    Endpoint(
        method="GET", path="/api/v2/status", says="Version and up-time, in Alertmanager's shape.", serve=get_status,
        role="viewer", door="intake", gives=dict[str, Any],
    ),
    Endpoint(
        method="POST", path="/-/reload", says="Refused: files are read at the start.", serve=refuse_reload,
        role="admin", door="intake",
    ),
)  # fmt: skip
