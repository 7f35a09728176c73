"""Numbers that leave a hole or contradict each other: below 9 and above 9, the same alert at 5 % and at 10 %."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tocsin.core.runbook import Problem, Rule, Scenario
from tocsin.lint.codes import problem
from tocsin.lint.subject import Check, Subject
from tocsin.reading.thresholds import comparisons
from tocsin.reading.vocabulary import meaning

_RANGE = re.compile(
    r"(?<![\d.])(?P<low>\d{1,9}(?:\.\d{1,9})?)\s?%?\s?(?:-|–|to|bis|a)\s?(?P<high>\d{1,9}(?:\.\d{1,9})?)(?![\d.]*\d)"
)
_GENERIC = re.compile(r"[^\W\d_]{3,}")
_SPELLING = re.compile(r"(?<=[a-z])(?=[A-Z])|[\W_]+")
_EMPTY = frozenset({"rate", "rates", "the", "for", "high", "elevated", "of", "in", "per", "percentage", "percent"})
_SCALES = {
    "%": 0.01,
    "％": 0.01,
    "ratio": 1.0,
    "ms": 0.001,
    "s": 1.0,
    "min": 60.0,
    "m": 60.0,
    "h": 3600.0,
    "d": 86400.0,
}
_LASTING = frozenset({"ms", "s", "min", "m", "h", "d"})


@dataclass(frozen=True, slots=True)
class _Use:
    """A strict comparison and where it stands. ``covers``: the number itself is spoken of elsewhere in the text."""

    op: str
    value: float
    unit: str | None
    about: str
    line: int


def undefined_boundaries(subject: Subject) -> Iterator[Problem]:
    """``<9`` beside ``>9``: exactly 9 is nowhere. Among the branches of one part, and among the severities."""
    for part in subject.parts:
        branches = dict.fromkeys((step.branch, step.line) for step in part.steps if step.branch)
        yield from _holes([(text or "", line) for text, line in branches])
    yield from _holes([(f"{level.title} {level.description}", level.line) for level in subject.book.severities])


def _holes(said: Iterable[tuple[str, int]]) -> Iterator[Problem]:
    covered: set[float] = set()
    uses: dict[tuple[float, str | None, str], list[_Use]] = {}
    for text, line in said:
        covered.update(_ends(text))
        for one in comparisons(text, "value"):
            use = _Use(one.op, one.value, one.unit, _about(text, one.metric), line)
            uses.setdefault((one.value, one.unit, use.about), []).append(use)
    for (value, unit, _), found in uses.items():
        ops = {use.op for use in found}
        shown = f"{value:g}{unit if unit and unit not in ('count', 'ratio') else ''}"
        if ops >= {"<", ">"} and not ops & {"<=", ">=", "=="} and value not in covered:
            yield problem(
                "undefined-boundary",
                max(use.line for use in found),
                f"Below {shown} and above {shown} are covered, exactly {shown} is not.",
                f"Write ≤ {shown} or ≥ {shown} in one of the two lines.",
            )


def _about(text: str, metric: str) -> str:
    """What is counted, in a form in which two ways of writing it are the same; empty where the text doesn't say."""
    named = _words(metric if metric != "value" else "")
    return " ".join(sorted(named)) if named and "if" not in text.casefold().split()[:1] else ""


def _ends(text: str) -> Iterator[float]:
    """The ends of every range in a text (5-10, 5 to 10): a range takes its ends in."""
    for found in _RANGE.finditer(text[:1000]):
        yield from (float(found.group("low")), float(found.group("high")))


def conflicting_thresholds(subject: Subject) -> Iterator[Problem]:
    """The same metric, direction, severity and place with two numbers."""
    own: dict[str | None, list[Rule]] = {}
    for rule in subject.book.rules:
        own.setdefault(rule.scenario, []).append(rule)
    for scenario in subject.book.scenarios:
        yield from _against_heading(subject, scenario, own.get(scenario.id, []))
    levelled = [rule for rule in subject.book.rules if rule.scenario is None and rule.severity]
    groups: dict[tuple[str, str, str], list[Rule]] = {}
    for rule in levelled:
        name = " ".join(sorted(_words(rule.metric)))
        groups.setdefault((name, rule.op[0], (rule.severity or "").casefold()), []).append(rule)
    for (name, _, _), rules in groups.items():
        if name:
            yield from _contradictions(rules)


def _contradictions(rules: list[Rule]) -> Iterator[Problem]:
    first = rules[0]
    for rule in rules[1:]:
        if rule.line != first.line and rule.for_minutes == first.for_minutes and _differ(first, rule):
            yield _conflict(rule.line, rule.metric, _number(rule.op, rule.value, rule.unit), first.line,
                            _number(first.op, first.value, first.unit))  # fmt: skip
            return


def _against_heading(subject: Subject, scenario: Scenario, rules: list[Rule]) -> Iterator[Problem]:
    """The number in a scenario's heading, against what its symptoms say of the same metric."""
    heading = subject.text(scenario.line)
    title = re.sub(r"[>≥<≤].*|\(.*", "", scenario.title)
    for one in comparisons(heading, title):
        metric = _words(one.metric) or _words(title)
        same = [
            rule
            for rule in rules
            if rule.op[0] == one.op[0]
            and rule.line != scenario.line
            and metric
            and _same(metric, _words(rule.metric))
            and (one.for_minutes is None or rule.for_minutes is None or one.for_minutes == rule.for_minutes)
        ]
        if same and all(_apart(one.value, one.unit, rule.value, rule.unit) for rule in same):
            rule = same[0]
            yield _conflict(rule.line, rule.metric, _number(rule.op, rule.value, rule.unit), scenario.line,
                            _number(one.op, one.value, one.unit))  # fmt: skip
            return


def _conflict(line: int, metric: str, here: str, other: int, there: str) -> Problem:
    return problem(
        "conflicting-threshold",
        line,
        f"{metric} {here} stands here, {there} in line {other}: only one of them can be what fires.",
        "Write the same number in both, or say which severity each belongs to.",
    )


def _number(op: str, value: float, unit: str | None) -> str:
    return f"{op} {value:g}{unit if unit and unit not in ('count', 'ratio') else ''}"


def _differ(one: Rule, other: Rule) -> bool:
    return _apart(one.value, one.unit, other.value, other.unit)


def _apart(value: float, unit: str | None, other: float, of: str | None) -> bool:
    """Whether two numbers of one kind differ; numbers of different kinds are no contradiction."""
    if unit == of:
        return value != other
    if unit not in _SCALES or of not in _SCALES or ((unit in _LASTING) != (of in _LASTING)):
        return False
    return abs(value * _SCALES[unit] - other * _SCALES[of]) > 1e-9


def _same(one: frozenset[str], other: frozenset[str]) -> bool:
    return bool(one and other) and (one <= other or other <= one)


def _words(metric: str) -> frozenset[str]:
    """The words that say what is measured: ``errorRate`` and "Error rates" are the same."""
    found = (word.casefold().rstrip("s") for word in _SPELLING.split(metric))
    return frozenset(word for word in found if word and word not in _EMPTY and not word.isdigit()) or frozenset(
        word.casefold() for word in _GENERIC.findall(metric) if meaning(word) is None
    )


CHECKS: tuple[Check, ...] = (undefined_boundaries, conflicting_thresholds)
