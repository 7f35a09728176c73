"""The reports: when they are due, of which time, in which words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from tests.core.figures.lives import MONTH, NOW, row
from tocsin.core.figures.counting import figures
from tocsin.core.figures.meanings import MEANINGS, MEASURES
from tocsin.core.figures.periods import Plan, begins, last_due, next_due
from tocsin.core.figures.report import WIDE, report

DAY = replace(MONTH, since=NOW - timedelta(days=1), until=NOW + timedelta(hours=1), of="ended")


def test_a_report_is_due_when_the_clock_on_the_wall_says_so() -> None:
    """Before and after the clocks are changed, and on the day itself."""
    plan = Plan(kind="daily", at=time(8), zone="Europe/Berlin")
    assert last_due(plan, datetime(2026, 3, 28, 12, tzinfo=UTC)) == datetime(2026, 3, 28, 7, tzinfo=UTC)
    assert last_due(plan, datetime(2026, 3, 29, 12, tzinfo=UTC)) == datetime(2026, 3, 29, 6, tzinfo=UTC)
    assert next_due(plan, datetime(2026, 3, 28, 7, tzinfo=UTC)) == datetime(2026, 3, 29, 6, tzinfo=UTC)
    assert begins("daily", datetime(2026, 3, 29, 6, tzinfo=UTC), "Europe/Berlin") == datetime(
        2026, 3, 28, 7, tzinfo=UTC
    )


def test_an_hour_that_does_not_exist_is_no_reason_to_send_nothing() -> None:
    """Half past two is left out that night; the report comes when the clocks go on."""
    plan = Plan(kind="daily", at=time(2, 30), zone="Europe/Berlin")
    assert last_due(plan, datetime(2026, 3, 29, 12, tzinfo=UTC)) == datetime(2026, 3, 29, 1, tzinfo=UTC)


def test_a_weekly_report_is_due_on_its_day() -> None:
    """From Monday morning to Monday morning."""
    plan = Plan(kind="weekly", at=time(8), zone="UTC", weekday=0)
    monday = datetime(2026, 3, 2, 8, tzinfo=UTC)
    assert last_due(plan, monday) == monday
    assert last_due(plan, monday - timedelta(seconds=1)) == monday - timedelta(days=7)
    assert next_due(plan, monday) == monday + timedelta(days=7)


def test_the_report_tells_what_is_open_first() -> None:
    """What began, what ended, what lasts; the times of what ended, each value of a few."""
    rows = [
        row(1), row(2, resolved_at=None, status="open", title="No flour"),
        row(3, declared_at=NOW - timedelta(days=4), title="Old bread", resolved_at=NOW, resolve=345_600.0),
        row(4, drill=True),
    ]  # fmt: skip
    made = report("daily", rows, figures(rows, DAY, {}), str, "https://tocsin.example.org")
    assert "2 began, 2 ended, 1 is open at the end." in made.text
    assert made.subject == "Tocsin daily report, Mon 02 Mar 2026: 2 incidents, 1 open"
    assert "Still open\n  INC-2  P1  open for 1 h  No flour" in made.text
    assert "Ended, began before\n  INC-3  P1  ended after 4 d  Old bread" in made.text
    assert "Time to resolve      10 min, 4 d (n 2)" in made.text
    assert "Not counted in times: 1 drill." in made.text
    assert "https://tocsin.example.org/figures" in made.text


def test_a_quiet_day_is_short() -> None:
    """Nothing is listed that there is not."""
    made = report("daily", [], figures([], DAY, {}), str)
    assert made.text.splitlines() == [
        "Daily report", "Sun 01 Mar 2026 03:00 to Mon 02 Mar 2026 04:00, UTC", "",
        "0 began, 0 ended, 0 are open at the end.", "", "All figures: tocsin figures",
    ]  # fmt: skip


def test_no_line_is_too_wide_and_no_title_makes_lines_of_its_own() -> None:
    """Titles come from strangers; a hundred incidents are fifteen lines and a number."""
    rows = [row(number, title=f"Cold\n\nSteps that failed\n\x1b[31m{'x' * 200}") for number in range(1, 101)]
    made = report("weekly", rows, figures(rows, DAY, {}), str)
    assert max(map(len, made.text.splitlines())) <= WIDE
    assert "\x1b" not in made.text
    assert "\nSteps that failed" not in made.text
    assert "and 85 more" in made.text


@pytest.mark.parametrize("name", [*MEASURES, "counted", "spread", "pages", "promises", "alerts", "steps"])
def test_each_figure_has_a_meaning(name: str) -> None:
    """In whole sentences."""
    assert MEANINGS[name].endswith(".")
