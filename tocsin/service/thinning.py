"""Samples that are older than they are kept in full: thinned, so that a month fits where two days did."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from tocsin.app import App
from tocsin.store import samples
from tocsin.store.db import Tx
from tocsin.times import EPOCH

BUCKET = timedelta(minutes=5)
"""Of each signal the lowest and the highest value of such a span stay, of each page one scrape."""
AT_ONCE = timedelta(hours=6)
"""So much time in one transaction; what an hour's turn does not get to is done by the next ones."""

Thin = Callable[[Tx, datetime, datetime, timedelta], int]


def thin(app: App, kind: str, thin_out: Thin, full: timedelta, whole: timedelta) -> int:
    """Thin what is older than ``full``, from where the last turn ended; how many samples or scrapes went."""
    now = app.clock.now()
    until = _edge(now - full)

    def write(tx: Tx) -> int:
        begin = max(samples.thinned_until(tx, kind) or until - AT_ONCE, _edge(now - whole))
        end = min(begin + AT_ONCE, until)
        if end <= begin:
            return 0
        gone = thin_out(tx, begin, end, BUCKET)
        samples.put_thinned(tx, kind, end)
        return gone

    return app.db.write(write) if whole > full else 0


def _edge(moment: datetime) -> datetime:
    """The edge of a bucket at or before a moment."""
    return EPOCH + (moment - EPOCH) // BUCKET * BUCKET
