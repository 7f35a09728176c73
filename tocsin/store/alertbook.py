"""What is looked up about alerts: search, counts, and what became of each over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from tocsin.core.alert import Alert, Turn
from tocsin.store.alerts import alert_of
from tocsin.store.db import EVERYTHING, Tx

KEPT_TURNS = 50
"""So many turns of one alert are kept."""

_COUNT = """
select count(*) as alerts, count(distinct name) as names,
  sum(case when status = 'firing' and (ends_at is null or ends_at > :now) then 1 else 0 end) as firing
from alerts where incident = :incident
"""
_NUMBER = "select count(*) as alerts from alerts where incident = :incident"
_WHICH = """
from alerts where (:source = '' or source = :source) and (:incident = '' or incident = :incident)
  and (:text = '' or lower(name) like :text escape '!' or lower(labels) like :text escape '!'
       or lower(annotations) like :text escape '!')
  and (:state = 'all'
       or (:state = 'resolved' and (status = 'resolved' or ends_at <= :now))
       or (:state = 'firing' and status = 'firing' and (ends_at is null or ends_at > :now)))
  and (:muted = 0 or muted <> '')
"""
_SEARCH = f"""
select * {_WHICH} order by case when :newest = 1 then -updated_at else starts_at end, fingerprint limit :limit
"""
_FOUND = f"select count(*) as alerts {_WHICH}"
_SOURCES = "select distinct source from alerts order by source limit 200"
_REMEMBER = """
insert into alert_history (fingerprint, seq, at, what, incident, why)
select :fingerprint, coalesce(max(seq), 0) + 1, :at, :what, :incident, :why
from alert_history where fingerprint = :fingerprint
"""
_FORGET = """
delete from alert_history where fingerprint = :fingerprint
  and seq <= (select max(seq) from alert_history where fingerprint = :fingerprint) - :keep
"""
_TURNS = "select * from alert_history where fingerprint = :fingerprint order by seq desc limit :limit"
_PRUNE = """
delete from alert_history where at < :before and not exists
  (select 1 from alerts where alerts.fingerprint = alert_history.fingerprint)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """How many alerts belong to an incident, under how many names, and how many of them fire."""

    alerts: int = 0
    names: int = 0
    firing: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which alerts somebody wants to see. ``silenced`` ones fire and declare nothing, whatever the reason."""

    state: Literal["firing", "silenced", "resolved", "all"] = "firing"
    source: str = ""
    text: str = ""
    incident: str = ""


def amount(tx: Tx, incident: str, now: datetime) -> Amount:
    """Everything that belongs to an incident, counted."""
    row = tx.one(_COUNT, incident=incident, now=now)
    return Amount(alerts=row["alerts"], names=row["names"], firing=row["firing"] or 0) if row else Amount()


def number(tx: Tx, incident: str) -> int:
    """How many alerts belong to an incident."""
    row = tx.one(_NUMBER, incident=incident)
    return int(row["alerts"]) if row else 0


def search(tx: Tx, wanted: Wanted, now: datetime, limit: int = EVERYTHING) -> list[Alert]:
    """The alerts that are wanted: those that fire by their start, others the last heard of first."""
    newest = int(wanted.state in ("resolved", "all"))
    return [alert_of(row) for row in tx.all(_SEARCH, limit=limit, newest=newest, **_terms(wanted, now))]


def found(tx: Tx, wanted: Wanted, now: datetime) -> int:
    """How many alerts `search` would find without a limit."""
    row = tx.one(_FOUND, **_terms(wanted, now))
    return int(row["alerts"]) if row else 0


def _terms(wanted: Wanted, now: datetime) -> dict[str, object]:
    escaped = wanted.text.lower().replace("!", "!!").replace("%", "!%").replace("_", "!_")
    silenced = wanted.state == "silenced"
    return {
        "source": wanted.source, "incident": wanted.incident, "text": f"%{escaped}%" if wanted.text else "",
        "state": "firing" if silenced else wanted.state, "muted": int(silenced), "now": now,
    }  # fmt: skip


def sources(tx: Tx) -> list[str]:
    """Who has sent the alerts that are kept."""
    return [row["source"] for row in tx.all(_SOURCES)]


def remember(tx: Tx, fingerprint: str, turn: Turn, *, first: bool) -> None:
    """Keep what became of an alert; of one that is not new only the last `KEPT_TURNS` are kept."""
    remember_all(tx, [(fingerprint, turn, first)])


def remember_all(tx: Tx, made: Sequence[tuple[str, Turn, bool]]) -> None:
    """`remember` for many, in their order: an alert, what became of it, and whether it is new."""
    rows = [
        {"fingerprint": each, "at": turn.at, "what": turn.what, "incident": turn.incident, "why": turn.why}
        for each, turn, _ in made
    ]
    if rows:
        tx.many(_REMEMBER, rows)
    old = sorted({each for each, _, first in made if not first})
    if old:
        tx.many(_FORGET, [{"fingerprint": each, "keep": KEPT_TURNS} for each in old])


def turns(tx: Tx, fingerprint: str, limit: int = EVERYTHING) -> list[Turn]:
    """What became of an alert, the last first."""
    return [
        Turn(at=row.time("at"), what=row["what"], incident=row["incident"], why=row["why"])
        for row in tx.all(_TURNS, fingerprint=fingerprint, limit=limit)
    ]


def prune(tx: Tx, before: datetime) -> int:
    """Forget what became of alerts that are forgotten themselves; returns how many turns."""
    return tx.execute(_PRUNE, before=before)
