"""Recurrence: an alert that fires again soon after its incident was resolved means that the incident was not over."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from tocsin.core.alert import Alert
from tocsin.core.grouping import shares
from tocsin.core.incident import AlertState, Incident
from tocsin.core.moves import LONGEST_LABEL, LONGEST_NAME, Facts, clear_alert, reopen
from tocsin.core.routing import OURSELVES, Declare, is_drill
from tocsin.times import say_duration

ROUTING_LABELS = ("alertname", "scenario", "runbook")
"""The labels by which an alert selects its scenario (`tocsin.core.routing`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recurrence:
    """The incident that an alert brings back, and why."""

    incident: str
    why: str


def recurrence(
    alert: Alert, instead_of: Declare, resolved: Iterable[Incident], last: str | None, within: timedelta, now: datetime
) -> Recurrence | None:
    """The incident to reopen instead of declaring one: the last one resolved ``within`` that was about this alert.

    It is the same alert where its fingerprint is (or ``last`` is the incident that it belonged to before), or where it
    comes to the same scenario by the same labels. Practice and the real thing never reopen each other.
    """
    for incident in sorted(resolved, key=lambda each: each.resolved_at or each.declared_at, reverse=True):
        if incident.resolved_at is None or incident.open or now - incident.resolved_at > within:
            continue
        if incident.drill is is_drill(alert) and _about(alert, instead_of, incident, last):
            name = f"The alert {alert.name[:LONGEST_NAME]}" if alert.name else "An alert without a name"
            after = say_duration(now - incident.resolved_at)
            said = alert.annotations.get("summary", "").strip()[:LONGEST_LABEL]
            why = f"{name} fires again, {after} after {incident.id} was resolved" + (f": {said}" if said else "")
            return Recurrence(incident=incident.id, why=why)
    return None


def again(incident: Incident, why: str, firing: Collection[str]) -> Facts:
    """Reopen an incident; of its alerts only those go on ``firing`` (fingerprints), the others ended meanwhile."""
    ended: Facts = []
    for fingerprint, state in incident.alerts.items():
        if state.firing and fingerprint not in firing:
            ended += clear_alert(incident, fingerprint, "it ended while the incident was resolved")[:1]
    return [*reopen(incident, why), *ended]


def _about(alert: Alert, instead_of: Declare, incident: Incident, last: str | None) -> bool:
    scenario = instead_of.scenario.id if instead_of.scenario else ""
    same_scenario = incident.scenario == scenario and incident.runbook == instead_of.runbook.title
    if alert.fingerprint in incident.alerts or incident.id == last:
        return same_scenario or not scenario
    if not shares(alert, incident.group) and alert.source != OURSELVES:
        return False
    return bool(scenario) and same_scenario and any(_alike(alert, state) for state in incident.alerts.values())


def _alike(alert: Alert, state: AlertState) -> bool:
    return all(alert.labels.get(label, "")[:LONGEST_LABEL] == state.labels.get(label, "") for label in ROUTING_LABELS)
