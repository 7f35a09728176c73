"""The value of an expression at one moment."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tocsin.errors import Invalid
from tocsin.promql.aggregating import aggregate
from tocsin.promql.functions import FUNCTIONS, Given, Value, labels_of, mapped, unique
from tocsin.promql.matching import combine, of_numbers, with_number
from tocsin.promql.parsing import Query
from tocsin.promql.ranges import RANGES, Span
from tocsin.promql.series import LOOKBACK, NAME, Labels, Series, Source, Vector, is_stale, without_name
from tocsin.promql.tree import Aggregate, Binary, Call, Negative, Node, Number, Range, Select, Subquery, Text

MOST_SAMPLES = 20_000_000
"""Samples that one question may look at."""


def evaluate(query: Query, now: int, source: Source) -> float | Vector:
    """The query's value at ``now`` (ms): a number, or series with a number each.

    Raises `Invalid` with a sentence where series do not fit together, or where it looks at too many samples.
    """
    value = _Evaluation(source, now).value(query.root, now)
    if isinstance(value, str):
        raise Invalid("The expression yields a text, not a value.")
    return value


@dataclass(slots=True)
class _Evaluation:
    """One question: ``asked`` is its moment; parts of it may be evaluated for others."""

    source: Source
    asked: int
    spent: int = field(default=0, init=False)

    def value(self, node: Node, now: int) -> Value:
        match node:
            case Number() | Text():
                return node.value
            case Select():
                return {series.labels: series.values[place] for series, place in self._present(node, now)}
            case Call():
                return self._call(node, now)
            case Aggregate():
                parameter = None if node.parameter is None else _plain(self.value(node.parameter, now))
                return aggregate(node, self._vector(node.inner, now), parameter)
            case Binary():
                return self._binary(node, now)
            case Negative():
                found = self.value(node.inner, now)
                return mapped(found, lambda value: -value) if isinstance(found, dict) else -_number(found)
        raise Invalid("A range stands where a value is needed.", "Use avg_over_time() or the like.")

    def _vector(self, node: Node, now: int) -> Vector:
        found = self.value(node, now)
        if not isinstance(found, dict):
            raise Invalid("A number stands where series are needed.", "Use vector().")
        return found

    def _binary(self, node: Binary, now: int) -> Value:
        left, right = self.value(node.left, now), self.value(node.right, now)
        if isinstance(left, dict):
            if isinstance(right, dict):
                return combine(node, left, right)
            return with_number(node, left, _number(right), number_first=False)
        if isinstance(right, dict):
            return with_number(node, right, _number(left), number_first=True)
        return of_numbers(node, _number(left), _number(right))

    def _call(self, node: Call, now: int) -> Value:
        if node.name in RANGES:
            return self._over_range(node, now)
        first = node.arguments[0] if node.arguments else None
        if node.name == "timestamp" and isinstance(first, Select):
            moments = [(series.labels, series.times[place] / 1000) for series, place in self._present(first, now)]
            return unique([(without_name(labels), moment) for labels, moment in moments])
        if node.name == "absent" and isinstance(first, Select):
            return {} if self._vector(first, now) else {_told(first): 1.0}
        return FUNCTIONS[node.name](Given(tuple(self.value(part, now) for part in node.arguments), now))

    def _over_range(self, node: Call, now: int) -> Vector:
        numbers = [part for part in node.arguments if not isinstance(part, Range | Subquery)]
        ranged = next(part for part in node.arguments if isinstance(part, Range | Subquery))
        number = _number(self.value(numbers[0], now)) if numbers else math.nan
        spans = self._spans(ranged, now)
        if node.name == "absent_over_time":
            told = _told(ranged.select) if isinstance(ranged, Range) else ()
            return {} if any(True for _ in spans) else {told: 1.0}
        if node.name == "predict_linear":
            number += (now - self._end(ranged, now)) / 1000  # it is told from now, not from the end of the range
        compute, keeps_name = RANGES[node.name], node.name == "last_over_time"
        pairs: list[tuple[Labels, float]] = []
        for labels, span in spans:
            value = compute(span, number)
            if value is not None:
                pairs.append((labels if keeps_name else without_name(labels), value))
        return unique(pairs)

    def _end(self, node: Range | Subquery, now: int) -> int:
        bounds = node.select if isinstance(node, Range) else node
        return (self.asked if bounds.fixed else now) - bounds.offset

    def _present(self, node: Select, now: int) -> Iterator[tuple[Series, int]]:
        """Each series that has a value then, and the place of its sample."""
        at = (self.asked if node.fixed else now) - node.offset
        for series in self.source.select(node.selector):
            place = bisect_right(series.times, at) - 1
            if place < 0 or series.times[place] < at - LOOKBACK:
                continue
            self._spend(1)
            if not (series.ends and is_stale(series.values[place])):
                yield series, place

    def _spans(self, node: Range | Subquery, now: int) -> Iterator[tuple[Labels, Span]]:
        end = self._end(node, now)
        if isinstance(node, Subquery):
            yield from self._steps(node, end)
            return
        start = end - node.width
        for series in self.source.select(node.select.selector):
            times = series.times
            low = bisect_left(times, start)
            high = bisect_right(times, end, low)
            if low == high:
                continue
            self._spend(high - low)
            moments, values = times[low:high], list(series.values[low:high])
            if series.ends:
                moments, values = _lasting(moments, values)
            if values:
                yield series.labels, Span(moments, values, start, end)

    def _steps(self, node: Subquery, end: int) -> Iterator[tuple[Labels, Span]]:
        """The inner expression at every multiple of the step within the range."""
        start = end - node.width
        found: dict[Labels, tuple[list[int], list[float]]] = {}
        for moment in range(-(-start // node.step) * node.step, end + 1, node.step):
            self._spend(1)
            value = self.value(node.inner, moment)
            for labels, number in (value if isinstance(value, dict) else {(): _number(value)}).items():
                times, values = found.setdefault(labels, ([], []))
                times.append(moment)
                values.append(number)
        for labels, (times, values) in found.items():
            yield labels, Span(times, values, start, end)

    def _spend(self, samples: int) -> None:
        self.spent += samples
        if self.spent > MOST_SAMPLES:
            raise Invalid(f"The expression looks at more than {MOST_SAMPLES:,} samples.", "Name fewer, or less time.")


def _lasting(times: Sequence[int], values: Sequence[float]) -> tuple[list[int], list[float]]:
    """The samples without the marks of an end."""
    kept = [(time, value) for time, value in zip(times, values, strict=True) if not is_stale(value)]
    return [time for time, _ in kept], [value for _, value in kept]


def _told(select: Select) -> Labels:
    """The labels that the selector itself tells: each that is asked to be equal, once."""
    told: dict[str, str] = {}
    unclear: set[str] = set()
    for matcher in select.selector:
        if matcher.name == NAME:
            continue
        if matcher.op == "=" and matcher.name not in told:
            told[matcher.name] = matcher.value
        else:
            unclear.add(matcher.name)
    return labels_of({name: value for name, value in told.items() if name not in unclear})


def _number(value: Value) -> float:
    if not isinstance(value, float):
        raise Invalid("A text or a vector stands where a number is needed.", "Use scalar().")
    return value


def _plain(value: Value) -> float | str:
    if isinstance(value, dict):
        raise Invalid("A vector stands where a number is needed.", "Use scalar().")
    return value
