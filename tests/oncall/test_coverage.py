"""From the document to the clock: how the duty changes hands, and which severities wait for business hours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.terminal import here
from tocsin.core.calendar import Calendar
from tocsin.core.promises import timetable
from tocsin.core.runbook import Runbook
from tocsin.reading import read
from tocsin.settings import read_settings

WORK = Calendar(zone="Europe/Lisbon")
SATURDAY = datetime(2026, 11, 21, 3, tzinfo=UTC)
MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)


def book(*lines: str) -> Runbook:
    text = "\n".join(("# Bakery runbook", "", "- **P1 (High)**: no bread", "- **P2 (Low)**: late bread", "", *lines))
    return read(text.encode(), "bakery.md")


@pytest.mark.parametrize(
    ("line", "waits"),
    [
        ("- **Coverage:** 24/7 for P1, business hours for P2", True),
        ("- **Coverage:** 24/7 for P1, working hours for P2", True),
        ("- **Coverage:** 24/7 for P1, best effort for P2", False),
        ("- **Coverage:** 24/7 for P1, extended business hours for P2", False),
        ("- **Coverage:** 24/7 for P1, weekdays for P2", False),
        ("- **Coverage:** 24/7 for P1/P2, business hours for P2", False),
        ("- **Coverage:** 24/7", False),
    ],
)
def test_only_what_is_surely_covered_in_business_hours_waits_for_them(line: str, waits: bool) -> None:
    """Its own line is kept; the other severity never waits."""
    made = timetable(book("## On-Call Rotation", "- **Rotation:** weekly", line), WORK)
    assert made.after("P2", SATURDAY, timedelta(0)) == (MONDAY if waits else SATURDAY)
    assert made.after("P1", SATURDAY, timedelta(hours=1)) == SATURDAY + timedelta(hours=1)
    assert [each.line for each in made.office] == ([8] if waits else [])
    told = made.why_later("P2", SATURDAY, timedelta(0))
    assert ("(line 8; 09:00-17:00 Europe/Lisbon)" in told) == waits
    assert made.why_later("P2", MONDAY, timedelta(minutes=5)) == ""


def test_without_a_calendar_nothing_waits() -> None:
    """Nobody guesses when a team works: a page at the wrong hour is better than none."""
    made = timetable(book("## On-Call Rotation", "- **Coverage:** 24/7 for P1, business hours for P2"), None)
    assert made.office == ()
    assert made.after("P2", SATURDAY, timedelta(0)) == SATURDAY


def test_a_time_that_no_business_hours_ever_hold_is_not_held_back() -> None:
    """A rung after thousands of hours comes as the clock alone would have it."""
    made = timetable(book("## On-Call Rotation", "- **Coverage:** business hours for P2"), WORK)
    assert made.after("P2", SATURDAY, timedelta(hours=90_000)) == SATURDAY + timedelta(hours=90_000)


def test_init_writes_guesses_of_both_as_comments(tmp_path: Path) -> None:
    """With their lines; taking the marks away gives a configuration that is read."""
    lines = (
        "## On-Call Rotation",
        "- **Rotation:** changes every two weeks",
        "- **Coverage:** 24/7 for P1, business hours for P2",
    )
    text = "\n".join(("# Bakery runbook", "", "- **P1 (High)**: no bread", "- **P2 (Low)**: late bread", "", *lines))
    (tmp_path / "bakery.md").write_text(text, "utf-8")
    assert here("init", "bakery.md", cwd=tmp_path).code == 0
    written = (tmp_path / "tocsin.toml").read_text("utf-8")
    assert read_settings(tmp_path / "tocsin.toml", {}).directory.schedules == {}
    assert '# every = "2 weeks"\n# handover = "Monday 09:00"' in written
    assert "line 8: business hours for P2" in written
    begin = written.index("# [schedules.primary]")
    guess = [line.removeprefix("# ") for line in written[begin:].splitlines()]
    tables = "\n".join(
        line for line in guess if ("=" in line and ":" not in line.split("=")[0]) or line.startswith("[")
    )
    people = "[people.ana]\n[people.ben]\n"
    plan = tables.partition("\n[target]")[0].partition("\n[channels]")[0].replace('"on-call" = "schedule:primary"', "")
    (tmp_path / "taken.toml").write_text(people + plan + "\n", "utf-8")
    taken = read_settings(tmp_path / "taken.toml", {})
    assert list(taken.directory.schedules) == ["primary"]
    assert taken.calendar == Calendar(zone="Europe/Lisbon")
