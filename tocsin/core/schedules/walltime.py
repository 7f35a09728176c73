"""What clocks on walls show, and when: the one rule for hours that don't exist or exist twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

_SECOND = timedelta(seconds=1)


def shown_at(moment: datetime, zone: str) -> datetime:
    """What the clocks of a zone show at a moment, without a zone."""
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)


def instant(shown: datetime, zone: str) -> datetime:
    """The first moment, in UTC, at which the clocks of a zone show this or later.

    An hour that exists twice counts the first time. In an hour that is left out everything happens at the moment at
    which the clocks are put forward. So the order of what is written is always the order in which it happens.
    """
    place = ZoneInfo(zone)
    earlier = shown.replace(tzinfo=place, fold=0).astimezone(UTC)
    if shown_at(earlier, zone) == shown:
        return earlier
    before = shown.replace(tzinfo=place, fold=1).astimezone(UTC).replace(microsecond=0)
    late = (earlier - before) // _SECOND + 1
    soon = 0
    while late - soon > 1:  # the clocks are put forward somewhere in between, at a whole second
        middle = (soon + late) // 2
        soon, late = (soon, middle) if shown_at(before + middle * _SECOND, zone) >= shown else (middle, late)
    return before + late * _SECOND
