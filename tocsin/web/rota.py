"""Schedules as a calendar: weeks of days, and in each day who is on call from when on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tocsin.core.schedules import instant, shown_at
from tocsin.service.oncall import ScheduleView, ShiftView


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A shift as it falls on a day; ``clock``: from when on, where it begins in the middle of the day."""

    shift: ShiftView
    clock: str = ""
    ends: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A day of the schedule's zone. ``over``, ``after``: it lies before or behind what is shown."""

    date: date
    today: bool
    over: bool
    after: bool
    parts: tuple[Part, ...]


def weeks_of(view: ScheduleView, at: datetime, ends: datetime) -> list[list[Day]]:
    """The weeks from ``at`` until ``ends``, whole ones from Monday on."""
    today = shown_at(at, view.zone).date()
    day, last = today - timedelta(days=today.weekday()), shown_at(ends - timedelta(microseconds=1), view.zone).date()
    weeks: list[list[Day]] = []
    while day <= last:
        weeks.append([_day(view, day + timedelta(days=offset), today, last) for offset in range(7)])
        day += timedelta(days=7)
    return weeks


def _day(view: ScheduleView, day: date, today: date, last: date) -> Day:
    midnight = datetime.combine(day, datetime.min.time())
    begins, ends = instant(midnight, view.zone), instant(midnight + timedelta(days=1), view.zone)
    there = [shift for shift in view.shifts if shift.begins < ends and shift.ends > begins]
    parts = tuple(
        Part(
            shift=shift,
            clock=f"{shown_at(shift.begins, view.zone):%H:%M}" if shift.begins > begins else "",
            ends=f"{shown_at(shift.ends, view.zone):%H:%M}" if shift.ends < ends else "",
        )
        for shift in there
    )
    return Day(date=day, today=day == today, over=day < today, after=day > last, parts=parts)
