"""A signal's last hours as inline SVG: what a page shows where no script draws the live chart."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

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


def top_of(signal: SignalView) -> float:
    """The upper end of the scale: above everything that is drawn."""
    highest = max((value for _, value in signal.points), default=0.0)
    return max(highest, signal.threshold or 0.0, signal.goal or 0.0, 1e-9) * 1.2


def _says(signal: SignalView) -> str:
    now = "no reading" if signal.value is None else f"now {signal.value:.3g} {signal.unit}".strip()
    threshold = "" if signal.threshold is None else f", alert at {signal.threshold:g} {signal.unit}".rstrip()
    return f"{signal.metric}: {now}{threshold}"


def _height(value: float, top: float) -> float:
    return round(BOTTOM - (BOTTOM - TOP) * min(max(value, 0.0), top) / top, 1)


def _axis(top: float) -> Markup:
    line = Markup('<line class="grid" x1="{}" x2="{}" y1="{}" y2="{}"/><text x="{}" y="{}" text-anchor="end">{}</text>')
    return Markup("").join(
        line.format(LEFT, RIGHT, y, y, LEFT - 5, y + 3, f"{value:.3g}")
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
