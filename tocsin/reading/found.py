"""A comparison that was found in a text."""

from __future__ import annotations

from dataclasses import dataclass

from tocsin.core.runbook import Op


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A metric compared with a number.

    ``word``: "warning", "critical", … by it; ``target``: it's what is wanted; ``held``: it's how long a state lasts.
    """

    metric: str
    op: Op
    value: float
    unit: str | None
    for_minutes: float | None = None
    word: str = ""
    target: bool = False
    start: int = 0
    held: bool = False
