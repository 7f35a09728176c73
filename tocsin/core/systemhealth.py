"""The health of the system under care: every check that is measured, put together into one state.

A threshold of the document that fires counts by its severity: the worst of its scale makes the system unhealthy, a
milder one degraded. What has a limit of its own (``healthy`` in tocsin.toml; a check that is up or not has one by
itself) is unhealthy beyond it. A supplier's trouble degrades. What nobody can judge is shown and does not count.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from tocsin.core.runbook import Op
from tocsin.core.watching import holds, say_value

State = Literal["unhealthy", "degraded", "unknown", "healthy", "unjudged"]
STATES: tuple[State, ...] = ("unhealthy", "degraded", "unknown", "healthy", "unjudged")
"""What counts most comes first; ``unknown``: no value, ``unjudged``: nothing says which values are well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """While a value is so, what it measures is healthy; ``else_is``: what it is otherwise, in words."""

    op: Op
    value: float
    else_is: str = ""

    def says(self, value: float) -> str:
        """``it is 30, healthy while < 26``."""
        return self.else_is or f"it is {say_value(value)}, healthy while {self.op} {self.value:g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """A threshold of a document that is crossed: its words, whether its alert fires, whether no severity is worse."""

    text: str
    severity: str = ""
    fires: bool = True
    worst: bool = False

    def says(self) -> str:
        """``P1: error rate > 5 % fires``."""
        severity = f"{self.severity}: " if self.severity else ""
        return f"{severity}{self.text} {'fires' if self.fires else 'is crossed, and must last before it fires'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One signal as part of the whole: its state, and why. ``says``: the probe's own words."""

    metric: str
    probe: str
    state: State
    why: str
    value: float | None = None
    unit: str = ""
    at: datetime | None = None
    says: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemHealth:
    """The whole and its checks, the worst first; the state is that of the worst that counts."""

    state: State
    why: str
    at: datetime
    checks: tuple[Check, ...] = ()


def judged(
    value: float | None, problem: str, limit: Limit | None, crossed: Sequence[Crossing], *, limits: bool, supplier: bool
) -> tuple[State, str]:
    """The state of one check and why. ``limits``: whether any threshold is stated at all; 0 is well for a supplier."""
    found: list[tuple[State, str]] = [
        ("unhealthy" if one.fires and one.worst else "degraded", one.says()) for one in crossed
    ]
    if value is None:
        found.append(("unknown", problem.removeprefix("no data: ") or "it has not been read yet"))
    elif limit is not None:
        well = holds(value, limit.op, limit.value)
        found.append(("healthy", "") if well else ("unhealthy", limit.says(value)))
    elif supplier:
        found.append(("degraded", "they say so themselves") if value > 0 else ("healthy", ""))
    elif limits:
        found.append(("healthy", ""))
    if not found:
        return "unjudged", "nothing says which values are healthy"
    return min(found, key=lambda one: STATES.index(one[0]))


def softened(state: State) -> State:
    """The state of a check without which the system still serves: it degrades at most."""
    return "degraded" if state == "unhealthy" else state


def together(checks: Iterable[Check], at: datetime) -> SystemHealth:
    """The checks as one: the worst state that counts; without any nothing is known."""
    ordered = sorted(checks, key=lambda check: STATES.index(check.state))
    counted = [check for check in ordered if check.state != "unjudged"]
    if not counted:
        why = "nothing says which values are healthy" if ordered else "nothing is measured"
        return SystemHealth(state="unknown", why=f"{why}.".capitalize(), at=at, checks=tuple(ordered))
    state = counted[0].state
    return SystemHealth(state=state, why=_why(state, counted), at=at, checks=tuple(ordered))


def _why(state: State, counted: Sequence[Check]) -> str:
    same = [check for check in counted if check.state == state]
    if state == "healthy":
        return f"All of {len(same)} checks are well." if len(same) > 1 else f"{same[0].metric} is well."
    named = "; ".join(f"{check.metric}: {check.why}" for check in same[:3])
    return f"{named}{f'; and {len(same) - 3} more' if len(same) > 3 else ''}"
