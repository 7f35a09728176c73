"""Shifts, and how one plan is laid over another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

NOBODY = ""
"""The person of a shift that says that nobody is on call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """Who is on call from one moment until another (in UTC), and what makes it so."""

    begins: datetime
    ends: datetime
    person: str
    why: str = ""
    layer: str = ""

    def within(self, begins: datetime, ends: datetime) -> Shift | None:
        """The part of it between two moments; None where there is none."""
        first, after = max(self.begins, begins), min(self.ends, ends)
        return replace(self, begins=first, ends=after) if first < after else None


def laid_over(below: Iterable[Shift], above: Sequence[Shift]) -> list[Shift]:
    """Both plans as one, in order: where both say something, the one above counts. In neither do shifts overlap."""
    over = sorted(above, key=lambda each: each.begins)
    left: list[Shift] = []
    first = 0
    for shift in sorted(below, key=lambda each: each.begins):
        while first < len(over) and over[first].ends <= shift.begins:
            first += 1
        begins, place = shift.begins, first
        while place < len(over) and over[place].begins < shift.ends:
            if over[place].begins > begins:
                left.append(replace(shift, begins=begins, ends=over[place].begins))
            begins = max(begins, over[place].ends)
            place += 1
        if begins < shift.ends:
            left.append(replace(shift, begins=begins))
    return tidied([*left, *over])


def tidied(shifts: Iterable[Shift]) -> list[Shift]:
    """In order; what follows at once and is the same in everything is one shift."""
    whole: list[Shift] = []
    for shift in sorted(shifts, key=lambda each: (each.begins, each.ends)):
        if (
            whole
            and whole[-1].ends == shift.begins
            and replace(whole[-1], begins=shift.begins, ends=shift.ends) == shift
        ):
            whole[-1] = replace(whole[-1], ends=shift.ends)
        elif shift.begins < shift.ends:
            whole.append(shift)
    return whole
