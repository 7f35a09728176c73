"""Incidents rolled up for the figures, beside their rows."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from tocsin.core.figures.measuring import RULES, Measured
from tocsin.store.db import Tx
from tocsin.wire import decode, encode_text

_BEHIND = """
select incidents.id, incidents.version
from incidents left join incident_figures on incident_figures.incident = incidents.id
where incident_figures.version is null or incident_figures.version < incidents.version
  or incident_figures.rules <> :rules
order by incidents.number desc limit :limit
"""
_HOW_MANY = """
select count(*) as amount from incidents left join incident_figures on incident_figures.incident = incidents.id
where incident_figures.version is null or incident_figures.version < incidents.version
  or incident_figures.rules <> :rules
"""
_PUT = """
insert into incident_figures (incident, version, rules, declared_at, last_at, body)
values (:incident, :version, :rules, :declared_at, :last_at, :body)
on conflict (incident) do update set version = excluded.version, rules = excluded.rules,
  declared_at = excluded.declared_at, last_at = excluded.last_at, body = excluded.body
where incident_figures.version <= excluded.version
"""
_STAMP = "select count(*) as amount, sum(version) as versions, sum(rules) as rules from incident_figures"
_GIVE_UP = """
insert into incident_figures (incident, version, rules, declared_at, last_at, body)
values (:incident, :version, :rules, 0, 0, '')
on conflict (incident) do update set version = excluded.version, rules = excluded.rules, body = excluded.body
"""
_VERSIONS = "select incident, version from incident_figures where rules = :rules and body <> ''"
_ONE = "select body from incident_figures where incident = :incident and rules = :rules and body <> ''"
_TOUCHED = """
select body from incident_figures where declared_at < :until and rules = :rules and body <> ''
  and (last_at >= :since or incident in (select id from incidents where status <> 'resolved'))
order by declared_at, incident
"""


def behind(tx: Tx, limit: int) -> list[tuple[str, int]]:
    """Incidents of which something happened since they were rolled up, the newest first, and their versions."""
    return [(str(row["id"]), int(row["version"])) for row in tx.all(_BEHIND, rules=RULES, limit=limit)]


def how_many_behind(tx: Tx) -> int:
    """How many incidents are to be rolled up anew."""
    row = tx.one(_HOW_MANY, rules=RULES)
    return int(row["amount"]) if row else 0


def put(tx: Tx, version: int, measured: Measured) -> None:
    """Keep an incident's figures up to this version of it; what is newer stays."""
    tx.execute(
        _PUT, incident=measured.incident, version=version, rules=RULES, declared_at=measured.declared_at,
        last_at=measured.last_at, body=encode_text(measured),
    )  # fmt: skip


def give_up(tx: Tx, incident: str, version: int) -> None:
    """Leave an incident out of the figures until something new happens in it: its timeline can't be read."""
    tx.execute(_GIVE_UP, incident=incident, version=version, rules=RULES)


def stamp(tx: Tx) -> tuple[int, int, int]:
    """How many rows there are, and two sums that no change leaves as they were: versions only rise."""
    row = tx.one(_STAMP)
    return (row["amount"], int(row["versions"] or 0), int(row["rules"] or 0)) if row else (0, 0, 0)


def versions(tx: Tx) -> dict[str, int]:
    """Every incident that is rolled up by the rules of today, and up to which of its versions."""
    return {str(row["incident"]): int(row["version"]) for row in tx.all(_VERSIONS, rules=RULES)}


def some(tx: Tx, names: Collection[str]) -> list[Measured]:
    """The rows of these incidents; what is not there is left out."""
    rows = (tx.one(_ONE, incident=name, rules=RULES) for name in names)
    return [decode(Measured, row["body"]) for row in rows if row is not None]


def touched(tx: Tx, since: datetime, until: datetime) -> list[Measured]:
    """Incidents that were declared before ``until``, and are open or had something happen from ``since`` on."""
    found = [row["body"] for row in tx.all(_TOUCHED, since=since, until=until, rules=RULES)]
    return decode(list[Measured], f"[{','.join(found)}]")  # at once: ten thousand of them are a page's time
