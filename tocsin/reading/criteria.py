"""When an incident is over, as a sentence says it: numbers that return, states that somebody confirms, how long."""

from __future__ import annotations

import re
from dataclasses import replace

from tocsin.core.runbook import Criterion
from tocsin.reading.durations import first_span, in_digits
from tocsin.reading.thresholds import comparisons

_CLAUSES = re.compile(r"[,;]\s+(?!and\b)|\s+and\s+(?=no\b)")
_AND = re.compile(r"\s*(?:,|;)?\s+(?:and|&)\s+(?!\d)", re.IGNORECASE)
_FOR = re.compile(
    r"\b(?:for|during)\s+(?:at least\s+)?(?:the\s+)?(?:next\s+|last\s+)?(?=\d)|\bnext\s+(?=\d)", re.IGNORECASE
)
_HOLDING = re.compile(  # "watched for", "and stays there for at least": a clause that only says how long
    r"(?:(?:and|then|must|should|has to|it|they|this|is|are|be|been|to)\s+)*"
    r"(?:watch(?:ed|ing)?|monitor(?:ed|ing)?|observ(?:e|ed|ing)|hold(?:s|ing)?|held|stay(?:s|ed|ing)?|remain(?:s|ed|ing)?"
    r"|stable|steady|sustained|keep(?:s|ing)?|kept)"
    r"(?:\s+(?:it|this|them|there|so|stable|steady|that way|watching|monitoring|closely|on|metrics?))*"
    r"\s+(?:for|during)\s+(?:at least\s+)?(?:the\s+)?(?:next\s+)?",
    re.IGNORECASE,
)
_STATES = re.compile(  # a sentence that tells how things are then, and nothing to do
    r"^(?:no|none|zero)\s+(?:more\s+)?\w+|^all\b.*\b(?:green|healthy|up|normal|passing|well)$"
    r"|^(?!.*\b(?:what|that|which|how|where|who|why|if|when)\b)(?:[\w'-]+\s+){1,5}(?:has|have|is|are)\s+(?:been\s+)?(?:\w+ly\s+)?(?:confirmed|restored|resolved|identified|recovered|normal|green"
    r"|healthy|empty|stable|back|cleared|drained|verified|gone|well|known|reachable)\b"
    r"|^[^\W\d_][\w\s-]* (?:restored|identified|resumed|confirmed|recovered|normali[sz]ed|drained|verified)$",
    re.IGNORECASE,
)


def criteria_of(text: str, line: int, *, inline: bool) -> list[Criterion]:
    """The criteria of a sentence; ``inline``: whether its commas part criteria, as they do outside of a list.

    Numbers that stand behind "and" are criteria of their own, and so is what stands beside a number. A clause that only
    says how long ("watched for 20 minutes") is the time of the numbers before it.
    """
    found: list[Criterion] = []
    for clause in _CLAUSES.split(text) if inline else [text]:
        begun = len(found)
        for part in filter(None, _parted(clause.strip())):
            minutes = _holding(part)
            if minutes is None or not found:
                found.append(criterion_of(part, line))
            else:
                found = [_watched(each, minutes) for each in found]
        last = found[-1].watch_minutes if found else None
        if last is not None:  # "A < 1 % and B < 2 s for 10 minutes" means both
            found[begun:] = [_watched(each, last) for each in found[begun:]]
    return found


def criterion_of(sentence: str, line: int) -> Criterion:
    """One criterion: its comparison and its time, as far as it has them; else somebody confirms it."""
    found = next(iter(comparisons(sentence)), None)
    minutes = _minutes(sentence)
    if found is None:
        return Criterion(text=sentence, watch_minutes=minutes, line=line)
    return Criterion(
        text=sentence, metric=found.metric, op=found.op, value=found.value, unit=found.unit, watch_minutes=minutes,
        line=line,
    )  # fmt: skip


def states_a_fact(text: str) -> bool:
    """Whether a sentence tells how things are when it is over ("Service restored"), not what is to be done."""
    return bool(_STATES.search(text.strip().rstrip(".")))


def _parted(clause: str) -> list[str]:
    """The clause, cut at each "and" behind a number that must return."""
    parts, rest = list[str](), clause
    for found in _AND.finditer(clause):
        left = rest[: len(rest) - (len(clause) - found.start())]
        if left and comparisons(left):
            parts.append(left.strip())
            rest = clause[found.end() :]
    return [*parts, rest.strip()]


def _holding(clause: str) -> float | None:
    """The minutes of a clause that says nothing else than for how long."""
    told = in_digits(clause.strip().rstrip("."))
    head = _HOLDING.match(told)
    span = first_span(told[head.end() :]) if head else None
    if head is None or span is None or span.start or span.end < len(told[head.end() :].rstrip()):
        return None
    return float(span.high)


def _minutes(sentence: str) -> float | None:
    """For how long it must hold: the upper end of "for 15-30 minutes"; null where nothing says so."""
    told = in_digits(sentence)
    for found in _FOR.finditer(told):
        span = first_span(told[found.end() :])
        if span is not None and not span.start:
            return float(span.high)
    return None


def _watched(one: Criterion, minutes: float) -> Criterion:
    return one if one.watch_minutes is not None or one.metric is None else replace(one, watch_minutes=minutes)
