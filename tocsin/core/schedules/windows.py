"""Hours of the week, as they are written: ``Mon-Fri 09:00-17:00``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tocsin.core.schedules.walltime import instant, shown_at

Span = tuple[datetime, datetime]
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_HOURS = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")
_DAY_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Hours that repeat on some days of the week (0: Monday), in minutes after midnight.

    ``ends`` may lie on the next day (up to 48 h); such a window belongs to the day on which it begins.
    """

    days: tuple[int, ...]
    begins: int
    ends: int

    def __str__(self) -> str:
        """As it may be written."""
        ends = self.ends if self.ends <= _DAY_MINUTES else self.ends - _DAY_MINUTES
        return f"{say_days(self.days)} {_clock(self.begins)}-{_clock(ends)}"


def parse_window(text: str) -> Window:
    """``"Mon-Fri 09:00-17:00"``, ``"Sat,Sun 00:00-24:00"``, ``"22:00-06:00"``; ``ValueError`` with a sentence."""
    hours = _HOURS.search(text)
    if hours is None or text[hours.end() :].strip():
        raise ValueError(f"{text[:60]!r} are no hours; write for example Mon-Fri 09:00-17:00.")
    begins, ends = (_minutes(*hours.group(first, first + 1)) for first in (1, 3))
    if begins >= _DAY_MINUTES:
        raise ValueError("No hours begin at 24:00; write 00:00 and the next day.")
    days = parse_days(text[: hours.start()].strip() or "daily")
    return Window(days=days, begins=begins, ends=ends if ends > begins else ends + _DAY_MINUTES)


def parse_days(text: str) -> tuple[int, ...]:
    """``"Mon-Fri"``, ``"sat, sun"``, ``"daily"`` as numbers of days; ``ValueError`` with a sentence."""
    if text.strip().lower() in ("daily", "every day"):
        return tuple(range(7))
    found: set[int] = set()
    for part in text.split(","):
        first, dash, last = part.partition("-")
        begins = parse_day(first)
        ends = parse_day(last) if dash else begins
        found |= {(begins + step) % 7 for step in range((ends - begins) % 7 + 1)}
    return tuple(sorted(found))


def parse_day(text: str) -> int:
    """``"Mon"`` or ``"monday"`` → 0; ``ValueError`` with a sentence."""
    word = text.strip().lower()
    for number, (short, name) in enumerate(zip(DAYS, _NAMES, strict=True)):
        if word in (short, name):
            return number
    raise ValueError(f"{text.strip()[:40]!r} is no day of the week; write for example Mon or Monday.")


def say_days(days: Sequence[int]) -> str:
    """``Mon-Fri``, ``Sat,Sun``, ``daily``."""
    if len(days) == len(DAYS):
        return "daily"
    names = [DAYS[day].capitalize() for day in days]
    row = list(days) == list(range(days[0], days[0] + len(days))) if days else False
    return f"{names[0]}-{names[-1]}" if row and len(days) > 2 else ",".join(names)


def spans(windows: Sequence[Window], zone: str, begins: datetime, ends: datetime) -> list[Span]:
    """When the windows are open between two moments, in order and joined."""
    day, last = shown_at(begins, zone).date() - timedelta(days=2), shown_at(ends, zone).date()
    found: list[Span] = []
    while day <= last:
        found += _of_day(windows, day, zone)
        day += timedelta(days=1)
    return joined((max(first, begins), min(after, ends)) for first, after in found)


def joined(found: Iterator[Span] | Sequence[Span]) -> list[Span]:
    """Spans in order, those that touch as one; what is empty is left out."""
    whole: list[Span] = []
    for begins, ends in sorted(found):
        if begins >= ends:
            continue
        if whole and begins <= whole[-1][1]:
            whole[-1] = (whole[-1][0], max(whole[-1][1], ends))
        else:
            whole.append((begins, ends))
    return whole


def _of_day(windows: Sequence[Window], day: date, zone: str) -> Iterator[Span]:
    midnight = datetime.combine(day, datetime.min.time())
    for window in windows:
        if day.weekday() in window.days:
            edges = (midnight + timedelta(minutes=minutes) for minutes in (window.begins, window.ends))
            first, after = (instant(edge, zone) for edge in edges)
            yield first, after


def _minutes(hour: str, minute: str) -> int:
    if int(minute) > 59 or int(hour) * 60 + int(minute) > _DAY_MINUTES:
        raise ValueError(f"{hour}:{minute} is no time of a day; write 00:00 to 24:00.")
    return int(hour) * 60 + int(minute)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
