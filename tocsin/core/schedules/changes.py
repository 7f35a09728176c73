"""What people change about a schedule for a while: overrides, temporary schedules, swaps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from tocsin.core.schedules.layers import Rotation, Turns
from tocsin.core.schedules.shifts import NOBODY, Shift, laid_over, tidied
from tocsin.core.schedules.walltime import shown_at

Kind = Literal["override", "temporary", "swap"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Somebody else is on call from one moment until another.

    ``people``: who; several take turns ``every`` so long; nobody: nobody is on call. ``instead_of``: only where this
    person would be. What was made later lies on top.
    """

    id: str
    schedule: str
    kind: Kind
    begins: datetime
    ends: datetime
    people: tuple[str, ...]
    made_at: datetime
    made_by: str = ""
    instead_of: str = ""
    every: timedelta | None = None
    why: str = ""

    @property
    def reason(self) -> str:
        """How it is told in a sentence."""
        how = f"{self.kind} for {self.instead_of}" if self.instead_of else self.kind
        by = f" by {self.made_by}" if self.made_by else ""
        return f"{how}{by}" + (f": {self.why}" if self.why else "")


def changed(plan: list[Shift], changes: Sequence[Change], zone: str, begins: datetime, ends: datetime) -> list[Shift]:
    """A plan with what people changed about it."""
    for change in sorted(changes, key=lambda each: (each.made_at, each.id)):
        if change.begins < ends and change.ends > begins:
            plan = laid_over(plan, _above(plan, change, zone, begins, ends))
    return plan


def _above(plan: Sequence[Shift], change: Change, zone: str, begins: datetime, ends: datetime) -> list[Shift]:
    said = [part for shift in _said(change, zone) if (part := shift.within(begins, ends))]
    if not change.instead_of:
        return said
    theirs = [shift for shift in plan if shift.person == change.instead_of]
    return tidied(part for shift in said for each in theirs if (part := shift.within(each.begins, each.ends)))


def _said(change: Change, zone: str) -> list[Shift]:
    whole = Shift(
        begins=change.begins, ends=change.ends, person=change.people[0] if change.people else NOBODY, why=change.reason,
        layer=change.id,
    )  # fmt: skip
    if len(change.people) < 2 or not change.every:
        return [whole]
    turns = Rotation(
        people=change.people, first=shown_at(change.begins, zone), turns=Turns(span=change.every), zone=zone
    )
    found = turns.shifts(change.begins, change.ends)
    return [replace(shift, why=change.reason, layer=change.id) for shift in found]
