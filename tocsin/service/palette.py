"""Every command of an incident's runbooks at hand: found by a symptom, run under the rules of any step.

A row is a step, in the section in which it stands. A step that points to a section ("See …") opens it, and asking for
such a step asks for the section's commands, in their order, under one approval.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from tocsin.app import App
from tocsin.core.facts import Actor
from tocsin.core.following import origin, own_id
from tocsin.core.incident import Incident
from tocsin.core.runbook import SET_BACK, Phase, Procedure, Runbook, Scenario, Step
from tocsin.core.shown import StepView
from tocsin.errors import Denied, NotFound, Refused
from tocsin.ids import slug
from tocsin.service import act, sets, views
from tocsin.service.books import whole_book
from tocsin.service.keeping import with_ways_back
from tocsin.service.requests import StepName
from tocsin.store import incidents
from tocsin.store.db import Tx

Part = Scenario | Phase | Procedure
Placed = tuple[Part, Step]
MOST_ROWS = 300
LONGEST_WORDS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of a runbook that has steps. ``runbook`` and ``digest`` say which version of which document it is of."""

    id: str
    title: str
    line: int
    runbook: str
    digest: str
    steps: int
    commands: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A step, the id of the section in which it stands, and, where it points to one, the section that it opens."""

    section: str
    shown: StepView
    opens: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """What an incident's runbooks hold. ``rows`` are those that were asked for, ``more`` how many are left out."""

    incident: Incident
    sections: tuple[Section, ...]
    rows: tuple[Row, ...]
    more: int = 0

    def of(self, section: str) -> list[Row]:
        """The rows of a section."""
        return [row for row in self.rows if row.section == section]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """The palette for programs: its sections and rows, these without the proofs of their commands."""

    incident: str
    sections: tuple[Section, ...]
    rows: tuple[Row, ...]
    more: int = 0


def lighter(found: Palette) -> Listed:
    """What programs are told of a palette."""
    rows = (replace(row, shown=replace(row.shown, proved=None)) for row in found.rows)
    return Listed(incident=found.incident.id, sections=found.sections, rows=tuple(rows), more=found.more)


def palette(app: App, ref: str, words: str = "", section: str = "") -> Palette:
    """The steps that have these words (in title, command, condition or the section's title), of one section or of all.

    Raises `NotFound` for an incident or a section that is not there.
    """
    return _palette(app, ref, lambda _, runbook: _chosen(runbook, words[:LONGEST_WORDS], section))


def beside(app: App, ref: str, shown: Iterable[str], also: str = "") -> Palette:
    """What of it is used in the incident and not ``shown`` (ids): steps of which something became, linked runbooks.

    ``also`` is a step that is wanted besides.
    """
    there = set(shown)

    def choose(incident: Incident, runbook: Runbook) -> list[Placed]:
        used = {*incident.steps, *(step for each in incident.approvals.values() for step in each.steps), also}
        return [
            (part, step)
            for part in parts(runbook)
            for step in part.steps
            if step.id not in there and (step.id in used or origin(incident, step.id) is not None)
        ]

    return _palette(app, ref, choose)


def request(app: App, ref: str, wanted: StepName, by: Actor) -> Incident:
    """Ask for a step; of one that points to a section, for the section's commands."""

    def look(tx: Tx) -> tuple[str, ...]:
        _, runbook = _open(app, tx, ref)
        step = act.find_step(runbook, wanted.step)
        if step.kind != "link":
            return (step.id,)
        if not (step.command or "").startswith("#"):
            raise Refused(f"{step.title!r} links to {step.command}.", "Follow it, or open it and tick the step off.")
        return _commands(_pointed(runbook, step))

    steps = app.db.read(look)
    if len(steps) == 1:
        return act.request_step(app, ref, steps[0], by, wanted.why, wanted.values)
    if by.kind == "agent":
        raise Denied("An agent asks for one command at a time.", "Name a step of the section.")
    return sets.request_set(app, ref, steps, "", go_on=False, by=by, why=wanted.why)


def parts(runbook: Runbook) -> list[Part]:
    """Everything that has steps, in the document's order; linked runbooks come behind."""
    every: list[Part] = [*runbook.scenarios, *runbook.phases, *runbook.procedures]
    return sorted(
        (part for part in every if part.steps and part.id != SET_BACK.rstrip("/")),
        key=lambda part: (_within(part.id), part.line),
    )


def section_of(runbook: Runbook, step: Step) -> Part | None:
    """The part that a step like "See …" points to, in its own document; None where none of that name has steps."""
    anchor, within = slug((step.command or "").lstrip("#")), _within(step.id)
    if step.kind != "link" or not (step.command or "").startswith("#"):
        return None
    same = [part for part in parts(runbook) if _within(part.id) == within]
    titled = (part for part in same if slug(part.title) == anchor)
    called = (part for part in same if own_id(part.id).rpartition("/")[2] == anchor)
    return next(titled, None) or next(called, None)


def _palette(app: App, ref: str, choose: Callable[[Incident, Runbook], list[Placed]]) -> Palette:
    def read(tx: Tx) -> Palette:
        incident, runbook = _open(app, tx, ref)
        found = choose(incident, runbook)
        rows = tuple(_row(app, incident, runbook, part, step) for part, step in found[:MOST_ROWS])
        return Palette(
            incident=incident, rows=rows, more=len(found) - len(rows),
            sections=tuple(_section(incident, runbook, part) for part in parts(runbook)),
        )  # fmt: skip

    return app.db.read(read)


def _open(app: App, tx: Tx, ref: str) -> tuple[Incident, Runbook]:
    incident = incidents.load(tx, ref)
    if incident is None:
        raise NotFound(f"There is no incident {ref}.", "`tocsin incident list` shows them.")
    return incident, with_ways_back(incident, whole_book(app, tx, incident))


def _chosen(runbook: Runbook, words: str, section: str) -> list[Placed]:
    every = parts(runbook)
    wanted = [part for part in every if section in (part.id, own_id(part.id))] if section else every
    if not wanted:
        raise NotFound(f"No section {section[:80]!r} of the runbook has steps.", "Ask without one for all of them.")
    asked = words.casefold().split()
    return [(part, step) for part in wanted for step in part.steps if _has(part, step, asked)]


def _has(part: Part, step: Step, asked: list[str]) -> bool:
    """Whether all words are there; a plural finds its singular."""
    text = f"{step.title} {step.command or ''} {step.branch or ''} {part.title}".casefold()
    return all(word in text or (len(word) > 3 and word.removesuffix("s") in text) for word in asked)


def _row(app: App, incident: Incident, runbook: Runbook, part: Part, step: Step) -> Row:
    pointed = section_of(runbook, step)
    view = views.step_view(app, incident, runbook, step)
    return Row(section=part.id, shown=view, opens=pointed.id if pointed else "")


def _section(incident: Incident, runbook: Runbook, part: Part) -> Section:
    book = origin(incident, part.id)
    return Section(
        id=part.id, title=part.title, line=part.line, runbook=book.title if book else runbook.title,
        digest=book.digest if book else runbook.digest, steps=len(part.steps), commands=len(_runnable(part)),
    )  # fmt: skip


def _pointed(runbook: Runbook, step: Step) -> Part:
    found = section_of(runbook, step)
    if found is None:
        raise NotFound(f"{step.title!r} points to {step.command}, where no steps stand.", "Read it in the runbook.")
    return found


def _commands(part: Part) -> tuple[str, ...]:
    found = _runnable(part)
    if not found:
        raise Refused(f"The section {part.title!r} holds no command.", "Its steps are done by hand: tick them off.")
    return tuple(step.id for step in found)


def _runnable(part: Part) -> list[Step]:
    """What of a section runs when all of it is asked for; of alternatives the first."""
    return [step for step in part.steps if step.runnable and step.kind != "set" and not step.alternative_to]


def _within(step_id: str) -> str:
    """What stands before the ids of a linked runbook; empty for the incident's own."""
    return step_id[: len(step_id) - len(own_id(step_id))]
