"""Action items in a tracker: which are to be made there, where they are, when it is asked again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from tocsin.store.db import Row, Tx

_WANT = """
insert into action_issues (action, incident, tracker, state, wanted_at, due_at)
values (:action, :incident, :tracker, 'wanted', :now, :now) on conflict (action) do nothing
"""
_DUE = """
select * from action_issues where state <> 'closed' and due_at <= :now and (lease_until is null or lease_until <= :now)
order by due_at, action limit :limit for update skip locked
"""
_LEASE = "update action_issues set lease_until = :until, attempts = attempts + 1 where action = :action"
_LINK = """
update action_issues set state = :state, key = :key, url = :url, etag = :etag, due_at = :due, lease_until = null,
  attempts = 0, error = '' where action = :action
"""
_LATER = """
update action_issues set due_at = :due, lease_until = null, error = :error, attempts = :attempts where action = :action
"""
_BY_URL = "select * from action_issues where url = :url"
_NEXT = "select min(due_at) as due from action_issues where state <> 'closed'"
_FAULTS = "select * from action_issues where error <> '' order by due_at limit 20"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracked:
    """A row. ``attempts``: how often it was tried since it last went well."""

    action: str
    incident: str
    tracker: str
    state: str
    key: str = ""
    url: str = ""
    etag: str = ""
    wanted_at: datetime
    attempts: int = 0
    error: str = ""


def want(tx: Tx, action: str, incident: str, tracker: str, now: datetime) -> bool:
    """An action item is to be made in the tracker; False where it is already, or waits for that."""
    return tx.execute(_WANT, action=action, incident=incident, tracker=tracker, now=now) == 1


def lease(tx: Tx, now: datetime, until: datetime, limit: int = 10) -> list[Tracked]:
    """What is due, for this worker alone until then; the attempt is on record before it is made."""
    found = [_tracked(row) for row in tx.all(_DUE, now=now, limit=limit)]
    for each in found:
        tx.execute(_LEASE, action=each.action, until=until)
    return found


def linked(tx: Tx, known: Tracked, *, closed: bool, due: datetime) -> None:
    """It stands in the tracker; it is asked again when due, unless it is closed."""
    tx.execute(
        _LINK, action=known.action, state="closed" if closed else "open", key=known.key, url=known.url, etag=known.etag,
        due=due,
    )  # fmt: skip


def later(tx: Tx, known: Tracked, error: str, now: datetime, wait: timedelta) -> None:
    """It did not go; it is tried again after so long."""
    tx.execute(_LATER, action=known.action, due=now + wait, error=error[:500], attempts=known.attempts + 1)


def by_url(tx: Tx, url: str) -> Tracked | None:
    """The item that an address of the tracker is about."""
    row = tx.one(_BY_URL, url=url) if url else None
    return _tracked(row) if row else None


def next_due(tx: Tx) -> datetime | None:
    """When the tracker is to be asked next."""
    row = tx.one(_NEXT)
    return row.time_or_none("due") if row else None


def faults(tx: Tx) -> list[Tracked]:
    """What the tracker does not take."""
    return [_tracked(row) for row in tx.all(_FAULTS)]


def _tracked(row: Row) -> Tracked:
    return Tracked(
        action=row["action"], incident=row["incident"], tracker=row["tracker"], state=row["state"], key=row["key"],
        url=row["url"], etag=row["etag"], wanted_at=row.time("wanted_at"), attempts=row["attempts"], error=row["error"],
    )  # fmt: skip
