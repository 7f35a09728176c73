"""How a runbook was used, over all its versions: its incidents, and what became of its commands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tocsin.store.db import Tx

_INCIDENTS = """
select id from incidents where runbook_digest in (select digest from runbooks where source = :source)
order by number desc limit :limit
"""
_SCENARIOS = """
select scenario, drill, count(*) as number, max(declared_at) as last from incidents
where runbook_digest in (select digest from runbooks where source = :source) group by scenario, drill
"""
_RUNS = """
select runs.step as step, incidents.drill as drill, runs.status as status, count(*) as number,
  max(coalesce(runs.finished_at, runs.queued_at)) as last
from runs join incidents on incidents.id = runs.incident
where incidents.runbook_digest in (select digest from runbooks where source = :source)
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


def scenarios(tx: Tx, source: str) -> list[Use]:
    """How often each scenario was declared."""
    return [
        Use(name=row["scenario"], drill=bool(row["drill"]), number=row["number"], last=row.time("last"))
        for row in tx.all(_SCENARIOS, source=source)
    ]


def runs(tx: Tx, source: str) -> list[Use]:
    """How the runs of each step ended."""
    return [
        Use(
            name=row["step"], drill=bool(row["drill"]), status=row["status"], number=row["number"],
            last=row.time("last"),
        )
        for row in tx.all(_RUNS, source=source)
    ]  # fmt: skip


def read_since(tx: Tx, source: str) -> tuple[datetime | None, datetime | None]:
    """When a runbook was first pinned, and when its newest version was."""
    row = tx.one(_FIRST_READ, source=source)
    return (row.time_or_none("first"), row.time_or_none("last")) if row else (None, None)
