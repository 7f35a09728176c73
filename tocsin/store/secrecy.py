"""Private incidents, to be found without reading them; keys of our own; and which answers were taken already."""

from __future__ import annotations

from datetime import datetime

from tocsin.core.incident import Incident
from tocsin.ids import digest, slug
from tocsin.store.db import Tx

_NOTE = """
insert into private_incidents (incident, named) values (:incident, :named)
on conflict (incident) do update set named = excluded.named
"""
_FORGET = "delete from private_incidents where incident = :incident"
_ALL = "select incident, named from private_incidents"
_KEY = "select secret from keys where name = :name"
_ADD_KEY = "insert into keys (name, secret, at) values (:name, :secret, :now) on conflict do nothing"
_TAKE = "insert into answers (id, at) values (:id, :now) on conflict do nothing"
_PRUNE = "delete from answers where at < :before"


def note(tx: Tx, incident: Incident) -> None:
    """Keep who sees an incident beside it, whenever it is saved."""
    if incident.team.private:
        tx.execute(_NOTE, incident=incident.id, named="\n".join(["", *incident.team.named, ""]))
    else:
        tx.execute(_FORGET, incident=incident.id)


def private(tx: Tx) -> frozenset[str]:
    """The ids of all private incidents."""
    return frozenset(row["incident"] for row in tx.all(_ALL))


def hidden_from(tx: Tx, name: str) -> frozenset[str]:
    """The ids of the private incidents that somebody of this name must not hear of."""
    wanted = slug(name)
    return frozenset(row["incident"] for row in tx.all(_ALL) if not wanted or f"\n{wanted}\n" not in row["named"])


def stamp(tx: Tx) -> str:
    """Names who sees which private incident now: where that changes, the name is another."""
    return digest(*sorted(f"{row['incident']}{row['named']}" for row in tx.all(_ALL)))


def key(tx: Tx, name: str) -> str | None:
    """A key of our own; None before it was made."""
    row = tx.one(_KEY, name=name)
    return str(row["secret"]) if row else None


def keep_key(tx: Tx, name: str, secret: str, now: datetime) -> None:
    """Keep a key, unless another node has made one of this name."""
    tx.execute(_ADD_KEY, name=name, secret=secret, now=now)


def take(tx: Tx, answer: str, now: datetime) -> bool:
    """Take an answer down by its own name; False where it was taken before."""
    return tx.execute(_TAKE, id=answer, now=now) == 1


def prune_answers(tx: Tx, before: datetime) -> int:
    """Forget the names of old answers; returns how many."""
    return tx.execute(_PRUNE, before=before)
