"""Strangers who asked to be told by the status page, and the messages that are on their way to them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tocsin.store.db import Row, Tx

_ADD = """
insert into status_subscribers (id, kind, address, created_at, asked_at)
values (:id, :kind, :address, :now, :now)
on conflict (kind, address) do update set asked_at = excluded.asked_at, ended_at = null, confirmed_at = null, why = ''
  where status_subscribers.confirmed_at is null or status_subscribers.ended_at is not null
"""
_BY_ADDRESS = "select * from status_subscribers where kind = :kind and address = :address"
_GET = "select * from status_subscribers where id = :id"
_CONFIRM = """
update status_subscribers set confirmed_at = :now
where id = :id and ended_at is null and confirmed_at is null
"""
_END = "update status_subscribers set ended_at = :now, why = :why where id = :id and ended_at is null"
_LIST = "select * from status_subscribers where confirmed_at is not null and ended_at is null order by created_at, id"
_COUNT = """
select sum(case when confirmed_at is not null and ended_at is null then 1 else 0 end) as confirmed,
  sum(case when confirmed_at is null and ended_at is null then 1 else 0 end) as waiting
from status_subscribers
"""
_FORGET = """
delete from status_subscribers where (confirmed_at is null and asked_at < :unconfirmed) or ended_at < :ended
"""
_TELL_ALL = """
insert into status_sendings (id, subscriber, report, what, due_at, created_at)
select s.id || '/' || :report || '/' || :what, s.id, :report, :what, :now, :now
from status_subscribers s where s.confirmed_at is not null and s.ended_at is null
on conflict (id) do nothing
"""
_ASK = """
insert into status_sendings (id, subscriber, report, what, due_at, created_at)
values (:id, :subscriber, '', 'confirm', :now, :now) on conflict (id) do nothing
"""
_CLAIM = """
with mine (chosen) as materialized (
  select id from status_sendings where state = 'due' and due_at <= :now and leased_until <= :now
  order by due_at, id limit :limit for update skip locked
)
update status_sendings set leased_until = :until, tries = tries + 1
from mine where status_sendings.id = mine.chosen returning *
"""
_SETTLE = "update status_sendings set state = :state, error = :error, due_at = :due_at, leased_until = 0 where id = :id"
_PRUNE = "delete from status_sendings where state <> 'due' and created_at < :before"
_DUE = "select count(*) as amount, min(due_at) as oldest from status_sendings where state = 'due' and due_at <= :now"
_NEXT = "select min(due_at) as next from status_sendings where state = 'due'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """Somebody who is told by mail or webhook, once they have confirmed it."""

    id: str
    kind: str
    address: str
    created_at: datetime
    asked_at: datetime
    confirmed_at: datetime | None = None
    ended_at: datetime | None = None
    why: str = ""

    @property
    def counts(self) -> bool:
        """Whether they are told."""
        return self.confirmed_at is not None and self.ended_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """A message to one of them: ``what`` is post:3, remind, begin, end or confirm; ``tries`` counts the present one."""

    id: str
    subscriber: str
    report: str
    what: str
    tries: int
    created_at: datetime


def add(tx: Tx, subscriber_id: str, kind: str, address: str, now: datetime) -> Subscriber:
    """Somebody asks; who is known keeps their id, and who was told already stays so."""
    tx.execute(_ADD, id=subscriber_id, kind=kind, address=address, now=now)
    row = tx.one(_BY_ADDRESS, kind=kind, address=address)
    if row is None:
        raise LookupError(address)
    return _subscriber(row)


def by_address(tx: Tx, kind: str, address: str) -> Subscriber | None:
    """Who has this address."""
    row = tx.one(_BY_ADDRESS, kind=kind, address=address)
    return _subscriber(row) if row else None


def get(tx: Tx, subscriber_id: str) -> Subscriber | None:
    """Somebody by their id."""
    row = tx.one(_GET, id=subscriber_id)
    return _subscriber(row) if row else None


def confirm(tx: Tx, subscriber_id: str, now: datetime) -> bool:
    """They meant it."""
    return tx.execute(_CONFIRM, id=subscriber_id, now=now) == 1


def end(tx: Tx, subscriber_id: str, why: str, now: datetime) -> bool:
    """They are told no more."""
    return tx.execute(_END, id=subscriber_id, why=why, now=now) == 1


def listing(tx: Tx) -> list[Subscriber]:
    """Who is told, the first one first."""
    return [_subscriber(row) for row in tx.all(_LIST)]


def count(tx: Tx) -> tuple[int, int]:
    """How many are told, and how many have yet to confirm."""
    row = tx.one(_COUNT)
    return (int(row["confirmed"] or 0), int(row["waiting"] or 0)) if row else (0, 0)


def forget(tx: Tx, unconfirmed: datetime, ended: datetime) -> int:
    """Forget who did not confirm since ``unconfirmed``, and who ended before ``ended``."""
    return tx.execute(_FORGET, unconfirmed=unconfirmed, ended=ended)


def tell_all(tx: Tx, report: str, what: str, now: datetime) -> int:
    """Write a message for everybody who is told; each only once."""
    return tx.execute(_TELL_ALL, report=report, what=what, now=now)


def ask(tx: Tx, sending_id: str, subscriber: str, now: datetime) -> None:
    """Write the question whether they meant it."""
    tx.execute(_ASK, id=sending_id, subscriber=subscriber, now=now)


def claim(tx: Tx, now: datetime, until: datetime, limit: int) -> list[Sending]:
    """Take messages that are due, until ``until``."""
    return [
        Sending(
            id=row["id"], subscriber=row["subscriber"], report=row["report"], what=row["what"], tries=row["tries"],
            created_at=row.time("created_at"),
        )
        for row in tx.all(_CLAIM, now=now, until=until, limit=limit)
    ]  # fmt: skip


def settle(tx: Tx, sending: str, state: str, due_at: datetime, error: str = "") -> None:
    """Say what became of a message: done, dropped, failed, or due again."""
    tx.execute(_SETTLE, id=sending, state=state, due_at=due_at, error=error)


def backlog(tx: Tx, now: datetime) -> tuple[int, datetime | None]:
    """How many messages are due, and since when the oldest is."""
    row = tx.one(_DUE, now=now)
    return (int(row["amount"]), row.time_or_none("oldest")) if row else (0, None)


def next_due(tx: Tx) -> datetime | None:
    """When the next message is due."""
    row = tx.one(_NEXT)
    return row.time_or_none("next") if row else None


def prune(tx: Tx, before: datetime) -> int:
    """Forget messages that were sent or given up."""
    return tx.execute(_PRUNE, before=before)


def _subscriber(row: Row) -> Subscriber:
    return Subscriber(
        id=row["id"], kind=row["kind"], address=row["address"], created_at=row.time("created_at"),
        asked_at=row.time("asked_at"), confirmed_at=row.time_or_none("confirmed_at"),
        ended_at=row.time_or_none("ended_at"), why=row["why"],
    )  # fmt: skip
