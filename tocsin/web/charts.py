"""A signal's last hours as inline SVG: what a page shows where no script draws the live chart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from markupsafe import Markup

from tocsin.core.watching import say_value
from tocsin.service.gauging import Threshold
from tocsin.service.panels import Panel
from tocsin.service.views import SignalView

WIDTH, HEIGHT = 264, 120
LEFT, RIGHT, TOP, BOTTOM = 34, 260, 8, 104

Points = Sequence[tuple[float, float]]


def chart(signal: SignalView) -> Markup:
    """The curve, the open threshold and the goal, drawn without style and without script."""
    top = top_of(signal)
    parts = [_axis(top)]
    if len(signal.points) > 1:
        parts.append(_curve(signal.points, top))
    for value, name in ((signal.threshold, "alert"), (signal.goal, "goal")):
        if value is not None and value <= top:
            parts.append(_mark(value, top, name, signal.unit))
    return Markup('<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        WIDTH, HEIGHT, _says(signal), Markup("").join(parts)
    )


_STYLE = (
    "text{font:9.5px sans-serif;fill:#555}.grid{stroke:#ddd}.area{fill:#4f46e51f}.curve{fill:none;stroke:#4f46e5;"
    "stroke-width:1.5}line.alert{stroke:#b42318;stroke-dasharray:4 3}text.alert{fill:#b42318}"
    "line.goal{stroke:#15803d;stroke-dasharray:2 3}text.goal{fill:#15803d}"
)


def standing_alone(drawn: Markup) -> str:
    """A chart as a file: with its own style, on white, so that it reads the same wherever it is shown."""
    head, _, rest = str(drawn).partition(">")
    frame = f'{head} xmlns="http://www.w3.org/2000/svg"><style>{_STYLE}</style>'
    return f'{frame}<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>{rest}'


def top_of(signal: SignalView) -> float:
    """The upper end of the scale: above everything that is drawn."""
    highest = max((value for _, value in signal.points), default=0.0)
    return (max(highest, signal.threshold or 0.0, signal.goal or 0.0) or 1.0) * 1.2


def tick(value: float) -> str:
    """A number beside the axis: three digits, short enough for the room there (``1.08k``, ``12M``)."""
    size = abs(value)
    if size and not 0.001 <= size < 1e15:
        return f"{value:.0e}"
    for whole, letter in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if size >= whole * 0.9995:
            return f"{value / whole:.3g}{letter}"
    return f"{value:.3g}"


def _says(signal: SignalView) -> str:
    now = "no reading" if signal.value is None else f"now {say_value(signal.value)} {signal.unit}".strip()
    threshold = "" if signal.threshold is None else f", alert at {signal.threshold:g} {signal.unit}".rstrip()
    return f"{signal.metric}: {now}{threshold}"


def _height(value: float, top: float) -> float:
    return round(BOTTOM - (BOTTOM - TOP) * min(max(value, 0.0), top) / top, 1)


def _axis(top: float) -> Markup:
    line = Markup('<line class="grid" x1="{}" x2="{}" y1="{}" y2="{}"/><text x="{}" y="{}" text-anchor="end">{}</text>')
    return Markup("").join(
        line.format(LEFT, RIGHT, y, y, LEFT - 5, y + 3, tick(value))
        for value in (0.0, top / 2, top)
        for y in (_height(value, top),)
    )


def _curve(points: Points, top: float) -> Markup:
    start, end = points[0][0], points[-1][0]
    span = (end - start) or 1.0
    step = max(len(points) // 240, 1)
    drawn = [*points[:-1:step], points[-1]]
    places = [(round(LEFT + (RIGHT - LEFT) * (at - start) / span, 1), _height(value, top)) for at, value in drawn]
    line = " ".join(f"{x},{y}" for x, y in places)
    return Markup('<polygon class="area" points="{},{} {} {},{}"/><polyline class="curve" points="{}"/>').format(
        LEFT, BOTTOM, line, RIGHT, BOTTOM, line
    )


def _mark(value: float, top: float, name: str, unit: str) -> Markup:
    y = _height(value, top)
    return Markup(
        '<line class="{0}" x1="{1}" x2="{2}" y1="{3}" y2="{3}"/><text class="{0}" x="{4}" y="{5}">{0} {6:g} {7}</text>'
    ).format(name, LEFT, RIGHT, y, LEFT + 4, y - 4, value, unit)


# --- the page of the signals ---------------------------------------------------------------------------------------

_MOST_DRAWN = 240
_APART = 11.0
"""Labels that are nearer than this would lie on each other, so the next one stands farther in."""
_ASIDE, _FARTHEST = 76.0, 160.0
_FAR = 0.8


def _words(begin: str, value: float, threshold: Threshold, unit: str) -> str:
    """``P2 > 500``, with the document's unit where the curve has another."""
    return f"{begin} {value:g} {threshold.unit if threshold.unit != unit else ''}".strip()


def panel_chart(panel: Panel) -> Markup:
    """The last hours of a signal with every threshold; where nothing was read the curve is broken."""
    thresholds = panel.measured.thresholds
    marks = [
        (each.level, "alert", _words(f"{each.severity} {each.op}", each.value, each, panel.unit))
        for each in thresholds
        if each.level is not None and each.value is not None
    ]
    marks += [
        (each.end_level, "goal", _words("over at", each.end_value, each, panel.unit))
        for each in thresholds
        if each.end_level is not None and each.end_value is not None
    ]
    marks = sorted(dict.fromkeys(marks), key=lambda mark: mark[0])
    scale = _scale_of([*(value for _, value in panel.points), *(mark[0] for mark in marks)])
    parts = [_scale_axis(scale, panel), _broken_curve(panel, scale), _marks(marks, scale)]
    return Markup('<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        WIDTH, HEIGHT, _panel_says(panel), Markup("").join(parts)
    )


@dataclass(frozen=True, slots=True)
class _Scale:
    """From the lowest to the highest of what is drawn, and some air above."""

    low: float
    high: float

    @property
    def top(self) -> float:
        return self.low + (self.high - self.low) * 1.2

    def height(self, value: float) -> float:
        return round(BOTTOM - (BOTTOM - TOP) * (value - self.low) / (self.top - self.low), 1)


def _scale_of(values: Sequence[float]) -> _Scale:
    """From zero; but where all is close together far from it (99.95 beside 99), from a little below the lowest."""
    least, most = min(values, default=0.0), max(values, default=0.0)
    if most > least > _FAR * most:
        return _Scale(least - (most - least) / 4, most)
    low, high = min(least, 0.0), max(most, 0.0)
    return _Scale(low, high if high > low else low + 1.0)


def _panel_says(panel: Panel) -> str:
    values = [value for _, value in panel.points]
    if not values:
        return f"{panel.measured.metric}: nothing was read in the last 2 hours"
    least, most = say_value(min(values)), say_value(max(values))
    return f"{panel.measured.metric}, last 2 hours: between {least} and {most} {panel.unit}".strip()


def _scale_axis(scale: _Scale, panel: Panel) -> Markup:
    line = Markup('<line class="grid" x1="{}" x2="{}" y1="{}" y2="{}"/><text x="{}" y="{}" text-anchor="end">{}</text>')
    levels = (scale.low, (scale.low + scale.top) / 2, scale.top)
    drawn = [
        line.format(LEFT, RIGHT, y, y, LEFT - 5, y + 3, tick(value)) for value in levels for y in (scale.height(value),)
    ]
    ends = Markup('<text x="{}" y="{}">2 h ago</text><text x="{}" y="{}" text-anchor="end">now</text>')
    return Markup("").join([*drawn, ends.format(LEFT, HEIGHT - 4, RIGHT, HEIGHT - 4) if panel.until else Markup("")])


def _broken_curve(panel: Panel, scale: _Scale) -> Markup:
    if panel.since is None or panel.until is None or not panel.points:
        return Markup('<text x="{}" y="{}" text-anchor="middle">nothing was read</text>').format(
            (LEFT + RIGHT) / 2, BOTTOM - (BOTTOM - TOP) / 4 + 3
        )
    start, span = panel.since.timestamp(), (panel.until - panel.since).total_seconds()
    longest = max(3 * panel.measured.every_seconds, 90.0)
    floor = scale.height(max(scale.low, 0.0))
    drawn = []
    for piece in _pieces(panel.points, longest):
        places = [
            (round(LEFT + (RIGHT - LEFT) * (at - start) / span, 1), scale.height(value))
            for at, value in _thinned(piece, span)
        ]
        line = " ".join(f"{x},{y}" for x, y in places)
        if len(places) == 1:
            drawn.append(Markup('<circle class="dot-of" cx="{}" cy="{}" r="1.6"/>').format(*places[0]))
        else:
            drawn.append(
                Markup('<polygon class="area" points="{},{} {} {},{}"/><polyline class="curve" points="{}"/>').format(
                    places[0][0], floor, line, places[-1][0], floor, line
                )
            )
    return Markup("").join(drawn)


def _pieces(points: Points, longest: float) -> Iterator[list[tuple[float, float]]]:
    """The readings, cut where one did not come for so many seconds."""
    piece: list[tuple[float, float]] = []
    for point in points:
        if piece and point[0] - piece[-1][0] > longest:
            yield piece
            piece = []
        piece.append(point)
    if piece:
        yield piece


def _thinned(points: Points, span: float) -> list[tuple[float, float]]:
    """The lowest and the highest of each small span, so that no peak is lost."""
    if len(points) <= _MOST_DRAWN:
        return list(points)
    wide = span / (_MOST_DRAWN / 2)
    kept: list[tuple[float, float]] = []
    for _, group in groupby(points, key=lambda point: point[0] // wide):
        some = list(group)
        kept += sorted({min(some, key=itemgetter(1)), max(some, key=itemgetter(1))})
    return kept


def _marks(marks: Sequence[tuple[float, str, str]], scale: _Scale) -> Markup:
    """A line for each threshold with its words: alerts at the left, ends at the right; none lies on another."""
    drawn, last, aside = [], {"alert": float("inf"), "goal": float("inf")}, {"alert": 0.0, "goal": 0.0}
    for value, kind, words in marks:
        y = scale.height(value)
        drawn.append(Markup('<line class="{0}" x1="{1}" x2="{2}" y1="{3}" y2="{3}"/>').format(kind, LEFT, RIGHT, y))
        aside[kind] = aside[kind] + _ASIDE if last[kind] - y < _APART else 0.0
        if aside[kind] > _FARTHEST:
            continue
        last[kind] = y
        x, anchor = (LEFT + 4 + aside[kind], "start") if kind == "alert" else (RIGHT - 4 - aside[kind], "end")
        text = Markup('<text class="{}" x="{}" y="{}" text-anchor="{}">{}</text>')
        drawn.append(text.format(kind, x, y - 3, anchor, words))
    return Markup("").join(drawn)
