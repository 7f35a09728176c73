"""Ids that no other part of the document has: a second "oven-down" is "oven-down-2"."""

from __future__ import annotations


def unique(wanted: str, taken: set[str]) -> str:
    """``wanted``, or it with the next free number behind; it's taken from then on.

    Looks at a few names only, however many have the same beginning.
    """
    name = wanted
    if wanted in taken:
        used, free = 1, 2
        while f"{wanted}-{free}" in taken:
            used, free = free, free * 2
        while free - used > 1:
            middle = (used + free) // 2
            used, free = (middle, free) if f"{wanted}-{middle}" in taken else (used, middle)
        name = f"{wanted}-{free}"
    taken.add(name)
    return name
