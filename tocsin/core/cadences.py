"""How often people are promised an update, and when the next one is due."""

from __future__ import annotations

from datetime import datetime, timedelta

from tocsin.core.incident import Incident

AT_ONCE = timedelta(minutes=1)
"""What is said to several people within this time is one update."""


def cadence(incident: Incident) -> tuple[float | None, int] | None:
    """Seconds between two updates and the line that promises it: as a human said, else the document.

    The seconds are null where the document leaves a gap that nobody has filled; None where nothing is promised.
    """
    promised = incident.clocks.timetable.cadence_for(incident.severity)
    line = promised.line if promised else 0
    if incident.clocks.cadence_seconds is not None:
        return incident.clocks.cadence_seconds, line
    return (promised.every_seconds, line) if promised else None


def update_due(incident: Incident) -> datetime | None:
    """When people are told next how it goes; None where nothing is promised."""
    promised = cadence(incident)
    if promised is None or promised[0] is None or not incident.open:
        return None
    state = incident.clocks
    moments = (state.updated_at, state.cadence_at, incident.unresolved_since)
    return max(moment for moment in moments if moment) + timedelta(seconds=promised[0])


def same_update(incident: Incident, at: datetime) -> bool:
    """Whether what is said now belongs to the last update: the same words in several places are one promise kept."""
    last = incident.clocks.updated_at
    return last is not None and at - last < AT_ONCE
