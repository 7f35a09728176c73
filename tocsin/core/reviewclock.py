"""When a runbook is to be read again: what it says itself, counted from when it was last read, and how that stands."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from tocsin.core.runbook import Review

_DAYS = {"day": 1, "week": 7, "month": 30, "quarter": 91, "year": 365}
_TIMES = re.compile(r"(?P<number>\d+)?\s*(?P<unit>day|week|month|quarter|year)", re.IGNORECASE)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """How the review stands. ``due`` None: the document does not say how often, or nothing to count from is known.

    ``from_what`` says what the day is counted from.
    """

    every: str = ""
    last: str = ""
    due: date | None = None
    overdue: bool = False
    from_what: str = ""
    line: int = 0


def reviewed(review: Review | None, today: date, known_since: date | None) -> Reviewed:
    """How a document's own review stands today; ``known_since``: from when on it was loaded here."""
    if review is None:
        return Reviewed()
    every, last, said = review.every or "", _day(review.last), _day(review.next)
    days = _days(every)
    due, why = said, "the document names the day"
    if last is not None and days and (due is None or due < last):
        due, why = last + timedelta(days=days), f"counted from {last.isoformat()}"
    elif due is None and days and known_since is not None:
        due, why = known_since + timedelta(days=days), f"no day is filled in, so from {known_since.isoformat()} on"
    return Reviewed(
        every=every, last=review.last or "", due=due, overdue=due is not None and due <= today,
        from_what=why if due else "", line=review.line,
    )  # fmt: skip


def _days(every: str) -> int:
    found = _TIMES.search(every)
    return int(found["number"] or 1) * _DAYS[found["unit"].lower()] if found else 0


def _day(text: str | None) -> date | None:
    found = _DATE.search(text or "")
    try:
        return date.fromisoformat(found[0]) if found else None
    except ValueError:
        return None
