"""The intake of a node that serves: opened before the first request, closed after the last."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tocsin import wire
from tocsin.app import App
from tocsin.core.alert import Alert
from tocsin.ids import new_id
from tocsin.store import intake, parcels
from tocsin.store.db import Tx
from tocsin.store.inbox import Inbox
from tocsin.store.intakelog import IntakeLog, base_of, waits
from tocsin.store.sqlite import SqliteDatabase
from tocsin.times import from_micros, to_micros

MOST_IN_A_PIECE = 100
MOST_IN_A_ROW = 100
"""Alerts that one row of the table holds: what is merged in one turn at least, while others wait for it."""


@contextmanager
def intake_of(app: App) -> Iterator[Inbox]:
    """The node's intake, as ``app.inbox``: a log beside a SQLite file, rows of the table on PostgreSQL.

    Raises `Refused` where another process has the log.
    """
    inbox = _inbox(app)
    app.inbox = inbox
    try:
        yield inbox
    finally:
        app.inbox = None
        inbox.close()


def records_of(app: App, source: str, alerts: Sequence[Alert]) -> list[bytes]:
    """Alerts as records for `Inbox`, a hundred in each."""
    now = to_micros(app.clock.now())
    words = [parcels.pack_word(parcels.heard(alert)) for alert in alerts]
    pieces = (words[start : start + MOST_IN_A_PIECE] for start in range(0, len(words), MOST_IN_A_PIECE))
    return [parcels.pack(now, source.encode(), piece) for piece in pieces]


def _inbox(app: App) -> Inbox:
    if not isinstance(app.db, SqliteDatabase):
        return Inbox(lambda records: app.db.write(lambda tx: _append_rows(app, tx, records)), app.arrivals.ring)
    base, place = base_of(app.db.path), app.db.read(intake.place)
    log = IntakeLog(base, place, check=app.db.refuse_when_moved)
    inbox = Inbox(log.append, app.arrivals.ring, log)
    count, size, _ = waits(base, place)
    inbox.counted(count, size)
    return inbox


def _append_rows(app: App, tx: Tx, records: Sequence[bytes]) -> None:
    """One row of the table for what came from one source, in order; a message that can't be merged takes few along."""
    rows: list[tuple[int, str, list[Alert]]] = []
    for record in records:
        moment, source, words = parcels.unpack(record)
        alerts = [parcels.alert_of(word) for word in words]
        if rows and rows[-1][1] == source and len(rows[-1][2]) + len(alerts) <= MOST_IN_A_ROW:
            rows[-1][2].extend(alerts)
        else:
            rows.append((moment, source, alerts))
    name = new_id("in", app.clock.now())
    intake.append(
        tx,
        [
            intake.Arrival(
                id=f"{name}/{number:06}", received_at=from_micros(moment), source=source, body=wire.encode_text(alerts)
            )
            for number, (moment, source, alerts) in enumerate(rows)
        ],
    )
