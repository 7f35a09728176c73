"""What people changed about schedules, the secret addresses of calendars, and the copies of calendars of others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, cast

from tocsin.core.schedules import Change
from tocsin.errors import Conflict
from tocsin.store.db import Row, Tx

State = Literal["counts", "offered", "accepted", "declined", "ended"]

_ADD = """
insert into schedule_changes (id, schedule, kind, state, begins, ends, people, instead_of, every_seconds, back_begins,
  back_ends, why, made_by, made_at)
values (:id, :schedule, :kind, :state, :begins, :ends, :people, :instead_of, :every_seconds, :back_begins, :back_ends,
  :why, :made_by, :made_at)
"""
_GET = "select * from schedule_changes where id = :id for update"
_SINCE = """
select * from schedule_changes where ends > :since or back_ends > :since order by begins, id
"""
_COUNTING = """
select * from schedule_changes where (ends > :since or back_ends > :since) and state in ('counts', 'accepted')
order by begins, id
"""
_SETTLE = """
update schedule_changes set state = :state, ends = :ends, back_ends = :back_ends, settled_by = :by, settled_at = :now
where id = :id and state = :before
"""
_ADD_FEED = """
insert into calendar_feeds (id, hash, schedule, person, made_by, made_at)
values (:id, :hash, :schedule, :person, :made_by, :made_at)
"""
_FEED = "select * from calendar_feeds where hash = :hash and revoked_at is null"
_FEEDS = "select * from calendar_feeds where revoked_at is null order by made_at, id"
_REVOKE = "update calendar_feeds set revoked_at = :now, revoked_by = :by where id = :id and revoked_at is null"
_READ = "update calendar_feeds set read_at = :now where hash = :hash"
_COPY = "select * from calendar_copies where schedule = :schedule"
_PUT_COPY = """
insert into calendar_copies (schedule, body, fetched_at, tried_at, problem)
values (:schedule, :body, :now, :now, '') on conflict (schedule) do update
set body = excluded.body, fetched_at = excluded.fetched_at, tried_at = excluded.tried_at, problem = ''
"""
_PUT_PROBLEM = """
insert into calendar_copies (schedule, body, fetched_at, tried_at, problem)
values (:schedule, '', null, :now, :problem) on conflict (schedule) do update
set tried_at = excluded.tried_at, problem = excluded.problem
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A change as it is stored: what it says, whether it counts, and who made that so.

    Of a swap ``change`` is what is given away; ``back`` is the time that the other gives in return.
    """

    change: Change
    state: State
    back: tuple[datetime, datetime] | None = None
    settled_by: str = ""
    settled_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A secret address of a calendar, by the hash of its secret: a schedule's, or a person's."""

    id: str
    hash: str
    schedule: str = ""
    person: str = ""
    made_by: str = ""
    made_at: datetime
    read_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """The calendar of somebody else as it was when it was last readable. ``problem``: why the last try was in vain."""

    body: str
    fetched_at: datetime | None
    tried_at: datetime
    problem: str = ""


def add(tx: Tx, kept: Kept) -> Kept:
    """Keep a new change, and give it back."""
    change, back = kept.change, kept.back or (None, None)
    tx.execute(
        _ADD, id=change.id, schedule=change.schedule, kind=change.kind, state=kept.state, begins=change.begins,
        ends=change.ends, people="\n".join(change.people), instead_of=change.instead_of,
        every_seconds=int(change.every.total_seconds()) if change.every else None, back_begins=back[0],
        back_ends=back[1], why=change.why, made_by=change.made_by, made_at=change.made_at,
    )  # fmt: skip
    return kept


def get(tx: Tx, change_id: str) -> Kept | None:
    """A change by its id, kept from being settled by anybody else until the transaction ends."""
    row = tx.one(_GET, id=change_id)
    return _kept(row) if row else None


def since(tx: Tx, moment: datetime) -> list[Kept]:
    """Every change that is not over at this moment, in the order in which they begin."""
    return [_kept(row) for row in tx.all(_SINCE, since=moment)]


def counting(tx: Tx, moment: datetime) -> list[Kept]:
    """Those of them that count."""
    return [_kept(row) for row in tx.all(_COUNTING, since=moment)]


def settle(
    tx: Tx, kept: Kept, state: State, times: Sequence[tuple[datetime, datetime]], by: str, now: datetime
) -> None:
    """Put on record what became of a change, whose ``times`` (of a swap: both) may end earlier from now on.

    Raises `Conflict` where somebody else was faster.
    """
    ends, back_ends = times[0][1], times[1][1] if len(times) > 1 else None
    if not tx.execute(
        _SETTLE, id=kept.change.id, before=kept.state, state=state, ends=ends, back_ends=back_ends, by=by, now=now
    ):
        raise Conflict("Somebody else has just settled it.", "Look at it again.")


def add_feed(tx: Tx, feed: Feed) -> None:
    """Let a secret address in."""
    tx.execute(
        _ADD_FEED, id=feed.id, hash=feed.hash, schedule=feed.schedule, person=feed.person, made_by=feed.made_by,
        made_at=feed.made_at,
    )  # fmt: skip


def feed(tx: Tx, hashed: str) -> Feed | None:
    """The address whose secret has this hash; None where there is none, or it was revoked."""
    row = tx.one(_FEED, hash=hashed)
    return _feed(row) if row else None


def feeds(tx: Tx) -> list[Feed]:
    """Every address in force, the oldest first."""
    return [_feed(row) for row in tx.all(_FEEDS)]


def revoke_feed(tx: Tx, feed_id: str, by: str, now: datetime) -> bool:
    """End an address; False where it was not in force."""
    return tx.execute(_REVOKE, id=feed_id, by=by, now=now) == 1


def feed_was_read(tx: Tx, hashed: str, now: datetime) -> None:
    """Take down that somebody asked at this address."""
    tx.execute(_READ, hash=hashed, now=now)


def copy(tx: Tx, schedule: str) -> Copy | None:
    """The last good copy of a schedule's calendar, and how the last try went."""
    row = tx.one(_COPY, schedule=schedule)
    if row is None:
        return None
    return Copy(
        body=row["body"],
        fetched_at=row.time_or_none("fetched_at"),
        tried_at=row.time("tried_at"),
        problem=row["problem"],
    )


def put_copy(tx: Tx, schedule: str, body: str, now: datetime) -> None:
    """Keep a calendar that was just read."""
    tx.execute(_PUT_COPY, schedule=schedule, body=body, now=now)


def put_problem(tx: Tx, schedule: str, problem: str, now: datetime) -> None:
    """Put on record that a calendar could not be read; the last good copy stays."""
    tx.execute(_PUT_PROBLEM, schedule=schedule, problem=problem, now=now)


def _kept(row: Row) -> Kept:
    back_begins, back_ends = row.time_or_none("back_begins"), row.time_or_none("back_ends")
    return Kept(
        change=Change(
            id=row["id"], schedule=row["schedule"], kind=row["kind"], begins=row.time("begins"), ends=row.time("ends"),
            people=tuple(row["people"].split("\n")) if row["people"] else (), made_at=row.time("made_at"),
            made_by=row["made_by"], instead_of=row["instead_of"],
            every=timedelta(seconds=row["every_seconds"]) if row["every_seconds"] else None, why=row["why"],
        ),
        state=cast("State", row["state"]),
        back=(back_begins, back_ends) if back_begins and back_ends else None,
        settled_by=row["settled_by"],
        settled_at=row.time_or_none("settled_at"),
    )  # fmt: skip


def _feed(row: Row) -> Feed:
    return Feed(
        id=row["id"], hash=row["hash"], schedule=row["schedule"], person=row["person"], made_by=row["made_by"],
        made_at=row.time("made_at"), read_at=row.time_or_none("read_at"),
    )  # fmt: skip
