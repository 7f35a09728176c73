"""The terminal rendering: complete, as wide as the terminal, and never steered by the document."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from tocsin.cli.show import render
from tocsin.reading import read

_TEXT = """# Water [bold]Works[/bold]

## Severity Levels
- **P0 (Critical)**: dry. Response: 5 min
- **P1 (High)**: damp

## Scenario 1: Leak

**Symptoms:**
- loss > 7%

**Fix:**

**If the valve is stuck:**
```bash
# Turn it
valve turn <id> [red]
# Expected: closed
```

## Escalation
- After 30 min: Page the team lead

## Contacts
- **Keeper**: [Contact]
"""


def _rendered(text: str, width: int = 100) -> str:
    out = io.StringIO()
    render(read(text.encode(), "water.md"), Console(file=out, width=width, color_system=None))
    return out.getvalue()


def test_everything_important_is_shown() -> None:
    """Severities, alerts, steps with line, branch and command, ladder, contacts and problems."""
    shown = _rendered(_TEXT)
    for words in (
        "P0",
        "answer within 5 min",
        "Scenario: Leak",
        "loss > 7%",
        "If the valve is stuck",
        "Turn it",
        "valve turn <id> [red]",
        "expected: closed",
        "team lead",
        "30 min unresolved",
        "not filled in: contact",
        "so nobody can be reached there",
    ):
        assert words in shown
    assert "   17 shell" in shown


def test_mark_up_of_the_document_is_text() -> None:
    """Square brackets are printed, not obeyed."""
    assert "Water [bold]Works[/bold]" in _rendered(_TEXT)


def test_control_characters_never_reach_the_terminal() -> None:
    """An escape sequence in a runbook is shown as a replacement character."""
    assert "\x1b" not in _rendered("# W\n\n## Scenario 1: Leak\n\n**Symptoms**: \x1b[31mwet\n\n**Fix**:\n- mend\n")


@pytest.mark.parametrize("width", [20, 40, 80, 200])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    """Long words and commands are folded."""
    text = _TEXT + "\n## Commands\n```sh\n" + "x" * 300 + " -a\n```\n"
    assert max(len(line) for line in _rendered(text, width).splitlines()) <= width
