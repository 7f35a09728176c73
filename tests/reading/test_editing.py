"""Edits of the Markdown: exactly the bytes of their place, in any encoding; nothing else reads differently."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.reading.documents import documents
from tocsin.errors import Invalid, NotFound, TocsinError
from tocsin.reading import editing, read

FERRY = """\
# Ferry line – incidents

**Last reviewed:** 2031-01-07

## Fog at the pier

**Symptoms:**
- late ferries > 1,200 per day
- 5 boats wait, pump errors > 5% for 5 minutes

### Diagnosis
1. Look out of the window

## Contacts

| Role | Name | Phone | E-mail |
|:-----|------|-------|--------|
| Harbour master | Olé | [phone] | ole@ferry.example |
| Pilot | TBD |  | pilot@ferry.example |

- **Engineer:** [Contact Info]

## After the incident

- [ ] Write it down
- [x] Sweep the deck

| Action | Owner | Status |
|--------|-------|--------|
| Buy a foghorn | Ana | open |

Last words.
"""

ENCODINGS = {
    "utf-8": lambda text: text.encode(),
    "utf-8 with a mark": lambda text: codecs.BOM_UTF8 + text.encode(),
    "utf-16": lambda text: codecs.BOM_UTF16_LE + text.encode("utf-16-le"),
    "utf-16, big end first": lambda text: codecs.BOM_UTF16_BE + text.encode("utf-16-be"),
    "windows-1252": lambda text: text.encode("cp1252"),
    "crlf": lambda text: text.replace("\n", "\r\n").encode(),
    "utf-16 with crlf": lambda text: codecs.BOM_UTF16_LE + text.replace("\n", "\r\n").encode("utf-16-le"),
    "no last line end": lambda text: text.rstrip("\n").encode(),
}


def line_of(words: str) -> int:
    """The line of the ferry's runbook with these words."""
    return next(number for number, line in enumerate(FERRY.split("\n"), 1) if words in line)


@pytest.fixture(params=ENCODINGS)
def encode(request: pytest.FixtureRequest):
    """How the file is written."""
    return ENCODINGS[request.param]


def test_a_box_is_ticked_and_emptied(encode) -> None:
    """One character."""
    ticked = editing.tick(encode(FERRY), line_of("Write it down"))
    assert ticked == encode(FERRY.replace("[ ] Write", "[x] Write"))
    assert editing.tick(ticked, line_of("Write it down"), done=False) == encode(FERRY)


def test_a_threshold_gets_another_number(encode) -> None:
    """The one that was meant, even where the same number stands twice on the line; thousands stay written so."""
    raw = encode(FERRY)
    rules = {rule.metric: rule for rule in read(raw, "").rules}
    pump = next(rule for metric, rule in rules.items() if "pump" in metric)
    late = next(rule for metric, rule in rules.items() if "late" in metric)

    assert editing.change_threshold(raw, pump, 7.5) == encode(FERRY.replace("> 5% for 5", "> 7.5% for 5"))
    assert editing.change_threshold(raw, late, 2500) == encode(FERRY.replace("1,200", "2,500"))


def test_contacts_are_filled_in_and_replaced(encode) -> None:
    """An empty cell, a gap in a cell, a gap in a list, a filled cell."""
    raw = encode(FERRY)
    there = {contact.role: contact for contact in read(raw, "").contacts}
    master, pilot, engineer = there["Harbour master"], there["Pilot"], there["Engineer"]

    phone = "+44 20 7946 0001"
    assert editing.change_contact(raw, master, "phone", phone) == encode(FERRY.replace("[phone]", phone))
    assert editing.change_contact(raw, pilot, "phone", phone) == encode(FERRY.replace("|  |", f"| {phone} |"))
    assert editing.change_contact(raw, pilot, "name", "Ines") == encode(FERRY.replace("TBD", "Ines"))
    assert editing.change_contact(raw, engineer, "email", "eng@ferry.example") == encode(
        FERRY.replace("[Contact Info]", "eng@ferry.example")
    )
    assert editing.change_contact(raw, pilot, "email", "p@ferry.example") == encode(
        FERRY.replace("pilot@ferry.example", "p@ferry.example")
    )


def test_the_review_date_is_set(encode) -> None:
    """Behind its label."""
    assert editing.mark_reviewed(encode(FERRY), "2031-05-09") == encode(FERRY.replace("2031-01-07", "2031-05-09"))


def test_a_table_gets_a_cell_and_a_row(encode) -> None:
    """With the bars of the row above, and with bars in the text written so that they stay text."""
    line = line_of("Buy a foghorn")
    assert editing.change_cell(encode(FERRY), line, "status", "done") == encode(FERRY.replace("| open |", "| done |"))
    assert editing.add_row(encode(FERRY), line, ["Mend a|b", "Olé", "open"]) == encode(
        FERRY.replace("| open |\n", "| open |\n| Mend a\\|b | Olé | open |\n")
    )


def test_a_row_is_added_below_a_table_at_the_file_s_end() -> None:
    """Also where the last line has no end."""
    raw = b"| A | B |\n|---|---|\n| 1 | 2 |"
    assert editing.add_row(raw, 1, ["3", "4"]) == raw + b"\n| 3 | 4 |"
    assert editing.add_row(b"  A | B\n  ---|---", 1, ["3", "4"]) == b"  A | B\n  ---|---\n  3 | 4"


def test_broken_text_elsewhere_stays_broken() -> None:
    """What is shown mended is not what stands in the file."""
    text = "# Ferry\n\nIt sank â€™ twice.\n\n- [ ] Bail out â€“ fast\n"
    raw = text.encode()
    assert read(raw, "").repairs
    assert editing.tick(raw, 5) == text.replace("[ ]", "[x]").encode()


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (lambda raw: editing.tick(raw, 1), "no box to tick on line 1"),
        (lambda raw: editing.tick(raw, 4000), "no box to tick on line 4000"),
        (lambda raw: editing.change_cell(raw, 1, "Status", "x"), "no row of a table on line 1"),
        (lambda raw: editing.change_cell(raw, line_of("Buy a"), "Colour", "x"), "no column “Colour”"),
        (lambda raw: editing.change_cell(raw, line_of("| Action"), "Status", "x"), "no column"),
        (lambda raw: editing.add_row(raw, line_of("Buy a"), ["x"]), "3 columns, and 1 cells"),
        (lambda raw: editing.mark_reviewed(raw.replace(b"Last reviewed", b"Colour"), "2031-05-09"), "does not say"),
    ],
)
def test_what_can_not_be_edited_is_one_sentence(edit, words: str) -> None:
    """It names what is missing, and gives no bytes."""
    with pytest.raises((NotFound, Invalid), match=words):
        edit(FERRY.encode())


def test_an_encoding_without_the_character_is_refused() -> None:
    """Windows-1252 has no Japanese."""
    raw = FERRY.encode("cp1252")
    with pytest.raises(Invalid, match="cp1252, has no '霧'"):
        editing.change_cell(raw, line_of("Buy a foghorn"), "Action", "霧")


def test_a_file_with_bytes_that_are_no_text_is_not_edited() -> None:
    """They could not be written back."""
    with pytest.raises(Invalid, match="no text"):
        editing.tick(codecs.BOM_UTF16_LE + "- [ ] a\n".encode("utf-16-le") + b"\x00\xd8", 1)


@given(documents(), st.integers(1, 60), st.sampled_from(list(ENCODINGS)))
def test_an_edit_of_any_document_changes_one_place(text: str, line: int, encoding: str) -> None:
    """The bytes before and after the box are the same, whatever the document looks like."""
    try:
        raw = ENCODINGS[encoding](text)
        edited = editing.tick(raw, line)
    except (TocsinError, UnicodeEncodeError):
        return
    differing = [index for index, (one, other) in enumerate(zip(raw, edited, strict=True)) if one != other]
    assert len(differing) <= 1
