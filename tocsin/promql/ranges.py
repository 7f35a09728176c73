"""Functions of one series' samples within a range. Source: prometheus/prometheus ``promql/functions.go`` (2.42).

Each takes a `Span` and the function's number (NaN where it has none), and gives a value, or None where it has none.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import lt

from tocsin.promql.arithmetic import deviation, divide, mean, quantile, total


@dataclass(frozen=True, slots=True)
class Span:
    """The samples from ``start`` to ``end`` (ms, both included), at least one, no `STALE` among them."""

    times: Sequence[int]
    values: list[float]
    start: int
    end: int


def _extrapolated(span: Span, *, counter: bool) -> float | None:
    """How much it grew over the whole range, as far as its samples let one tell."""
    times, values = span.times, span.values
    if len(values) < 2:
        return None
    first, grown = values[0], values[-1] - values[0]
    if counter:
        grown += total([before for before, after in itertools.pairwise(values) if after < before])
    to_start, to_end = (times[0] - span.start) / 1000, (span.end - times[-1]) / 1000
    sampled = (times[-1] - times[0]) / 1000
    between = sampled / (len(values) - 1)
    if counter and grown > 0 and first >= 0:
        to_start = min(to_start, sampled * (first / grown))  # a counter was never below zero
    threshold = between * 1.1
    covered = sampled
    covered += to_start if to_start < threshold else between / 2
    covered += to_end if to_end < threshold else between / 2
    return grown * (covered / sampled)


def _rate(span: Span, _: float) -> float | None:
    grown = _extrapolated(span, counter=True)
    return None if grown is None else grown / ((span.end - span.start) / 1000)


def _last_two(span: Span, *, rate: bool) -> float | None:
    if len(span.values) < 2:
        return None
    before, after = span.values[-2], span.values[-1]
    grown = after if rate and after < before else after - before
    return grown / ((span.times[-1] - span.times[-2]) / 1000) if rate else grown


def _line(span: Span, origin: int) -> tuple[float, float]:
    """Slope (each second) and the value at ``origin`` of the line that fits the samples best."""
    values = span.values
    if all(value == values[0] for value in values):
        return (math.nan, math.nan) if math.isinf(values[0]) else (0.0, values[0])
    seconds = [(time - origin) / 1000 for time in span.times]
    number = len(values)
    all_x, all_y = total(seconds), total(values)
    covariance = total([x * y for x, y in zip(seconds, values, strict=True)]) - all_x * all_y / number
    slope = divide(covariance, total([x * x for x in seconds]) - all_x * all_x / number)
    return slope, all_y / number - slope * all_x / number


def _deriv(span: Span, _: float) -> float | None:
    return None if len(span.values) < 2 else _line(span, span.times[0])[0]


def _predict_linear(span: Span, seconds: float, now: int) -> float | None:
    if len(span.values) < 2:
        return None
    slope, value = _line(span, now)
    return slope * seconds + value


def _changes(span: Span, _: float) -> float:
    pairs = itertools.pairwise(span.values)
    return float(sum(before != after and not (math.isnan(before) and math.isnan(after)) for before, after in pairs))


def least(values: list[float]) -> float:
    """The smallest that is a number; NaN only where none is."""
    return min((value for value in values if not math.isnan(value)), default=math.nan)


def greatest(values: list[float]) -> float:
    """The largest that is a number; NaN only where none is."""
    return max((value for value in values if not math.isnan(value)), default=math.nan)


RANGES: Mapping[str, Callable[[Span, float], float | None]] = {
    "rate": _rate,
    "increase": lambda span, _: _extrapolated(span, counter=True),
    "delta": lambda span, _: _extrapolated(span, counter=False),
    "irate": lambda span, _: _last_two(span, rate=True),
    "idelta": lambda span, _: _last_two(span, rate=False),
    "deriv": _deriv,
    "predict_linear": lambda span, seconds: _predict_linear(span, seconds, span.end),
    "resets": lambda span, _: float(sum(map(lt, span.values[1:], span.values))),
    "changes": _changes,
    "avg_over_time": lambda span, _: mean(span.values),
    "min_over_time": lambda span, _: least(span.values),
    "max_over_time": lambda span, _: greatest(span.values),
    "sum_over_time": lambda span, _: total(span.values),
    "count_over_time": lambda span, _: float(len(span.values)),
    "last_over_time": lambda span, _: span.values[-1],
    "quantile_over_time": lambda span, share: quantile(share, span.values),
    "stddev_over_time": lambda span, _: math.sqrt(deviation(span.values)),
    "stdvar_over_time": lambda span, _: deviation(span.values),
    "present_over_time": lambda *_: 1.0,
    "absent_over_time": lambda *_: None,
}
"""Every function that takes a range. What `absent_over_time` gives depends on all series together (`evaluating`)."""
