"""What the facts about alerts make of an incident: linked, cleared, flapping, gathered, split off, merged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tocsin.core import facts
from tocsin.core.facts import Entry
from tocsin.core.incident import AlertState, Incident


def _linked(incident: Incident, entry: Entry, made: facts.AlertLinked) -> Incident:
    before = incident.alerts.get(made.fingerprint)
    quiet = before.quiet_seconds if before and before.flaps(entry.at) else 0.0
    state = AlertState(name=made.name, summary=made.summary, labels=made.labels, quiet_seconds=quiet)
    return replace(incident, alerts={**incident.alerts, made.fingerprint: state}, last_alert_at=entry.at)


def _cleared(incident: Incident, entry: Entry, made: facts.AlertCleared) -> Incident:
    before = incident.alerts.get(made.fingerprint)
    if before is None:
        return incident
    quiet_since = entry.at if before.quiet_seconds else None
    after = replace(before, firing=False, quiet_since=quiet_since)
    return replace(incident, alerts={**incident.alerts, made.fingerprint: after})


def _flapped(incident: Incident, _: Entry, made: facts.AlertFlapped) -> Incident:
    before = incident.alerts.get(made.fingerprint)
    if before is None:
        return incident
    after = replace(before, quiet_seconds=made.quiet_seconds)
    return replace(incident, alerts={**incident.alerts, made.fingerprint: after})


def _gathered(incident: Incident, entry: Entry, made: facts.AlertsGathered) -> Incident:
    return replace(incident, gathered=made.alerts, last_alert_at=entry.at)


def _split(incident: Incident, _: Entry, made: facts.AlertsSplit) -> Incident:
    left = {name: state for name, state in incident.alerts.items() if name not in made.alerts}
    return replace(incident, alerts=left)


def _merged(incident: Incident, entry: Entry, made: facts.Merged) -> Incident:
    return replace(
        incident, status="resolved", resolved_at=entry.at, duplicate_of=made.into, alerts={}, gathered=0, topics=()
    )


def _absorbed(incident: Incident, _: Entry, made: facts.Absorbed) -> Incident:
    known = [topic for topic in incident.topics if topic not in made.topics]
    paged = tuple(dict.fromkeys((*incident.paged, *made.people)))
    return replace(
        incident, topics=(*known, *made.topics), paged=paged,
        absorbed=tuple(dict.fromkeys((*incident.absorbed, made.incident))),
    )  # fmt: skip


FOLDS: dict[type[Any], Callable[[Incident, Entry, Any], Incident]] = {
    facts.AlertLinked: _linked,
    facts.AlertCleared: _cleared,
    facts.AlertFlapped: _flapped,
    facts.AlertsGathered: _gathered,
    facts.AlertsSplit: _split,
    facts.Merged: _merged,
    facts.Absorbed: _absorbed,
}
