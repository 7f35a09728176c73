"""When incidents are to be woken, as it is stored: for those who check the clocks."""

from __future__ import annotations

from datetime import datetime

from tocsin.core.incident import Incident
from tocsin.errors import Invalid
from tocsin.store.db import Tx
from tocsin.store.incidents import load
from tocsin.wire import decode

_OVERDUE = "select id, wake_at from incidents where wake_at <= :before order by wake_at limit :limit"
_SLICE = """
select id, number, state, wake_at from incidents where status <> 'resolved' and number > :after
order by number limit :limit
"""


def overdue(tx: Tx, before: datetime, limit: int) -> list[tuple[str, datetime]]:
    """The incidents that were to be woken before a moment and were not, the most overdue first."""
    return [(row["id"], row.time("wake_at")) for row in tx.all(_OVERDUE, before=before, limit=limit)]


def open_slice(tx: Tx, after: int, limit: int) -> list[tuple[Incident, datetime | None]]:
    """Open incidents behind a number, in their order, with the moment at which each is woken."""
    found = []
    for row in tx.all(_SLICE, after=after, limit=limit):
        incident = _read(tx, row["id"], row["state"])
        if incident is not None:
            found.append((incident, row.time_or_none("wake_at")))
    return found


def _read(tx: Tx, ref: str, state: str) -> Incident | None:
    """The row; one of another release from its timeline; none where nothing can be read."""
    try:
        return decode(Incident, state)
    except Invalid:
        try:
            return load(tx, ref)
        except Invalid:
            return None
