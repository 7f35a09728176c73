"""The charts of the figures as inline SVG, without script and style: groups over a scale of time, months in columns."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import timedelta

from markupsafe import Markup

from tocsin.core.figures.counting import Group, Spread
from tocsin.core.figures.meanings import NAMES, Measure
from tocsin.times import say_duration

WIDTH, ROW, HEAD = 280, 22, 6
LEFT, RIGHT = 76, 268
MOST_ROWS, LONGEST_NAME = 12, 13
_TICKS = (1, 10, 60, 300, 900, 3600, 4 * 3600, 86_400, 7 * 86_400, 30 * 86_400)
"""Seconds at which the scale may have a line; it is logarithmic, because times to an end are."""


def said(spread: Spread) -> str:
    """``4 min / 12 min`` (median / p90), or the values of a few; a dash for none."""
    if spread.median is None or spread.p90 is None:
        return ", ".join(_span(value) for value in spread.values) or "–"
    return f"{_span(spread.median)} / {_span(spread.p90)}"


def share(kept: int, missed: int) -> str:
    """``7 of 9``: a share of so few that a percentage would lie is told as what it is."""
    return f"{kept} of {kept + missed}" if kept + missed else "–"


def times(groups: Sequence[Group], measure: Measure) -> Markup:
    """A row for each group: a dot at the median and a line to the p90, or a small dot for each value of a few.

    No bar: on a logarithmic scale its length would say nothing.
    """
    rows = [(each.name or "none", each.times[measure]) for each in groups if each.times[measure].n][:MOST_ROWS]
    if not rows:
        return Markup("")
    top = max([*(spread.p90 or 0.0 for _, spread in rows), *(v for _, spread in rows for v in spread.values), 1.0])
    low, high = _bounds(rows, top)
    height = HEAD + ROW * len(rows) + 18
    parts = [_scale(low, high, height)]
    for place, (name, spread) in enumerate(rows):
        parts.append(_row(name, spread, HEAD + ROW * place, low, high))
    return _svg(height, f"{NAMES[measure]}: " + "; ".join(f"{name} {said(spread)}" for name, spread in rows), parts)


def months(groups: Sequence[Group]) -> Markup:
    """A column for each month: how many incidents began."""
    shown = groups[-24:]
    if not shown:
        return Markup("")
    top, height, base = max(each.incidents for each in shown), 132, 104
    wide = (RIGHT - 34) / len(shown)
    parts = [
        Markup('<line class="grid" x1="34" x2="{}" y1="{}" y2="{}"/><text x="29" y="{}" text-anchor="end">{}</text>')
        .format(RIGHT, y, y, y + 3, value)
        for value, y in ((0, base), (top, 14))
    ]  # fmt: skip
    for place, each in enumerate(shown):
        x, tall = 34 + wide * place, (base - 14) * each.incidents / top
        parts.append(
            Markup('<rect class="bar" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>').format(
                x + wide * 0.15, base - tall, min(wide * 0.7, 40), tall
            )
        )
        if len(shown) <= 6 or place % 3 == 0:
            middle = x + wide * 0.15 + min(wide * 0.7, 40) / 2
            text = Markup('<text x="{:.1f}" y="{}" text-anchor="middle">{}</text>')
            parts.append(text.format(middle, base + 15, each.name))
    return _svg(height, "Incidents that began, by month: " + "; ".join(f"{e.name} {e.incidents}" for e in shown), parts)


def _bounds(rows: Sequence[tuple[str, Spread]], top: float) -> tuple[float, float]:
    least = min(min([spread.median or top, *spread.values]) for _, spread in rows)
    low = next((tick for tick in reversed(_TICKS) if tick <= max(least, 1.0) * 0.9), 1)
    return math.log(low), math.log(max(top, low * 4) * 1.15)


def _x(value: float, low: float, high: float) -> float:
    place = (math.log(max(value, 1.0)) - low) / (high - low)
    return round(LEFT + (RIGHT - LEFT) * min(max(place, 0.0), 1.0), 1)


def _scale(low: float, high: float, height: int) -> Markup:
    line = Markup('<line class="grid" x1="{0}" x2="{0}" y1="{1}" y2="{2}"/>')
    text = Markup('<text x="{}" y="{}" text-anchor="middle">{}</text>')
    drawn, last = [], -1000.0
    for tick in _TICKS:
        x = _x(tick, low, high)
        if low - 0.01 <= math.log(tick) <= high and x - last >= 42:
            last = x
            drawn += [line.format(x, HEAD - 4, height - 16), text.format(x, height - 5, _span(tick))]
    return Markup("").join(drawn)


def _row(name: str, spread: Spread, y: int, low: float, high: float) -> Markup:
    short = name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"
    parts = [Markup('<text class="name" x="{}" y="{}" text-anchor="end">{}</text>').format(LEFT - 6, y + 14, short)]
    if spread.median is not None and spread.p90 is not None:
        middle, far = _x(spread.median, low, high), _x(spread.p90, low, high)
        parts.append(
            Markup(
                '<line class="reach" x1="{0}" x2="{1}" y1="{2}" y2="{2}"/>'
                '<line class="reach" x1="{1}" x2="{1}" y1="{3}" y2="{4}"/><circle class="bar" cx="{0}" cy="{2}" r="5"/>'
            ).format(middle, far, y + 10.5, y + 6, y + 15)
        )
    dot = Markup('<circle class="dot-of" cx="{}" cy="{}" r="3.2"/>')
    return Markup("").join([*parts, *(dot.format(_x(value, low, high), y + 10.5) for value in spread.values)])


def _span(seconds: float) -> str:
    return say_duration(timedelta(seconds=seconds))


def _svg(height: int, says: str, parts: Sequence[Markup]) -> Markup:
    return Markup('<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        WIDTH, height, says, Markup("").join(parts)
    )
