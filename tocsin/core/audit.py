"""A second, plain look at the clocks: what must happen next to an incident, without asking the code that does it.

It knows `tocsin.core.wake` and `tocsin.core.clocks` as little as they know it, so that a fault of theirs does not hide
itself. `tocsin.service.audit` compares both, every minute.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from tocsin.core.incident import Incident
from tocsin.core.policy import REPEAT_AFTER, Rung


def next_step(incident: Incident) -> tuple[datetime, str] | None:
    """The next thing that a clock must do to an incident, and what it is; None where nothing has a time."""
    steps = list(_steps(incident)) if incident.open else []
    return min(steps, default=None)


def fault(incident: Incident, wake_at: datetime | None, now: datetime, slack: timedelta) -> str:
    """What is wrong with the clocks of an incident, as a sentence; empty where nothing is."""
    following = next_step(incident)
    if following is None:
        return ""
    at, what = following
    if at < now - slack:
        return f"{incident.id}: {what} was due at {at:%Y-%m-%d %H:%M:%S} UTC and has not happened."
    if wake_at is None or wake_at > at + slack:
        stored = f"{wake_at:%Y-%m-%d %H:%M:%S} UTC" if wake_at else "never"
        return f"{incident.id}: {what} is due at {at:%Y-%m-%d %H:%M:%S} UTC, and its clock is set to {stored}."
    return ""


def _steps(incident: Incident) -> Iterator[tuple[datetime, str]]:
    for approval in incident.approvals.values():
        if approval.status == "waiting":
            yield approval.expires_at, f"the end of the question about {approval.step}"
    state = incident.clocks
    if incident.acknowledged_at is None and not state.response and incident.response_due is not None:
        yield incident.response_due, "the word that nobody took it in time"
    if any(each.severity == incident.severity not in state.begun for each in state.timetable.first):
        yield state.severity_at or incident.declared_at, "what the document wants first"
    for window in state.timetable.windows:
        reached = any(phase.id == window.phase and phase.at is not None for phase in incident.phases)
        over = incident.declared_at + timedelta(minutes=window.to_minutes)
        moot = reached or window.phase in state.missed_phases
        if not moot and over >= (incident.reopened_at or incident.declared_at):
            yield over, f"the word that {window.title} is late"
    waiting = [(at, rung) for index, rung in enumerate(incident.ladder) if (at := _begins(incident, index, rung))]
    held = incident.held_until
    for at, rung in waiting:
        yield max(at, held) if held else at, f"the call of {rung.to or 'the next level'} (line {rung.line})"
    alone = state.stranded and incident.acknowledged_at is None
    if (alone or not waiting) and not incident.ladder_ended and _repeats(incident):
        called_at = incident.called_at or incident.unresolved_since
        at = state.timetable.after(incident.severity, called_at, REPEAT_AFTER)
        yield max(at, held) if held else at, "the repetition of the last call, or the end of the ladder"


def _begins(incident: Incident, index: int, rung: Rung) -> datetime | None:
    """When a rung that was not climbed yet is due; None where it does not count, or only people can tell."""
    if rung.severities and incident.severity not in rung.severities:
        return None
    state = incident.clocks
    if rung.clock == "severity":
        return state.rose_at if state.rises else None
    if index in incident.climbed:
        return None
    if rung.clock == "estimate" and state.estimate is not None:
        return state.estimate.at + timedelta(seconds=state.estimate.seconds * rung.factor)
    if rung.after_seconds is None or (rung.clock == "unacknowledged" and incident.acknowledged_at is not None):
        return None
    wait = timedelta(seconds=rung.after_seconds)
    if rung.clock in ("unresolved", "unacknowledged"):
        return state.timetable.after(incident.severity, incident.reopened_at or incident.declared_at, wait)
    if rung.clock == "unavailable" and state.outage is not None and state.outage.until is None:
        return state.outage.since + wait
    return None


def _repeats(incident: Incident) -> bool:
    """Whether the last rung that counts is called again; a single call that was answered is not."""
    taken = incident.acknowledged_at is not None
    counting = [
        rung
        for rung in incident.ladder
        if rung.after_seconds is not None
        and (rung.clock == "unresolved" or (rung.clock == "unacknowledged" and not taken))
        and (not rung.severities or incident.severity in rung.severities)
    ]
    return bool(counting) and not (taken and not counting[-1].after_seconds)
