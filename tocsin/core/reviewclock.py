"""When a runbook is to be read again: what it says itself, counted from when it was last read, and how that stands."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from tocsin.core.runbook import Review, Severity, Text

_DAYS = {"day": 1, "week": 7, "month": 30, "quarter": 91, "year": 365}
_TIMES = re.compile(r"(?P<number>\d+)?\s*(?P<unit>day|week|month|quarter|year)", re.IGNORECASE)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_AFTER = re.compile(
    r"\b(?:incident|outage|post-?mortem)s?\b|vorf[aä]ll|störung|incident[es]s?\b|interrup|panne", re.IGNORECASE
)
_MAJOR = re.compile(
    r"\b(?:major|serious|significant|severe|critical|large|big|schwer|groß|grave|importante?s?|majeur)", re.IGNORECASE
)
_CALENDAR = re.compile(
    r"\b(?:daily|(?:bi-?)?weekly|monthly|quarterly|yearly|annually)\b|\bevery \d* ?(?:day|week|month|quarter|year)",
    re.IGNORECASE,
)
LATER = timedelta(days=1)
"""So long after the end of an incident that asks for it a review is due: the post-mortem comes first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """An incident that is over: what of it decides whether a document is to be read again."""

    id: str
    severity: str
    ended: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """On what the document wants to be read again, in its words. ``met``: by what that was, since it was last read.

    ``on``: when it was met. ``watched`` false: only a person knows, as of "when procedures change".
    """

    text: str
    line: int
    met: str = ""
    on: date | None = None
    watched: bool = False


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
    occasions: tuple[Occasion, ...] = ()


def reviewed(
    review: Review | None, today: date, known_since: date | None, past: Sequence[Past] = (),
    severities: Sequence[Severity] = (),
) -> Reviewed:  # fmt: skip
    """How a document's own review stands today; ``known_since``: from when on it was loaded here.

    ``past``: its incidents that are over, the newest first; the ``severities`` say which of them were major ones.
    """
    if review is None:
        return Reviewed()
    every, last, said = review.every or "", _day(review.last), _day(review.next)
    days = _days(every)
    due, why = said, "the document names the day"
    if last is not None and days and (due is None or due < last):
        due, why = last + timedelta(days=days), f"counted from {last.isoformat()}"
    elif due is None and days and known_since is not None:
        due, why = known_since + timedelta(days=days), f"no day is filled in, so from {known_since.isoformat()} on"
    since = last or known_since
    met = tuple(
        _occasion(each, [one for one in past if since is None or one.ended > since], severities)
        for each in review.triggers
        if not _CALENDAR.search(each.text)
    )
    state = Reviewed(
        every=every, last=review.last or "", due=due, overdue=due is not None and due <= today,
        from_what=why if due else "", line=review.line, occasions=met,
    )  # fmt: skip
    return _sooner(state, today)


def major(severities: Sequence[Severity]) -> tuple[str, ...]:
    """The severities of major incidents: the worse half of the document's, one at the least."""
    return tuple(each.name for each in severities[: max(len(severities) // 2, 1)])


def last_read(review: Review | None) -> datetime | None:
    """The end of the day on which the document says that it was read last, in UTC."""
    day = _day(review.last) if review else None
    return datetime.combine(day, time.max, UTC) if day else None


def _occasion(told: Text, past: Sequence[Past], severities: Sequence[Severity]) -> Occasion:
    occasion = Occasion(text=told.text, line=told.line, watched=_AFTER.search(told.text) is not None)
    if not occasion.watched:
        return occasion
    named = [each.name for each in severities if re.search(rf"\b{re.escape(each.name)}\b", told.text)]
    wanted = named or (major(severities) if _MAJOR.search(told.text) else None)
    found = [each for each in past if wanted is None or each.severity in wanted]
    if not found:
        return occasion
    first = min(found, key=lambda each: each.ended)
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    named_so = f"{first.id} ({first.severity})" if first.severity else first.id
    return replace(occasion, met=f"{named_so} ended on {first.ended}{more}", on=first.ended)


def _sooner(state: Reviewed, today: date) -> Reviewed:
    """Due by an occasion, where that is sooner than by the calendar."""
    known = [each for each in state.occasions if each.on is not None]
    first = min(known, key=lambda each: each.on or today, default=None)
    if first is None or first.on is None or (state.due is not None and state.due <= first.on + LATER):
        return state
    due = first.on + LATER
    return replace(
        state, due=due, overdue=due <= today, line=first.line, from_what=f"“{first.text}”: {first.met}"
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
