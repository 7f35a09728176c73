"""What people must reach, as documents list it."""

from __future__ import annotations

import pytest

from tocsin.reading.runbook import read


def listed(text: str) -> list[tuple[str, str, int]]:
    """Short name, kind and line of each thing."""
    return [(each.system, each.kind, each.line) for each in read(text.encode(), "a.md").access]


def test_every_point_of_a_list_of_access_is_something_to_reach() -> None:
    """With its own line, a short name without filling words, and its programs."""
    text = """# Bakery runbook

## Access Requirements

- Oven console access
- Access to the flour warehouse (read-only)
- `doughctl` installed
- API key for the till
- Oven console access
"""
    assert listed(text) == [
        ("oven", "system", 5), ("flour-warehouse", "system", 6), ("doughctl", "tool", 7), ("till", "credential", 8)
    ]  # fmt: skip
    assert read(text.encode(), "a.md").access[2].programs == ("doughctl",)


def test_a_table_and_other_languages_are_read() -> None:
    """The first cell of each row; headings in German and Spanish."""
    table = "# R\n\n## Required Access\n\n| System | Who |\n|---|---|\n| Till | all |\n| Safe | lead |\n"
    assert listed(table) == [("till", "system", 7), ("safe", "system", 8)]
    assert listed("# R\n\n## Zugänge\n\n- Kassenbuch\n") == [("kassenbuch", "system", 5)]
    assert listed("# R\n\n## Accesos requeridos\n\n- Horno\n") == [("horno", "system", 5)]


def test_of_prerequisites_only_those_count_that_say_so() -> None:
    """What is to be known or done is nothing to reach."""
    text = "# R\n\n## Prerequisites\n\n- Read the house rules\n- VPN access\n- A calm mind\n"
    assert listed(text) == [("vpn", "system", 6)]


@pytest.mark.parametrize("heading", ["Access logs", "Database access is slow", "Accessories"])
def test_other_headings_with_the_word_are_no_list(heading: str) -> None:
    """A scenario about access is not a list of access."""
    assert listed(f"# R\n\n## {heading}\n\n- Look at the door\n") == []
