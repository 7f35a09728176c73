"""Every clock of an incident as it is shown: when it strikes, what happens then, and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from tocsin.core.cadences import cadence, update_due
from tocsin.core.clocks import task_due
from tocsin.core.incident import Incident
from tocsin.core.oncall import Directory
from tocsin.core.policy import Rung
from tocsin.core.wake import due_at, next_due, why_later
from tocsin.times import say_duration, say_moment

State = Literal["runs", "late", "kept", "missed", "asked", "held"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Countdown:
    """A clock. ``at`` null: it waits for a word (``asked``), or counts up from ``since``; ``line`` 0: not written.

    ``id`` names what a move needs to say something about it.
    """

    kind: Literal["response", "ladder", "outage", "estimate", "phase", "update", "deadline", "recurrence", "approval"]
    what: str
    then: str
    why: str
    line: int = 0
    at: datetime | None = None
    since: datetime | None = None
    state: State = "runs"
    id: str = ""

    def shows(self, now: datetime) -> str:
        """What it shows at a moment: how long it is until then, for how long it has been."""
        if self.at is not None:
            return say_duration(self.at - now)
        return say_duration(now - self.since) if self.since is not None else ""


def countdowns(
    incident: Incident, directory: Directory, now: datetime, recurs_within: timedelta = timedelta(0)
) -> tuple[Countdown, ...]:
    """The clocks of an incident, those that strike first before the others, those that stand still last."""
    running = incident.open
    found = [*_response(incident, now), *_outage(incident), *_tasks(incident, now)]
    if running:
        found += [*_ladder(incident, directory, now), *_estimate(incident, now), *_phases(incident, now)]
        found += [*_updates(incident, now), *_approvals(incident)]
    elif incident.resolved_at is not None and not incident.duplicate_of:
        found += _recurrence(incident.resolved_at, recurs_within, now)
    far = now + timedelta(days=36500)
    return tuple(sorted(found, key=lambda each: (each.state in ("kept", "missed"), each.at or each.since or far)))


def _response(incident: Incident, now: datetime) -> Iterator[Countdown]:
    due, state = incident.response_due, incident.clocks.response
    if due is None:
        return
    line = incident.clocks.timetable.response_lines.get(incident.severity, 0)
    why = f"the response target for {incident.severity}"
    if incident.acknowledged_at is not None:
        took = say_duration(incident.acknowledged_at - incident.unanswered_since)
        standing: State = "missed" if state == "missed" else "kept"
        yield Countdown(
            kind="response", what=f"{incident.acknowledged_by} took it after {took}", then="", why=why, line=line,
            state=standing,
        )  # fmt: skip
    elif incident.open:
        yield Countdown(
            kind="response", what="somebody takes it", then="its being late is said, once", why=why, line=line, at=due,
            state="late" if due <= now else "runs",
        )  # fmt: skip


def _ladder(incident: Incident, directory: Directory, now: datetime) -> Iterator[Countdown]:
    due = next_due(incident)
    held = incident.held_until if incident.held_until and incident.held_until > now else None
    for index, rung in enumerate(incident.ladder):
        at = due_at(incident, rung)
        if at is None or rung.by_hand or not rung.applies_to(incident.severity):
            continue
        if (index in incident.climbed and rung.clock != "severity") or _answered(incident, rung):
            continue
        why = why_later(incident, rung) or rung.when or f"line {rung.line}"
        yield Countdown(
            kind="ladder", what=_of_rung(incident, rung), then=f"calls {_who(rung, directory, max(at, now))}",
            why=why, line=rung.line, at=max(at, held) if held else at,
            state="held" if held and at < held else "late" if at <= now else "runs",
        )  # fmt: skip
    if due is not None and due.again:
        whom = "everybody who can be reached" if incident.clocks.stranded else _who(due.rung, directory, now)
        then = "the ladder ends, visibly" if due.ends else f"calls {whom} again"
        yield Countdown(
            kind="ladder", what="the last call is not answered by an end", then=then, why="it is repeated, in bounds",
            line=due.rung.line, at=due.at, state="held" if held else "runs",
        )  # fmt: skip
    elif due is None and incident.ladder_ended:
        yield Countdown(
            kind="ladder", what="the ladder has ended", then="nobody is called any more", why="nobody is left to call",
            state="missed",
        )  # fmt: skip


def _answered(incident: Incident, rung: Rung) -> bool:
    return rung.clock == "unacknowledged" and incident.acknowledged_at is not None


def _of_rung(incident: Incident, rung: Rung) -> str:
    if rung.clock == "unavailable":
        return f"unavailable for {say_duration(timedelta(seconds=rung.after_seconds or 0))}"
    if rung.clock == "estimate":
        return f"{rung.factor:g} times the estimate is over"
    if rung.clock == "severity":
        return f"the severity rose to {incident.severity}"
    if not rung.after_seconds:
        return "the first call"
    return f"{rung.clock} for {say_duration(timedelta(seconds=rung.after_seconds))}"


def _who(rung: Rung, directory: Directory, at: datetime) -> str:
    if not rung.to:
        return "the next of those whom the document names"
    filled = directory.filled(rung.to, at)
    if filled.person is not None:
        return f"{filled.person.name} ({rung.to})"
    return f"nobody: {filled.why}" if filled.why else f"nobody, as “{rung.to}” is not bound"


def _outage(incident: Incident) -> Iterator[Countdown]:
    outage = incident.clocks.outage
    if outage is None:
        return
    if outage.until is not None:
        lasted = say_duration(outage.until - outage.since)
        yield Countdown(
            kind="outage", what=f"the service was unavailable for {lasted}", then="", why=outage.ended_why, state="kept"
        )
    else:
        yield Countdown(
            kind="outage", what="the service is unavailable", then="", why=outage.why, since=outage.since, state="late"
        )


def _estimate(incident: Incident, now: datetime) -> Iterator[Countdown]:
    estimate = incident.clocks.estimate
    rung = next((rung for rung in incident.ladder if rung.clock == "estimate"), None)
    if estimate is not None:
        over = estimate.over(1.0)
        then = f"at {rung.factor:g} times of it somebody is called" if rung else "it is shown as over"
        yield Countdown(
            kind="estimate", what=f"the estimate of {say_duration(timedelta(seconds=estimate.seconds))}", then=then,
            why=f"said by {estimate.by} at {say_moment(estimate.at)}", line=rung.line if rung else 0, at=over,
            state="late" if over <= now else "runs",
        )  # fmt: skip
    elif rung is not None:
        yield Countdown(
            kind="estimate", what="how long will it take?", then=f"at {rung.factor:g} times of it somebody is called",
            why=rung.when, line=rung.line, state="asked",
        )  # fmt: skip


def _phases(incident: Incident, now: datetime) -> Iterator[Countdown]:
    reached = {phase.id for phase in incident.phases if phase.at is not None}
    for window in incident.clocks.timetable.windows:
        if window.phase not in reached:
            at = incident.declared_at + timedelta(minutes=window.to_minutes)
            yield Countdown(
                kind="phase", what=f"the phase “{window.title}” is reached", then="its being late is said, once",
                why=f"its window is {say_duration(timedelta(minutes=window.to_minutes))}", line=window.line, at=at,
                state="late" if at <= now else "runs", id=window.phase,
            )  # fmt: skip


def _updates(incident: Incident, now: datetime) -> Iterator[Countdown]:
    promised, due = cadence(incident), update_due(incident)
    if promised is None:
        return
    seconds, line = promised
    if due is None or seconds is None:
        yield Countdown(
            kind="update", what="how often are people told?", then="somebody is reminded before each update",
            why="the document leaves it open", line=line, state="asked",
        )  # fmt: skip
        return
    yield Countdown(
        kind="update", what="the next update", then="its being late is said, at most three times",
        why=f"promised every {say_duration(timedelta(seconds=seconds))}", line=line, at=due,
        state="late" if due <= now else "runs",
    )  # fmt: skip


def _tasks(incident: Incident, now: datetime) -> Iterator[Countdown]:
    for task in incident.clocks.timetable.tasks:
        due, state = task_due(incident, task), incident.clocks.tasks.get(task.id)
        if due is None:
            continue
        met = state.met_at if state else None
        standing: State = ("kept" if met <= due else "missed") if met else ("late" if due <= now else "runs")
        within = (
            f"{task.business_days:g} business days"
            if task.business_days
            else say_duration(timedelta(seconds=task.seconds))
        )
        done = f", done by {state.met_by}" if state and met else ""
        whose = f"{state.owner} answers for it; " if state and state.owner else ""
        yield Countdown(
            kind="deadline", what=f"{task.what}{done}", then="" if met else "it is chased once a day, four times",
            why=f"{whose}within {within} of being {task.after}", line=task.line,
            at=None if met else due, state=standing, id=task.id,
        )  # fmt: skip


def _recurrence(resolved_at: datetime, within: timedelta, now: datetime) -> list[Countdown]:
    if not within or resolved_at + within <= now:
        return []
    why = "an alert of it that fires again by then reopens it"
    return [
        Countdown(
            kind="recurrence", what="watched for recurrence", then="a new incident is declared instead", why=why,
            at=resolved_at + within,
        )
    ]  # fmt: skip


def _approvals(incident: Incident) -> Iterator[Countdown]:
    for approval in incident.waiting_approvals:
        yield Countdown(
            kind="approval", what=f"the question about {approval.step}", then="it expires, and nothing runs",
            why=approval.policy or "approvals are bounded in time", at=approval.expires_at, id=approval.id,
        )  # fmt: skip
