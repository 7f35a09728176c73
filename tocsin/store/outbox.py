"""Effects that were decided together with their facts: written in the same transaction, carried out by a worker.

A claim is a lease. Who claims counts an attempt, so a worker that dies on the way is counted too. Delivery is at least
once: the id of an effect stays the same on every attempt, so that its receiver can drop a repetition.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from tocsin.store.db import Row, Tx

_PUT = """
insert into outbox (id, kind, incident, body, due_at, created_at)
values (:id, :kind, :incident, :body, :due_at, :created_at) on conflict do nothing
"""
_CLAIM = """
with mine (chosen) as materialized (
  select id from outbox
  where state = 'due' and due_at <= :now and (lease_until is null or lease_until <= :now)
  order by due_at, id limit :limit for update skip locked
)
update outbox set lease_until = :until, node = :node, attempts = attempts + 1
from mine where outbox.id = mine.chosen returning *
"""
_DONE = "update outbox set state = 'done', lease_until = null, error = '' where id = :id and state = 'due'"
_AGAIN = """
update outbox set due_at = :due_at, lease_until = null, error = :error where id = :id and state = 'due'
"""
_BURY = "update outbox set state = 'dead', lease_until = null, error = :error where id = :id and state = 'due'"
_REVIVE = "update outbox set state = 'due', due_at = :now, attempts = 0 where id = :id and state = 'dead'"
_RELEASE = "update outbox set lease_until = null where state = 'due' and node = :node and lease_until is not null"
_GET = "select * from outbox where id = :id"
_BACKLOG = "select count(*) as waiting, min(due_at) as oldest from outbox where state = 'due' and due_at <= :now"
_NEXT = "select min(due_at) as next from outbox where state = 'due' and (lease_until is null or lease_until <= :now)"
_DEAD = "select * from outbox where state = 'dead' order by created_at desc, id limit :limit"
_PRUNE = """
delete from outbox where id in
  (select id from outbox where state = 'done' and due_at < :before order by due_at limit :limit)
"""
_RECORD = """
insert into deliveries (id, at, person, via, notice, ok, detail)
values (:id, :at, :person, :via, :notice, :ok, :detail) on conflict do nothing
"""
_COUNTS = "select state, count(*) as amount from outbox group by state"
_PRUNE_DELIVERIES = "delete from deliveries where at < :before"
_OF_NOTICE = "select * from deliveries where notice = :notice order by at, id"
_RECENT = "select * from deliveries order by at desc, id limit :limit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """Something that is to happen outside. ``attempts`` counts the claims, the present one included."""

    id: str
    kind: str
    incident: str
    body: str
    due_at: datetime
    created_at: datetime
    attempts: int = 0
    state: str = "due"
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One attempt to tell somebody, and how it went."""

    id: str
    at: datetime
    person: str
    via: str
    notice: str
    ok: bool
    detail: str = ""


def put(tx: Tx, effect: Effect) -> bool:
    """Add an effect; False where its id is there already, whatever has become of it."""
    added = tx.execute(
        _PUT, id=effect.id, kind=effect.kind, incident=effect.incident, body=effect.body, due_at=effect.due_at,
        created_at=effect.created_at,
    )  # fmt: skip
    return added == 1


def _effect(row: Row) -> Effect:
    return Effect(
        id=row["id"], kind=row["kind"], incident=row["incident"], body=row["body"], due_at=row.time("due_at"),
        created_at=row.time("created_at"), attempts=row["attempts"], state=row["state"], error=row["error"],
    )  # fmt: skip


def claim(tx: Tx, now: datetime, lease: timedelta, limit: int, node: str) -> list[Effect]:
    """The most overdue effects, leased to ``node``: until the lease ends nobody else is given them."""
    rows = tx.all(_CLAIM, now=now, until=now + lease, limit=limit, node=node)
    return sorted((_effect(row) for row in rows), key=lambda effect: (effect.due_at, effect.id))


def get(tx: Tx, effect_id: str) -> Effect | None:
    """The effect with this id."""
    row = tx.one(_GET, id=effect_id)
    return _effect(row) if row else None


def done(tx: Tx, effect_id: str) -> bool:
    """It happened. False where it was settled before."""
    return tx.execute(_DONE, id=effect_id) == 1


def again(tx: Tx, effect_id: str, due_at: datetime, error: str) -> bool:
    """It failed and is to be tried again at ``due_at``."""
    return tx.execute(_AGAIN, id=effect_id, due_at=due_at, error=error) == 1


def bury(tx: Tx, effect_id: str, error: str) -> bool:
    """It failed and is not tried again."""
    return tx.execute(_BURY, id=effect_id, error=error) == 1


def revive(tx: Tx, effect_id: str, now: datetime) -> bool:
    """A human wants a buried one tried again."""
    return tx.execute(_REVIVE, id=effect_id, now=now) == 1


def release(tx: Tx, node: str) -> int:
    """Give up the leases of a node that has just started anew, so that its effects don't wait for them to end."""
    return tx.execute(_RELEASE, node=node)


def backlog(tx: Tx, now: datetime) -> tuple[int, datetime | None]:
    """How many effects are due and not done, and since when the oldest is."""
    row = tx.one(_BACKLOG, now=now)
    return (row["waiting"], row.time_or_none("oldest")) if row else (0, None)


def next_due(tx: Tx, now: datetime) -> datetime | None:
    """When the next effect that nobody holds is due; in the past where one is waiting."""
    row = tx.one(_NEXT, now=now)
    return row.time_or_none("next") if row else None


def counts(tx: Tx) -> dict[str, int]:
    """How many effects there are, by their state."""
    return {str(row["state"]): int(row["amount"]) for row in tx.all(_COUNTS)}


def dead(tx: Tx, limit: int = 100) -> list[Effect]:
    """What was given up, the newest first."""
    return [_effect(row) for row in tx.all(_DEAD, limit=limit)]


def prune(tx: Tx, before: datetime, limit: int = 10_000) -> int:
    """Forget at most ``limit`` effects that were done and due before ``before``; returns how many."""
    return tx.execute(_PRUNE, before=before, limit=limit)


def record(tx: Tx, delivery: Delivery) -> None:
    """Keep how an attempt to tell somebody went; the same id twice is kept once."""
    tx.execute(
        _RECORD, id=delivery.id, at=delivery.at, person=delivery.person, via=delivery.via, notice=delivery.notice,
        ok=delivery.ok, detail=delivery.detail,
    )  # fmt: skip


def prune_deliveries(tx: Tx, before: datetime) -> int:
    """Forget attempts older than ``before``; whether somebody was told stands on the timeline for ever."""
    return tx.execute(_PRUNE_DELIVERIES, before=before)


def deliveries(tx: Tx, notice: str | None = None, limit: int = 100) -> list[Delivery]:
    """The attempts for one notice in their order, or the latest of all."""
    rows = tx.all(_RECENT, limit=limit) if notice is None else tx.all(_OF_NOTICE, notice=notice)
    return [
        Delivery(
            id=row["id"], at=row.time("at"), person=row["person"], via=row["via"], notice=row["notice"],
            ok=bool(row["ok"]), detail=row["detail"],
        )
        for row in rows
    ]  # fmt: skip
