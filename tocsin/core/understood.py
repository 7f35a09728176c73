"""The document beside what was understood: every line of the file with its marks and findings.

The terminal (`tocsin runbook show`) and the page of a runbook are drawn from the same `Line`s; neither adds words of
its own. A line about which nothing was understood has no mark: it is kept as it was written.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Literal

from tocsin.core import marks
from tocsin.core.firstresponse import first_responses
from tocsin.core.marks import Mark, Tone
from tocsin.core.runbook import CodeFence, Problem, Runbook, Step

LineLook = Literal["text", "heading", "code"]
_LONGEST = 160
_HEADING = re.compile(r" {0,3}#{1,6}(?:[ \t]|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of the file. A mark whose own line is an earlier one began there and goes on here."""

    number: int
    text: str
    look: LineLook = "text"
    marks: tuple[Mark, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def own(self) -> tuple[Mark, ...]:
        """The marks that begin here."""
        return tuple(mark for mark in self.marks if mark.line == self.number)


def lines(book: Runbook, text: str) -> tuple[Line, ...]:
    """Every line of the file, in order; ``text`` is the decoded file.

    A finding about a line that the file does not have stands at the nearest one, so that none is lost.
    """
    written = text.removesuffix("\n").split("\n")
    known = understood(book)
    problems: dict[int, list[Problem]] = {}
    for problem in book.problems:
        problems.setdefault(min(max(problem.line, 1), len(written)), []).append(problem)
    code = {number for fence in book.fences for number in range(fence.line, min(fence.end_line, len(written)) + 1)}
    return tuple(
        Line(
            number=number,
            text=line,
            look="code" if number in code else "heading" if _HEADING.match(line) else "text",
            marks=known.get(number, ()),
            problems=tuple(problems.get(number, ())),
        )
        for number, line in enumerate(written, 1)
    )


def understood(book: Runbook) -> Mapping[int, tuple[Mark, ...]]:
    """What was made of each line, by its 1-based number; lines about which nothing was understood are absent.

    What spans several lines (a command, a template) is also found at each of its further lines.
    """
    found: dict[int, list[Mark]] = {}
    for mark in dict.fromkeys(_marks(book)):
        found.setdefault(mark.line, []).append(mark)
    going_on: dict[int, Mark] = {}
    reached = 0  # of marks that overlap the first goes on: so a hostile document costs no more than its lines
    for mark in sorted((mark for each in found.values() for mark in each), key=lambda mark: mark.line):
        for number in range(max(mark.line, reached) + 1, mark.end_line + 1):
            going_on[number] = mark
        reached = max(reached, mark.end_line)
    for number, mark in going_on.items():
        found.setdefault(number, []).insert(0, mark)
    return {number: tuple(found[number]) for number in sorted(found)}


def headline(book: Runbook) -> tuple[str, ...]:
    """How much of what was understood: ``68 steps``, ``41 read-only``; what there is none of is left out."""
    steps = list(book.steps())
    looks = Counter(marks.verdict(step)[0] for step in steps)
    counted = (
        (len(book.scenarios), "scenario"), (len(steps), "step"), (len(book.rules), "threshold"),
        (len(book.escalations), "escalation"), (len(book.contacts), "contact"), (len(book.templates), "template"),
    )  # fmt: skip
    said = [marks.count(number, word) for number, word in counted if number]
    at = 1 + bool(book.scenarios)
    return (*said[:at], *(f"{looks[word]} {word}" for word in marks.VERDICTS if looks[word]), *said[at:])


def _first(book: Runbook) -> Iterator[Mark]:
    """What happens first at a severity, and who is called after whom."""
    known = {first.severity: first for first in first_responses(book)}
    for level in book.severities:
        if level.action and level.name not in known:
            yield _calls("at first", level.action_line, f"{level.name}: nothing in it is understood", "quiet")
    for first in known.values():
        yield _calls("at first", first.line, f"{first.severity}: {', '.join(first.deeds)}", "plain")
    for line in dict.fromkeys(each.line for each in book.chain):
        names = " → ".join(each.text for each in book.chain if each.line == line)
        yield _calls("chain", line, names, "plain")


def _calls(label: str, line: int, text: str, tone: Tone) -> Mark:
    return Mark(kind="escalation", label=label, text=text[:_LONGEST], line=line, end_line=line, tone=tone)


def _marks(book: Runbook) -> Iterator[Mark]:
    """Every mark; of one line in the order in which they are read."""
    yield from map(marks.of_severity, book.severities)
    yield from _first(book)
    yield from map(marks.of_scenario, book.scenarios)
    yield from map(marks.of_phase, book.phases)
    yield from map(marks.of_procedure, book.procedures)
    yield from _conditions(book)
    yield from map(marks.of_rule, book.rules)
    yield from map(marks.of_trigger, book.triggers)
    yield from map(marks.of_target, book.targets)
    for scenario in book.scenarios:
        yield from (marks.named("symptom", each.line, tone="plain") for each in scenario.symptoms)
        yield from (marks.named("cause", each.line, tone="plain") for each in scenario.causes)
    steps = tuple(book.steps())
    yield from _steps(steps)
    yield from _gaps(book, steps)
    for scenario in book.scenarios:
        yield from map(marks.of_criterion, scenario.criteria)
        yield from (marks.named("follow-up", each.line, "an action item", "plain") for each in scenario.follow_ups)
    yield from map(marks.of_escalation, book.escalations)
    yield from map(marks.of_contact, book.contacts)
    yield from map(marks.of_rotation, [book.rotation] if book.rotation else [])
    yield from map(marks.of_channel, book.channels)
    for checklist in book.checklists:
        yield marks.of_checklist(checklist)
        yield from (marks.named("box", item.line) for item in checklist.items)
    yield from (marks.named("question", each.line, "asked in the assessment") for each in book.questions)
    yield from map(marks.of_deadline, book.deadlines)
    ends = {fence.line: fence.end_line for fence in book.fences}
    yield from (marks.of_template(each, ends.get(each.line, each.line)) for each in book.templates)
    yield from _fence_parts(book.fences, steps, {each.line for each in book.templates})
    yield from map(marks.of_review, [book.review] if book.review else [])
    yield from map(marks.of_occasion, book.review.triggers if book.review else ())
    yield from map(marks.of_link, book.links)
    yield from map(marks.of_repair, book.repairs)


def _conditions(book: Runbook) -> Iterator[Mark]:
    """Each condition with the number of the steps below it, up to where the same words stand again."""
    below: dict[str, list[int]] = {}
    for step in sorted(book.steps(), key=lambda step: step.line):
        branch = step.branch or ""
        for words in {branch, branch.partition(": ")[2]}:  # one condition may stand below another
            below.setdefault(words, []).append(step.line)
    ends: dict[str, int] = {}
    for condition in sorted(book.conditionals, key=lambda each: -each.line):
        words = condition.text.rstrip(" :：")
        under = below.get(words, [])
        end = bisect_left(under, ends[words]) if words in ends else len(under)
        ends[words] = condition.line
        yield marks.of_condition(condition, max(0, end - bisect_left(under, condition.line)))


def _steps(steps: Sequence[Step]) -> Iterator[Mark]:
    at = {step.id: step.line for step in steps}
    crowd: dict[int, int] = {}
    for step in steps:
        crowd[step.line] = crowd.get(step.line, 0) + 1
    for step in steps:
        yield marks.of_step(step, alternative_line=at.get(step.alternative_to or "", 0), alone=crowd[step.line] == 1)


def _gaps(book: Runbook, steps: Iterable[Step]) -> Iterator[Mark]:
    """Placeholders where a command needs them filled; in prose they are part of the text."""
    wanted = {(step.line, text) for step in steps if step.command for text in step.placeholders}
    types = {gap.text: gap.type for gap in book.placeholders}
    yield from (marks.of_gap(text, types.get(text, ""), line) for line, text in sorted(wanted))


def _fence_parts(fences: Iterable[CodeFence], steps: Iterable[Step], templates: Iterable[int]) -> Iterator[Mark]:
    """What the lines of fences are, where no step and no template says it already."""
    said = {number for step in steps for number in range(step.line, step.end_line + 1)}
    filled = set(templates)
    for part in chain.from_iterable(fence.parts for fence in fences if fence.line not in filled):
        start = part.line
        for number in range(part.line, part.end_line + 2):
            if number in said or number > part.end_line:
                if start < number:
                    yield marks.of_fence_part(replace(part, line=start, end_line=number - 1))
                start = number + 1
