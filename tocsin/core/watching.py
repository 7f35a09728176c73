"""The state of a threshold that Tocsin watches itself: Prometheus' alerting rule state machine for one series.

Source: prometheus/prometheus ``rules/alerting.go``. A condition that begins to hold is *pending*; after ``for`` it
*fires*; a firing one that ceases to hold goes on for ``keep_firing_for`` and is *inactive* then. Beyond that: a rule
may end at another number than it began at, a gap in the data has a policy, and time in which nobody looked does not
count.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from tocsin.core.runbook import Criterion, Op, Rule

RESEND = timedelta(minutes=1)
OUTAGE = timedelta(hours=1)
"""After a longer absence a pending rule begins anew; Prometheus' ``rules.alert.for-outage-tolerance``."""

_WHOLE = 999.5
_MOST_PLACES = 13

NoData = Literal["keep", "clear", "say", "fire"]
NO_DATA: tuple[NoData, ...] = ("keep", "clear", "say", "fire")


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How a rule behaves over time. ``keep`` and ``say`` leave its state as it is while there is no data."""

    lasting: timedelta = timedelta(0)
    keep_firing: timedelta = timedelta(0)
    resend: timedelta = RESEND
    no_data: NoData = "keep"
    no_data_after: timedelta = timedelta(minutes=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """Where a rule begins, and where it ends once it fires; without ``end_op`` it ends where it began."""

    op: Op
    value: float
    end_op: Op | None = None
    end_value: float = 0.0

    def crossed(self, value: float, *, firing: bool) -> bool:
        """Whether the condition holds for a rule that is firing, or is not."""
        if holds(value, self.op, self.value):
            return True
        return firing and self.end_op is not None and not holds(value, self.end_op, self.end_value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What is remembered of a rule between two readings.

    ``kept_since``: from when it only fires because of ``keep_firing``. ``crossing``: the value when its condition last
    held. ``looked_at``: the last reading, also one that gave nothing. ``detail``: what the last value is made of.
    """

    state: Literal["inactive", "pending", "firing"] = "inactive"
    since: datetime | None = None
    value: float | None = None
    read_at: datetime | None = None
    silent_since: datetime | None = None
    problem: str = ""
    told_at: datetime | None = None
    kept_since: datetime | None = None
    crossing: float | None = None
    detail: str = ""
    looked_at: datetime | None = None


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


def bound_of(rule: Rule, clear: float | None, criterion: Criterion | None) -> Bound:
    """Where a rule begins and ends: at ``clear`` where the configuration says so, else at the document's own criterion.

    An end on the wrong side of the beginning would never be reached or always be, so it is left out.
    """
    plain = Bound(op=rule.op, value=rule.value)
    end: Op
    if rule.op == "==":
        return plain
    if clear is not None:
        # "clear = 1" of a rule "> 5" means at 1 and below, of "< 95" at 97 and above: the number itself is well again.
        end = "<=" if rule.op in (">", ">=") else ">="
        value = clear
    elif criterion is not None and criterion.op and criterion.value is not None:
        end, value = criterion.op, criterion.value
    else:
        return plain
    return replace(plain, end_op=end, end_value=value) if _fits(rule, end, value) else plain


def _fits(rule: Rule, end: Op, value: float) -> bool:
    """Whether the end lies on the good side of the beginning."""
    if rule.op in (">", ">="):
        return end in ("<", "<=", "==") and value <= rule.value
    return end in (">", ">=", "==") and value >= rule.value


def observe(watch: Watch, value: float, bound: Bound, terms: Terms, now: datetime) -> Watch:
    """The state after one more reading."""
    seen = replace(watch, value=value, read_at=now, looked_at=now, silent_since=None, problem="")
    crossed = bound.crossed(value, firing=watch.state == "firing")
    return _advance(replace(seen, crossing=value) if crossed else seen, terms, now, crossed=crossed)


def silence(watch: Watch, problem: str, terms: Terms, now: datetime) -> Watch:
    """The state after a reading that gave nothing: marked, never taken for zero; else as the terms say."""
    silent_since = watch.silent_since or now
    silent = replace(watch, silent_since=silent_since, problem=problem, looked_at=now)
    if terms.no_data == "clear":
        return _advance(silent, terms, now, crossed=False)
    if terms.no_data == "fire" and now - silent_since >= terms.no_data_after:
        return replace(silent, state="firing", since=silent.since or silent_since, kept_since=None)
    return replace(silent, kept_since=None)  # nobody knows that it ceased, so it is not on its way out either


def listen(watch: Watch, problem: str, terms: Terms, now: datetime) -> Watch:
    """The state of the rule "there is data" itself; ``problem`` empty: there was a reading."""
    seen = replace(watch, looked_at=now, problem=problem, silent_since=(watch.silent_since or now) if problem else None)
    return _advance(seen, Terms(lasting=terms.no_data_after), now, crossed=bool(problem))


def _advance(seen: Watch, terms: Terms, now: datetime, *, crossed: bool) -> Watch:
    """One evaluation, in the order of ``AlertingRule.Eval``."""
    if crossed:
        if seen.state == "firing":
            return replace(seen, kept_since=None)
        since = seen.since or now
        return replace(seen, state="firing" if now - since >= terms.lasting else "pending", since=since)
    if seen.state == "firing" and terms.keep_firing:
        kept = seen.kept_since or now
        if now - kept < terms.keep_firing:
            return replace(seen, kept_since=kept)
    return replace(seen, state="inactive", since=None, kept_since=None)


def resume(watch: Watch, now: datetime, usual: timedelta) -> Watch:
    """The state after an absence: time beyond the usual pause in which nobody looked counts for nothing.

    A pending rule begins anew after `OUTAGE`; a firing one goes on firing until a reading says otherwise.
    """
    last = watch.looked_at or watch.read_at
    if last is None or now - last <= usual:
        return watch
    off = now - last
    if watch.state == "pending" and off > OUTAGE:
        return replace(watch, state="inactive", since=None)
    return replace(
        watch,
        since=watch.since + off if watch.since and watch.state == "pending" else watch.since,
        kept_since=watch.kept_since + off if watch.kept_since else None,
        silent_since=watch.silent_since + off if watch.silent_since else None,
    )


def to_tell(before: Watch, after: Watch, now: datetime, resend: timedelta = RESEND) -> bool:
    """Whether the alert must be sent: when it begins or ends to fire, and again and again while it fires."""
    if after.state != "firing":
        return before.state == "firing"
    return before.state != "firing" or before.told_at is None or now - before.told_at >= resend


def say_value(value: float, beside: float = 100.0) -> str:
    """A measured number as people read it: three digits, whole from a thousand on (``1,900``), never ``1.9e+03``.

    More digits where fewer would put it on or beyond the number that it stands ``beside``: 98.996 beside 99.
    """
    said = f"{value:,.0f}" if abs(value) >= _WHOLE else f"{value:.3g}"
    for places in range(1, _MOST_PLACES):
        shown = float(said.replace(",", ""))
        if (shown > beside, shown < beside) == (value > beside, value < beside):
            break
        said = f"{value:,.{places}f}"
    return said


def say_threshold(metric: str, op: str, value: float, unit: str | None) -> str:
    """``error rate > 5 %``."""
    number = f"{value:.12g}"  # the document's own digits, never 1e+06
    return f"{metric} {op} {number} {say_unit(unit)}".rstrip()


def say_unit(unit: str | None) -> str:
    """A unit as it stands behind a number; a count and a share of one are just numbers."""
    return "" if unit in (None, "count", "ratio") else str(unit)
