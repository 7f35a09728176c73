"""An outlook as a picture: for each day a strip of 24 hours, and the same in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from tocsin.core.outlook import STATES, Outlook, State
from tocsin.core.schedules import instant, shown_at

WORDS: Mapping[State, str] = {
    "ready": "everybody is reached", "alone": "one person is all there is", "gap": "a rung reaches nobody",
    "nobody": "nobody is reached",
}  # fmt: skip
_HEIGHTS: Mapping[State, float] = {"ready": 0.34, "alone": 0.56, "gap": 0.78, "nobody": 1.0}
"""The worse it is, the higher the bar: whoever sees no colours sees that."""
_DAY = 24.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """Hours of a day in which the state stays the same; all in hours and in parts of the strip's height."""

    state: State
    x: float
    width: float
    y: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A day of the zone. ``worst`` is its worst state, ``says`` tells every hour that is not well, in words."""

    label: str
    date: str
    today: bool
    weekend: bool
    bars: tuple[Bar, ...]
    worst: State
    says: str


def days(outlook: Outlook, zone: str) -> list[Day]:
    """The days that the outlook reaches, in order; the hours before and behind it stay empty."""
    if not outlook.spans:
        return []
    first, ends = outlook.spans[0].begins, outlook.spans[-1].ends
    day = midnight = datetime.combine(shown_at(first, zone).date(), datetime.min.time())
    found = []
    while instant(day, zone) < ends:
        found.append(_day(outlook, day, zone, today=day == midnight))
        day += timedelta(days=1)
    return found


def _day(outlook: Outlook, day: datetime, zone: str, *, today: bool) -> Day:
    bars = tuple(_bars(outlook, day, zone))
    worst: State = max((bar.state for bar in bars), key=STATES.index, default="ready")
    ill = [f"{_clock(bar.x)}–{_clock(bar.x + bar.width)} {WORDS[bar.state]}" for bar in bars if bar.state != "ready"]
    if len(ill) == 1 and bars[0].width == _DAY:
        ill = [WORDS[worst]]
    return Day(
        label=f"{day:%a} {day.day} {day:%b}", date=f"{day:%Y-%m-%d}", today=today, weekend=day.weekday() > 4,
        bars=bars, worst=worst, says="; ".join(ill) or WORDS["ready"],
    )  # fmt: skip


def _bars(outlook: Outlook, day: datetime, zone: str) -> Iterator[Bar]:
    """Neighbours of the same state are one bar. An hour that the clocks skip is none, one that comes twice is one."""
    begins, ends = instant(day, zone), instant(day + timedelta(days=1), zone)
    state: State | None = None
    since = until = 0.0
    for span in outlook.spans:
        if span.ends <= begins or span.begins >= ends:
            continue
        left = max(0.0, _hours(span.begins, day, zone)) if span.begins > begins else 0.0
        right = _hours(span.ends, day, zone) if span.ends < ends else _DAY
        if span.state == state:
            until = max(until, right)
            continue
        if state is not None and until > since:
            yield _bar(state, since, until)
        state, since, until = span.state, max(left, until), max(right, until)
    if state is not None and until > since:
        yield _bar(state, since, until)


def _hours(moment: datetime, day: datetime, zone: str) -> float:
    return (shown_at(moment, zone) - day) / timedelta(hours=1)


def _bar(state: State, since: float, until: float) -> Bar:
    height = _HEIGHTS[state]
    return Bar(state=state, x=round(since, 2), width=round(until - since, 2), y=round(1 - height, 2), height=height)


def _clock(hours: float) -> str:
    minutes = round(hours * 60)
    return f"{minutes // 60:02}:{minutes % 60:02}"


def legend() -> list[tuple[str, Bar]]:
    """Each state in words, with its bar."""
    return [(WORDS[state], _bar(state, 0.0, 1.0)) for state in STATES]
