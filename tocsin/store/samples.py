"""Samples of many series, bounded on disk: a row for each scrape, with one value for each series of its layout.

Rows of single samples would cost a page of the database for each series at every scrape; a scrape is one small row.
"""

from __future__ import annotations

import hashlib
import sys
import zlib
from array import array
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tocsin.promql.series import STALE, Labels, is_stale
from tocsin.store.db import Row, Tx
from tocsin.wire import decode, encode_text

_NEXT = """
insert into counters (name, value) values (:name, :count)
on conflict (name) do update set value = counters.value + :count returning value
"""
_KNOWN = "select id from series where fingerprint = :fingerprint"
_NEW_SERIES = "insert into series (id, fingerprint, labels) values (:id, :fingerprint, :labels)"
_SERIES_AFTER = "select id, labels from series where id > :number order by id"
_LAYOUT = "select id from layouts where digest = :digest"
_NEW_LAYOUT = "insert into layouts (id, digest, ids) values (:id, :digest, :ids)"
_IDS = "select ids from layouts where id = :id"
_LAST = "select layout, doubles from scrapes where source = :source order by at desc, id desc limit 1"
_APPEND = """
insert into scrapes (id, source, at, layout, amount, doubles) values (:id, :source, :at, :layout, :amount, :doubles)
"""
_SCRAPES_AFTER = "select * from scrapes where id > :number and at >= :since order by at, id"
_NEWEST = "select max(id) as newest from scrapes"
_TURN = """
insert into scrape_turns (target, due_at) values (:target, :due)
on conflict (target) do update set due_at = excluded.due_at
where scrape_turns.due_at <= :now or scrape_turns.due_at > :far
"""
_OUTCOME = "update scrape_turns set problem = :problem where target = :target"
_PROBLEMS = "select target, problem from scrape_turns where problem <> '' order by target"
_THIN = """
delete from scrapes where at >= :since and at < :until and id not in (
  select min(id) from scrapes where at >= :since and at < :until group by source, layout, at / :bucket
)
"""
_MARK = "select value from counters where name = :name"
_PUT_MARK = """
insert into counters (name, value) values (:name, :value) on conflict (name) do update set value = excluded.value
"""
_TOO_OLD = "delete from scrapes where at < :before"
_CUT = """
select at from (select at, sum(amount) over (order by at desc, id desc) as total from scrapes) as running
where total > :keep order by at desc limit 1
"""
_TOO_MANY = "delete from scrapes where at <= :cut"
_UNUSED = "select id from layouts where id not in (select layout from scrapes)"
_DROP_LAYOUT = "delete from layouts where id = :id"
_LAYOUTS = "select ids from layouts"
_SERIES = "select id from series"
_DROP_SERIES = "delete from series where id = :id"
_EXTENT = "select count(*) as scrapes, coalesce(sum(amount), 0) as samples from scrapes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scrape:
    """What one scrape brought: at that moment (ms), one value for each series of the layout, in its order."""

    id: int
    at: int
    layout: int
    values: array[float]


def take_turn(tx: Tx, target: str, now: datetime, every: timedelta) -> bool:
    """Whether the caller is the one who scrapes the target now; nobody else is until ``every`` has passed."""
    far = now + 2 * every  # no turn is that long: a clock was set back
    return tx.execute(_TURN, target=target, now=now, due=now + every, far=far) == 1


def put_outcome(tx: Tx, target: str, problem: str) -> None:
    """Keep why the last scrape of a target brought nothing; empty where it brought something."""
    tx.execute(_OUTCOME, target=target, problem=problem)


def problems(tx: Tx) -> dict[str, str]:
    """The targets whose last scrape failed, and why."""
    return {row["target"]: row["problem"] for row in tx.all(_PROBLEMS)}


def intern(tx: Tx, names: Sequence[Labels]) -> list[int]:
    """The number of each series; one that was never seen gets a new one."""
    tx.alone("samples")
    found: list[int] = []
    for labels in names:
        text = encode_text(labels)
        fingerprint = hashlib.sha256(text.encode()).hexdigest()[:40]
        row = tx.one(_KNOWN, fingerprint=fingerprint)
        if row is None:
            number = _next(tx, "series")
            tx.execute(_NEW_SERIES, id=number, fingerprint=fingerprint, labels=text)
        found.append(number if row is None else row["id"])
    return found


def append(tx: Tx, source: str, at: datetime, values: Mapping[int, float], *, ends: bool = True) -> None:
    """Keep a scrape: series number → value. ``ends``: series that the source had before and now has not, have ended."""
    tx.alone("samples")
    numbers = sorted(values)
    layout = _layout_of(tx, numbers)
    last = tx.one(_LAST, source=source) if ends else None
    if last is not None and last["layout"] != layout:
        gone = _alive(tx, last) - values.keys()
        values = {**values, **dict.fromkeys(gone, STALE)}
        numbers = sorted(values)
        layout = _layout_of(tx, numbers)
    doubles = _packed(array("d", [values[number] for number in numbers]))
    row = {"source": source, "at": at, "layout": layout, "amount": len(numbers), "doubles": zlib.compress(doubles, 1)}
    tx.execute(_APPEND, id=_next(tx, "scrapes"), **row)


def series_after(tx: Tx, number: int) -> list[tuple[int, Labels]]:
    """The series with a higher number; numbers rise in the order of commits."""
    return [
        (row["id"], decode(tuple[tuple[str, str], ...], row["labels"])) for row in tx.all(_SERIES_AFTER, number=number)
    ]


def scrapes_after(tx: Tx, number: int, since: datetime) -> list[Scrape]:
    """The scrapes with a higher number that are not older than ``since``, by their moment."""
    return [
        Scrape(id=row["id"], at=row["at"] // 1000, layout=row["layout"], values=_doubles(row["doubles"]))
        for row in tx.all(_SCRAPES_AFTER, number=number, since=since)
    ]


def newest(tx: Tx) -> int:
    """The highest number of a scrape; 0 where there is none."""
    row = tx.one(_NEWEST)
    return int(row["newest"] or 0) if row else 0


def layout(tx: Tx, number: int) -> array[int]:
    """The series of a layout, by their numbers."""
    row = tx.one(_IDS, id=number)
    return _integers(row["ids"]) if row else array("q")


def extent(tx: Tx) -> tuple[int, int]:
    """How many scrapes and how many samples are kept."""
    row = tx.one(_EXTENT)
    return (int(row["scrapes"]), int(row["samples"])) if row else (0, 0)


def thin(tx: Tx, since: datetime, until: datetime, bucket: timedelta) -> int:
    """Leave of each source, and of each set of series, one scrape in each ``bucket``; returns how many went.

    ``since`` is included, ``until`` is not; both stand on the edge of a bucket.
    """
    tx.alone("samples")
    return tx.execute(_THIN, since=since, until=until, bucket=bucket // timedelta(microseconds=1))


def thinned_until(tx: Tx, name: str) -> datetime | None:
    """Up to when samples of this kind were thinned; None where they never were."""
    row = tx.one(_MARK, name=f"{name} thinned")
    return row.time("value") if row else None


def put_thinned(tx: Tx, name: str, until: datetime) -> None:
    """Keep that samples of this kind were thinned up to a moment."""
    tx.execute(_PUT_MARK, name=f"{name} thinned", value=until)


def prune(tx: Tx, *, before: datetime, keep: int) -> int:
    """Forget scrapes older than ``before``, and the oldest until at most ``keep`` samples are left; says how many."""
    tx.alone("samples")
    forgotten = tx.execute(_TOO_OLD, before=before)
    cut = tx.one(_CUT, keep=keep)
    forgotten += tx.execute(_TOO_MANY, cut=cut["at"]) if cut else 0
    unused = [{"id": row["id"]} for row in tx.all(_UNUSED)]
    if unused:
        tx.many(_DROP_LAYOUT, unused)
        used = {number for row in tx.all(_LAYOUTS) for number in _integers(row["ids"])}
        tx.many(_DROP_SERIES, [{"id": row["id"]} for row in tx.all(_SERIES) if row["id"] not in used])
    return forgotten


def _next(tx: Tx, name: str) -> int:
    row = tx.one(_NEXT, name=name, count=1)
    return int(row["value"]) if row else 0


def _layout_of(tx: Tx, numbers: Sequence[int]) -> int:
    ids = _packed(array("q", numbers))
    digest = hashlib.sha256(ids).hexdigest()[:40]
    row = tx.one(_LAYOUT, digest=digest)
    if row is not None:
        return int(row["id"])
    number = _next(tx, "layouts")
    tx.execute(_NEW_LAYOUT, id=number, digest=digest, ids=zlib.compress(ids, 1))
    return number


def _alive(tx: Tx, row: Row) -> Collection[int]:
    """The series of a stored scrape that had not ended with it."""
    pairs = zip(layout(tx, row["layout"]), _doubles(row["doubles"]), strict=True)
    return {number for number, value in pairs if not is_stale(value)}


def _packed(numbers: array[int] | array[float]) -> bytes:
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()


def _doubles(data: bytes) -> array[float]:
    found = array("d", zlib.decompress(data))
    if sys.byteorder == "big":
        found.byteswap()
    return found


def _integers(data: bytes) -> array[int]:
    found = array("q", zlib.decompress(data))
    if sys.byteorder == "big":
        found.byteswap()
    return found
