"""Branches whose condition compares a number: decided by what was measured, left to people where words leave it open.

Only a scenario whose every branch compares a number is decided: what can't be measured may hold as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from tocsin.core.amounts import OPERATORS, Amount, Comparison, amount_in, is_unit, number, op_of
from tocsin.core.incident import StepState
from tocsin.core.jsonlike import documents
from tocsin.core.runbook import Scenario, Step
from tocsin.times import say_time

_IF = re.compile(r"(?:if|when|whenever|in case|falls|wenn|si|se|quand|bei)\b[:\s]*", re.IGNORECASE)
_COMPARES = re.compile(
    rf"(?<![^\W_])(?P<op>{OPERATORS})\s*(?P<value>\d+(?:,\d{{3}})*(?:\.\d+)?)\s*(?P<unit>%|[^\W\d_]+)?", re.IGNORECASE
)
_OR_MORE = re.compile(
    r"(?P<value>\d+(?:\.\d+)?)\s*(?P<unit>%|[^\W\d_]+)?\s+or (?P<sign>more|less|fewer)\b", re.IGNORECASE
)
_COMPOUND = re.compile(r"\b(?:and|or|but|unless|ago|for|since|within|not|und|oder|y|o|et|ou)\b|\d", re.IGNORECASE)
_ACTION = re.compile(r"\s*(?:→|->|=>|:\s|:$).*$", re.DOTALL)
_REMARK = re.compile(r"\([^()]*\)")
_FILLING = """
a an any are at be by count current currently has have how if in is it many more most much no now number of on our
select show than that the their there this to total value was were when with
"""
_STOP = frozenset(_FILLING.split())
MOST_FIELDS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A branch's condition as a comparison, with the words of what is compared."""

    branch: str
    line: int
    comparison: Comparison
    words: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A number that was measured: what it is about, and where it comes from, in words."""

    amount: Amount
    words: frozenset[str]
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The branch that a measurement decides for, with its sentence; without one, ``why`` says what leaves it open."""

    branch: str
    why: str
    line: int = 0


def condition_of(branch: str, line: int) -> Condition | None:
    """The comparison that a branch's words make; None where they make none, or more than one."""
    lead = _IF.match(branch)
    text = _REMARK.sub(" ", _ACTION.sub("", branch[lead.end() if lead else 0 :]))
    more, match = _OR_MORE.search(text), _COMPARES.search(text)
    found = more or match
    if found is None or (lead is None and not match):
        return None
    rest = text[: found.start()] + " " + text[found.end() :]
    unit = found["unit"] or ""
    if _COMPOUND.search(rest):
        return None
    measured_in = unit if is_unit(unit) else ""
    words = words_of(f"{rest} {'' if measured_in else unit}")
    if not words:
        return None
    op = (">=" if more["sign"].lower() == "more" else "<=") if more else op_of(found["op"])
    return Condition(
        branch=branch,
        line=line,
        words=words,
        comparison=Comparison(op=op, value=number(found["value"]), unit=measured_in),
    )


def measured_by(step: Step, state: StepState) -> tuple[Measured, ...]:
    """What a step printed, where it is one number, or JSON with numbers in it."""
    if state.status != "succeeded" or not state.excerpt.strip():
        return ()
    source = f"“{step.title}” at {say_time(state.at)}"
    amount = amount_in(state.excerpt)
    if amount is not None:
        about = words_of(f"{step.title} {step.command or ''} {state.excerpt}")
        return (Measured(amount=amount, words=about, source=source),)
    fields = [field for document in documents(state.excerpt) for field in _fields(document)][:MOST_FIELDS]
    return tuple(
        Measured(amount=Amount(value=value), words=words_of(key), source=f"{key} in {source}") for key, value in fields
    )


def measured_by_signal(metric: str, unit: str, value: float, at: datetime) -> Measured:
    """The last reading of a signal."""
    words = words_of(metric)
    return Measured(amount=Amount(value=value, unit=unit), words=words, source=f"signal {metric} at {say_time(at)}")


def decide(scenario: Scenario, measured: Iterable[Measured]) -> Decision | None:
    """The branch that holds, if exactly one does; None where there is nothing to decide."""
    lines = {step.branch: step.line for step in reversed(scenario.steps) if step.branch}
    conditions = [condition_of(branch, lines[branch]) for branch in scenario.branches]
    known = [condition for condition in conditions if condition is not None]
    if not known or len(known) != len(conditions):
        return None
    everything = tuple(measured)
    found: list[tuple[Condition, Measured, bool]] = []
    for condition in known:
        one = _fitting(condition, everything)
        if isinstance(one, str):
            return Decision(branch="", why=one) if one else None
        holds = condition.comparison.holds(one.amount)
        if holds is None or (condition.comparison.unit == "%" and one.amount.unit != "%"):
            return Decision(branch="", why=f"{one.amount} ({one.source}) can't be compared with “{condition.branch}”")
        found.append((condition, one, holds))
    return _decided(found)


def _decided(found: Sequence[tuple[Condition, Measured, bool]]) -> Decision:
    holding = [(condition, one) for condition, one, holds in found if holds]
    if len(holding) == 1:
        condition, one = holding[0]
        says = f"{one.amount} {condition.comparison} ({one.source}; line {condition.line})"
        return Decision(branch=condition.branch, why=says, line=condition.line)
    values = " and ".join(dict.fromkeys(f"{one.amount} ({one.source})" for _, one, _ in found))
    if holding:
        both = " and ".join(f"“{condition.branch}”" for condition, _ in holding)
        return Decision(branch="", why=f"{values} fits {both}")
    none = " nor ".join(f"“{condition.branch}”" for condition, _, _ in found)
    return Decision(
        branch="", why=f"{values} fits neither {none}" if len(found) > 1 else f"{values} does not fit {none}"
    )


def _fitting(condition: Condition, measured: Sequence[Measured]) -> Measured | str:
    """The one measurement of what the condition is about; else why there is none ("" where nothing was measured)."""
    shared = [(len(condition.words & each.words), each) for each in measured]
    most = max((count for count, _ in shared), default=0)
    best = [each for count, each in shared if count == most and count]
    if not best:
        return ""
    if len({each.amount.value for each in best}) > 1:
        sources = " and ".join(f"{each.amount} ({each.source})" for each in best[:3])
        return f"“{condition.branch}” could mean {sources}"
    return best[0]


def words_of(text: str) -> frozenset[str]:
    """The words that say what something is about: lower case, singular, parts of compound names apart."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", text)
    words = (word.lower() for word in re.findall(r"[^\W\d_]{2,}", apart.replace("_", " ")))
    return frozenset(_singular(word) for word in words if word not in _STOP)


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def _fields(document: object, path: str = "") -> list[tuple[str, float]]:
    if isinstance(document, dict):
        inner = [_fields(value, f"{path}.{key}" if path else str(key)) for key, value in document.items()]
        return [field for fields in inner for field in fields]
    if isinstance(document, int | float) and not isinstance(document, bool) and path:
        return [(path, float(document))]
    return []
