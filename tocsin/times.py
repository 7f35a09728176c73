"""The only place that asks for the time, and the only place that says it in words."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Protocol

MICROSECOND = timedelta(microseconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_UNITS = {"s": 1, "sec": 1, "m": 60, "min": 60, "h": 3600, "d": 86400, "w": 604800}
_DURATION = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([a-z]+)\s*", re.IGNORECASE)


class Clock(Protocol):
    """What tells the time. Passed in, so that a story can turn it by hand."""

    def now(self) -> datetime:
        """The present moment, in UTC."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present moment, in UTC."""
        return datetime.now(UTC)


def to_micros(moment: datetime) -> int:
    """Microseconds since 1970 in UTC: how every moment is stored, on both databases."""
    return (moment - EPOCH) // MICROSECOND


def from_micros(micros: int) -> datetime:
    """The inverse of `to_micros`."""
    return EPOCH + timedelta(microseconds=micros)


def parse_duration(text: str) -> timedelta:
    """``"90s"``, ``"15 min"``, ``"1h 30m"`` → a timedelta; ``ValueError`` with a sentence otherwise."""
    seconds, at = 0.0, 0
    while at < len(text):
        part = _DURATION.match(text, at)
        unit = _UNITS.get(part.group(2).lower()) if part else None
        if part is None or unit is None:
            raise ValueError(f"{text!r} is not a duration; write for example 90s, 15m or 1h30m.")
        seconds += float(part.group(1)) * unit
        at = part.end()
    if at == 0:
        raise ValueError("A duration is empty; write for example 90s, 15m or 1h30m.")
    try:
        return timedelta(seconds=seconds)
    except OverflowError:
        raise ValueError(f"{text[:40]!r} is longer than time itself; write for example 90s, 15m or 1h30m.") from None


def say_duration(span: timedelta) -> str:
    """``2 min 11 s``, ``1 h 05 min``, ``3 d 4 h``, ``15 min``: two units at most, no zero behind another."""
    seconds = round(span.total_seconds())
    sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
    days, hours, minutes = seconds // 86400, seconds // 3600 % 24, seconds // 60 % 60
    if days:
        return f"{sign}{days} d" + (f" {hours} h" if hours else "")
    if hours:
        return f"{sign}{hours} h" + (f" {minutes:02d} min" if minutes else "")
    if minutes:
        return f"{sign}{minutes} min" + (f" {seconds % 60:02d} s" if seconds % 60 else "")
    return f"{sign}{seconds} s"


def say_time(moment: datetime) -> str:
    """``14:32:07 UTC``: how a moment of today is named in a sentence."""
    return moment.strftime("%H:%M:%S UTC")


def say_moment(moment: datetime) -> str:
    """``Mon 02 Mar, 14:32 UTC``: how a moment is named that may be of another day."""
    return moment.strftime("%a %d %b, %H:%M UTC")
