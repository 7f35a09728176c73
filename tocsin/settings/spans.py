"""Durations as the file writes them."""

from __future__ import annotations

from datetime import timedelta

from tocsin.errors import Invalid
from tocsin.times import parse_duration

SHORTEST_SPAN = timedelta(seconds=0.1)
LONGEST_SPAN = timedelta(days=366)


def span(text: str, place: str, shortest: timedelta = timedelta(0)) -> timedelta:
    """The duration that ``text`` says; raises `Invalid` with the place where it is none, too short or too long."""
    try:
        found = parse_duration(text)
    except ValueError as error:
        raise Invalid(str(error), where=place) from None
    if not shortest <= found <= LONGEST_SPAN:
        fault = "too short" if found < shortest else "too long"
        raise Invalid(f"{text!r} is {fault}.", "Write for example 90s, 15m or 1h30m.", where=place)
    return found
