"""Alerts that a runbook lists without a number ("Security incident detected"): somebody or something declares them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tocsin.ids import slug

_HUMP = re.compile(r"(?<=[a-z\d])(?=[A-Z])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """An event that the runbook lists under a severity. Nothing can measure it."""

    text: str
    severity: str
    line: int


def trigger_in(said: str, known: Sequence[Trigger]) -> Trigger | None:
    """The trigger that a title or an alert's name says, the longest; None where it says none, or two equally well.

    All words of the trigger must stand there in their order: "Security incident detected at the north pier".
    """
    words = f"-{slug(_HUMP.sub(' ', said))}-"
    fitting = [each for each in known if slug(each.text) and f"-{slug(each.text)}-" in words]
    longest = max((len(slug(each.text)) for each in fitting), default=0)
    best = [each for each in fitting if len(slug(each.text)) == longest]
    return best[0] if len({each.severity for each in best}) == 1 else None


def why_of(trigger: Trigger) -> str:
    """The reason for its severity, with its line."""
    return f"line {trigger.line} lists “{trigger.text}” under {trigger.severity}"
