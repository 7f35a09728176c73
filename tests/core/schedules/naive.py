"""A second opinion on schedules: clocks on walls are watched minute by minute, and nothing is computed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)


def minutes(begins: datetime, ends: datetime) -> Iterator[datetime]:
    """Every minute between two moments."""
    while begins < ends:
        yield begins
        begins += MINUTE


def wall(moment: datetime, zone: str) -> datetime:
    """What the wall shows."""
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)


def first_shown(shown: datetime, zone: str) -> datetime:
    """The first minute at which the wall shows this or later."""
    moment = shown.replace(tzinfo=UTC) - timedelta(hours=15)
    while wall(moment, zone) < shown:
        moment += MINUTE
    return moment


def on_call_by_minute(
    people: list[str], first: datetime, span: timedelta, zone: str, ends: datetime
) -> Iterator[tuple[datetime, str | None]]:
    """Each minute from two days before the first handover on, and who is on call: a person who walks hand in hand
    with the clock, and hands over whenever it shows the next time that stands in the plan, or a later one."""
    turn, due = -1, first
    for moment in minutes(first.replace(tzinfo=UTC) - timedelta(days=2), ends):
        while wall(moment, zone) >= due:
            turn, due = turn + 1, due + span
        yield moment, people[turn % len(people)] if turn >= 0 else None


def in_window(shown: datetime, days: set[int], begins: int, ends: int) -> bool:
    """Whether a time on the wall lies in hours of the week, which may end on the next day."""
    for back in (0, 1):
        day = shown.date() - timedelta(days=back)
        since = (shown - datetime.combine(day, datetime.min.time())) / MINUTE
        if day.weekday() in days and begins <= since < ends:
            return True
    return False
