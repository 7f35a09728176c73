"""Names of incidents' channels: the document's own pattern, within the chat's rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.build import a_runbook
from tocsin.core.roomnames import USUAL, Pattern, Subject, is_pattern, pattern_of, room_name
from tocsin.core.runbook import Channel, Checklist, Text

OVEN = Subject(id="INC-12", title="Bäckerei: Der Ofen ist kalt! @here", severity="P1", day=date(2026, 3, 2))
LETTERS = set("abcdefghijklmnopqrstuvwxyz0123456789-_")


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        (USUAL, "incident-2026-03-02-backerei-der-ofen-ist-kalt-here"),
        ("#outage-YYYYMMDD", "outage-20260302"),
        ("#inc-<number>-[severity]", "inc-12-p1"),
        ("#{incident-id}", "inc-12"),
        ("#bakery-YYYY-MM-DD", "bakery-2026-03-02"),
        ("#Ovens_<date>_<Short Description>", "ovens_2026-03-02_backerei-der-ofen-ist-kalt-here"),
    ],
)
def test_a_pattern_is_filled_from_the_incident(pattern: str, name: str) -> None:
    """Every spelling of a gap that teams use."""
    assert is_pattern(pattern)
    assert room_name(pattern, OVEN) == name


@pytest.mark.parametrize("text", ["#ovens", "#inc-<colour of the oven>", "incident-YYYY", "#", "#inc-[", "#YYMMX"])
def test_what_is_no_pattern_or_not_understood_is_not_used(text: str) -> None:
    """A fixed name would be the same for every incident, and a gap that nobody can fill is never guessed."""
    assert not is_pattern(text)


@given(st.text(max_size=300), st.integers(0, 40), st.booleans())
def test_any_title_gives_a_name_that_every_chat_takes(title: str, again: int, drill: bool) -> None:
    """At most 80 characters, small letters, digits, hyphens; another one for each try."""
    subject = replace(OVEN, title=title, drill=drill)
    name, first = room_name(USUAL, subject, again=again), room_name(USUAL, subject)
    assert 0 < len(name) <= 80 and set(name) <= LETTERS and not name.endswith("-")
    assert (name == first) == (again == 0)
    assert name.startswith("drill-") is drill


def test_a_title_without_a_letter_of_that_alphabet_is_the_incident_s_number() -> None:
    """Nothing is transliterated that we can't."""
    assert room_name(USUAL, replace(OVEN, title="火事です")) == "incident-2026-03-02-inc-12"


def test_the_document_s_pattern_is_found_with_its_line() -> None:
    """In a channel, a box to tick or a step; where there is none, that is said."""
    plain = a_runbook()
    assert pattern_of(plain) is None
    boxes = Checklist(
        title="At once", items=(Text(text="Open `#oven-YYYY-MM-DD-brief-desc` and say so", line=7),), line=6
    )
    assert pattern_of(replace(plain, checklists=(boxes,))) == Pattern(text="#oven-YYYY-MM-DD-brief-desc", line=7)
    fixed = (Channel(kind="chat", address="#ovens", line=3), Channel(kind="chat", address="#oven-[id]", line=4))
    assert pattern_of(replace(plain, channels=fixed)) == Pattern(text="#oven-[id]", line=4)
