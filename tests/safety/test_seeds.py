"""The commands of five real runbooks, by their place, with the verdict that a person gave them.

Only places and words stand here; the texts are read from beside the project, where they are.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tocsin.safety import classify

SEEDS = Path(__file__).resolve().parents[3] / "shared" / "seeds"

# Number of the runbook; first and last line (or line and number of the inline code); word; traits.
FENCED = """
0  18  18 change  network wrong-target
0  19  19 change  network wrong-target
0  20  20 change  network wrong-target
0  21  21 change  network wrong-target
0  22  22 change  network wrong-target
0  25  25 unknown network wrong-target
0  35  35 unknown network wrong-target
0  38  38 unknown network wrong-target
0  41  41 unknown network wrong-target
0  44  44 unknown network wrong-target
0  47  47 unknown network wrong-target
0  77  77 unknown network wrong-target
0  82  82 change  network wrong-target
0 106 106 unknown network wrong-target
0 130 130 change  network wrong-target
1  37  37 read
1  40  40 read
1  43  43 read
1  46  46 read    network
1  54  54 change  interactive
1  55  55 change
1  56  56 change
1  62  62 read
1  65  65 change
1  90  90 unknown interactive
1  96  96 read
1  99  99 read
1 107 107 change
1 116 121 read
1 124 124 change  unbound
1 151 151 read
1 154 159 read
1 162 166 read
1 174 174 change
1 177 177 read
1 183 183 change
1 186 186 change
1 187 187 change
1 193 198 change
1 220 220 read    network
1 223 228 read
1 242 246 read
1 249 249 unknown unbound
1 260 260 change
1 282 282 read
1 285 289 read
1 296 300 read
1 308 308 change
1 317 320 read
1 323 327 change  unbound
1 364 364 read
1 367 367 read    endless unbound
1 370 370 change  unbound
1 373 375 read
1 378 384 read
1 387 387 change  local-write network
1 390 390 read    network
2  92  92 read    endless network
2 141 141 change  network
2 153 153 unknown
2 179 179 change  local-write
2 185 185 change  network
2 271 271 read    network
2 300 300 read    network unbound
2 537 537 read    network
2 540 540 unknown
2 543 543 unknown
2 546 546 change  network
3  41  41 read    network
3  44  44 read    network
3  47  47 unknown
3  60  60 read
3  63  63 read    network
3  66  66 read
3  69  69 read    endless network
3  84  84 change  network unbound
3  87  87 change  interactive
3  88  88 change  network
3  94  94 change  network open-access
3 165 165 read    network
3 168 168 read    secret
3 171 171 unknown
3 237 237 read    endless network unbound
3 240 243 change  network unbound
3 246 246 unknown
3 271 271 unknown endless
3 274 274 unknown
3 277 277 unknown
3 366 366 unknown
3 369 369 unknown
3 374 374 unknown
3 380 380 unknown
4  47  47 change  network
4  50  50 change  interactive
4  51  51 change  network
4  61  61 change  local-write
"""
SQL = """
3  99 102 change
3 105 105 change
3 196 199 read
3 202 205 read
3 208 212 read
"""
INLINE = """
0   9 0 change  network wrong-target
0  10 0 unknown network wrong-target
0  11 0 change  network
0  61 0 read
0  62 0 change  interactive network
4  30 0 read    network
4  31 0 unknown interactive endless
4  33 0 read
"""


def _places(table: str) -> list[tuple[int, int, int, str, tuple[str, ...]]]:
    rows = [line.split() for line in table.strip().splitlines()]
    return [(int(row[0]), int(row[1]), int(row[2]), row[3], tuple(row[4:])) for row in rows]


def _lines(number: int) -> list[str]:
    found = sorted(SEEDS.glob(f"{number:03}_*.txt"))
    if not found:
        pytest.skip(f"the example runbooks are not at {SEEDS}")
    return found[0].read_text(encoding="utf-8", errors="replace").splitlines()


def _check(kind: str, text: str, word: str, traits: tuple[str, ...]) -> None:
    gaps = re.findall(r"\[[a-z-]+\]", text)
    verdict = classify(kind, text, placeholders=gaps)
    assert verdict.word == word, verdict.why
    assert set(verdict.traits) == {*traits, *(["unbound"] if gaps else [])}


@pytest.mark.parametrize(("number", "first", "last", "word", "traits"), _places(FENCED))
def test_fenced_commands(number: int, first: int, last: int, word: str, traits: tuple[str, ...]) -> None:
    """A fence's commands, each with its continuation lines."""
    text = "\n".join(line.strip() if first == last else line for line in _lines(number)[first - 1 : last])
    _check("shell", text, word, traits)


@pytest.mark.parametrize(("number", "first", "last", "word", "traits"), _places(SQL))
def test_fenced_queries(number: int, first: int, last: int, word: str, traits: tuple[str, ...]) -> None:
    """SQL that stands in a fence of its own."""
    _check("sql", "\n".join(_lines(number)[first - 1 : last]), word, traits)


@pytest.mark.parametrize(("number", "line", "place", "word", "traits"), _places(INLINE))
def test_inline_commands(number: int, line: int, place: int, word: str, traits: tuple[str, ...]) -> None:
    """Commands in table cells and list items."""
    _check("shell", re.findall(r"`([^`]+)`", _lines(number)[line - 1])[place], word, traits)
