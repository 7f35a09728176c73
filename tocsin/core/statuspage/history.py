"""Ninety days of a component: the worst of each day, and how much of the time it was there for its users.

A major outage counts wholly against it, a partial one by 30 %, slowness and planned maintenance not at all: as
Statuspage counts (support.atlassian.com, "uptime showcase"). Of days before a component was known nothing is claimed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from tocsin.core.statuspage.model import Public, Span, State, worst

DAYS = 90
_WEIGHTS: dict[State, float] = {"major": 1.0, "partial": 0.3}


@dataclass(frozen=True, slots=True)
class Day:
    """A day in the page's zone. ``state`` None: nothing was known of the component yet."""

    day: date
    state: State | None
    lost_seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """A component's last days, the oldest first; ``uptime`` from 0 to 1, None where nothing is known."""

    days: tuple[Day, ...]
    uptime: float | None

    @property
    def bad(self) -> tuple[Day, ...]:
        """The days on which something was amiss, the newest first."""
        return tuple(day for day in reversed(self.days) if day.state not in (None, "operational"))


def history(public: Public, component: str, now: datetime, days: int = DAYS) -> History:
    """The last days of a component, today included."""
    zone = ZoneInfo(public.page.zone)
    today, known = now.astimezone(zone).date(), public.known.get(component)
    dates = [today - timedelta(days=back) for back in range(days - 1, -1, -1)]
    edges = [datetime(each.year, each.month, each.day, tzinfo=zone) for each in dates]
    edges.append(now)
    spans = [span for report in public.reports for span in report.spans(component, now)]
    spans += public.followed.get(component, ())
    known = min([known, *(span.begun for span in spans)]) if known else None
    found = [_day(day, edges[at], edges[at + 1], known, spans) for at, day in enumerate(dates)]
    if known is None or known >= now:
        return History(days=tuple(found), uptime=None)
    begun = max(known, edges[0])
    lost = sum(day.lost_seconds for day in found)
    return History(days=tuple(found), uptime=max(0.0, 1 - lost / (now - begun).total_seconds()))


def _day(day: date, begun: datetime, ended: datetime, known: datetime | None, spans: Sequence[Span]) -> Day:
    if known is None or known >= ended:
        return Day(day, None)
    here = [
        Span(max(span.begun, begun), min(span.ended, ended), span.state)
        for span in spans
        if span.begun < ended and span.ended > begun
    ]
    return Day(day, worst(span.state for span in here), lost(here)) if here else Day(day, "operational")


def lost(spans: Iterable[Span]) -> float:
    """Seconds that count against a component; where spans lie over each other, the worst of them counts once."""
    weighing = [span for span in spans if span.state in _WEIGHTS]
    edges = sorted({moment for span in weighing for moment in (span.begun, span.ended)})
    seconds = 0.0
    for begun, ended in pairwise(edges):
        weights = [_WEIGHTS[span.state] for span in weighing if span.begun <= begun and span.ended >= ended]
        seconds += max(weights, default=0.0) * (ended - begun).total_seconds()
    return seconds
