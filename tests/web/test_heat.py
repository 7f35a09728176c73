"""The picture of an outlook: strips of hours on the wall, and the same in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tocsin.core.outlook import STATES, Outlook, Span, State
from tocsin.core.schedules import instant
from tocsin.web.heat import WORDS, days, legend

ZONE = "Europe/Lisbon"


def outlook(*parts: tuple[datetime, State]) -> Outlook:
    """Each state until its moment; the first begins at midnight of the first day."""
    begins = (parts[0][0] - timedelta(minutes=1)).replace(hour=0, minute=0)
    spans = []
    for ends, state in parts:
        spans.append(Span(begins=instant(begins, ZONE), ends=instant(ends, ZONE), state=state, calls=()))
        begins = ends
    return Outlook(runbook="Library", source="library.md", severity="P1", spans=tuple(spans))


def test_a_day_is_drawn_and_told() -> None:
    """Hours that are not well stand in words with their times; the worse the state, the higher the bar."""
    found = days(
        outlook(
            (datetime(2026, 6, 1, 8), "ready"), (datetime(2026, 6, 1, 22, 30), "alone"),
            (datetime(2026, 6, 2, 6), "nobody"), (datetime(2026, 6, 3), "ready"),
        ),
        ZONE,
    )  # fmt: skip
    assert [day.label for day in found] == ["Mon 1 Jun", "Tue 2 Jun"]
    assert found[0].says == "08:00–22:30 one person is all there is; 22:30–24:00 nobody is reached"
    assert [(bar.x, bar.width) for bar in found[0].bars] == [(0.0, 8.0), (8.0, 14.5), (22.5, 1.5)]
    assert (found[0].worst, found[1].says) == ("nobody", "00:00–06:00 nobody is reached")
    heights = [bar.height for _, bar in legend()]
    assert heights == sorted(heights)
    assert len(heights) == len(STATES)


def test_a_whole_day_is_told_without_hours() -> None:
    """What holds all day is said once, without hours; a day that is well is said to be."""
    first, second = days(outlook((datetime(2026, 6, 2), "nobody"), (datetime(2026, 6, 3), "ready")), ZONE)
    assert first.says == WORDS["nobody"]
    assert second.says == WORDS["ready"]
    assert days(Outlook(runbook="Library", source="library.md", severity="P1"), ZONE) == []


@pytest.mark.parametrize("day", [datetime(2026, 3, 29), datetime(2026, 10, 25)])
def test_days_of_23_and_25_hours_stay_within_their_strip(day: datetime) -> None:
    """Quarter hours of changing states: bars never overlap and never leave the strip, however the clocks are set."""
    begins, spans = instant(day, ZONE), []
    for number in range(25 * 4):
        at = begins + number * timedelta(minutes=15)
        spans.append(Span(begins=at, ends=at + timedelta(minutes=15), state=STATES[number % 4], calls=()))
    assert spans[0].begins.tzinfo == UTC
    first, *_ = days(Outlook(runbook="L", source="l.md", severity="P1", spans=tuple(spans)), ZONE)
    edge = 0.0
    for bar in first.bars:
        assert bar.x >= edge - 1e-9
        assert bar.width > 0
        edge = bar.x + bar.width
    assert edge <= 24.0
