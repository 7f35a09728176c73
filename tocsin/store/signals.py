"""Values of signals over time, bounded on disk, and how far each rule has come."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from tocsin.errors import Invalid
from tocsin.store.db import EVERYTHING, Tx

_APPEND = """
insert into samples (signal, at, value) values (:signal, :at, :value)
on conflict (signal, at) do update set value = excluded.value
"""
_WINDOW = """
select at, value from samples where signal = :signal and at >= :since and at <= :until order by at limit :limit
"""
_LATEST = "select at, value from samples where signal = :signal order by at desc limit 1"
_NEWEST = """
with recursive names (signal) as (
  select min(signal) from samples
  union all
  select (select min(other.signal) from samples other where other.signal > names.signal)
  from names where names.signal is not null
)
select
  names.signal,
  (select max(other.at) from samples other where other.signal = names.signal) as at,
  (select other.value from samples other where other.signal = names.signal order by other.at desc limit 1) as value
from names where names.signal is not null
"""
"""From name to name along the index, whatever the number of samples; one query, where each name would be a question."""
_SIGNALS = "select distinct signal from samples order by signal"
_THIN = """
delete from samples where at >= :since and at < :until and (signal, at) not in (
  select signal, at from (
    select signal, at,
      row_number() over (partition by signal, at / :bucket order by value, at) as least,
      row_number() over (partition by signal, at / :bucket order by value desc, at) as most
    from samples where at >= :since and at < :until
  ) as ranked where least = 1 or most = 1
)
"""
_TOO_OLD = "delete from samples where at < :before"
_CUT = "select at from samples order by at desc limit 1 offset :keep"
_TOO_MANY = "delete from samples where at <= :cut"
_PUT_WATCH = """
insert into watches (rule, state, updated_at) values (:rule, :state, :now)
on conflict (rule) do update set state = excluded.state, updated_at = excluded.updated_at
"""
_WATCH = "select state from watches where rule = :rule"
_WATCHES = "select rule, state from watches order by rule"
_DROP_WATCH = "delete from watches where rule = :rule"


def append(tx: Tx, signal: str, at: datetime, value: float) -> None:
    """Keep a value; a second one of the same moment replaces the first. Raises `Invalid` for NaN and infinity."""
    if not math.isfinite(value):
        raise Invalid(f"The signal {signal} read {value}, which is no value.", "Report no data instead.")
    tx.execute(_APPEND, signal=signal, at=at, value=float(value))


def window(
    tx: Tx, signal: str, since: datetime, until: datetime, limit: int = EVERYTHING
) -> list[tuple[datetime, float]]:
    """The values from ``since`` to ``until``, both included, oldest first."""
    rows = tx.all(_WINDOW, signal=signal, since=since, until=until, limit=limit)
    return [(row.time("at"), row["value"]) for row in rows]


def latest(tx: Tx, signal: str) -> tuple[datetime, float] | None:
    """The newest value; None where there never was one."""
    row = tx.one(_LATEST, signal=signal)
    return (row.time("at"), row["value"]) if row else None


def newest(tx: Tx) -> dict[str, tuple[datetime, float]]:
    """The newest value of every signal that has one."""
    return {row["signal"]: (row.time("at"), row["value"]) for row in tx.all(_NEWEST)}


def names(tx: Tx) -> list[str]:
    """The signals that have values."""
    return [row["signal"] for row in tx.all(_SIGNALS)]


def thin(tx: Tx, since: datetime, until: datetime, bucket: timedelta) -> int:
    """Leave of each signal the lowest and the highest value of each ``bucket``; returns how many went.

    ``since`` is included, ``until`` is not; both stand on the edge of a bucket.
    """
    return tx.execute(_THIN, since=since, until=until, bucket=bucket // timedelta(microseconds=1))


def prune(tx: Tx, *, before: datetime, keep: int) -> int:
    """Forget values older than ``before``, and the oldest until at most ``keep`` are left; returns how many."""
    forgotten = tx.execute(_TOO_OLD, before=before)
    cut = tx.one(_CUT, keep=keep)
    return forgotten + (tx.execute(_TOO_MANY, cut=cut["at"]) if cut else 0)


def put_watch(tx: Tx, rule: str, state: str, now: datetime) -> None:
    """Keep how far a rule has come; ``state`` is JSON of its owner's making."""
    tx.execute(_PUT_WATCH, rule=rule, state=state, now=now)


def watch(tx: Tx, rule: str) -> str | None:
    """The kept state of a rule."""
    row = tx.one(_WATCH, rule=rule)
    return str(row["state"]) if row else None


def watches(tx: Tx) -> dict[str, str]:
    """The kept state of every rule."""
    return {row["rule"]: row["state"] for row in tx.all(_WATCHES)}


def drop_watch(tx: Tx, rule: str) -> bool:
    """Forget a rule that the document no longer has."""
    return tx.execute(_DROP_WATCH, rule=rule) == 1
