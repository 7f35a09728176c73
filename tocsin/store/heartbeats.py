"""When each heartbeat was last heard."""

from __future__ import annotations

from datetime import datetime

from tocsin.store.db import Tx

_PUT = """
insert into heartbeats (name, at) values (:name, :at)
on conflict (name) do update set at = excluded.at where excluded.at > heartbeats.at
"""
_LAST = "select at from heartbeats where name = :name"


def put(tx: Tx, name: str, at: datetime) -> None:
    """It was heard now; an older moment than the one that is known changes nothing."""
    tx.execute(_PUT, name=name, at=at)


def last(tx: Tx, name: str) -> datetime | None:
    """When it was last heard; None where it never was."""
    row = tx.one(_LAST, name=name)
    return row.time("at") if row else None
