"""The document's checklists on an incident: phases with their commands, boxes, deadlines with owners, the closing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

from msgspec import Meta

from tocsin.app import App
from tocsin.core import checklists
from tocsin.core.assessing import Asked, asked
from tocsin.core.checklists import BoxList
from tocsin.core.facts import Actor
from tocsin.core.incident import Incident
from tocsin.core.moves import Facts
from tocsin.core.runbook import Phase, Runbook, Step
from tocsin.service import actions, respond
from tocsin.service.act import find
from tocsin.service.books import whole_book
from tocsin.service.closing import into_review
from tocsin.service.commit import commit
from tocsin.service.respond import Name, Words
from tocsin.store.db import Tx

HOUR = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A box of the document's checklists."""

    box: Annotated[Name, Meta(description="the box's line, or words that only it has")]
    why: Words = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Who answers for something that is to be done in time, and until when."""

    deadline: Annotated[Name, Meta(description="the deadline's id, or words that only it has")]
    owner: Annotated[Name, Meta(description="who answers for it: a person's id")] = ""
    due: Annotated[Name, Meta(description="until when, where it is another day: 2026-03-20, or 2d from now")] = ""
    why: Words = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """The reason to close it although something is open."""

    why: Words = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseLists:
    """A phase of the process: its window, its checklists, what it asks, and the commands that belong to it.

    ``due_at``: the end of its window; ``missed``: it was not reached in it.
    """

    id: str
    title: str
    line: int
    from_minutes: float | None = None
    to_minutes: float | None = None
    due_at: datetime | None = None
    missed: bool = False
    at: datetime | None = None
    owner: str = ""
    lists: tuple[BoxList, ...] = ()
    questions: tuple[Asked, ...] = ()
    steps: tuple[Step, ...] = ()

    @property
    def left(self) -> int:
        """How many of its boxes are open."""
        return sum(each.left for each in self.lists)

    @property
    def window(self) -> str:
        """``0-5 min``; empty where the document states none."""
        if self.to_minutes is None:
            return ""
        begins = self.from_minutes or 0
        if self.to_minutes > 2 * HOUR:
            return f"{begins / HOUR:g}-{self.to_minutes / HOUR:g} h"
        return f"{begins:g}-{self.to_minutes:g} min"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checklists:
    """All checklists of an incident: those of its phases, and the others (for afterwards, under a condition).

    ``left``: what stands between its end and its closing, each as a sentence; ``closed_at`` null: it is not closed.
    """

    incident: str
    phases: tuple[PhaseLists, ...] = ()
    lists: tuple[BoxList, ...] = ()
    left: tuple[str, ...] = ()
    closed_at: datetime | None = None
    closed_by: str = ""
    closed_why: str = ""
    left_open: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether the document has neither boxes nor phases with commands."""
        return not (self.phases or self.lists)

    @property
    def every(self) -> tuple[BoxList, ...]:
        """All lists, in the order of the document."""
        found = [*(each for phase in self.phases for each in phase.lists), *self.lists]
        return tuple(sorted(found, key=lambda each: each.line))

    @property
    def without_boxes(self) -> tuple[str, ...]:
        """What is left and no box of a list: to be done in time, and said by `tocsin incident meet_deadline`."""
        boxes = {f"{box.text} (line {box.line})" for each in self.every for box in each.boxes}
        return tuple(each for each in self.left if each not in boxes)


def shown(incident: Incident, runbook: Runbook) -> Checklists:
    """The checklists as they stand."""
    lists, questions = checklists.lists_of(incident, runbook), asked(incident, runbook)
    phases = tuple(
        phase
        for each in runbook.phases
        if (phase := _phase(incident, each, lists, questions)).lists or phase.questions or phase.steps
    )
    within = {one.line for phase in phases for one in phase.lists}
    closed = incident.checklist.closed
    return Checklists(
        incident=incident.id, phases=phases, lists=tuple(each for each in lists if each.line not in within),
        left=checklists.left_open(incident, lists), closed_at=closed.at if closed else None,
        closed_by=closed.by if closed else "", closed_why=closed.why if closed else "",
        left_open=closed.left_open if closed else (),
    )  # fmt: skip


def listing(app: App, ref: str) -> Checklists:
    """The checklists of an incident. Raises `NotFound`."""
    incident = respond.exists(app, ref)
    return shown(incident, app.db.read(lambda tx: whole_book(app, tx, incident)))


def tick(app: App, ref: str, request: Mark, by: Actor) -> Incident:
    """Tick a box of a checklist; with the last box of a list that has a deadline, that is met."""
    return respond.move(app, ref, by, lambda incident, book: checklists.tick(incident, book, request.box, request.why))


def untick(app: App, ref: str, request: Mark, by: Actor) -> Incident:
    """Take the tick from a box again."""
    return respond.move(
        app, ref, by, lambda incident, book: checklists.untick(incident, book, request.box, request.why)
    )


def plan_deadline(app: App, ref: str, request: Plan, by: Actor) -> Incident:
    """Say who answers for something that is to be done in time, and until when; the owner is reminded."""
    owner = actions.person_of(app, request.owner) if request.owner.strip() else ""
    now = app.clock.now()

    def decide(incident: Incident, _: Runbook) -> Facts:
        due = actions.due_of(request.due, now, incident.clocks.timetable.calendar)
        return checklists.plan_deadline(
            incident, request.deadline, owner=owner, due_at=due, why=request.why, now=now
        )  # fmt: skip

    return respond.move(app, ref, by, decide)


def close(app: App, ref: str, request: Ending, by: Actor) -> Incident:
    """Close a resolved incident: nothing is left to do, or what is left stays open for a reason."""

    def write(tx: Tx) -> Incident:
        incident, book = find(app, tx, ref)
        after = commit(app, tx, incident, checklists.close(incident, book, request.why), by)
        into_review(app, tx, after, by)
        return after

    return app.db.write(write)


def _phase(
    incident: Incident, phase: Phase, lists: tuple[BoxList, ...], questions: tuple[Asked, ...]
) -> PhaseLists:  # fmt: skip
    """A phase with all that stands on the lines of its steps."""
    lines = {step.line for step in phase.steps}
    state = next((each for each in incident.phases if each.id == phase.id), None)
    window = next((each for each in incident.clocks.timetable.windows if each.phase == phase.id), None)
    own = tuple(each for each in lists if each.phase == phase.id)
    return PhaseLists(
        id=phase.id, title=phase.title, line=phase.line, from_minutes=phase.from_minutes, to_minutes=phase.to_minutes,
        due_at=incident.declared_at + timedelta(minutes=window.to_minutes) if window else None,
        missed=phase.id in incident.clocks.missed_phases, at=state.at if state else None,
        owner=state.owner if state else "", lists=own,
        questions=tuple(each for each in questions if each.line in lines),
        steps=tuple(step for step in phase.steps if step.runnable),
    )  # fmt: skip


MOVES: Mapping[str, tuple[str, type[Any], Callable[..., Incident]]] = {
    "tick": ("responder", Mark, tick),
    "untick": ("responder", Mark, untick),
    "plan_deadline": ("responder", Plan, plan_deadline),
    "close": ("responder", Ending, close),
}
"""Name of a move → the least role, what it needs, what it does: for `tocsin.service.catalogue`."""
