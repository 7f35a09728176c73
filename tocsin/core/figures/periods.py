"""When a report is due, and of which time it tells; by what stands on a wall, whatever the clocks are put to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Literal

from tocsin.core.schedules import instant, shown_at

Kind = Literal["daily", "weekly"]
KINDS: tuple[Kind, ...] = ("daily", "weekly")
DAYS = {"daily": 1, "weekly": 7}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A report that comes at this time of every day, or of one ``weekday`` (0 is Monday), in an IANA zone."""

    kind: Kind
    at: time
    zone: str
    weekday: int | None = None


def last_due(plan: Plan, now: datetime) -> datetime:
    """The last moment up to now at which the report was due, in UTC."""
    today = shown_at(now, plan.zone).date()
    for back in range(9):
        day = today - timedelta(days=back)
        due = instant(datetime.combine(day, plan.at), plan.zone)
        if due <= now and plan.weekday in (None, day.weekday()):
            return due
    raise AssertionError("every weekday comes within eight days")


def begins(kind: Kind, until: datetime, zone: str) -> datetime:
    """From when a report tells that ends at this moment: the same time on the wall, a day or a week before."""
    return instant(shown_at(until, zone) - timedelta(days=DAYS[kind]), zone)


def next_due(plan: Plan, now: datetime) -> datetime:
    """The first moment after now at which the report is due, in UTC."""
    today = shown_at(now, plan.zone).date()
    for ahead in range(9):
        day = today + timedelta(days=ahead)
        due = instant(datetime.combine(day, plan.at), plan.zone)
        if due > now and plan.weekday in (None, day.weekday()):
            return due
    raise AssertionError("every weekday comes within eight days")
