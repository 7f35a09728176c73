"""The state of a threshold that Tocsin watches itself: Prometheus' alerting rule state machine for one series.

Source: prometheus/prometheus ``rules/alerting.go``. A condition that begins to hold is *pending*; after ``for`` it
*fires*; a firing one that ceases to hold is *inactive* at once. No data keeps a firing rule firing, and is said.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from tocsin.core.runbook import Op

RESEND = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What is remembered of a rule between two readings."""

    state: Literal["inactive", "pending", "firing"] = "inactive"
    since: datetime | None = None
    value: float | None = None
    read_at: datetime | None = None
    silent_since: datetime | None = None
    problem: str = ""
    told_at: datetime | None = None


def holds(value: float, op: Op, threshold: float) -> bool:
    """Whether ``value op threshold``."""
    match op:
        case ">":
            return value > threshold
        case ">=":
            return value >= threshold
        case "<":
            return value < threshold
        case "<=":
            return value <= threshold
        case "==":
            return value == threshold


def observe(watch: Watch, value: float, op: Op, threshold: float, lasting: timedelta, now: datetime) -> Watch:
    """The state after one more reading."""
    seen = replace(watch, value=value, read_at=now, silent_since=None, problem="")
    if not holds(value, op, threshold):
        return replace(seen, state="inactive", since=None)
    if watch.state == "firing":
        return seen
    since = watch.since or now
    return replace(seen, state="firing" if now - since >= lasting else "pending", since=since)


def to_tell(before: Watch, after: Watch, now: datetime) -> bool:
    """Whether the alert must be sent: when it begins or ends to fire, and every minute while it fires."""
    if after.state != "firing":
        return before.state == "firing"
    return before.state != "firing" or before.told_at is None or now - before.told_at >= RESEND


def silence(watch: Watch, problem: str, now: datetime) -> Watch:
    """The state after a reading that gave nothing: unchanged, and marked; never taken for zero."""
    return replace(watch, silent_since=watch.silent_since or now, problem=problem)


def say_threshold(metric: str, op: str, value: float, unit: str | None) -> str:
    """``error rate > 5 %``."""
    number = f"{value:g}"
    return f"{metric} {op} {number}{f' {unit}' if unit else ''}"
