"""Whether the clocks do what they must: a second look at stored incidents, by code that knows nothing of the first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from tocsin.app import App
from tocsin.core.audit import fault
from tocsin.store import waking
from tocsin.store.db import Tx
from tocsin.times import say_duration

SLACK = timedelta(seconds=30)
AT_ONCE = 5_000
"""Incidents that are looked at in one turn."""
MOST_TOLD = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited:
    """What one look found. ``last``: the number behind which the next look goes on; 0: all were looked at."""

    faults: tuple[str, ...] = ()
    last: int = 0


def look(tx: Tx, now: datetime, after: int = 0, most: int = AT_ONCE) -> Audited:
    """Check some open incidents, in the order of their numbers; what is overdue among all is always told."""
    late = [
        f"{ref} was to be looked at {say_duration(now - at)} ago."
        for ref, at in waking.overdue(tx, now - SLACK, MOST_TOLD)
    ]
    some = waking.open_slice(tx, after, most)
    found = [told for incident, wake_at in some if (told := fault(incident, wake_at, now, SLACK))]
    last = some[-1][0].number if len(some) >= most else 0
    return Audited(faults=tuple(late + found)[:MOST_TOLD], last=last)


def everything(app: App) -> tuple[str, ...]:
    """Check every open incident, in pieces."""
    found: list[str] = []
    after = 0
    while True:
        seen = app.db.read(partial(look, now=app.clock.now(), after=after))
        found += seen.faults
        after = seen.last
        if not after:
            return tuple(dict.fromkeys(found))
