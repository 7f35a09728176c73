"""The chart of a signal with its thresholds: where they lie, and what stands at them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from tocsin.service.gauging import Measured, Threshold
from tocsin.service.panels import Panel
from tocsin.web.charts import panel_chart

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def a_threshold(value: float, severity: str = "P1", unit: str = "ms", level: float | None = None) -> Threshold:
    """A threshold of the ferries; ``level``: in the unit of the signal, where that is another."""
    return Threshold(
        text="", ends="", for_seconds=0, alert="Late", severity=severity, runbook="ferry.md", scenario="", line=1,
        state="inactive", since=None, op=">", value=value, unit=unit, level=value if level is None else level,
    )  # fmt: skip


def drawn(values: tuple[float, ...], *thresholds: Threshold, unit: str = "ms") -> str:
    """The chart's markup."""
    measured = Measured(
        metric="crossing time", probe="http", every_seconds=15, value=values[-1], at=NOW, problem="",
        thresholds=thresholds, unit=unit,
    )  # fmt: skip
    points = tuple((NOW.timestamp() - 60 * place, value) for place, value in enumerate(values))
    since = NOW - timedelta(hours=2)
    return str(panel_chart(Panel(measured=measured, state="ok", unit=unit, points=points, since=since, until=NOW)))


def heights(chart: str) -> list[float]:
    """Where the lines of alerts lie."""
    return [float(height) for height in re.findall(r'class="alert" x1="[\d.]+" x2="[\d.]+" y1="([\d.]+)"', chart)]


def test_a_threshold_lies_where_the_signal_s_unit_puts_it() -> None:
    """500 ms of a signal in seconds is a line at 0.5, and says its own unit."""
    chart = drawn((0.2, 0.6), a_threshold(500, level=0.5), a_threshold(1, unit="s"), unit="s")
    assert "P1 &gt; 500 ms" in chart
    assert "P1 &gt; 1<" in chart
    low, high = heights(chart)
    assert low > high > 0
    assert 0.4 < (104 - low) / (104 - high) < 0.6, "half as high"


def test_two_thresholds_close_together_both_have_their_words() -> None:
    """The worse one would be without, if the second label were left out."""
    chart = drawn((40, 300), a_threshold(95, "P0"), a_threshold(90, "P1"))
    assert "P0 &gt; 95" in chart
    assert "P1 &gt; 90" in chart
    places = re.findall(r'<text class="alert" x="([\d.]+)"', chart)
    assert len(set(places)) == 2


def test_what_is_close_together_is_not_drawn_from_zero() -> None:
    """An uptime of 99.95 beside 99 would be one line; 2 beside 100 begins at zero."""
    near, far = drawn((99.95, 99.9), a_threshold(99)), drawn((2, 3), a_threshold(100))
    assert ">0</text>" not in near
    assert ">0</text>" in far
    assert "between 99.9 and 99.95 ms" in near
    assert heights(near)[0] > 60
