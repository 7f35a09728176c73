"""The open incidents as routing sees them, read again only where something has changed since the last look.

On SQLite every change of an incident is a new row of the timeline, whose rows are numbered and never deleted, so the
last number says what is new; whether another process has written is said by ``data_version`` (sqlite.org/pragma.html).
On PostgreSQL the version of each row is compared (``xmin``; postgresql.org/docs, system columns).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tocsin.core.openings import Openings
from tocsin.store import incidents
from tocsin.store.db import Tx

MOST_CHANGED = 500
"""Beyond so many changes all are read anew."""
LARGEST = 64_000_000
"""Characters of incidents beyond which nothing is kept from one look to the next."""
_MARK = """
select (select max(rowid) from timeline) as entry, (select data_version from pragma_data_version) as others
"""
_CHANGED = "select distinct incident from timeline where rowid > :entry limit :limit"
_VERSIONS = "select id, xmin::text as stamp from incidents where status <> 'resolved'"


@dataclass(slots=True, kw_only=True)
class Look:
    """The open incidents, and what tells at the next look which of them have changed."""

    openings: Openings
    mark: tuple[int, int] = (0, 0)
    stamps: Mapping[str, str] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)

    @property
    def worth_keeping(self) -> bool:
        """Whether it is small enough to be kept until the next look."""
        return sum(self.sizes.values()) <= LARGEST


def look(tx: Tx, last: Look | None) -> Look:
    """The open incidents as they are now. ``last`` is used up: it becomes the answer where little has changed."""
    return _on_sqlite(tx, last) if tx.dialect == "sqlite" else _on_postgres(tx, last)


def _on_sqlite(tx: Tx, last: Look | None) -> Look:
    row = tx.one(_MARK)
    assert row is not None  # noqa: S101 -- a select without a table always answers
    mark = (row["entry"] or 0, row["others"])
    if last is None or last.mark[1] != mark[1]:
        return _anew(tx, mark=mark)
    changed = [found["incident"] for found in tx.all(_CHANGED, entry=last.mark[0], limit=MOST_CHANGED)]
    if len(changed) >= MOST_CHANGED:
        return _anew(tx, mark=mark)
    _again(tx, last, changed)
    last.mark = mark
    return last


def _on_postgres(tx: Tx, last: Look | None) -> Look:
    stamps = {row["id"]: row["stamp"] for row in tx.all(_VERSIONS)}
    if last is None:
        return _anew(tx, stamps=stamps)
    changed = {ref for ref, stamp in stamps.items() if last.stamps.get(ref) != stamp}
    changed |= {incident.id for incident in last.openings if incident.id not in stamps}
    if len(changed) >= MOST_CHANGED:
        return _anew(tx, stamps=stamps)
    _again(tx, last, changed)
    last.stamps = stamps
    return last


def _anew(tx: Tx, *, mark: tuple[int, int] = (0, 0), stamps: Mapping[str, str] | None = None) -> Look:
    found = incidents.open_sizes(tx)
    openings = Openings(incident for incident, _ in found)
    return Look(openings=openings, mark=mark, stamps=stamps or {}, sizes={each.id: size for each, size in found})


def _again(tx: Tx, known: Look, changed: Iterable[str]) -> None:
    for ref in changed:
        known.openings.drop(ref)
        known.sizes.pop(ref, None)
        for incident, size in incidents.open_sizes(tx, ref):
            known.openings.put(incident)
            known.sizes[ref] = size
