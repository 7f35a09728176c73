"""The health of the system under care, as it was read last or is read now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import cast

from tocsin.app import App
from tocsin.core.runbook import Op
from tocsin.core.systemhealth import Check, Crossing, Limit, SystemHealth, judged, softened, together
from tocsin.core.watching import holds, say_unit
from tocsin.plug.kinds import Supplier
from tocsin.service import gauging
from tocsin.service.gauging import Measured, Read, Threshold
from tocsin.settings import Signal

MISSED = 3
"""After so many readings that did not come there is no data, whatever was read before."""
LATE = timedelta(minutes=1)
_BY_MEASURE = {
    "up": Limit(op="==", value=1, else_is="it is not up"),
    "rate_limited": Limit(op="==", value=0, else_is="a limit refuses its requests"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """Every signal read once, just now, and what they say together."""

    health: SystemHealth
    readings: tuple[Read, ...]


def examine(app: App) -> Examined:
    """Read everything that is bound once, and judge it; nothing else follows."""
    readings = tuple(gauging.read_all(app))
    return Examined(health=standing(app, {each.metric: each for each in readings}), readings=readings)


def standing(app: App, fresh: Mapping[str, Read] | None = None) -> SystemHealth:
    """The health by the last readings, or by ``fresh`` ones, which are of now."""
    known = [each for each in gauging.measured(app) if each.probe]
    signals = {signal.metric: signal for signal in app.settings.signals}
    worst = {book.digest: book.severities[0].name for book in app.books if book.severities}
    at = app.clock.now()
    checks = [_check(app, each, signals[each.metric], worst, (fresh or {}).get(each.metric)) for each in known]
    return together(checks, at)


def problem_of(app: App, measured: Measured, signal: Signal | None) -> str:
    """Why there is no value now; empty where the last reading gave one."""
    if measured.problem:
        return measured.problem
    if measured.at is None:
        return "it has not been read yet"
    late = max(MISSED * timedelta(seconds=measured.every_seconds), LATE) + (signal.timeout if signal else LATE)
    return "nothing has been read since" if app.clock.now() - measured.at > late else ""


def _check(app: App, measured: Measured, signal: Signal, worst: Mapping[str, str], fresh: Read | None) -> Check:
    problem = fresh.problem if fresh else problem_of(app, measured, signal)
    value = fresh.value if fresh else None if problem else measured.value
    crossed = [one for each in measured.thresholds if (one := _crossing(each, value, worst))]
    state, why = judged(
        value, problem, limit_of(signal), crossed, limits=bool(measured.thresholds),
        supplier=isinstance(signal.probe, Supplier),
    )  # fmt: skip
    return Check(
        metric=measured.metric, probe=measured.probe, why=why, value=value,
        state=state if signal.essential else softened(state),
        unit=say_unit(measured.unit),
        at=app.clock.now() if fresh else measured.at, says=fresh.detail if fresh else "",
    )  # fmt: skip


def limit_of(signal: Signal) -> Limit | None:
    """What is healthy of a signal: as its table says, else by what it measures: up is, a refusal by a limit is not."""
    return signal.healthy or _BY_MEASURE.get(getattr(signal.probe, "measure", ""))


def _crossing(threshold: Threshold, value: float | None, worst: Mapping[str, str]) -> Crossing | None:
    """The threshold, where it is crossed or its alert goes on; what needs not last fires as soon as it is crossed."""
    over = value is not None and threshold.level is not None and holds(value, cast("Op", threshold.op), threshold.level)
    if not over and threshold.state == "inactive":
        return None
    fires = threshold.state == "firing" or (over and not threshold.for_seconds)
    return Crossing(
        text=threshold.text, severity=threshold.severity, fires=fires,
        worst=bool(threshold.severity) and worst.get(threshold.digest) == threshold.severity,
    )  # fmt: skip
