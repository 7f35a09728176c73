"""The known limits of the proof stand in a list, and the pages that explain them are made from what runs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.safety.limits import LIMITS
from tocsin.safety import classify

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(("command", "why"), LIMITS)
def test_what_lives_in_the_database_is_beyond_the_proof(command: str, why: str) -> None:
    """When one of these stops being a read, the limit is gone: take it off the list and out of the explanation."""
    assert why
    assert classify("sql", command).word == "read"


def test_the_explanation_names_the_list() -> None:
    """Whoever reads what is proved also finds what is not."""
    assert "tests/safety/limits.py" in (ROOT / "docs" / "explanation" / "safety.md").read_text(encoding="utf-8")


def test_the_verdicts_by_example_are_those_of_the_program() -> None:
    """After a change of specs or examples: `python docs/verdicts.py`."""
    command = [sys.executable, str(ROOT / "docs" / "verdicts.py"), "--check"]
    assert subprocess.run(command, check=False, cwd=ROOT, capture_output=True).returncode == 0
