"""A number of minutes as people say it: ``90``, ``1h 30m``, ``21:00``, ``2026-12-24T20:00``."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import click

from tocsin.times import SystemClock, parse_duration

_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_MINUTE = timedelta(minutes=1)


class Minutes(click.ParamType[float]):
    """Minutes from now on: a number, a span, or until when; a moment without a zone is one of this terminal's."""

    name = "minutes"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The number of minutes; what is none ends the command with a sentence."""
        text = str(value).strip()
        try:
            return float(text)
        except ValueError:
            pass
        now = SystemClock().now().astimezone()
        until = _until(text, now)
        if until is not None:
            if until <= now:
                self.fail(f"{text} is over already.", param, ctx)
            return (until - now) / _MINUTE
        try:
            return parse_duration(text) / _MINUTE
        except ValueError:
            self.fail(f"{text!r} is no time: write 90, 1h30m, 21:00 or 2026-12-24T20:00.", param, ctx)


def _until(text: str, now: datetime) -> datetime | None:
    """The moment that is meant; a time of day is the next one. None for what is no moment."""
    clock = _CLOCK.fullmatch(text)
    if clock:
        at = now.replace(hour=int(clock[1]), minute=int(clock[2]), second=0, microsecond=0, tzinfo=None)
        if at <= now.replace(tzinfo=None):
            at += timedelta(days=1)
        return at.astimezone()
    try:
        return datetime.fromisoformat(text).astimezone()
    except ValueError:
        return None
