"""When an incident could be lowered: the threshold that made it so bad is no longer crossed, a milder one still is."""

from __future__ import annotations

from dataclasses import dataclass

from tocsin.core.incident import Incident
from tocsin.core.moves import rank


@dataclass(frozen=True, slots=True)
class Milder:
    """A milder severity with the sentence why; nobody but a person lowers it."""

    severity: str
    why: str


def milder(incident: Incident) -> Milder | None:
    """The severity of the worst threshold that still fires, where the one for the present severity has fallen.

    None where anything else that fires says the present severity or a worse one.
    """
    firing = [state.labels for state in incident.alerts.values() if state.firing]
    fallen = {
        state.labels.get("metric", "")
        for state in incident.alerts.values()
        if not state.firing and state.labels.get("severity") == incident.severity
    } - {""}
    left = [labels for labels in firing if labels.get("severity") in incident.severities]
    worst = min(left, key=lambda labels: rank(incident, labels["severity"]), default=None)
    if not incident.open or worst is None or rank(incident, worst["severity"]) <= rank(incident, incident.severity):
        return None
    metrics = {labels.get("metric", "") for labels in left} & fallen
    if not metrics:
        return None
    metric = worst.get("metric") if worst.get("metric") in metrics else min(metrics)
    why = (
        f"{metric} no longer crosses the threshold for {incident.severity}; the worst that still fires says "
        f"{worst['severity']}"
    )
    return Milder(worst["severity"], why)
