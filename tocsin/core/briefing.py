"""What somebody who is drawn in must know at once: how far it is, since when, what ran, and who is on it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from tocsin.core.incident import AlertState, Incident
from tocsin.core.oncall import Directory
from tocsin.times import say_duration, say_moment

MOST_ALERTS = 10
MOST_STEPS = 8
_RAN = ("running", "succeeded", "failed", "timed_out", "in_doubt", "done")


def briefing(
    incident: Incident, directory: Directory, at: datetime, titles: Mapping[str, str] | None = None
) -> list[str]:
    """Lines for a page, the most important first; what is not known is left out."""
    outage, estimate = incident.clocks.outage, incident.clocks.estimate
    lines = [_status(incident, at)]
    if outage is not None and outage.lasts:
        lines.append(f"Unavailable for {say_duration(at - outage.since)}: {outage.why}")
    if estimate is not None:
        rest = say_duration(timedelta(seconds=estimate.seconds))
        lines.append(f"Estimate: {rest} from {say_moment(estimate.at)}, by {directory.name_of(estimate.by)}")
    lines += _people(incident, directory)
    if incident.branch:
        lines.append(f"Chosen: {incident.branch}")
    ran = [(name, state) for name, state in incident.steps.items() if state.status in _RAN]
    if ran:
        place = {name: number for number, name in enumerate(titles or ())}  # what ran together: as the document has it
        latest = sorted(ran, key=lambda each: (each[1].at, place.get(each[0], len(place))))[-MOST_STEPS:]
        said = [f"{(titles or {}).get(name, name)}: {state.status.replace('_', ' ')}" for name, state in latest]
        more = f" (the last {MOST_STEPS} of {len(ran)})" if len(ran) > MOST_STEPS else ""
        lines.append(f"What ran{more}: {'; '.join(said)}")
    return lines


def alerts_said(incident: Incident) -> list[str]:
    """The alerts that fire, a line each; of several thresholds of one measure the worst, which says what all say."""
    worst: dict[object, AlertState] = {}
    place = {name: number for number, name in enumerate(incident.severities)}

    def rank(alert: AlertState) -> int:
        return place.get(alert.labels.get("severity", ""), len(place))

    for number, alert in enumerate(incident.firing):
        same = frozenset(pair for pair in alert.labels.items() if pair[0] not in ("threshold", "severity"))
        measure = same if alert.labels.get("threshold") else number
        known = worst.get(measure)
        worst[measure] = alert if known is None or rank(alert) < rank(known) else known
    every = list(worst.values())
    lines = [f"Alert {alert.name}: {alert.summary}".rstrip(": ") for alert in every[:MOST_ALERTS]]
    return [*lines, f"and {len(every) - MOST_ALERTS} more alerts"] if len(every) > MOST_ALERTS else lines


def _status(incident: Incident, at: datetime) -> str:
    """How far it is, and how long it has not been over."""
    lasts, since = at - incident.unresolved_since, incident.mitigated_at
    said = f"Status: {incident.status}"
    if incident.status == "mitigated" and since is not None:
        said += f" {say_duration(at - since)} ago"
    return f"{said}, unresolved for {say_duration(lasts)}" if lasts else said


def _people(incident: Incident, directory: Directory) -> list[str]:
    on_it = {name: "has it" if incident.team.owner else "acknowledged" for name in [incident.owner] if name}
    on_it |= {person: role for role, person in incident.roles.items()}
    said = [f"{directory.name_of(name)} ({what})" for name, what in on_it.items()]
    called = [directory.name_of(name) for name in incident.paged if name not in on_it]
    lines = [f"On it: {', '.join(said)}"] if said else ["Nobody has taken it yet"]
    return [*lines, f"Called: {', '.join(called)}"] if called else lines
