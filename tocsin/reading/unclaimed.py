"""Every command of a document is told once: what no part took stays where it stands, what two took is told by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from tocsin.core.runbook import Phase, Procedure, Scenario, Step
from tocsin.ids import slug
from tocsin.reading.context import Context, entered
from tocsin.reading.sections import Section
from tocsin.reading.stepids import unique
from tocsin.reading.steps import Collector
from tocsin.reading.vocabulary import tidy

Part = Scenario | Phase | Procedure
AnyPart = TypeVar("AnyPart", Scenario, Phase, Procedure)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Everything of a document that has steps."""

    scenarios: tuple[Scenario, ...]
    phases: tuple[Phase, ...]
    procedures: tuple[Procedure, ...]

    def all(self) -> Iterator[Part]:
        """Scenarios, phases, procedures."""
        yield from self.scenarios
        yield from self.phases
        yield from self.procedures


def with_unclaimed(root: Section, parts: Parts, seen: frozenset[str]) -> Parts:
    """The parts with every command of the document in one of them; new procedures for headings that had no part."""
    parts = _with_own_ids(replace(parts, procedures=tuple(_own_procedures(parts))))
    walk = _Walk(
        owners={part.line: part for part in parts.all()},
        told={_key(step) for part in parts.all() for step in part.steps},
        seen=seen,
    )
    walk.section(root, Context(path="", by_hand=False), root)
    if not walk.found:
        return parts
    used: Counter[str] = Counter(step.id for part in parts.all() for step in part.steps)
    new: list[Procedure] = []
    for line, (heading, collector) in walk.found.items():
        part = walk.owners.get(line)
        if part is None:
            new.append(_procedure(heading, collector, used, {one.id for one in (*parts.procedures, *new)}))
        else:
            walk.owners[line] = replace(part, steps=_in_order(part.steps, collector.finish(part.id, used)))
    return Parts(
        scenarios=tuple(_without_commands(_same(walk.owners, one)) for one in parts.scenarios),
        phases=tuple(_same(walk.owners, one) for one in parts.phases),
        procedures=tuple(
            sorted((*(_same(walk.owners, one) for one in parts.procedures), *new), key=lambda one: one.line)
        ),
    )


def _own_procedures(parts: Parts) -> Iterator[Procedure]:
    """The procedures without the commands of a scenario or phase; one that had nothing else to do is gone."""
    others: tuple[Part, ...] = (*parts.scenarios, *parts.phases)
    told = {_key(step) for part in others for step in part.steps if step.runnable}
    for procedure in parts.procedures:
        left = tuple(step for step in procedure.steps if not (step.runnable and _key(step) in told))
        ids = {step.id for step in left}
        if len(left) == len(procedure.steps):
            yield procedure
        elif any(step.runnable for step in left):
            steps = (step if step.alternative_to in ids else replace(step, alternative_to=None) for step in left)
            yield replace(procedure, steps=tuple(steps))


def _with_own_ids(parts: Parts) -> Parts:
    """The parts with unique ids of steps; two parts of one name (a phase and a procedure) may have told equal steps."""
    taken: Counter[str] = Counter()
    return Parts(
        scenarios=tuple(replace(part, steps=_renamed(part.steps, taken)) for part in parts.scenarios),
        phases=tuple(replace(part, steps=_renamed(part.steps, taken)) for part in parts.phases),
        procedures=tuple(replace(part, steps=_renamed(part.steps, taken)) for part in parts.procedures),
    )


def _renamed(steps: tuple[Step, ...], taken: Counter[str]) -> tuple[Step, ...]:
    """Steps of which those get a further number whose id is taken."""
    names: dict[str, str] = {}
    for step in steps:
        names[step.id] = unique(step.id, taken)
    if all(name == wanted for wanted, name in names.items()):
        return steps
    return tuple(
        replace(step, id=names[step.id], alternative_to=names.get(step.alternative_to or "")) for step in steps
    )


def _same(owners: dict[int, Part], part: AnyPart) -> AnyPart:
    """The part with the steps that were added to it."""
    found = owners.get(part.line)
    return replace(part, steps=found.steps) if found is not None and found.id == part.id else part


def _without_commands(part: Scenario) -> Scenario:
    """The scenario without follow-ups that are a command and nothing else: that is a step, not a later fix."""
    told = {(step.line, step.command) for step in part.steps if step.runnable}
    return replace(part, follow_ups=tuple(one for one in part.follow_ups if (one.line, one.text) not in told))


def _key(step: Step) -> tuple[int, int, str]:
    return step.line, step.column, step.command or ""


def _in_order(steps: Sequence[Step], more: Sequence[Step]) -> tuple[Step, ...]:
    """Further steps in front of the first one that stands below them."""
    merged = list(steps)
    for step in more:
        at = next((index for index, other in enumerate(merged) if other.line > step.line), len(merged))
        merged.insert(at, step)
    return tuple(merged)


def _procedure(heading: Section, collector: Collector, used: Counter[str], names: set[str]) -> Procedure:
    wanted = slug(tidy(heading.title)) or "commands"
    name, number = wanted, 2
    while name in names:
        name, number = f"{wanted}-{number}", number + 1
    title = tidy(heading.title) or "Commands"
    return Procedure(id=name, title=title, steps=collector.finish(name, used), line=heading.line)


@dataclass(slots=True)
class _Walk:
    """Reads every section once more for commands alone, and keeps what nobody told."""

    owners: dict[int, Part]
    told: set[tuple[int, int, str]]
    seen: frozenset[str]
    found: dict[int, tuple[Section, Collector]] = field(default_factory=dict)

    def section(self, section: Section, context: Context, heading: Section) -> None:
        """The commands of a section and of all below it; ``heading`` is the nearest one with a part, or no label."""
        if not section.has_code_below:
            return
        inside = entered(section, context)
        if section.line in self.owners or not section.label:
            heading = section if section.line in self.owners or heading.line not in self.owners else heading
        if section.has_code:
            collector = Collector(seen=self.seen, known=self.told)
            collector.blocks(section.blocks, inside)
            self.keep(collector, heading)
        for child in section.children:
            self.section(child, inside, heading)

    def keep(self, collector: Collector, heading: Section) -> None:
        """The steps that are new, under the part or the heading that they belong to."""
        new = [one for one in collector.steps if one.kind not in ("manual", "link") and one.key not in self.told]
        if new:
            _, into = self.found.setdefault(heading.line, (heading, Collector(seen=self.seen)))
            for one in new:
                one.alternative_to = None
            into.steps += new
