"""Who is there to carry runs out: every server and every worker says so again and again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tocsin.store.db import Tx

_SEEN = """
insert into workers (node, labels, serves, started_at, seen_at) values (:node, :labels, :serves, :now, :now)
on conflict (node) do update set labels = excluded.labels, serves = excluded.serves, seen_at = excluded.seen_at
"""
_ALL = "select * from workers where seen_at >= :since order by node"
_GONE = "delete from workers where node = :node"
_FORGET = "delete from workers where seen_at < :before"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerSeen:
    """A process that carries runs out. ``serves``: it is a server, so it also takes targets without labels."""

    node: str
    labels: frozenset[str]
    serves: bool
    started_at: datetime
    seen_at: datetime

    def carries(self, labels: frozenset[str]) -> bool:
        """Whether it carries out runs of a target with these labels."""
        return carries(self.labels, labels, serves=self.serves)


def carries(own: frozenset[str], wanted: frozenset[str], *, serves: bool) -> bool:
    """Whether somebody with labels of its ``own`` takes a target: it has them all; one without any is the server's."""
    return wanted <= own if wanted else serves


def seen(tx: Tx, node: str, labels: frozenset[str], now: datetime, *, serves: bool) -> None:
    """It is there, with these labels."""
    tx.execute(_SEEN, node=node, labels=" ".join(sorted(labels)), serves=serves, now=now)


def gone(tx: Tx, node: str) -> None:
    """It has ended by itself."""
    tx.execute(_GONE, node=node)


def present(tx: Tx, since: datetime) -> list[WorkerSeen]:
    """Who has been heard of since then."""
    return [
        WorkerSeen(
            node=row["node"], labels=frozenset(row["labels"].split()), serves=bool(row["serves"]),
            started_at=row.time("started_at"), seen_at=row.time("seen_at"),
        )
        for row in tx.all(_ALL, since=since)
    ]  # fmt: skip


def forget(tx: Tx, before: datetime) -> int:
    """Forget who has not been heard of since then."""
    return tx.execute(_FORGET, before=before)
