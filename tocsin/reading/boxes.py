"""Boxes that a fence draws side by side: a hierarchy as text, read box by box instead of line by line."""

from __future__ import annotations

import re
from dataclasses import dataclass

_TOP = re.compile(r"[┌╔╭][^┌╔╭┐╗╮│║]*[┐╗╮]|\+-[-+]*-\+")
_BOTTOM = frozenset("└╚╰+")
_SIDES = "│║|├╠┤╣"
_MOST = 200  # lines that a drawing has, and their width
_HIGHEST = 12


@dataclass(frozen=True, slots=True)
class Box:
    """The words in a box, and the index of the fence's line that the first of them stands in."""

    text: str
    line: int


def side_by_side(lines: tuple[str, ...]) -> tuple[Box, ...]:
    """The boxes of a drawing in which some stand beside each other, from the top; empty for any other text."""
    drawn = [line[:_MOST] for line in lines[:_MOST]]
    tops = [(row, top.start(), top.end() - 1) for row, line in enumerate(drawn) for top in _TOP.finditer(line)]
    rows = [row for row, _, _ in tops]
    if len(set(rows)) == len(rows):
        return ()
    return tuple(box for row, left, right in tops if (box := _box(drawn, row, left, right)) is not None)


def _box(drawn: list[str], top: int, left: int, right: int) -> Box | None:
    words: list[tuple[int, str]] = []
    for row in range(top + 1, min(top + _HIGHEST, len(drawn))):
        line = drawn[row]
        if line[left : left + 1] in _BOTTOM:
            break
        if line[left : left + 1] not in _SIDES or line[right : right + 1] not in _SIDES or len(line) <= right:
            return None
        words.append((row, line[left + 1 : right].strip()))
    else:
        return None
    said = [(row, text) for row, text in words if text]
    return Box(" ".join(text for _, text in said), said[0][0]) if said else None
