"""What a document wants first at a severity: the words, the deeds they come to, and who is called or told for them."""

from __future__ import annotations

import pytest

from tocsin.core.calendar import Calendar
from tocsin.core.firstresponse import first_response
from tocsin.core.ladders import NOBODY_NAMED, ladder
from tocsin.core.promises import timetable
from tocsin.core.runbook import Runbook
from tocsin.reading.runbook import read

LADDER = """# Ferry runbook

## Severities

### P0 - No boat sails
- **Action:** Page on-call mate, open a bridge

### P1 - Boats are late
- **Action:** Notify the harbour team

### P2 - Tickets print slowly
- **Action:** Open a ticket, look into it during business hours

### P3 - A lamp is dim
- **Action:** Track in the backlog
"""


def book(text: str) -> Runbook:
    return read(text.encode(), "ferry.md")


@pytest.mark.parametrize(
    ("words", "deeds", "to", "team"),
    [
        ("Page on-call mate, start war room", {"page", "war room"}, "on-call mate", ""),
        ("Immediately page the captain via the radio", {"page"}, "captain", ""),
        ("Alert the whole oven team and begin to look", {"alert"}, "", "oven team"),
        ("Create incident ticket, investigate during business hours", {"ticket", "office hours"}, "", ""),
        ("Track in backlog, address in next sprint", {"backlog"}, "", ""),
        ("Add to the backlog", {"backlog"}, "", ""),
    ],
)
def test_words_become_deeds(words: str, deeds: set[str], to: str, team: str) -> None:
    """Each clause that is understood, with whom it names."""
    found = first_response("P1", words, 7)
    assert found is not None
    assert (set(found.deeds), found.to, found.team, found.line) == (deeds, to, team, 7)


@pytest.mark.parametrize(
    "words",
    ["", "Restart the oven", "Do not page anybody", "Page the captain if it lasts", "x" * 400, "Homepage is down"],
)
def test_other_words_make_nothing_happen(words: str) -> None:
    """Neither what is not understood, nor conditions, nor what is not to be done."""
    assert first_response("P1", words, 7) is None


def test_an_action_is_read_with_its_line() -> None:
    """Below a heading of a level; a list of steps below "Actions:" is none."""
    levels = book(LADDER).severities
    assert [(each.name, each.action_line) for each in levels] == [("P0", 6), ("P1", 9), ("P2", 12), ("P3", 15)]
    assert levels[0].action == "Page on-call mate, open a bridge"
    steps = book(LADDER.replace("- **Action:** Notify the harbour team", "**Actions:**\n1. Phone the pier"))
    assert steps.severities[1].action == ""


def test_an_action_is_read_from_a_column() -> None:
    """The cell beside the level, with the row's line."""
    rows = "# B\n\n## Severity\n\n| Level | Response time | Action |\n|---|---|---|\n| P1 | 5 min | Page the baker |\n"
    (first, second) = book(f"{rows}| P2 | 1 h | Track in backlog |\n").severities
    assert (first.action, first.action_line) == ("Page the baker", 7)
    assert (second.action, second.action_line) == ("Track in backlog", 8)


def test_whoever_is_on_call_is_one_rung_and_a_tracked_severity_has_none() -> None:
    """So that a severity that rises calls nobody twice for the first page; other people have rungs of their own."""
    (rung,) = ladder(book(LADDER))
    assert (rung.to, rung.severities, rung.when) == ("on-call", ("P0", "P1", "P2"), NOBODY_NAMED)
    named = ladder(book(LADDER.replace("on-call mate", "the harbour master")))
    assert [(each.to, each.severities, each.line) for each in named] == [
        ("harbour master", ("P0",), 6), ("on-call", ("P1", "P2"), 0),
    ]  # fmt: skip
    plain = ladder(book(LADDER.replace("**Action:**", "**Mood:**")))
    assert [each.severities for each in plain] == [()]


def test_a_rung_of_the_document_counts_whatever_the_severity_says() -> None:
    """The ladder is the document's word on who is called."""
    rungs = ladder(
        book(f"{LADDER}\n## Escalation\n\n1. **0-15 min**: Call the mate\n2. **15+ min**: Call the captain\n")
    )
    assert [(each.to, each.severities) for each in rungs] == [("mate", ()), ("captain", ())]


def test_business_hours_of_a_severity_count_only_where_a_calendar_is() -> None:
    """Without one nothing waits."""
    assert timetable(book(LADDER), None).office == ()
    (office,) = timetable(book(LADDER), Calendar()).office
    assert (office.severities, office.line) == (("P2",), 12)


def test_a_chain_names_who_comes_after_whom() -> None:
    """In its order, before the contacts; its line is the one that is told."""
    text = "# B\n\n## On-call\n\n- Escalation: Shift lead → Harbour master → Mayor\n"
    assert [(each.text, each.line) for each in book(text).chain] == [
        ("Shift lead", 5), ("Harbour master", 5), ("Mayor", 5),
    ]  # fmt: skip
    assert [each.role for each in timetable(book(text), None).levels][:3] == ["Shift lead", "Harbour master", "Mayor"]
