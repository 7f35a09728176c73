"""Three-way merge of texts by lines, as version control does it: what both sides changed differently is a conflict.

Nothing is lost: a conflict keeps both sides between markers, and a side that changed alone wins.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

MINE, MIDDLE, THEIRS = "<<<<<<< ", "=======", ">>>>>>> "
_MOST_LINES = 20_000


@dataclass(frozen=True, slots=True)
class Merged:
    """The text of both sides; ``conflicts``: how many places hold both between markers."""

    text: str
    conflicts: int = 0


def merge(base: str, mine: str, theirs: str, *, mine_is: str = "mine", theirs_is: str = "theirs") -> Merged:
    """What ``mine`` and ``theirs`` made of ``base``. Equal changes count once; the names stand at the markers."""
    if theirs in (mine, base):
        return Merged(mine)
    if mine == base:
        return Merged(theirs)
    old, left, right = (text.splitlines(keepends=True) for text in (base, mine, theirs))
    if max(len(old), len(left), len(right)) > _MOST_LINES:
        return Merged("".join(_both(left, right, mine_is, theirs_is)), 1)
    lines: list[str] = []
    conflicts = 0
    for before, one, other in _regions(old, left, right):
        if other in (one, before):
            lines += one
        elif one == before:
            lines += other
        else:
            lines += _both(one, other, mine_is, theirs_is)
            conflicts += 1
    return Merged("".join(lines), conflicts)


def has_markers(text: str) -> bool:
    """Whether a text still holds both sides of a conflict."""
    lines = text.splitlines()
    return any(line.startswith(MINE) for line in lines) and any(line.startswith(THEIRS) for line in lines)


def _both(one: Sequence[str], other: Sequence[str], mine_is: str, theirs_is: str) -> list[str]:
    return [f"{MINE}{mine_is}\n", *_ended(one), f"{MIDDLE}\n", *_ended(other), f"{THEIRS}{theirs_is}\n"]


def _ended(lines: Sequence[str]) -> list[str]:
    """The lines, the last one with its end, so that a marker stands on a line of its own."""
    return [*lines[:-1], lines[-1] if lines[-1].endswith("\n") else f"{lines[-1]}\n"] if lines else []


def _regions(
    old: list[str], left: list[str], right: list[str]
) -> Iterator[tuple[list[str], list[str], list[str]]]:  # fmt: skip
    """The texts cut where all three agree: each piece of the old one with what either side has in its place."""
    at = at_left = at_right = 0
    for start, start_left, start_right, size in _agreed(old, left, right):
        if (at, at_left, at_right) != (start, start_left, start_right):
            yield old[at:start], left[at_left:start_left], right[at_right:start_right]
        same = old[start : start + size]
        if same:
            yield same, same, same
        at, at_left, at_right = start + size, start_left + size, start_right + size


def _agreed(old: list[str], left: list[str], right: list[str]) -> Iterator[tuple[int, int, int, int]]:
    """Runs of lines of the old text that both sides still have, with their places; an empty one at the end."""
    ones = SequenceMatcher(None, old, left, autojunk=False).get_matching_blocks()
    others = SequenceMatcher(None, old, right, autojunk=False).get_matching_blocks()
    first = second = 0
    while first < len(ones) and second < len(others):
        one, other = ones[first], others[second]
        start, end = max(one.a, other.a), min(one.a + one.size, other.a + other.size)
        if start < end:
            yield start, one.b + start - one.a, other.b + start - other.a, end - start
        if one.a + one.size < other.a + other.size:
            first += 1
        else:
            second += 1
    yield len(old), len(left), len(right), 0
