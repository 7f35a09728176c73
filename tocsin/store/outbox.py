"""Effects that were decided together with their facts: written in the same transaction, carried out by a worker.

A notice is a row for each way to its receiver (`tocsin.core.ways`), in the order of ``place``: the first is due at
once; the others when their time has come, or, as spare ones, when the way before them fails.

A claim is a lease. Who claims counts an attempt, so a worker that dies on the way is counted too. Delivery is at least
once: the id of an effect stays the same on every attempt, so that its receiver can drop a repetition.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tocsin.store.db import Row, Tx

_PUT = """
insert into outbox (id, kind, incident, body, due_at, created_at, state, notice, person, via, place, urgency,
  bundle, why)
values (:id, :kind, :incident, :body, :due_at, :created_at, :state, :notice, :person, :via, :place, :urgency,
  :bundle, :why) on conflict do nothing
"""
_CLAIM = """
with mine (chosen) as materialized (
  select id from outbox
  where state = 'due' and due_at <= :now and (lease_until is null or lease_until <= :now)/* but */
  order by urgency, due_at, id limit :limit for update skip locked
)
update outbox set lease_until = :until, node = :node, attempts = attempts + 1
from mine where outbox.id = mine.chosen returning *
"""
_DONE = "update outbox set state = 'done', lease_until = null, error = '' where id = :id and state = 'due'"
_AGAIN = """
update outbox set due_at = :due_at, lease_until = null, error = :error where id = :id and state = 'due'
"""
_BURY = "update outbox set state = 'dead', lease_until = null, error = :error where id = :id and state = 'due'"
_FAIL = "update outbox set state = 'failed', lease_until = null, error = :error where id = :id and state = 'due'"
_REVIVE = """
update outbox set state = 'due', due_at = :now, attempts = 0, lease_until = null
where state in ('dead', 'failed') and (id = :id or (notice <> '' and notice = (
  select notice from outbox where id = :id and state = 'dead')))
  and exists (select 1 from outbox as given where given.id = :id and given.state = 'dead')
"""
_SIBLINGS = "select * from outbox where notice = :notice order by place"
_PROMOTE = """
update outbox set state = 'due', due_at = :now where id = (
  select id from outbox where notice = :notice and attempts = 0 and (lease_until is null or lease_until <= :now)
  and (state = 'spare' or (state = 'due' and due_at > :now)) order by place limit 1)
"""
_SETTLE = """
update outbox set state = 'dropped', error = :why where notice = :notice
and (lease_until is null or lease_until <= :now) and (state = 'spare' or (state = 'due' and attempts > 0))
"""
_STAND_DOWN = """
update outbox set state = 'dropped', error = :why
where incident = :incident and state in ('due', 'spare') and urgency = 0
and (lease_until is null or lease_until <= :now)
"""
_HUSH = """
update outbox set state = 'dropped', error = :why
where incident = :incident and person = :person and state in ('due', 'spare')
and (lease_until is null or lease_until <= :now)
"""
_UNTRIED = " and place > 0 and attempts = 0"
_OF_PERSON = " and person = :person"
_LATELY = """
select count(*) as amount from outbox
where person = :person and created_at > :since and urgency = :urgency and place = 0 and bundle = ''
"""
_OF_INCIDENT = " and incident = :incident"
_OPEN_BUNDLE = """
select * from outbox where bundle = :bundle and state = 'due' and place = 0 and attempts = 0 and due_at > :now
  and (lease_until is null or lease_until <= :now)
order by created_at limit 1 for update
"""
_REWRITE = "update outbox set body = :body where notice = :notice"
_WAITING = """
select * from outbox where incident = :incident and state = 'due' and urgency = 0 and place > 0 order by due_at, id
"""
_RELEASE = "update outbox set lease_until = null where state = 'due' and node = :node and lease_until is not null"
_GET = "select * from outbox where id = :id"
_BACKLOG = "select count(*) as waiting, min(due_at) as oldest from outbox where state = 'due' and due_at <= :now"
_NEXT = "select min(due_at) as next from outbox where state = 'due' and (lease_until is null or lease_until <= :now)"
_DEAD = "select * from outbox where state = 'dead' order by created_at desc, id limit :limit"
_PRUNE = """
delete from outbox where id in (
  select id from outbox where state in ('done', 'dropped', 'failed') and due_at < :before order by due_at limit :limit)
"""
_RECORD = """
insert into deliveries (id, at, person, via, notice, ok, detail, incident)
values (:id, :at, :person, :via, :notice, :ok, :detail, :incident) on conflict do nothing
"""
_COUNTS = "select state, count(*) as amount from outbox group by state"
_PRUNE_DELIVERIES = "delete from deliveries where at < :before"
_OF_NOTICE = "select * from deliveries where notice = :notice order by at, id"
_RECENT = "select * from deliveries"
_NEWEST_FIRST = " order by at desc, id limit :limit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """Something that is to happen outside. ``attempts`` counts the claims, the present one included.

    Of a notice's way: whom it leads to, by what, its place among the ways and why it is that; ``urgency`` is 0 for a
    page, 1 for a question, 2 for a word; ``bundle`` names what may still grow until it is due.
    """

    id: str
    kind: str
    incident: str
    body: str
    due_at: datetime
    created_at: datetime
    attempts: int = 0
    state: str = "due"
    error: str = ""
    notice: str = ""
    person: str = ""
    via: str = ""
    place: int = 0
    urgency: int = 0
    bundle: str = ""
    why: str = ""


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
    incident: str = ""


def put(tx: Tx, effect: Effect) -> bool:
    """Add an effect; False where its id is there already, whatever has become of it."""
    added = tx.execute(
        _PUT, id=effect.id, kind=effect.kind, incident=effect.incident, body=effect.body, due_at=effect.due_at,
        created_at=effect.created_at, state=effect.state, notice=effect.notice, person=effect.person, via=effect.via,
        place=effect.place, urgency=effect.urgency, bundle=effect.bundle, why=effect.why,
    )  # fmt: skip
    return added == 1


def _effect(row: Row) -> Effect:
    return Effect(
        id=row["id"], kind=row["kind"], incident=row["incident"], body=row["body"], due_at=row.time("due_at"),
        created_at=row.time("created_at"), attempts=row["attempts"], state=row["state"], error=row["error"],
        notice=row["notice"], person=row["person"], via=row["via"], place=row["place"], urgency=row["urgency"],
        bundle=row["bundle"], why=row["why"],
    )  # fmt: skip


def claim(
    tx: Tx, now: datetime, lease: timedelta, limit: int, node: str, but: Sequence[str] = ()
) -> list[Effect]:  # fmt: skip
    """What is due, pages first, then the most overdue, leased to ``node``: until then nobody else is given them.

    Ways that are in ``but`` are left out.
    """
    names = {f"but{place}": via for place, via in enumerate(but)}
    sql = _CLAIM.replace("/* but */", "".join(f" and via <> :{name}" for name in names))
    rows = tx.all(sql, now=now, until=now + lease, limit=limit, node=node, **names)
    return sorted((_effect(row) for row in rows), key=lambda effect: (effect.urgency, effect.due_at, effect.id))


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


def fail(tx: Tx, effect_id: str, error: str) -> bool:
    """This way of a notice is given up; another one is left, or was taken."""
    return tx.execute(_FAIL, id=effect_id, error=error) == 1


def revive(tx: Tx, effect_id: str, now: datetime) -> bool:
    """A human wants a buried one tried again, by every way that was given up."""
    return tx.execute(_REVIVE, id=effect_id, now=now) > 0


def siblings(tx: Tx, notice: str) -> list[Effect]:
    """Every way of a notice, in their order."""
    return [_effect(row) for row in tx.all(_SIBLINGS, notice=notice)] if notice else []


def promote(tx: Tx, notice: str, now: datetime) -> bool:
    """A way failed: the next one that was not tried is due now."""
    return bool(notice) and tx.execute(_PROMOTE, notice=notice, now=now) == 1


def settle(tx: Tx, notice: str, why: str, now: datetime) -> int:
    """A way was taken: spare ways, and those that have failed and are tried again, are dropped."""
    return tx.execute(_SETTLE, notice=notice, why=why, now=now) if notice else 0


def stand_down(tx: Tx, incident: str, why: str, now: datetime, *, person: str = "", untried: bool = True) -> int:
    """Pages that are no longer wanted: further ways that were not tried yet; with ``untried`` False, all that wait."""
    sql = _STAND_DOWN + (_UNTRIED if untried else "") + (_OF_PERSON if person else "")
    return tx.execute(sql, incident=incident, why=why, now=now, **({"person": person} if person else {}))


def hush(tx: Tx, incident: str, person: str, why: str, now: datetime) -> int:
    """Everything that waits for somebody of an incident is not sent: they must not hear of it any more."""
    return tx.execute(_HUSH, incident=incident, person=person, why=why, now=now)


def lately(tx: Tx, person: str, urgency: int, since: datetime, incident: str = "") -> int:
    """How many notices of an urgency somebody was given on their own since then, in one incident or in all."""
    more = {"incident": incident} if incident else {}
    sql = _LATELY + (_OF_INCIDENT if incident else "")
    row = tx.one(sql, person=person, urgency=urgency, since=since, **more)
    return int(row["amount"]) if row else 0


def open_bundle(tx: Tx, bundle: str, now: datetime) -> Effect | None:
    """The bundle of this name that may still grow."""
    row = tx.one(_OPEN_BUNDLE, bundle=bundle, now=now)
    return _effect(row) if row else None


def rewrite(tx: Tx, notice: str, body: str) -> None:
    """A bundle has grown: every way of it says so."""
    tx.execute(_REWRITE, notice=notice, body=body)


def waiting(tx: Tx, incident: str) -> list[Effect]:
    """The further ways of an incident's pages that will be taken unless somebody answers before."""
    return [_effect(row) for row in tx.all(_WAITING, incident=incident)]


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
        ok=delivery.ok, detail=delivery.detail, incident=delivery.incident,
    )  # fmt: skip


def prune_deliveries(tx: Tx, before: datetime) -> int:
    """Forget attempts older than ``before``; whether somebody was told stands on the timeline for ever."""
    return tx.execute(_PRUNE_DELIVERIES, before=before)


def deliveries(
    tx: Tx, notice: str | None = None, limit: int = 100, *, person: str = "", incident: str = ""
) -> list[Delivery]:
    """The attempts for one notice in their order, or the latest of all, of a person, of an incident."""
    wanted = {name: value for name, value in (("person", person), ("incident", incident)) if value}
    if notice is not None:
        rows = tx.all(_OF_NOTICE, notice=notice)
    else:
        where = " and ".join(f"{name} = :{name}" for name in wanted)
        rows = tx.all(f"{_RECENT}{' where ' if where else ''}{where}{_NEWEST_FIRST}", limit=limit, **wanted)
    return [
        Delivery(
            id=row["id"], at=row.time("at"), person=row["person"], via=row["via"], notice=row["notice"],
            ok=bool(row["ok"]), detail=row["detail"], incident=row["incident"],
        )
        for row in rows
    ]  # fmt: skip
