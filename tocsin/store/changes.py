"""Changes that were told, which messages of sources were taken already, which versions of our files are in force."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

from tocsin.core.change import Change
from tocsin.store.db import EVERYTHING, Row, Tx

_APPEND = """
insert into changes (id, at, received_at, source, kind, what, place, who, url, outcome)
values (:id, :at, :received_at, :source, :kind, :what, :place, :who, :url, :outcome) on conflict do nothing
"""
_LISTING = """
select * from changes where at >= :since and at <= :until and (:source = '' or source = :source)
  and (:words = '' or lower(what || ' ' || place || ' ' || who || ' ' || kind || ' ' || outcome) like :words escape '!')
order by at desc, id desc limit :limit
"""
_SOURCES = "select distinct source from changes order by source limit :limit"
_VERSION = "select digest from versions where name = :name"
_PUT_VERSION = """
insert into versions (name, digest, at) values (:name, :digest, :now)
on conflict (name) do update set digest = excluded.digest, at = excluded.at
"""
_PRUNE = "delete from changes where received_at < :before"
_TAKE = "insert into taken (source, message, at) values (:source, :message, :at) on conflict do nothing"
_PRUNE_TAKEN = "delete from taken where at < :before"


def append(tx: Tx, changes: Iterable[Change], received_at: datetime) -> None:
    """Keep changes; each has its id."""
    rows = [
        {
            "id": change.id, "at": change.at, "received_at": received_at, "source": change.source, "kind": change.kind,
            "what": change.what, "place": change.where, "who": change.who, "url": change.url, "outcome": change.outcome,
        }
        for change in changes
    ]  # fmt: skip
    tx.many(_APPEND, rows)


def listing(
    tx: Tx,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    source: str = "",
    words: str = "",
    limit: int = EVERYTHING,
) -> list[Change]:
    """Changes that happened in this time, the newest first; of one source, or with these words in what is told."""
    bounds = {"since": -EVERYTHING if since is None else since, "until": EVERYTHING if until is None else until}
    escaped = re.sub("([!%_])", r"!\1", words.lower())
    like = f"%{escaped}%" if words else ""
    return [_change(row) for row in tx.all(_LISTING, source=source, words=like, limit=limit, **bounds)]


def sources(tx: Tx, limit: int = 50) -> list[str]:
    """Who has told of changes, by name."""
    return [str(row["source"]) for row in tx.all(_SOURCES, limit=limit)]


def swap_version(tx: Tx, name: str, digest: str, now: datetime) -> str | None:
    """Put on record which version of a file is in force; the digest before, None where none was known."""
    before = tx.one(_VERSION, name=name)
    if before is None or before["digest"] != digest:
        tx.execute(_PUT_VERSION, name=name, digest=digest, now=now)
    return str(before["digest"]) if before else None


def prune(tx: Tx, before: datetime) -> int:
    """Forget changes that were told before ``before``; returns how many."""
    return tx.execute(_PRUNE, before=before)


def take(tx: Tx, source: str, message: str, at: datetime) -> bool:
    """Put on record that this message of a source is taken; False where it was already."""
    return tx.execute(_TAKE, source=source, message=message, at=at) == 1


def prune_taken(tx: Tx, before: datetime) -> int:
    """Forget that messages were taken before ``before``; returns how many."""
    return tx.execute(_PRUNE_TAKEN, before=before)


def _change(row: Row) -> Change:
    return Change(
        id=row["id"], source=row["source"], kind=row["kind"], what=row["what"], where=row["place"], who=row["who"],
        at=row.time("at"), url=row["url"], outcome=row["outcome"],
    )  # fmt: skip
