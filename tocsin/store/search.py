"""The words of incidents: kept beside them, searched by full text (SQLite FTS5, PostgreSQL tsvector)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from tocsin.core.similar import Said
from tocsin.store.db import Tx

_BEHIND = """
select incidents.id from incidents left join incident_words on incident_words.incident = incidents.id
where incident_words.version is null or incident_words.version <> incidents.version
order by incidents.number desc limit :limit
"""
_PUT = """
insert into incident_words (incident, version, title, alerts, notes, resolution)
values (:incident, :version, :title, :alerts, :notes, :resolution)
on conflict (incident) do update set version = excluded.version, title = excluded.title, alerts = excluded.alerts,
  notes = excluded.notes, resolution = excluded.resolution
"""
INDEX: dict[Literal["sqlite", "postgres"], tuple[str, str]] = {
    "sqlite": (
        "delete from incident_search where rowid = (select number from incidents where id = :incident)",
        """
        insert into incident_search (rowid, incident, words)
        select number, id, :words from incidents where id = :incident
        """,
    ),
    "postgres": (
        "delete from incident_search where incident = :incident",
        "insert into incident_search (incident, words) values (:incident, :words)",
    ),
}
"""How an incident's words are forgotten and kept. SQLite finds a row of full text by its rowid only: the number."""
_WORDS = "select * from incident_words where incident = :incident"
_SAME = """
select id from incidents where scenario = :scenario and number < :before order by number desc limit :limit
"""
_FOUND: dict[Literal["sqlite", "postgres"], str] = {
    "sqlite": """
      select incident from incident_search where incident_search match :query order by rank limit :limit
    """,
    "postgres": """
      select incident from incident_search, to_tsquery('simple', :query) as query where found @@ query
      order by ts_rank(found, query) desc limit :limit
    """,
}


def behind(tx: Tx, limit: int) -> list[str]:
    """Incidents of which something happened since their words were kept, the newest first."""
    return [str(row["id"]) for row in tx.all(_BEHIND, limit=limit)]


def put(tx: Tx, incident: str, version: int, said: Said) -> None:
    """Keep what is said in an incident up to this version of it, so that it is found by its words."""
    tx.execute(
        _PUT, incident=incident, version=version, title=said.title, alerts="\n".join(said.alerts), notes=said.notes,
        resolution=said.resolution,
    )  # fmt: skip
    forget, keep = INDEX[tx.dialect]
    tx.execute(forget, incident=incident)
    tx.execute(keep, incident=incident, words=said.whole)


def words(tx: Tx, incident: str) -> Said | None:
    """What is kept of an incident's words; None where nothing is yet."""
    row = tx.one(_WORDS, incident=incident)
    if row is None:
        return None
    alerts = tuple(filter(None, row["alerts"].split("\n")))
    return Said(title=row["title"], alerts=alerts, notes=row["notes"], resolution=row["resolution"])


def found(tx: Tx, wanted: Collection[str], limit: int) -> list[str]:
    """Incidents that hold some of these words, the best match first; what is not all letters and digits is no word."""
    plain = [word for word in wanted if word.isalnum()]
    if not plain:
        return []
    sign, mark = (" OR ", '"') if tx.dialect == "sqlite" else (" | ", "'")
    query = sign.join(f"{mark}{word}{mark}" for word in plain)
    return [str(row["incident"]) for row in tx.all(_FOUND[tx.dialect], query=query, limit=limit)]


def of_scenario(tx: Tx, scenario: str, before: int, limit: int) -> list[str]:
    """The last incidents of a scenario that have a lower number."""
    return [str(row["id"]) for row in tx.all(_SAME, scenario=scenario, before=before, limit=limit)]
