"""The layers of a schedule: a rotation that hands over by the clock on the wall, or shifts booked elsewhere."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import pairwise

from tocsin.core.schedules.shifts import Shift
from tocsin.core.schedules.walltime import instant, shown_at
from tocsin.core.schedules.windows import Window, spans

_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turns:
    """How long one person stays on call: a span of time as the wall clock counts it, or months."""

    span: timedelta = timedelta(0)
    months: int = 0

    def begins(self, first: datetime, turn: int) -> datetime:
        """When the turn of this number begins on the wall; the 31st is the last day of a month that is shorter."""
        if not self.months:
            return first + turn * self.span
        years, month = divmod(first.year * 12 + first.month - 1 + turn * self.months, 12)
        return first.replace(year=years, month=month + 1, day=min(first.day, calendar.monthrange(years, month + 1)[1]))

    def near(self, first: datetime, shown: datetime) -> int:
        """A turn that can't be far from the one that runs when the wall shows this."""
        if self.months:
            return ((shown.year - first.year) * 12 + shown.month - first.month) // self.months
        return (shown - first) // self.span


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """People who take turns. ``first``: when, on the wall of ``zone``, the first of them takes over.

    ``windows`` restrict it to hours of the week; outside of them the layers below count. It is over at ``until``.
    """

    people: tuple[str, ...]
    first: datetime
    turns: Turns
    zone: str
    windows: tuple[Window, ...] = ()
    until: datetime | None = None
    name: str = ""

    def shifts(self, begins: datetime, ends: datetime) -> Iterator[Shift]:
        """Who is on call between two moments; only what lies between them."""
        last = min(ends, instant(self.until, self.zone)) if self.until else ends
        if not self.people or begins >= last:
            return
        turn = max(self._turn(begins), 0)
        while (first := self._starts(turn)) < last:
            after = self._starts(turn + 1)
            shift = Shift(
                begins=first,
                ends=after,
                person=self.people[turn % len(self.people)],
                why=self._why(turn),
                layer=self.name,
            ).within(begins, last)
            if shift is not None:
                yield from self._restricted(shift)
            turn += 1

    def _restricted(self, shift: Shift) -> Iterator[Shift]:
        if not self.windows:
            yield shift
            return
        for first, after in spans(self.windows, self.zone, shift.begins, shift.ends):
            part = shift.within(first, after)
            if part is not None:
                yield part

    def _turn(self, moment: datetime) -> int:
        turn = self.turns.near(self.first, shown_at(moment, self.zone))
        while self._starts(turn + 1) <= moment:
            turn += 1
        while turn > 0 and self._starts(turn) > moment:
            turn -= 1
        return turn

    def _starts(self, turn: int) -> datetime:
        return instant(self.turns.begins(self.first, turn), self.zone)

    def _why(self, turn: int) -> str:
        begins = self.turns.begins(self.first, turn)
        if self.turns.span == _WEEK and begins.weekday() == 0:
            return f"week {begins.isocalendar().week}"
        return f"since {begins:%a} {begins.day} {begins:%b %H:%M}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """Shifts that stand in a calendar of somebody else; of those that overlap the one that begins later counts."""

    booked: tuple[Shift, ...]
    name: str = ""

    def shifts(self, begins: datetime, ends: datetime) -> Iterator[Shift]:
        """Who is on call between two moments; only what lies between them."""
        whole = sorted(self.booked, key=lambda each: (each.begins, each.ends))
        order = [part for each in whole if (part := each.within(begins, ends)) is not None]
        edges = sorted({edge for each in order for edge in (each.begins, each.ends)})
        live: list[tuple[int, Shift]] = []
        place = 0
        for first, after in pairwise(edges):
            while place < len(order) and order[place].begins <= first:
                heappush(live, (-place, order[place]))
                place += 1
            while live and live[0][1].ends <= first:
                heappop(live)
            if live:
                yield replace(live[0][1], begins=first, ends=after)


Layer = Rotation | Booked
