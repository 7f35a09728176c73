"""What the clock alone makes true. Every deadline is computed from stored times, so a restart loses none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from tocsin.core import facts
from tocsin.core.incident import Incident
from tocsin.core.moves import Facts
from tocsin.core.oncall import Directory
from tocsin.core.policy import REPEAT_AFTER, REPEAT_LAST_RUNG, Rung
from tocsin.times import say_duration


@dataclass(frozen=True, slots=True)
class Due:
    """A rung of the ladder and when it is climbed. ``again`` counts repetitions of the last one."""

    at: datetime
    index: int
    rung: Rung
    again: int = 0
    ends: bool = False


def next_due(incident: Incident) -> Due | None:
    """The next thing that the escalation ladder will do; None when it is over, or nothing has a time."""
    if not incident.open:
        return None
    rest = _clocked(incident)
    if rest:  # also after the end: a severity that rose may have rungs that nobody has climbed
        index, rung = rest[0]
        return Due(_later(incident, _at(incident, rung)), index, rung)
    if incident.ladder_ended:
        return None
    climbed = [(index, rung) for index, rung in enumerate(incident.ladder) if _counts(incident, rung)]
    if not climbed:
        return None
    index, last = climbed[-1]
    if not last.after_seconds and incident.acknowledged_at is not None:
        return None  # the only call was answered; there is nobody above to be reminded
    again = incident.repeats + 1
    called_at = incident.called_at or _at(incident, last)  # an outage delays a repetition and never bunches several
    return Due(_later(incident, called_at + REPEAT_AFTER), index, last, again, again > REPEAT_LAST_RUNG)


def next_wake(incident: Incident) -> datetime | None:
    """When the clock must look at this incident again; None: never, until something else happens to it."""
    if not incident.open:
        return None
    due = next_due(incident)
    times = [approval.expires_at for approval in incident.waiting_approvals]
    return min([*times, *([due.at] if due else [])], default=None)


def wake(incident: Incident, directory: Directory, now: datetime) -> Facts:
    """The facts that are due: expired approvals, rungs of the ladder, its end.

    One turn climbs at most one rung; the caller turns again while `next_wake` is not after ``now``, so that after an
    outage every due rung is climbed once, in order.
    """
    if not incident.open:
        return []
    due: Facts = [
        facts.ApprovalExpired(approval=approval.id, step=approval.step)
        for approval in incident.waiting_approvals
        if approval.expires_at <= now
    ]
    rung = next_due(incident)
    if rung is not None and rung.at <= now:
        due += _climb(incident, rung, directory, now)
    return due


def _climb(incident: Incident, due: Due, directory: Directory, now: datetime) -> Facts:
    """Climb the due rung; where nobody fills it, the next one at once, until somebody is called or the ladder ends."""
    if due.ends:
        return [facts.EscalationEnded(why=_ended(incident, f"{due.rung.to} was called {due.again} times", now))]
    climbed: Facts = []
    rest = [(due.index, due.rung)]
    if not due.again:
        rest += [(index, rung) for index, rung in _clocked(incident)[1:]]
    for index, rung in rest:
        person = directory.find(rung.to)
        climbed.append(
            facts.Escalated(
                to=rung.to,
                why=_reason(incident, rung, now, due.again, at_once=bool(climbed), filled=person is not None),
                rung=index,
                person=person.id if person else None,
                line=rung.line,
                again=due.again,
            )
        )
        if person is not None:
            return climbed
    return [*climbed, facts.EscalationEnded(why=_ended(incident, "nobody is bound to any rung that is left", now))]


def _reason(incident: Incident, rung: Rung, now: datetime, again: int, *, at_once: bool, filled: bool) -> str:
    reason = f"{incident.severity} {rung.clock} for {say_duration(now - incident.unresolved_since)} (line {rung.line})"
    if at_once:
        reason = f"called at once, because nobody fills the rung before it (line {rung.line})"
    if again:
        reason += f", repetition {again}"
    return reason if filled else f"{reason}; nobody is bound to “{rung.to}”"


def _ended(incident: Incident, cause: str, now: datetime) -> str:
    elapsed = say_duration(now - incident.unresolved_since)
    return f"The ladder ended: {cause}, and {incident.id} is still unresolved after {elapsed}."


def _clocked(incident: Incident) -> list[tuple[int, Rung]]:
    """The rungs that a clock will still climb."""
    return [
        (index, rung)
        for index, rung in enumerate(incident.ladder)
        if index not in incident.climbed and _counts(incident, rung)
    ]


def _counts(incident: Incident, rung: Rung) -> bool:
    if not rung.timed or not rung.applies_to(incident.severity):
        return False
    return not (rung.clock == "unacknowledged" and incident.acknowledged_at is not None)


def _at(incident: Incident, rung: Rung) -> datetime:
    return incident.unresolved_since + timedelta(seconds=rung.after_seconds or 0.0)


def _later(incident: Incident, at: datetime) -> datetime:
    return max(at, incident.held_until) if incident.held_until else at
