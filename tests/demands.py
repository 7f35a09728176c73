"""Prints, at the end of the run, which of the numbered demands have a passing story and which have none."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

DEMANDS = Path(__file__).resolve().parents[2] / "shared" / "demands.md"


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """The list of demands, by what their stories did."""
    passed = _demands(terminalreporter.stats.get("passed", []))
    failed = _demands(terminalreporter.stats.get("failed", []))
    if not passed and not failed:
        return
    terminalreporter.section("demands")
    shown = passed - failed
    terminalreporter.write_line(f"{len(shown)} demands have a passing story: {' '.join(_sorted(shown))}")
    if DEMANDS.is_file():
        every = set(re.findall(r"^\| (\d+\.\d+) \|", DEMANDS.read_text("utf-8"), re.MULTILINE))
        terminalreporter.write_line(f"{len(every - shown)} have none yet: {' '.join(_sorted(every - shown))}")
        unknown = (passed | failed) - every
        if unknown:
            terminalreporter.write_line(f"named by a story, but no demand: {' '.join(_sorted(unknown))}")


def _demands(reports: list[Any]) -> set[str]:
    named = [value for report in reports for key, value in getattr(report, "user_properties", ()) if key == "demands"]
    return {number for value in named for number in value.split(",") if number}


def _sorted(numbers: set[str]) -> list[str]:
    return sorted(numbers, key=lambda number: [int(part) for part in number.split(".")])
