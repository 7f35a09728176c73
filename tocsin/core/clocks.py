"""The clocks beside the ladder: what each will make true, and when. All is computed from stored moments."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from tocsin.core import facts
from tocsin.core.cadences import cadence, update_due
from tocsin.core.clockstate import TaskState
from tocsin.core.incident import Incident
from tocsin.core.timetable import Task

REMIND_AT = 5 / 6
"""The share of the time between two updates after which somebody is reminded: after 25 of 30 minutes."""
NEAR_AT = 3 / 4
"""The share of a deadline's time after which somebody is reminded."""
MOST_MISSED_UPDATES = 3
MOST_MISSED_DEADLINES = 4
CHASED_EVERY = timedelta(days=1)


class Timer(NamedTuple):
    """When something becomes true, and the fact that says so."""

    at: datetime
    fact: Any


def timers(incident: Incident) -> list[Timer]:
    """Everything that a clock will say, the soonest first, as far as it is known now."""
    found = [*_response(incident), *_phases(incident), *_updates(incident)] if incident.open else []
    found += _offers(incident)
    return sorted([*found, *_tasks(incident), *_actions(incident)], key=lambda timer: timer.at)


def _offers(incident: Incident) -> list[Timer]:
    """A role that was offered goes back to who has it when nobody answers; the end of the incident ends offers."""
    return [
        Timer(offer.until, facts.HandOverExpired(role=offer.role, person=offer.to, before=offer.before))
        for offer in incident.team.offers.values()
    ]


def struck(incident: Incident, now: datetime) -> list[Any]:
    """The facts whose time has come; what only reminds of something is left out where that is over, too."""
    due = [timer.fact for timer in timers(incident) if timer.at <= now]
    missed = {each.task for each in due if isinstance(each, facts.DeadlineMissed)}
    overdue = {each.action for each in due if isinstance(each, facts.ActionOverdue)}
    late = any(isinstance(each, facts.UpdateMissed) for each in due)
    return [
        each for each in due
        if not (isinstance(each, facts.UpdateReminded) and late)
        and not (isinstance(each, facts.DeadlineNear) and each.task in missed)
        and not (isinstance(each, facts.ActionNear) and each.action in overdue)
    ]  # fmt: skip


def task_due(incident: Incident, task: Task) -> datetime | None:
    """By when a task is to be done; None while its time does not run."""
    begins = incident.resolved_at if task.after == "resolved" else incident.declared_at
    if begins is None or incident.duplicate_of:
        return None
    planned = incident.clocks.tasks.get(task.id)
    if planned is not None and planned.due_at is not None:
        return planned.due_at
    if task.business_days is None:
        return begins + timedelta(seconds=task.seconds)
    return incident.clocks.timetable.business_days_on(begins, int(task.business_days))


def _response(incident: Incident) -> Iterator[Timer]:
    due = incident.response_due
    if due is not None and incident.acknowledged_at is None and not incident.clocks.response:
        line = incident.clocks.timetable.response_lines.get(incident.severity, 0)
        yield Timer(due, facts.ResponseMissed(severity=incident.severity, due=due, line=line))


def _phases(incident: Incident) -> Iterator[Timer]:
    reached = {phase.id for phase in incident.phases if phase.at is not None}
    for window in incident.clocks.timetable.windows:
        if window.phase not in reached and window.phase not in incident.clocks.missed_phases:
            at = incident.declared_at + timedelta(minutes=window.to_minutes)
            if incident.reopened_at is not None and at < incident.reopened_at:
                continue  # its time was over while nobody had to care
            yield Timer(at, facts.PhaseMissed(phase=window.phase, minutes=window.to_minutes, line=window.line))


def _updates(incident: Incident) -> Iterator[Timer]:
    due, promised, state = update_due(incident), cadence(incident), incident.clocks
    if due is None or promised is None or promised[0] is None:
        return
    every, line = timedelta(seconds=promised[0]), promised[1]
    if not state.missed_updates and state.reminded_at is None:
        yield Timer(due - every * (1 - REMIND_AT), facts.UpdateReminded(due=due, line=line))
    if state.missed_updates < MOST_MISSED_UPDATES:
        at = state.reminded_at + every if state.missed_updates and state.reminded_at else due
        yield Timer(at, facts.UpdateMissed(due=due, again=state.missed_updates, line=line))


def _tasks(incident: Incident) -> Iterator[Timer]:
    if incident.checklist.closed is not None:  # what was left open then has its reason
        return
    for task in incident.clocks.timetable.tasks:
        due = task_due(incident, task)
        state = incident.clocks.tasks.get(task.id, TaskState())
        if due is None or state.met_at is not None:
            continue
        begins = (incident.resolved_at if task.after == "resolved" else None) or incident.declared_at
        if not state.missed and state.told_at is None:
            near = facts.DeadlineNear(task=task.id, what=task.what, due=due, line=task.line)
            yield Timer(begins + (due - begins) * NEAR_AT, near)
        if state.missed < MOST_MISSED_DEADLINES:
            at = state.told_at + CHASED_EVERY if state.missed and state.told_at else due
            late = facts.DeadlineMissed(task=task.id, what=task.what, due=due, again=state.missed, line=task.line)
            yield Timer(at, late)


def _actions(incident: Incident) -> Iterator[Timer]:
    """An action item's owner hears of it a day before, on its day, and then daily, as often as of a deadline."""
    for name, item in incident.learning.actions.items():
        if item.state != "open" or item.due_at is None:
            continue
        near = item.due_at - CHASED_EVERY
        if item.told_at is None and not item.missed and near > item.set_at:  # whoever has just set it knows it
            about = facts.ActionNear(action=name, text=item.text, owner=item.owner, due=item.due_at)
            yield Timer(near, about)
        if item.missed < MOST_MISSED_DEADLINES:
            at = item.told_at + CHASED_EVERY if item.missed and item.told_at else item.due_at
            late = facts.ActionOverdue(
                action=name, text=item.text, owner=item.owner, due=item.due_at, again=item.missed
            )
            yield Timer(at, late)
