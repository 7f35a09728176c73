"""The inbox that is written before it is answered: raw events, worked off behind, replayed after a crash.

Claiming needs no lease: `claim` and `done` belong into the same transaction as what was made of the events. If that
transaction fails or its node dies, the events are simply there again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from tocsin.store.db import Row, Tx
from tocsin.store.intakelog import Place

GIVE_UP_AFTER = 3

_APPEND = """
insert into intake (id, received_at, source, body) values (:id, :received_at, :source, :body) on conflict do nothing
"""
_CLAIM = """
select * from intake where state = 'new' order by received_at, id limit :limit for update skip locked
"""
_DONE = "update intake set state = 'done', error = '' where id = :id"
_FAILED = """
update intake set attempts = attempts + 1, error = :error,
  state = case when attempts + 1 >= :limit then 'failed' else state end
where id = :id and state = 'new'
"""
_AGAIN = "update intake set state = 'new', attempts = 0 where id = :id and state = 'failed'"
_BACKLOG = "select count(*) as waiting, min(received_at) as oldest from intake where state = 'new'"
_FAILURES = "select * from intake where state = 'failed' order by received_at desc, id limit :limit"
_PRUNE = """
delete from intake where id in
  (select id from intake where state = 'done' and received_at < :before order by received_at limit :limit)
"""
_PLACE = "select segment, place, record from intake_log where name = 'intake'"
_PUT_PLACE = """
insert into intake_log (name, segment, place, record) values ('intake', :segment, :place, :record)
on conflict (name) do update set segment = excluded.segment, place = excluded.place, record = excluded.record
"""
_SET_ASIDE = """
insert into intake (id, received_at, source, body, state, error, attempts)
values (:id, :received_at, :source, :body, 'failed', :error, 1) on conflict do nothing
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One event as its sender wrote it."""

    id: str
    received_at: datetime
    source: str
    body: str
    attempts: int = 0
    error: str = ""


def append(tx: Tx, rows: Iterable[Arrival]) -> None:
    """Take events in; one whose id is there already is left as it is."""
    tx.many(
        _APPEND,
        [{"id": row.id, "received_at": row.received_at, "source": row.source, "body": row.body} for row in rows],
    )


def claim(tx: Tx, limit: int) -> list[Arrival]:
    """The oldest events that nobody else holds, until this transaction ends."""
    return [_arrival(row) for row in tx.all(_CLAIM, limit=limit)]


def _arrival(row: Row) -> Arrival:
    return Arrival(
        id=row["id"], received_at=row.time("received_at"), source=row["source"], body=row["body"],
        attempts=row["attempts"], error=row["error"],
    )  # fmt: skip


def done(tx: Tx, ids: Iterable[str]) -> None:
    """These were worked off."""
    tx.many(_DONE, [{"id": one} for one in ids])


def failed(tx: Tx, arrival_id: str, error: str, *, give_up_after: int = GIVE_UP_AFTER) -> None:
    """Working this off raised ``error``. It is tried again until it has failed ``give_up_after`` times, then set aside.

    Call it in a transaction of its own, after the one that failed.
    """
    tx.execute(_FAILED, id=arrival_id, error=error, limit=give_up_after)


def failures(tx: Tx, limit: int) -> list[Arrival]:
    """What was set aside, the newest first."""
    return [_arrival(row) for row in tx.all(_FAILURES, limit=limit)]


def again(tx: Tx, arrival_id: str) -> bool:
    """Put something that was set aside back in; False where it is not set aside."""
    return tx.execute(_AGAIN, id=arrival_id) == 1


def backlog(tx: Tx) -> tuple[int, datetime | None]:
    """How many events wait, and since when the oldest does."""
    row = tx.one(_BACKLOG)
    return (row["waiting"], row.time_or_none("oldest")) if row else (0, None)


def prune(tx: Tx, before: datetime, limit: int = 10_000) -> int:
    """Forget at most ``limit`` worked off events received before ``before``; returns how many."""
    return tx.execute(_PRUNE, before=before, limit=limit)


def place(tx: Tx) -> Place:
    """How far the log before the database was worked off."""
    row = tx.one(_PLACE)
    return Place(row["segment"], row["place"], row["record"]) if row else Place()


def put_place(tx: Tx, done: Place) -> None:
    """The log was worked off up to here; in the transaction of what was made of it."""
    tx.execute(_PUT_PLACE, segment=done.segment, place=done.offset, record=done.record)


def set_aside(tx: Tx, arrival: Arrival) -> None:
    """Keep something of the log that could not be worked off, with its ``error``, as `failures` tells it."""
    tx.execute(
        _SET_ASIDE, id=arrival.id, received_at=arrival.received_at, source=arrival.source, body=arrival.body,
        error=arrival.error,
    )  # fmt: skip
