"""Business hours and business days: which hours of which days people work, in a named zone, holidays left out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from tocsin.errors import Invalid

FURTHEST = 3 * 366
"""Days ahead in which an open hour is looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """When people work. ``days``: 0 is Monday; ``opens`` and ``closes`` are wall-clock times of the IANA ``zone``.

    ``closes`` 00:00 means midnight at the day's end. Raises `Invalid` where it could never be open.
    """

    zone: str = "UTC"
    days: tuple[int, ...] = (0, 1, 2, 3, 4)
    opens: time = time(9)
    closes: time = time(17)
    holidays: tuple[date, ...] = ()

    def __post_init__(self) -> None:
        """Refuse hours that never are."""
        if not self.days or not set(self.days) <= set(range(7)):
            raise Invalid("A calendar needs business days, from 0 (Monday) to 6 (Sunday).")
        if self.closes != time(0) and self.opens >= self.closes:
            raise Invalid(f"Business hours from {self.opens:%H:%M} to {self.closes:%H:%M} never begin.")

    def is_business_day(self, day: date) -> bool:
        """Whether people work on this day of the zone."""
        return day.weekday() in self.days and day not in _set(self.holidays)

    def day_of(self, at: datetime) -> date:
        """The day that a moment belongs to, in the zone."""
        return at.astimezone(_zone(self.zone)).date()

    def is_open(self, at: datetime) -> bool:
        """Whether people work at this moment."""
        return self.next_opening(at) == at

    def next_opening(self, at: datetime) -> datetime:
        """The first moment from ``at`` on at which people work: ``at`` itself within business hours; in UTC."""
        begins, _ = next(self._spans(at))
        return max(begins, at).astimezone(UTC)

    def add_business(self, at: datetime, duration: timedelta) -> datetime:
        """The moment at which ``duration`` of business time has passed since ``at``; in UTC."""
        left = duration
        for opens, closes in self._spans(at):
            begins = max(opens, at)
            if closes - begins >= left:
                return (begins + left).astimezone(UTC)
            left -= closes - begins
        raise AssertionError("spans never end without raising")

    def end_of_next_business_day(self, at: datetime) -> datetime:
        """When people stop working on the first business day after the day of ``at``; in UTC."""
        after = self._moment(self.day_of(at) + timedelta(days=1), time(0))
        _, ends = next(self._spans(after))
        return ends

    def _spans(self, at: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Business hours that end after ``at``, in their order, in UTC; a day that the clocks swallow is left out."""
        first = self.day_of(at)
        for ahead in range(FURTHEST):
            day = first + timedelta(days=ahead)
            if not self.is_business_day(day):
                continue
            last = day + timedelta(days=1) if self.closes == time(0) else day
            begins, ends = self._moment(day, self.opens), self._moment(last, self.closes)
            if ends > max(begins, at):
                yield begins, ends
        raise Invalid("This calendar has no business hour in the next three years.", "Look at its days and holidays.")

    def _moment(self, day: date, wall: time) -> datetime:
        """A wall-clock time as a moment; of an hour that comes twice the first, of one that is left out the next."""
        return datetime.combine(day, wall, _zone(self.zone)).astimezone(UTC)


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    """The zone; UTC where this machine does not know it any more, because a page must not wait for that."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")


def knows_zone(name: str) -> bool:
    """Whether this machine knows an IANA zone, ``Europe/Oslo``."""
    return name == "UTC" or _zone(name).key != "UTC"


@lru_cache(maxsize=64)
def _set(days: tuple[date, ...]) -> frozenset[date]:
    return frozenset(days)
