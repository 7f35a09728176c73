"""Which messages subscribers get: one for each update, and those that a planned maintenance calls for by the clock."""

from __future__ import annotations

from datetime import datetime, timedelta

from tocsin.app import App
from tocsin.core.statuspage.model import Report
from tocsin.store import statuspage as store
from tocsin.store import subscribers
from tocsin.store.db import Tx

LATE = timedelta(hours=1)
"""What could not be said within this time after its moment is not said any more."""


def of_post(tx: Tx, report: str, seq: int, now: datetime) -> None:
    """An update was written."""
    subscribers.tell_all(tx, report, f"post:{seq}", now)


def of_plan(tx: Tx, report: Report, now: datetime) -> None:
    """A maintenance was planned, or has begun."""
    of_post(tx, report.id, 1, now)


def of_end(tx: Tx, report: Report, seq: int, now: datetime) -> None:
    """A maintenance was ended by hand."""
    of_post(tx, report.id, seq, now)


def by_clock(report: Report, now: datetime) -> str:
    """What the clock says of a maintenance now: remind, begin, end; empty where it says nothing."""
    if report.kind != "maintenance" or report.called_off:
        return ""
    over = report.over_at
    remind = report.begun_at - timedelta(seconds=report.remind_seconds)
    if report.remind_seconds and remind > report.created_at and remind <= now < report.begun_at:
        return "remind"
    if report.created_at < report.begun_at <= now < min(report.begun_at + LATE, over or now):
        return "begin"
    if report.ended_at is None and over is not None and over <= now < over + LATE:
        return "end"
    return ""


def next_by_clock(report: Report, now: datetime) -> datetime | None:
    """When the clock has something to say of a maintenance next."""
    remind = report.begun_at - timedelta(seconds=report.remind_seconds)
    moments = [remind, report.begun_at, *([report.over_at] if report.over_at else [])]
    return min((each for each in moments if each > now), default=None) if report.kind == "maintenance" else None


def tell_by_clock(app: App, told: set[tuple[str, str]]) -> None:
    """Write what the clock calls for; ``told`` remembers what needs no second look."""
    now = app.clock.now()
    reports = app.db.read(lambda tx: store.reports(tx, now - 2 * LATE))
    due = [(each.id, word) for each in reports if (word := by_clock(each, now)) and (each.id, word) not in told]
    if not due:
        return

    def write(tx: Tx) -> None:
        for report, word in due:
            subscribers.tell_all(tx, report, word, now)

    app.db.write(write)
    told.update(due)
