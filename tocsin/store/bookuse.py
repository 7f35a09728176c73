"""How a runbook was used, over all its versions: its incidents, and what became of its commands."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from tocsin.store.db import Row, Tx

_INCIDENTS = """
select id from incidents where runbook_digest in (select digest from runbooks where source = :source)
order by number desc limit :limit
"""
_SCENARIOS = """
select scenario, drill, count(*) as number, max(declared_at) as last from incidents
where runbook_digest in (select digest from runbooks where source = :source) {seen} group by scenario, drill
"""
_PAST = """
select id, severity, resolved_at from incidents
where runbook_digest in (select digest from runbooks where source = :source) and status = 'resolved' and drill = 0
  and resolved_at >= :since and id not in (select incident from private_incidents)
  and not exists (select 1 from timeline where incident = incidents.id and kind = 'Merged')
order by resolved_at desc limit :limit
"""
_RUNS = """
select runs.step as step, incidents.drill as drill, runs.status as status, count(*) as number,
  max(coalesce(runs.finished_at, runs.queued_at)) as last
from runs join incidents on incidents.id = runs.incident
where incidents.runbook_digest in (select digest from runbooks where source = :source) {seen}
group by runs.step, incidents.drill, runs.status
"""
_FIRST_READ = "select min(read_at) as first, max(read_at) as last from runbooks where source = :source"


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """So many times something was used, in drills or not, and when last. ``status``: of runs, how they ended."""

    name: str
    drill: bool
    status: str = ""
    number: int
    last: datetime


def incidents(tx: Tx, source: str, limit: int = 200) -> list[str]:
    """The incidents that followed any version of a runbook, the newest first."""
    return [str(row["id"]) for row in tx.all(_INCIDENTS, source=source, limit=limit)]


def past(tx: Tx, source: str, since: datetime, limit: int = 200) -> list[tuple[str, str, datetime]]:
    """Incidents that ended since then, the newest first: id, severity, end. No drills, duplicates and private ones."""
    rows = tx.all(_PAST, source=source, since=since, limit=limit)
    return [(str(row["id"]), str(row["severity"]), row.time("resolved_at")) for row in rows]


def scenarios(tx: Tx, source: str, hidden: Collection[str] = ()) -> list[Use]:
    """How often each scenario was declared; ``hidden`` incidents count for nothing."""
    return [
        Use(name=row["scenario"], drill=bool(row["drill"]), number=row["number"], last=row.time("last"))
        for row in _but(tx, _SCENARIOS, source, hidden)
    ]


def runs(tx: Tx, source: str, hidden: Collection[str] = ()) -> list[Use]:
    """How the runs of each step ended; those of ``hidden`` incidents count for nothing."""
    return [
        Use(
            name=row["step"], drill=bool(row["drill"]), status=row["status"], number=row["number"],
            last=row.time("last"),
        )
        for row in _but(tx, _RUNS, source, hidden)
    ]  # fmt: skip


def _but(tx: Tx, query: str, source: str, hidden: Collection[str]) -> list[Row]:
    names = {f"hidden_{place}": name for place, name in enumerate(sorted(hidden))}
    seen = f"and incidents.id not in ({', '.join(f':{name}' for name in names)})" if names else ""
    return tx.all(query.format(seen=seen), source=source, **names)


def read_since(tx: Tx, source: str) -> tuple[datetime | None, datetime | None]:
    """When a runbook was first pinned, and when its newest version was."""
    row = tx.one(_FIRST_READ, source=source)
    return (row.time_or_none("first"), row.time_or_none("last")) if row else (None, None)
