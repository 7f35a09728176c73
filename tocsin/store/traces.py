"""Runs of the system under care that were told of."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

from tocsin.core.trace import Trace
from tocsin.store.db import EVERYTHING, Row, Tx

_PUT = """
insert into traces (source, id, name, service, status, started_at, ended_at, error, url, spans, failed, whole)
values (:source, :id, :name, :service, :status, :started_at, :ended_at, :error, :url, :spans, :failed, :whole)
on conflict (source, id) do update set
  name = excluded.name, service = excluded.service, status = excluded.status, started_at = excluded.started_at,
  ended_at = excluded.ended_at, error = excluded.error, url = excluded.url, spans = excluded.spans,
  failed = excluded.failed, whole = excluded.whole
"""
_GET = "select * from traces where source = :source and id = :id"
_LISTING = """
select * from traces where started_at >= :since and started_at <= :until
  and (:status = '' or status = :status) and (:service = '' or service = :service)
  and (:words = '' or lower(name || ' ' || service || ' ' || error || ' ' || id) like :words escape '!')
order by started_at desc, source, id limit :limit
"""
_COUNTED = """
select status, count(*) as number, max(ended_at - started_at) as slowest from traces
where started_at >= :since and started_at <= :until group by status
"""
_SERVICES = "select distinct service from traces where service <> '' order by service limit :limit"
_PRUNE = "delete from traces where started_at < :before"
_NTH = "select started_at from traces order by started_at desc limit 1 offset :most"


def put(tx: Tx, traces: Iterable[Trace]) -> None:
    """Keep these runs; one that is known already is replaced."""
    tx.many(
        _PUT,
        [
            {
                "source": each.source, "id": each.id, "name": each.name, "service": each.service,
                "status": each.status, "started_at": each.started_at, "ended_at": each.ended_at, "error": each.error,
                "url": each.url, "spans": each.spans, "failed": each.failed, "whole": int(each.whole),
            }
            for each in traces
        ],
    )  # fmt: skip


def get(tx: Tx, source: str, trace_id: str) -> Trace | None:
    """One run."""
    row = tx.one(_GET, source=source, id=trace_id)
    return _trace(row) if row else None


def listing(  # noqa: PLR0913  one parameter for each thing that can be asked
    tx: Tx,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    status: str = "",
    service: str = "",
    words: str = "",
    limit: int = EVERYTHING,
) -> list[Trace]:
    """Runs that began in this time, the newest first."""
    bounds = {"since": -EVERYTHING if since is None else since, "until": EVERYTHING if until is None else until}
    escaped = re.sub("([!%_])", r"!\1", words.lower())
    like = f"%{escaped}%" if words else ""
    return [_trace(row) for row in tx.all(_LISTING, status=status, service=service, words=like, limit=limit, **bounds)]


def counted(tx: Tx, since: datetime, until: datetime) -> tuple[int, int, float | None]:
    """Of the runs that began in this time: how many, how many failed, and the slowest in seconds."""
    rows = tx.all(_COUNTED, since=since, until=until)
    slowest = max((int(row["slowest"]) for row in rows if row["slowest"] is not None), default=None)
    return (
        sum(int(row["number"]) for row in rows),
        sum(int(row["number"]) for row in rows if row["status"] == "error"),
        None if slowest is None else slowest / 1_000_000,
    )


def services(tx: Tx, limit: int = 50) -> list[str]:
    """The services of which runs are known."""
    return [str(row["service"]) for row in tx.all(_SERVICES, limit=limit)]


def prune(tx: Tx, before: datetime, most: int) -> int:
    """Forget runs that began before ``before``, and of the others all but the newest ``most``; returns how many."""
    gone = tx.execute(_PRUNE, before=before)
    oldest = tx.one(_NTH, most=most)
    return gone + (tx.execute(_PRUNE, before=oldest.time("started_at")) if oldest else 0)


def _trace(row: Row) -> Trace:
    ended = row["ended_at"]
    return Trace(
        source=row["source"], id=row["id"], name=row["name"], service=row["service"], status=row["status"],
        started_at=row.time("started_at"), ended_at=None if ended is None else row.time("ended_at"),
        error=row["error"], url=row["url"], spans=int(row["spans"]), failed=int(row["failed"]),
        whole=bool(row["whole"]),
    )  # fmt: skip
