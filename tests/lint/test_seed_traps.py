"""The traps in five real runbooks: each is found at its line. The texts are read from beside the project."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from tests.lint.looking import found
from tocsin.lint import commands, gaps, recovery, thresholds, titles
from tocsin.reading.decoding import decode

SEEDS = Path(__file__).resolve().parents[3] / "shared" / "seeds"
CHECKS = (*thresholds.CHECKS, *commands.CHECKS, *titles.CHECKS, *gaps.CHECKS, *recovery.CHECKS)

# Number of the runbook, line, code.
TRAPS = """
0  11 misleading-title
0  62 interactive-command
0  82 wrong-target
0 110 undefined-boundary
0  18 wrong-target
0  35 wrong-target
1  40 misleading-exit
1  46 misleading-exit
1  54 interactive-command
1  90 interactive-command
1 242 misleading-title
1 249 misleading-title
1 367 endless-command
1 387 writes-file
2   3 unfilled-text
2  92 endless-command
2  94 alternatives-in-fence
2 143 alternatives-in-fence
2 153 no-effect
2 155 alternatives-in-fence
2 516 unfilled-text
2 517 unfilled-text
2 537 misleading-exit
3  41 misleading-exit
3  69 endless-command
3  86 alternatives-in-fence
3  87 interactive-command
3  94 opens-door
3 165 misleading-exit
3 168 shows-secret
3 237 endless-command
3 237 shell-placeholder
3 271 endless-command
4  31 interactive-command
4  49 alternatives-in-fence
4  50 interactive-command
4  61 misleading-title
4  65 hidden-command
"""


@cache
def told(number: str) -> frozenset[tuple[int, str]]:
    """Every finding in a seed."""
    if not SEEDS.is_dir():
        pytest.skip("the five runbooks do not lie beside the project (../shared/seeds)")
    (path,) = SEEDS.glob(f"00{number}_*.txt")
    return frozenset(found(CHECKS, decode(path.read_bytes()).text))


@pytest.mark.parametrize("trap", TRAPS.strip().splitlines())
def test_every_trap_is_found_at_its_line(trap: str) -> None:
    """A trap that real authors laid is told where it lies."""
    number, line, code = trap.split()
    assert (int(line), code) in told(number)


def test_honest_lines_of_the_seeds_stay_quiet() -> None:
    """The findings of the five documents are counted: one more is a false alarm until somebody has looked at it."""
    assert sum(len(told(number)) for number in "01234") <= 58
