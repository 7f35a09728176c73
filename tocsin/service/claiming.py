"""What was accepted and waits to be merged: messages of the table and records of the log, in the order they came.

Whatever is done about them is done in the transaction that claims them: messages are marked, and the place in the log
moves on. If that transaction fails or its process dies, they are simply there again, so each counts exactly once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tocsin import wire
from tocsin.app import App
from tocsin.core.alert import Alert
from tocsin.core.hearing import Heard
from tocsin.errors import Invalid
from tocsin.store import intake, intakelog, parcels
from tocsin.store.db import Tx
from tocsin.store.intakelog import START, Gap, Place, base_of, segments, waits
from tocsin.store.sqlite import SqliteDatabase
from tocsin.times import from_micros, to_micros

LARGEST_BODY = 64 * 1024
"""Characters of a message that are kept where it can't be merged."""
_PIECE = 512 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """What was accepted together. ``row``: its name in the table; else it came from the log, which goes on at ``end``.

    ``fault``: why nothing can be made of it.
    """

    received_at: int
    words: Sequence[Heard]
    source: str = ""
    row: str = ""
    end: Place = START
    size: int = 0
    fault: str = ""


def claim(app: App, tx: Tx, messages: int, words: int) -> list[Piece]:
    """The oldest pieces that wait: at most so many messages of the table, and in all pieces of about ``words``.

    The log is looked at after the transaction has begun, so whoever was answered before another one sent comes first.
    """
    rows = [_of_row(arrival) for arrival in intake.claim(tx, messages)]
    logged, all_logged = _of_log(app, tx, words)
    return list(_few(_in_order(rows, logged, all_rows=len(rows) < messages, all_logged=all_logged), words))


def _few(pieces: Iterator[Piece], words: int) -> Iterator[Piece]:
    """The first of them, so that one turn does not take long however much a message of the table holds."""
    taken = 0
    for piece in pieces:
        yield piece
        taken += len(piece.words)
        if taken >= words:
            return


def done(app: App, tx: Tx, pieces: Sequence[Piece]) -> None:
    """These were worked off; what can't be read is set aside with its reason."""
    intake.done(tx, [piece.row for piece in pieces if piece.row and not piece.fault])
    for piece in pieces:
        if piece.fault:
            set_aside(app, tx, piece, piece.fault)
    logged = [piece for piece in pieces if not piece.row]
    if not logged:
        return
    end, inbox = logged[-1].end, app.inbox
    intake.put_place(tx, end)
    if inbox is not None:
        records = sum(piece.size > 0 for piece in logged)
        size = sum(piece.size for piece in logged)
        tx.after_commit(lambda: inbox.worked_off(records, size, end))


def set_aside(app: App, tx: Tx, piece: Piece, why: str) -> None:
    """Keep a piece that can't be merged where `tocsin doctor` shows it."""
    if piece.row:
        intake.failed(tx, piece.row, why, give_up_after=1)
        return
    body = wire.encode_text([_readable(word) for word in piece.words])[:LARGEST_BODY]
    at = from_micros(piece.received_at) if piece.received_at else app.clock.now()
    name = f"log/{piece.end.segment:06}/{piece.end.offset:012}/{piece.end.record:06}"
    intake.set_aside(tx, intake.Arrival(id=name, received_at=at, source=piece.source, body=body, error=why))


def backlog(app: App, tx: Tx) -> tuple[int, datetime | None]:
    """How many messages and records wait, and since when the oldest does."""
    waiting, oldest = intake.backlog(tx)
    base = _base(app)
    if base is None or not segments(base):
        return waiting, oldest
    place, until = intake.place(tx), _until(app)
    logged = app.inbox.waiting if app.inbox else waits(base, place)[0]
    first = next(records(base, place, until, 1), None) if logged > 0 else None
    moments = [oldest] if oldest else []
    if first is not None and first.received_at:
        moments.append(from_micros(first.received_at))
    return waiting + max(logged, 0), min(moments, default=None)


def anything(app: App) -> bool:
    """Whether something waits to be merged; asked often, so no more is looked at than that."""
    if app.inbox is not None and app.inbox.log is not None:
        return app.inbox.waiting > 0 or app.db.read(intake.backlog)[0] > 0
    return app.db.read(lambda tx: backlog(app, tx))[0] > 0


def _base(app: App) -> Path | None:
    """How the log's files are called; None on PostgreSQL, which needs none."""
    return base_of(app.db.path) if isinstance(app.db, SqliteDatabase) else None


def _until(app: App) -> Place | None:
    """How far the log is on disk; who does not write it, reads what is there."""
    return app.inbox.log.end if app.inbox is not None and app.inbox.log is not None else None


def records(base: Path, place: Place, until: Place | None = None, most: int = 2**62) -> Iterator[Piece]:
    """What a log holds from a place on, as `tocsin.store.intakelog.read`."""
    if until is not None and place >= until:
        return
    for found in intakelog.read(base, place, until, most):
        if isinstance(found, Gap):
            yield Piece(received_at=0, words=(), source="the log", end=found.end, fault=found.why)
            continue
        begun = place.record if found.at == place._replace(record=0) else 0
        for number, record in enumerate(found.records[begun:], begun + 1):
            end = found.end if number == len(found.records) else found.at._replace(record=number)
            yield _of_record(record, end)


def _of_row(arrival: intake.Arrival) -> Piece:
    try:
        words = tuple(parcels.heard(alert) for alert in wire.decode(list[Alert], arrival.body))
    except Invalid as error:
        return Piece(received_at=to_micros(arrival.received_at), words=(), row=arrival.id, fault=str(error))
    return Piece(received_at=to_micros(arrival.received_at), words=words, source=arrival.source, row=arrival.id)


def _of_log(app: App, tx: Tx, words: int) -> tuple[list[Piece], bool]:
    """Pieces of about so many words, and whether that is all there is."""
    found: list[Piece] = []
    base, until, taken = _base(app), _until(app), 0
    if base is None or not segments(base):
        return found, True
    size = 0
    for piece in records(base, intake.place(tx), until):
        found.append(piece)
        taken, size = taken + len(piece.words), size + piece.size
        if taken >= words or size >= _PIECE:
            return found, False
    return found, True


def _of_record(record: bytes, end: Place) -> Piece:
    try:
        moment, source, words = parcels.unpack(record)
    except Invalid as error:
        return Piece(received_at=0, words=(), source="the log", end=end, size=len(record), fault=str(error))
    return Piece(received_at=moment, words=words, source=source, end=end, size=len(record))


def _in_order(rows: list[Piece], logged: list[Piece], *, all_rows: bool, all_logged: bool) -> Iterator[Piece]:
    """Both by the moment at which they came, each in its own order; no further than is known of both."""
    row, log = 0, 0
    while row < len(rows) or log < len(logged):
        if log == len(logged):
            if not all_logged and logged:
                return
            yield rows[row]
            row += 1
        elif row == len(rows):
            if not all_rows and rows:
                return
            yield logged[log]
            log += 1
        elif rows[row].received_at <= logged[log].received_at:
            yield rows[row]
            row += 1
        else:
            yield logged[log]
            log += 1


def _readable(word: Heard) -> dict[str, object]:
    try:
        return {"alert": parcels.alert_of(word)}
    except (Invalid, ValueError, OverflowError):
        return {"bytes": word.labels.decode("utf-8", "replace")}
