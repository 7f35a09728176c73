"""The possible causes of an incident: those that its scenario lists, those that people named, and what speaks for each.

What commands printed is sorted into kinds of fault by its words, so that evidence lies beside the cause that it is
about. It is shown, and decides nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from tocsin.core.incident import Incident
from tocsin.core.runbook import Runbook
from tocsin.ids import slug

MOST_HINTS = 5
_LONGEST_LINE = 160

KINDS: Mapping[str, tuple[re.Pattern[str], re.Pattern[str]]] = {
    "credentials": (
        re.compile(r"\bkeys?\b|credential|secret|token|auth|certificate|password", re.IGNORECASE),
        re.compile(
            r"\b40[13]\b|unauthori[sz]ed|forbidden"
            r"|(?:invalid|incorrect|expired|missing)[ _-](?:api[ _-]?)?(?:key|token)"
            r"|authentication|permission denied|jwt"
            r"|certificate (?:has expired|verify)|password",
            re.IGNORECASE,
        ),
    ),
    "rate limits": (
        re.compile(r"rate.?limit|throttl|quota", re.IGNORECASE),
        re.compile(r"\b429\b|rate.?limit|too many requests|throttl|quota|retry.?after", re.IGNORECASE),
    ),
    "a supplier's outage": (
        re.compile(r"outage|provider|degradation|third.party|downstream|external|upstream|api fail", re.IGNORECASE),
        re.compile(
            r"\b50[234]\b|bad gateway|service unavailable|overloaded|econnrefused|connection refused|enotfound"
            r"|upstream|degraded|provider (?:is )?(?:down|unavailable)",
            re.IGNORECASE,
        ),
    ),
    "timeouts": (
        re.compile(r"time.?out|slow|delay|cold start|latency", re.IGNORECASE),
        re.compile(r"time[d ]?.?out|etimedout|deadline exceeded|took too long", re.IGNORECASE),
    ),
    "connections": (
        re.compile(r"connection|pool|leak", re.IGNORECASE),
        re.compile(
            r"too many (?:clients|connections)|pool (?:exhausted|timeout|is full)|remaining connection slots"
            r"|connection (?:reset|closed|terminated)|idle in transaction",
            re.IGNORECASE,
        ),
    ),
    "the database": (
        re.compile(r"index|bloat|transaction|quer|lock|deadlock|migration", re.IGNORECASE),
        re.compile(
            r"deadlock|lock timeout|seq(?:uential)? scan|dead tuples|statement timeout|could not serialize"
            r"|relation .* does not exist",
            re.IGNORECASE,
        ),
    ),
}  # fmt: skip
"""A kind of fault → which causes are of that kind, and which lines of an output tell of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """Lines that a command printed and that tell of a kind of fault. ``line``: the step's, in the document."""

    kind: str
    lines: int
    example: str
    step: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Hypothesis:
    """A possible cause and how it stands. ``hints`` speak for it; ``line`` 0: a person named it."""

    id: str
    text: str
    line: int = 0
    verdict: Literal["", "confirmed", "ruled out"] = ""
    evidence: str = ""
    by: str = ""
    at: datetime | None = None
    hints: tuple[Hint, ...] = ()


def hypotheses(incident: Incident, runbook: Runbook) -> tuple[Hypothesis, ...]:
    """The document's possible causes in its order, then those that people named."""
    scenario, seen = runbook.scenario(incident.scenario), signs(incident, runbook)
    written = {_id(each.text, index): (each.text, each.line) for index, each in enumerate(scenario.causes)} if (
        scenario
    ) else {}  # fmt: skip
    named = {name: (state.text, state.line) for name, state in incident.learning.causes.items() if name not in written}
    found = []
    for name, (text, line) in (*written.items(), *named.items()):
        state = incident.learning.causes.get(name)
        fitting = tuple(hint for hint in seen if KINDS[hint.kind][0].search(text))[:MOST_HINTS]
        found.append(
            Hypothesis(
                id=name, text=text, line=line, hints=fitting, verdict=state.verdict if state else "",
                evidence=state.evidence if state else "", by=state.by if state else "", at=state.at if state else None,
            )
        )  # fmt: skip
    return tuple(found)


def signs(incident: Incident, runbook: Runbook) -> tuple[Hint, ...]:
    """What the outputs of this incident's commands tell of kinds of fault, the most lines first."""
    found = []
    for step_id, state in incident.steps.items():
        step = runbook.step(step_id) if state.run and state.excerpt else None
        for kind, (_, tells) in KINDS.items() if step else ():
            told = [line.strip() for line in state.excerpt.splitlines() if tells.search(line)]
            if told and step:
                example = told[0][:_LONGEST_LINE]
                found.append(Hint(kind=kind, lines=len(told), example=example, step=step_id, line=step.line))
    return tuple(sorted(found, key=lambda hint: (-hint.lines, hint.line)))


def _id(text: str, index: int) -> str:
    return slug(text) or f"cause-{index + 1}"
