"""The clocks and rules that are frozen on an incident when it is declared."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

REPEAT_LAST_RUNG = 2
REPEAT_AFTER = timedelta(minutes=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One step of the escalation ladder, as the document states it on ``line``.

    ``after_seconds`` counts from the declaration; null means that only a human can tell when (``when`` says what).
    """

    to: str
    after_seconds: float | None = None
    severities: tuple[str, ...] = ()
    when: str = ""
    clock: Literal["unresolved", "unacknowledged", "unavailable", "estimate"] | None = None
    line: int = 0

    def applies_to(self, severity: str) -> bool:
        """Whether this rung counts at this severity; a rung without severities counts at every one."""
        return not self.severities or severity in self.severities

    @property
    def timed(self) -> bool:
        """Whether a clock alone can climb this rung."""
        return self.after_seconds is not None and self.clock in ("unresolved", "unacknowledged")


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalPolicy:
    """How a command that may change something is allowed."""

    people: int = 1
    self_approve: bool = True
    expires: timedelta = timedelta(minutes=30)
