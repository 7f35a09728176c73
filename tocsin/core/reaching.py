"""Who could not be told, and since when nobody of those who were called was reached: what becomes of a page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from tocsin.core import facts
from tocsin.core.facts import Entry
from tocsin.core.incident import Incident
from tocsin.core.reachstate import Missed, ReachState


def unheard_since(incident: Incident) -> datetime | None:
    """Since when nobody can have heard of it: every one who was called could not be told; None where one could."""
    missed = incident.reach.missed
    if incident.acknowledged_at is not None or not incident.paged:
        return None
    if not all(person in missed for person in incident.paged):
        return None
    return max(missed[person].at for person in incident.paged)


def _failed(incident: Incident, entry: Entry, made: facts.NotifyFailed) -> Incident:
    missed = {**incident.reach.missed, made.person: Missed(at=entry.at, why=made.why)}
    return replace(incident, reach=ReachState(missed=missed))


def _told(incident: Incident, _: Entry, made: facts.Notified) -> Incident:
    missed = incident.reach.missed
    if made.person not in missed:
        return incident
    return replace(incident, reach=ReachState(missed={who: why for who, why in missed.items() if who != made.person}))


FOLDS: dict[type[Any], Callable[[Incident, Entry, Any], Incident]] = {
    facts.NotifyFailed: _failed,
    facts.Notified: _told,
}
