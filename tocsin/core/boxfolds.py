"""What the facts about checklists make of an incident."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tocsin.core import facts
from tocsin.core.boxstate import BoxState, Closing
from tocsin.core.clockstate import TaskState
from tocsin.core.facts import Entry
from tocsin.core.incident import Incident, StepState

Fold = Callable[[Incident, Entry, Any], Incident]


def _with(incident: Incident, **change: Any) -> Incident:
    return replace(incident, checklist=replace(incident.checklist, **change))


def _box(incident: Incident, box: str, state: BoxState) -> Incident:
    return _with(incident, boxes={**incident.checklist.boxes, box: state})


def _ticked(incident: Incident, entry: Entry, made: facts.BoxTicked) -> Incident:
    """A thing to do by hand that stands on the box's line is done with it."""
    after = _box(incident, made.box, BoxState(ticked=True, by=entry.by.name, at=entry.at, note=made.note))
    if not made.step:
        return after
    done = StepState(status="done", at=entry.at, by=entry.by.name, note=made.note)
    return replace(after, steps={**after.steps, made.step: done})


def _unticked(incident: Incident, entry: Entry, made: facts.BoxUnticked) -> Incident:
    after = _box(incident, made.box, BoxState(ticked=False, by=entry.by.name, at=entry.at, note=made.why))
    tasks = dict(incident.clocks.tasks)
    for task in incident.clocks.timetable.tasks:  # what was done with its last box is not done any more
        if made.box in task.boxes and task.id in tasks:
            tasks[task.id] = replace(tasks[task.id], met_at=None, met_by="")
    after = replace(after, clocks=replace(after.clocks, tasks=tasks))
    return replace(after, steps={name: state for name, state in after.steps.items() if name != made.step})


def _planned(incident: Incident, _: Entry, made: facts.DeadlinePlanned) -> Incident:
    """Another day is reminded of anew."""
    before = incident.clocks.tasks.get(made.task, TaskState())
    after = replace(before, owner=made.owner or before.owner)
    if made.due_at is not None and made.due_at != before.due_at:
        after = replace(after, due_at=made.due_at, told_at=None, missed=0)
    tasks = {**incident.clocks.tasks, made.task: after}
    return replace(incident, clocks=replace(incident.clocks, tasks=tasks))


def _closed(incident: Incident, entry: Entry, made: facts.Closed) -> Incident:
    return _with(
        incident, closed=Closing(at=entry.at, by=entry.by.name, why=made.why, left_open=made.left_open)
    )  # fmt: skip


FOLDS: dict[type[Any], Fold] = {
    facts.BoxTicked: _ticked,
    facts.BoxUnticked: _unticked,
    facts.DeadlinePlanned: _planned,
    facts.Closed: _closed,
}
