"""What is promised by the clock in any line of a document."""

from __future__ import annotations

import pytest

from tocsin.reading.runbook import read

SCALE = "- **P1 (Critical)**: dark\n- **P2 (Low)**: dim\n"


@pytest.mark.parametrize(
    ("line", "minutes"),
    [
        ("We will send updates every 20 minutes.", 20),
        ("Status updates every hour", 60),
        ("Keep the guild informed every half hour", 30),
        ("Post an update every two hours until it is over", 120),
        ("Every 15 minutes: update the notice board", 15),
        ("Updates: every [N] minutes", None),
        ("Updates follow every <X> min", None),
    ],
)
def test_a_promise_of_updates_is_read_with_its_line(line: str, minutes: float | None) -> None:
    """A number of minutes, or a gap that people fill."""
    (found,) = read(f"# Bakery\n\n## Messages\n\n{line}\n".encode(), "b.md").updates
    assert (found.every_minutes, found.line) == (minutes, 5)


@pytest.mark.parametrize(
    "line",
    [
        "Update the list every time somebody leaves",
        "Every night the dough is updated",
        "Updates are welcome",
        "Bake every 20 minutes",
    ],
)
def test_what_is_no_promise_of_updates_is_none(line: str) -> None:
    """A habit without minutes, and another thing that is done every so often."""
    assert read(f"# Bakery\n\n## Messages\n\n{line}\n".encode(), "b.md").updates == ()


def test_a_promise_may_be_for_some_severities() -> None:
    """The names of the document's own scale stand in the line."""
    book = read(
        f"# Bakery\n\n## Severity Levels\n\n{SCALE}\n## Messages\n\nP1: updates every 10 minutes\n".encode(), "b.md"
    )
    assert [(each.severities, each.every_minutes) for each in book.updates] == [(("P1",), 10)]


def test_a_target_in_business_days_is_one() -> None:
    """ "Next business day" is no number of minutes, and no gap either."""
    table = "| Level | Response Time |\n|---|---|\n| P1 | 15 minutes |\n| P2 | Next business day |\n"
    book = read(f"# Bakery\n\n## Severity Levels\n\n{table}".encode(), "b.md")
    assert [(level.name, level.next_business_day) for level in book.severities] == [("P1", False), ("P2", True)]


def test_a_deadline_in_business_days_is_counted_in_those() -> None:
    """Its hours are those of whole days, as everywhere."""
    items = "- Write the post-mortem within 3 business days\n- Call the miller within 24 hours\n"
    text = f"# Bakery\n\n## Post-Incident\n\n{items}"
    found = {each.hours: each.business_days for each in read(text.encode(), "b.md").deadlines}
    assert found == {72: 3, 24: None}
