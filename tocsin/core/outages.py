"""What alerts say about the service itself: whether it is there at all, and since when it is not."""

from __future__ import annotations

from typing import Any

from tocsin.core import facts
from tocsin.core.alert import Alert
from tocsin.core.clockstate import says_unavailable
from tocsin.core.incident import Incident


def begins(incident: Incident, alert: Alert) -> list[Any]:
    """The outage that an alert tells of, from when it fires; nothing where one is known already."""
    outage = incident.clocks.outage
    if (outage is not None and outage.lasts) or not says_unavailable(alert.name, alert.labels):
        return []
    why = f"the alert {alert.name[:200]} fires since then"
    return [facts.OutageBegan(since=alert.starts_at, why=why, alert=alert.fingerprint)]


def ends(incident: Incident, fingerprint: str) -> list[Any]:
    """The end of an outage with the last alert that tells of it; what a person has said only a person ends."""
    outage, gone = incident.clocks.outage, incident.alerts[fingerprint]
    if outage is None or not outage.lasts or not outage.alert or not says_unavailable(gone.name, gone.labels):
        return []
    others = (state for name, state in incident.alerts.items() if name != fingerprint and state.firing)
    if any(says_unavailable(state.name, state.labels) for state in others):
        return []
    return [facts.OutageEnded(why=f"the alert {gone.name} no longer fires")]
