"""The boxes of the document's checklists as they stand on an incident, and the moves over them.

A box lives on the incident whether its list is a phase of the process, a list for the time afterwards or one that only
counts under a condition. A step on a box's own line that was done by hand, or decided against, says the same as it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from tocsin.core import facts
from tocsin.core.clocks import task_due
from tocsin.core.clockstate import TaskState
from tocsin.core.docrules import subjects_of
from tocsin.core.incident import Incident
from tocsin.core.moves import LONGEST_TEXT, Facts
from tocsin.core.questions import named
from tocsin.core.runbook import Checklist, Runbook, Step, Text
from tocsin.core.timetable import Task
from tocsin.errors import Invalid, Refused

BoxLook = Literal["open", "ticked", "skipped"]
MOST_LEFT = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A box as it stands. ``step``: the step on its line; ``note``: what was said with the tick, or why not."""

    id: str
    text: str
    line: int
    state: BoxLook = "open"
    by: str = ""
    at: datetime | None = None
    note: str = ""
    step: str = ""
    runs: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxList:
    """A checklist as it stands. ``phase``: the phase that it belongs to; ``applies``: it counts in this incident.

    ``task`` names its deadline, with who answers for it and when it is due; ``due_at`` null: its time does not run yet.
    """

    title: str
    line: int
    boxes: tuple[Box, ...]
    phase: str = ""
    applies: bool = True
    why: str = ""
    task: str = ""
    owner: str = ""
    due_at: datetime | None = None
    met_at: datetime | None = None

    @property
    def left(self) -> int:
        """How many of its boxes are open."""
        return sum(box.state == "open" for box in self.boxes)

    def late(self, now: datetime) -> bool:
        """Whether its day has passed and something of it is open."""
        return self.due_at is not None and self.met_at is None and self.due_at <= now and self.left > 0


def lists_of(incident: Incident, runbook: Runbook) -> tuple[BoxList, ...]:
    """Every checklist of the document, in its order."""
    steps = {step.line: step for phase in runbook.phases for step in phase.steps if step.kind == "manual"}
    commands = {step.line: step.id for step in runbook.steps() if step.runnable}
    tasks = {task.line: task for task in incident.clocks.timetable.tasks}
    phases = {step.line: phase.id for phase in runbook.phases for step in phase.steps}
    return tuple(
        _list(incident, each, tuple(_boxes(incident, each, steps, commands)), phases, tasks.get(each.line))
        for each in runbook.checklists
    )


def find_box(incident: Incident, runbook: Runbook, name: str) -> Box:
    """A box by its id, its line (``33``, ``L33``), or words that only one has. Raises `Invalid`."""
    every = [box for each in lists_of(incident, runbook) for box in each.boxes]
    words, number = " ".join(name.casefold().split()), name.strip().upper().removeprefix("L")
    exact = [box for box in every if box.id == name or (number.isdigit() and box.line == int(number))]
    fitting = exact or [box for box in every if words and words in box.text.casefold()]
    if len(fitting) == 1:
        return fitting[0]
    known = "; ".join(f"L{box.line} {box.text}" for box in (fitting or every)) or "none"
    raise Invalid(f"{name[:80]!r} names {len(fitting)} boxes of the runbook.", f"Boxes: {known[:1500]}")


def tick(incident: Incident, runbook: Runbook, name: str, note: str) -> Facts:
    """Tick a box. With the last box of a list that is to be done in time, that is done, too; so is a phase."""
    box = find_box(incident, runbook, name)
    if box.state == "ticked":
        raise Refused(f"“{box.text}” was already ticked by {box.by}.")
    state = incident.step(box.step) if box.step else None
    step = box.step if box.step and (state is None or state.status in ("skipped", "done")) else ""
    ticked = facts.BoxTicked(box=box.id, text=box.text, line=box.line, step=step, note=_words(note))
    return [ticked, *completed(incident, runbook, box.line)]


def completed(incident: Incident, runbook: Runbook, line: int) -> Facts:
    """What is done with the box on a line, where it is the last open one: deadlines are met, its phase is reached."""
    every = lists_of(incident, runbook)
    box = next((box for each in every for box in each.boxes if box.line == line), None)
    if box is None:
        return []
    phase = next((each.phase for each in every if box in each.boxes), "")
    together = [each for one in every if phase and one.phase == phase for each in one.boxes]
    waits = any(each.id == phase and each.at is None for each in incident.phases)
    if not waits or any(each.state == "open" and each.id != box.id for each in together):
        return _met(incident, runbook, box)
    why = f"all {len(together)} boxes are ticked"
    return [*_met(incident, runbook, box), facts.PhaseReached(phase=phase, why=why)]


def untick(incident: Incident, runbook: Runbook, name: str, why: str) -> Facts:
    """Take the tick from a box again."""
    box = find_box(incident, runbook, name)
    if box.state != "ticked":
        raise Refused(f"“{box.text}” is not ticked.")
    state = incident.step(box.step) if box.step else None
    step = box.step if state is not None and state.status == "done" else ""
    return [facts.BoxUnticked(box=box.id, text=box.text, line=box.line, step=step, why=_words(why))]


def plan_deadline(
    incident: Incident, task_id: str, *, owner: str, due_at: datetime | None, why: str, now: datetime
) -> Facts:  # fmt: skip
    """Say who answers for something that is to be done in time, and until when where it is another day."""
    task = next((task for task in incident.clocks.timetable.tasks if task.id == task_id), None)
    if task is None:
        known = ", ".join(each.id for each in incident.clocks.timetable.tasks) or "none"
        raise Invalid(f"{task_id!r} is not a deadline of {incident.id}.", f"Its deadlines: {known}.")
    state = incident.clocks.tasks.get(task_id, TaskState())
    if state.met_at is not None:
        raise Refused(f"“{task.what}” was already done by {state.met_by}.")
    if not owner.strip() and due_at is None:
        raise Invalid("This needs an owner or a day.")
    if due_at is not None and due_at <= now:
        raise Invalid("That moment has passed.", "Name one that is to come.")
    if due_at is not None and not why.strip() and (task_due(incident, task) or now) < due_at:
        raise Invalid("A later day than the document's needs a reason.")
    return [facts.DeadlinePlanned(task=task.id, what=task.what, owner=owner.strip(), due_at=due_at, why=_words(why))]


def left_open(incident: Incident, every: Sequence[BoxList]) -> tuple[str, ...]:
    """What stands between a resolved incident and its closing: open boxes, and what was to be done in time."""
    lists = [each for each in every if each.applies]
    found = [f"{box.text} (line {box.line})" for each in lists for box in each.boxes if box.state == "open"]
    with_boxes = {each.task for each in lists}
    for task in incident.clocks.timetable.tasks:
        state = incident.clocks.tasks.get(task.id, TaskState())
        if state.met_at is None and task.id not in with_boxes:
            found.append(f"{task.what} (line {task.line})")
    return tuple(found)


def close(incident: Incident, runbook: Runbook, why: str) -> Facts:
    """Say that nothing is left to do; with something open only for a reason, which stays on record."""
    if incident.open:
        raise Refused(f"{incident.id} is not resolved, so it can't be closed.", "Resolve it first.")
    if incident.checklist.closed is not None:
        raise Refused(f"{incident.id} was already closed by {incident.checklist.closed.by}.")
    left = left_open(incident, lists_of(incident, runbook))
    if left and not why.strip():
        shown = "; ".join(left[:5]) + (f"; and {len(left) - 5} more" if len(left) > 5 else "")
        raise Refused(
            f"{incident.id} has {len(left)} open: {shown}.", "Tick what was done, or give a reason to close it so."
        )
    return [facts.Closed(why=_words(why), left_open=left[:MOST_LEFT])]


def _boxes(incident: Incident, one: Checklist, steps: dict[int, Step], commands: dict[int, str]) -> Iterator[Box]:
    for item in one.items:
        step = steps.get(item.line)
        yield _box(incident, item, step.id if step else "", commands.get(item.line, ""))


def _box(incident: Incident, item: Text, step: str, command: str) -> Box:
    """What was said last of the box counts; where nobody did, what became of the step on its line.

    A command that ran does not tick it, because somebody must look at what it printed; done by hand it does.
    """
    box, runs = named(item.line, item.text), bool(command)
    said = incident.checklist.boxes.get(box)
    state = incident.step(step or command) if step or command else None
    if state is not None and state.status == "done" and (said is None or said.ticked or said.at < state.at):
        by, at, note = (said.by, said.at, said.note) if said and said.ticked else (state.by, state.at, state.note)
        return Box(
            id=box, text=item.text, line=item.line, state="ticked", by=by, at=at, note=note, step=step, runs=runs
        )  # fmt: skip
    if state is not None and state.status == "skipped" and (said is None or said.at < state.at):
        return Box(
            id=box, text=item.text, line=item.line, state="skipped", by=state.by, at=state.at, note=state.note,
            step=step, runs=runs,
        )  # fmt: skip
    look: BoxLook = "ticked" if said and said.ticked else "open"
    return Box(
        id=box, text=item.text, line=item.line, state=look, by=said.by if said else "", at=said.at if said else None,
        note=said.note if said else "", step=step, runs=runs,
    )  # fmt: skip


def _list(
    incident: Incident, one: Checklist, boxes: tuple[Box, ...], phases: dict[int, str], task: Task | None
) -> BoxList:
    state = incident.clocks.tasks.get(task.id, TaskState()) if task else TaskState()
    applies, why = _applies(incident, one, boxes)
    return BoxList(
        title=one.title, line=one.line, boxes=boxes, applies=applies, why=why,
        phase=next((phases[item.line] for item in one.items if item.line in phases), ""),
        task=task.id if task else "", owner=state.owner, met_at=state.met_at,
        due_at=task_due(incident, task) if task else None,
    )  # fmt: skip


def _applies(incident: Incident, one: Checklist, boxes: tuple[Box, ...]) -> tuple[bool, str]:
    """A list under a condition counts once a box of it is ticked, its branch is taken, or an answer says so."""
    if not one.conditional:
        return True, ""
    if any(box.state == "ticked" for box in boxes):
        return True, "a box of it is ticked"
    if incident.branch and incident.branch.casefold().strip(":") in one.title.casefold():
        return True, "its branch was taken"
    about = subjects_of(one.title)[0]
    for answer in incident.assessment.answers.values():
        if answer.yes and about & subjects_of(f"{answer.text} {answer.answer}")[0]:
            return True, f"{answer.text} {answer.answer}"
    return False, "nobody has said that it is so"


def _met(incident: Incident, runbook: Runbook, box: Box) -> Facts:
    """The deadlines whose last open box this is."""
    every = lists_of(incident, runbook)
    open_ones = {one.id for each in every for one in each.boxes if one.state == "open"}
    under = {each.task: tuple(one.id for one in each.boxes) for each in every if each.task}
    found: Facts = []
    for task in incident.clocks.timetable.tasks:
        state = incident.clocks.tasks.get(task.id, TaskState())
        boxes = task.boxes or under.get(task.id, ())  # incidents of earlier releases don't know their deadlines' boxes
        if box.id in boxes and state.met_at is None and set(boxes) & open_ones <= {box.id}:
            note = f"all {len(boxes)} boxes are ticked"
            found.append(facts.DeadlineMet(task=task.id, what=task.what, note=note))
    return found


def _words(text: str) -> str:
    cleaned = text.strip()
    if len(cleaned) > LONGEST_TEXT:
        raise Invalid(f"This is {len(cleaned):,} characters long; at most {LONGEST_TEXT:,} are kept.")
    return cleaned
