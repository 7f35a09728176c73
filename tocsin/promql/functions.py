"""Functions of a vector or of numbers. Source of their rules: prometheus/prometheus ``promql/functions.go`` (2.42)."""

from __future__ import annotations

import calendar
import functools
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import re2

from tocsin.errors import Invalid
from tocsin.promql.arithmetic import divide, exponential, logarithm, rounded
from tocsin.promql.histograms import histogram_quantile
from tocsin.promql.series import Labels, Vector, without_name
from tocsin.times import EPOCH

Value = float | str | Vector
LABEL_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_TEMPLATE = re.compile(r"\$(?:(\$)|\{(\w+)\}|(\w+))", re.ASCII)


@dataclass(frozen=True, slots=True)
class Given:
    """What a function is called with, and the moment (ms) for which."""

    values: tuple[Value, ...]
    now: int

    def vector(self, place: int = 0) -> Vector:
        """The argument, which the grammar promises to be a vector."""
        value = self.values[place]
        if not isinstance(value, dict):
            raise Invalid(f"Argument {place + 1} is no vector.")
        return value

    def number(self, place: int, unless_told: float = math.nan) -> float:
        """The argument, which the grammar promises to be a number, where there is one."""
        if place >= len(self.values):
            return unless_told
        value = self.values[place]
        if not isinstance(value, float):
            raise Invalid(f"Argument {place + 1} is no number.")
        return value

    def text(self, place: int) -> str:
        """The argument, which the grammar promises to be a text."""
        value = self.values[place]
        if not isinstance(value, str):
            raise Invalid(f"Argument {place + 1} is no text.")
        return value


def unique(pairs: list[tuple[Labels, float]]) -> Vector:
    """The vector of these series; raises `Invalid` where two have the same labels."""
    vector = dict(pairs)
    if len(vector) < len(pairs):
        raise Invalid("Several series have the same labels once the metric's name is gone.", "Aggregate them first.")
    return vector


def mapped(vector: Vector, change: Callable[[float], float]) -> Vector:
    """Every value changed, every name gone."""
    return unique([(without_name(labels), change(value)) for labels, value in vector.items()])


def labels_of(names: Mapping[str, str]) -> Labels:
    """Labels in their order, the empty ones left out."""
    return tuple(sorted((name, value) for name, value in names.items() if value))


def _round(given: Given) -> Vector:
    inverse = divide(1.0, given.number(1, 1.0))
    return mapped(given.vector(), lambda value: divide(rounded(value * inverse + 0.5, math.floor), inverse))


def _clamp(given: Given, low: float, high: float) -> Vector:
    def clamped(value: float) -> float:
        if math.isnan(value) or math.isnan(low) or math.isnan(high):
            return math.nan
        return max(low, min(high, value))

    return {} if low > high else mapped(given.vector(), clamped)


def _sorted(vector: Vector, *, falling: bool) -> Vector:
    def place(item: tuple[Labels, float]) -> tuple[bool, float]:
        return math.isnan(item[1]), -item[1] if falling else item[1]

    return dict(sorted(vector.items(), key=place))


def _scalar(given: Given) -> float:
    values = list(given.vector().values())
    return values[0] if len(values) == 1 else math.nan


@functools.lru_cache(maxsize=200)
def _pattern(text: str) -> Any:
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(text, options)
    except re2.error:
        raise Invalid(f"The regular expression {text[:100]!r} of label_replace() can't be read.") from None


def _label_name(name: str) -> str:
    if not LABEL_NAME.fullmatch(name):
        raise Invalid(f"{name[:100]!r} is not a label's name.", "Use letters, digits and underscores.")
    return name


def _label_replace(given: Given) -> Vector:
    target, template, source = (given.text(place) for place in (1, 2, 3))
    pattern, pairs = _pattern(given.text(4)), []
    _label_name(target)
    for labels, value in given.vector().items():
        names = dict(labels)
        found = pattern.fullmatch(names.get(source, ""))
        pairs.append((labels_of({**names, target: _filled(template, found)}) if found else labels, value))
    return unique(pairs)


def _filled(template: str, found: Any) -> str:
    """Go's ``Regexp.Expand``: ``$1``, ``${name}``; a group that there is not is empty."""

    def part(place: re.Match[str]) -> str:
        dollar, braced, plain = place.groups()
        name = braced or plain
        if dollar:
            return "$"
        if name.isdigit():
            return (found.group(int(name)) or "") if int(name) <= found.re.groups else ""
        return (found.group(name) or "") if name in found.re.groupindex else ""

    return _TEMPLATE.sub(part, template)


def _label_join(given: Given) -> Vector:
    target, separator = _label_name(given.text(1)), given.text(2)
    sources = [_label_name(given.text(place)) for place in range(3, len(given.values))]
    pairs = []
    for labels, value in given.vector().items():
        names = dict(labels)
        joined = separator.join(names.get(source, "") for source in sources)
        pairs.append((labels_of({**names, target: joined}), value))
    return unique(pairs)


def _calendar(of: Callable[[datetime], int]) -> Callable[[Given], Vector]:
    """A part of a moment in UTC: of the values (seconds since 1970), or of now."""

    def part(seconds: float) -> float:
        try:
            return float(of(EPOCH + timedelta(seconds=math.floor(seconds))))
        except (OverflowError, ValueError):
            return math.nan

    return lambda given: mapped(given.vector() if given.values else {(): given.now / 1000}, part)


def _each(change: Callable[[float], float]) -> Callable[[Given], Vector]:
    return lambda given: mapped(given.vector(), change)


FUNCTIONS: Mapping[str, Callable[[Given], Value]] = {
    "abs": _each(abs),
    "ceil": _each(lambda value: rounded(value, math.ceil)),
    "floor": _each(lambda value: rounded(value, math.floor)),
    "exp": _each(exponential),
    "sqrt": _each(lambda value: math.sqrt(value) if value >= 0 else math.nan),
    "ln": _each(lambda value: logarithm(value, math.log)),
    "log2": _each(lambda value: logarithm(value, math.log2)),
    "log10": _each(lambda value: logarithm(value, math.log10)),
    "sgn": _each(lambda value: math.copysign(1.0, value) if value < 0 or value > 0 else value),
    "round": _round,
    "clamp": lambda given: _clamp(given, given.number(1), given.number(2)),
    "clamp_min": lambda given: _clamp(given, given.number(1), math.inf),
    "clamp_max": lambda given: _clamp(given, -math.inf, given.number(1)),
    "sort": lambda given: _sorted(given.vector(), falling=False),
    "sort_desc": lambda given: _sorted(given.vector(), falling=True),
    "scalar": _scalar,
    "vector": lambda given: {(): given.number(0)},
    "time": lambda given: given.now / 1000,
    "pi": lambda _: math.pi,
    "timestamp": lambda given: mapped(given.vector(), lambda _: given.now / 1000),
    "absent": lambda given: {} if given.vector() else {(): 1.0},
    "label_replace": _label_replace,
    "label_join": _label_join,
    "histogram_quantile": lambda given: histogram_quantile(given.number(0), given.vector(1)),
    "minute": _calendar(lambda moment: moment.minute),
    "hour": _calendar(lambda moment: moment.hour),
    "day_of_week": _calendar(lambda moment: moment.isoweekday() % 7),
    "day_of_month": _calendar(lambda moment: moment.day),
    "days_in_month": _calendar(lambda moment: calendar.monthrange(moment.year, moment.month)[1]),
    "month": _calendar(lambda moment: moment.month),
    "year": _calendar(lambda moment: moment.year),
}
"""Every function without a range. What `timestamp` and `absent` give of a bare selector is told in `evaluating`."""
