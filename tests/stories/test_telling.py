"""A story that is not true fails, and says where."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.stories.leaving import referring, resolved
from tests.stories.script import read_story
from tests.stories.test_stories import tell

HEAD = """# A promise

````markdown
# Ferry runbook

## Severity Levels

- **P1 (High)**: no boat leaves
- **P2 (Medium)**: boats are late

## Scenario 1: Boats stay in port

### Symptoms
- Alert: `BoatsStay`

## Escalation

1. **0-10 min**: Call the on-call engineer
2. **10+ min**: Call the team lead
````

| at | does | then |
|---|---|---|
"""


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ("| 00:00 | alertmanager fires `BoatsStay` | INC-1 is declared P2 |", "unexpected messages"),
        ("| 00:00 | alertmanager fires `BoatsStay` | INC-1 is declared P1; ana is paged |", "INC-1 is P2"),
        ("| 00:00 | alertmanager fires `BoatsStay` | ana is paged; ben is paged |", "ben was not paged"),
        (
            "| 00:00 | alertmanager fires `BoatsStay` | ana is paged |\n| 11:00 | time passes | nothing |",
            "ben got page",
        ),
        ("| 00:00 | ana declares P7 `Boats` | nothing |", "unexpected refusal"),
        ("| 00:00 | ana declares P1 `Boats` | ana is paged; refused: no |", "it was not refused"),
        ("| 00:00 | the sun explodes | nothing |", "No story knows"),
        ("| 00:00 | nobody does anything | everybody is happy |", "No story knows"),
    ],
)
def test_an_untrue_story_fails_with_its_line(rows: str, says: str, tmp_path: Path) -> None:
    """Too many messages, too few, a wrong state, an unexpected refusal, a missing one, an unknown sentence."""
    path = tmp_path / "untrue.md"
    path.write_text(f"{HEAD}{rows}\n", "utf-8")
    with pytest.raises(AssertionError, match=r"untrue\.md:\d+ .*") as failure:
        tell(read_story(path), tmp_path, "")
    assert says in str(failure.value)


@pytest.mark.parametrize("text", ["# No table\n", "| at | does | then |\n|---|---|---|\n| 00:00 | x | y |\n"])
def test_a_file_that_is_no_story_is_refused(text: str, tmp_path: Path) -> None:
    """A story has a title and a table."""
    path = tmp_path / "none.md"
    path.write_text(text, "utf-8")
    with pytest.raises(ValueError, match="a story needs"):
        read_story(path)


def test_a_row_that_can_t_be_read_is_refused_with_its_line(tmp_path: Path) -> None:
    """Three cells, and a time in the first."""
    path = tmp_path / "bad.md"
    path.write_text(f"{HEAD}| soon | ana acknowledges | nothing |\n", "utf-8")
    with pytest.raises(ValueError, match=r"bad\.md:\d+: a row is"):
        read_story(path)


ROWS = "| 00:00 | ana declares P1 `Boats stay` because fog | nothing |\n| 10:00 | time passes | nothing |\n"
SAID = """
```messages
== 00:00:00 ana is paged by phone
[P1] INC-1 {line 8 words 3-6}

INC-1 [P1] {line 8 words 3-6}
Why you are told: called at once for P1 (line 15)
Declared 03:00:00 UTC: fog
Status: open
Nobody has taken it yet
Called: ana

tocsin incident show INC-1

== 00:10:00 ben is paged by phone
[P1] INC-1 {line 8 words 3-6}

INC-1 [P1] {line 8 words 3-6}
Why you are told: P1 unresolved for 10 min (line 16)
Declared 03:00:00 UTC: fog
Status: open, unresolved for 10 min
Nobody has taken it yet
Called: ana, ben

tocsin incident show INC-1
```
"""


def test_a_story_may_tell_every_message_in_its_own_words(tmp_path: Path) -> None:
    """What left is compared whole, with its time; references stand for words of the document."""
    path = tmp_path / "told.md"
    path.write_text(f"{HEAD}{ROWS}{SAID}", "utf-8")
    tell(read_story(path), tmp_path, "")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("Declared 03:00:00 UTC: fog", "Declared 03:00:00 UTC: rain", "-Declared 03:00:00 UTC: rain"),
        ("== 00:10:00 ben", "== 00:11:00 ben", "+== 00:10:00 ben is paged"),
        ("ben is paged by phone", "ben is paged by mail", "+== 00:10:00 ben is paged by phone"),
        ("{line 8 words 3-6}", "{line 8 words 3-5}", "+[P1] INC-1 Boats stay in port"),
        ("\n```\n", "\n\n== 00:10:00 cleo is told by phone\nhello\n```\n", "-== 00:10:00 cleo"),
    ],
)
def test_a_story_with_another_message_fails(old: str, new: str, says: str, tmp_path: Path) -> None:
    """Another word, moment, way or person, and a message that never left."""
    path = tmp_path / "untold.md"
    path.write_text(f"{HEAD}{ROWS}{SAID.replace(old, new)}", "utf-8")
    with pytest.raises(AssertionError, match="the messages that left are others") as failure:
        tell(read_story(path), tmp_path, "")
    assert says in str(failure.value)


def test_the_messages_excuse_no_refusal(tmp_path: Path) -> None:
    """What is refused must stand in its row also where the messages stand at the end."""
    path = tmp_path / "refused.md"
    path.write_text(f"{HEAD}| 00:00 | ana declares P7 `Boats` | nothing |\n{SAID}", "utf-8")
    with pytest.raises(AssertionError, match="unexpected refusal"):
        tell(read_story(path), tmp_path, "")


def test_sentences_of_a_document_become_references_and_words_again(tmp_path: Path) -> None:
    """Whatever is written as a reference reads as it did."""
    path = tmp_path / "told.md"
    path.write_text(f"{HEAD}{ROWS}", "utf-8")
    story = read_story(path)
    text = "ana: P1 (High): no boat leaves, says\n  Call the team lead\nBoats stay in port.\n"
    written = referring(text, story)
    assert written == "ana: {line 5 words 1-4} leaves, says\n  {line 16 words 3-6}\n{line 8 words 3-5} port.\n"
    assert resolved(written, story) == text
