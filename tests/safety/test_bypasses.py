"""The gate: nothing that changes something, and nothing unknown, is ever judged as a read."""

from __future__ import annotations

import pytest

from tests.safety import bypasses
from tocsin.safety import classify

FRAMES = ("df -h; {}", "uptime && {}", "{}; uptime", "time {}", "timeout 5 {}", "sudo {}")


@pytest.mark.parametrize("command", bypasses.SHELL)
def test_no_trick_of_the_shell_or_of_a_program_passes_for_a_read(command: str) -> None:
    """Each attempt is unknown or a change, by a reason, not by an accident of ours."""
    verdict = classify("shell", command)
    assert verdict.word != "read"
    assert verdict.plan is None
    assert "the check itself failed" not in verdict.why


@pytest.mark.parametrize("command", bypasses.SQL)
def test_no_trick_of_sql_passes_for_a_read(command: str) -> None:
    """Neither by itself nor behind `psql -c`."""
    verdict = classify("sql", command)
    assert verdict.word != "read"
    assert "the check itself failed" not in verdict.why
    quoted = "psql -c '" + command.replace("'", "'\\''") + "'"
    assert classify("shell", quoted).word != "read" or command.startswith("\\d")


@pytest.mark.parametrize("command", bypasses.SHELL)
def test_a_harmless_neighbour_or_wrapper_changes_nothing(command: str) -> None:
    """The worst part of a text decides, whatever stands around it."""
    for frame in FRAMES:
        swallowed = command.startswith(("|", "&")) or (command.endswith("\\") and not frame.endswith("{}"))
        if not swallowed:
            assert classify("shell", frame.format(command)).word != "read", frame


def test_the_lists_are_as_long_as_promised() -> None:
    """Hundreds of different attempts, not the same one in other clothes."""
    assert len(set(bypasses.SHELL)) >= 800
    assert len(set(bypasses.SQL)) >= 190
