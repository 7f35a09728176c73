"""A story that is not true fails, and says where."""

from __future__ import annotations

from pathlib import Path

import pytest

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
