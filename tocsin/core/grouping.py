"""What belongs together: alerts of one scenario and the same labels; of those that no scenario names, the alike ones.

No storm becomes a storm of incidents: beyond a number of them the rest is gathered in one, which says so.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tocsin.core.alert import Alert
from tocsin.core.incident import Incident
from tocsin.times import say_duration

SERVICE_LIKE = ("service", "app", "application", "component", "job")
"""Labels by which monitoring says what is affected; the first of them that an alert has counts."""
GATHERING_TITLE = "Many alerts at once that no scenario names"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouping:
    """How alerts become incidents. ``by``: labels that must be the same, beside the scenario or the name.

    Of alerts that no scenario names, those of one service that come ``within`` this of each other join. So many as
    ``storm`` incidents declared for such alerts within it, or ``most`` open ones in all, and the next gathers the rest.
    """

    by: tuple[str, ...] = ()
    within: timedelta = timedelta(minutes=5)
    storm: int = 5
    most: int = 20


AS_USUAL = Grouping()


def group_of(alert: Alert, by: Sequence[str]) -> dict[str, str]:
    """The labels that an alert must share to join this one's incident; an absent one is the empty text."""
    return {name: alert.labels.get(name, "") for name in by}


def shares(alert: Alert, group: Mapping[str, str]) -> bool:
    """Whether an alert has the labels of a group; no group at all asks for none."""
    return all(alert.labels.get(name, "") == value for name, value in group.items())


def say_group(group: Mapping[str, str]) -> str:
    """``cluster=north and service=shop``; empty for no group."""
    return " and ".join(f"{name}={value}" if value else f"no {name}" for name, value in group.items())


def reason(first: str, group: Mapping[str, str]) -> str:
    """Why an alert joins: what is the same beside the labels, then those."""
    if not group:
        return first
    return f"{first}, and {say_group(group)} {'is' if len(group) == 1 else 'are'} the same"


def same_service(
    alert: Alert, held: Collection[Incident], terms: Grouping, now: datetime
) -> tuple[Incident, str] | None:
    """The incident that lately got an alert of the same service, and which label says so."""
    name = next((each for each in SERVICE_LIKE if alert.labels.get(each)), None)
    if name is None or not terms.within:
        return None
    for incident in held:
        alike = any(state.labels.get(name) == alert.labels[name] for state in incident.alerts.values())
        if alike and lately(incident, terms, now) and shares(alert, incident.group):
            return incident, f"{name}={alert.labels[name]}"
    return None


def lately(incident: Incident, terms: Grouping, now: datetime) -> bool:
    """Whether it was declared, or got an alert, within the time in which alerts join."""
    return now - (incident.last_alert_at or incident.declared_at) < terms.within


def gathers_now(without: Sequence[Incident], terms: Grouping, now: datetime) -> str:
    """Why one more incident for an alert that no scenario names would be one too many; empty where it would not.

    ``without``: the open ones of this kind.
    """
    declared = [each for each in without if each.alerts and not each.gathers]
    fresh = [each for each in declared if now - each.declared_at < terms.within]
    if len(fresh) >= terms.storm:
        return f"{len(fresh)} incidents for alerts that no scenario names began within {say_duration(terms.within)}"
    if len(declared) >= terms.most:
        return f"{len(declared)} incidents for alerts that no scenario names are open"
    return ""
