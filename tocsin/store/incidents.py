"""Incidents and their timelines. The row is the fold of its timeline: `verify` proves it, `rebuild` makes it so."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from datetime import datetime

from tocsin.core.facts import FACTS, Actor, Entry
from tocsin.core.fold import fold
from tocsin.core.incident import Incident
from tocsin.errors import Conflict, Invalid, NotFound
from tocsin.ids import digest
from tocsin.store import secrecy
from tocsin.store.db import EVERYTHING, Row, Tx
from tocsin.times import to_micros
from tocsin.wire import decode, encode_text

log = logging.getLogger("tocsin")
_NEXT = """
insert into counters (name, value) values ('incident', 1)
on conflict (name) do update set value = counters.value + 1 returning value
"""
_LAST_HASH = "select hash from timeline where incident = :incident and seq = :seq"
_APPEND = """
insert into timeline (incident, seq, at, actor_kind, actor, kind, body, prev_hash, hash)
values (:incident, :seq, :at, :actor_kind, :actor, :kind, :body, :prev_hash, :hash)
on conflict do nothing
"""
_SAVE = """
insert into incidents (id, number, version, status, severity, title, scenario, runbook_digest, drill, declared_at,
                       resolved_at, wake_at, state)
values (:id, :number, :version, :status, :severity, :title, :scenario, :runbook_digest, :drill, :declared_at,
        :resolved_at, :wake_at, :state)
on conflict (id) do update set
  version = excluded.version, status = excluded.status, severity = excluded.severity, title = excluded.title,
  scenario = excluded.scenario, drill = excluded.drill, declared_at = excluded.declared_at,
  resolved_at = excluded.resolved_at, wake_at = excluded.wake_at, state = excluded.state
where incidents.version <= excluded.version
"""
_LOAD = "select id, state from incidents where id = :id"
_LOAD_LOCKED = "select id, state from incidents where id = :id for update"
_ROW = "select * from incidents where id = :id"
_FORGET_VERSION = "update incidents set version = 0 where id = :id"
_VERSION = "select version from incidents where id = :id"
_DUE = "select id from incidents where wake_at <= :now order by wake_at limit :limit"
_WAKE_TIMES = "select id, wake_at from incidents where wake_at is not null order by wake_at"
_OPEN = "select id, state from incidents where status <> 'resolved' order by number"
_OPEN_ONE = "select id, state from incidents where status <> 'resolved' and id = :id"
_LISTING = """
select id, state from incidents where (:status = '' or status = :status) and number < :before
order by number desc limit :limit
"""
_RESOLVED_SINCE = """
select id, state from incidents where status = 'resolved' and resolved_at >= :since and id in
  (select incident from timeline where at >= :since and kind = 'Resolved')
order by resolved_at desc limit :limit
"""
_OF_ALERT = """
select * from timeline where incident = :incident and at >= :since and kind in ('AlertLinked', 'AlertCleared')
  and body like :about order by seq
"""
_TIMELINE = "select * from timeline where incident = :incident and seq > :after order by seq"
_LAST_OF_KIND = "select * from timeline where incident = :incident and kind = :kind order by seq desc limit 1"
_PEOPLE = """
select actor from timeline where incident = :incident and actor_kind = 'person' group by actor order by min(seq)
"""
_NEWER = "select number, id from incidents where number > :number order by number limit :limit"
_LAST_BEFORE = "select max(number) as number from incidents where declared_at < :moment"
_FEED = "select * from timeline where at >= :since order by at, incident, seq limit :limit"
_REFS = "select distinct incident from timeline union select id from incidents"
_REF = re.compile(r"(?:inc-)?0*([0-9]{1,18})", re.IGNORECASE)


def id_of(ref: str) -> str | None:
    """``inc-12`` or ``12`` → ``INC-12``; None for what can't be an incident's name."""
    found = _REF.fullmatch(ref.strip())
    return f"INC-{found.group(1)}" if found else None


def next_number(tx: Tx) -> int:
    """The number of the next incident: 1, 2, 3 … without gaps, because a rollback gives the number back."""
    row = tx.one(_NEXT)
    assert row is not None  # noqa: S101 -- "returning" always returns
    return int(row["value"])


def append(tx: Tx, incident_id: str, entry: Entry) -> None:
    """Add one entry, chained to the one before it.

    Raises `Conflict` where somebody else has written this ``seq`` already or the one before it is missing, `Invalid`
    for a fact that could not be read back: what stands on a timeline stands there for ever.
    """
    before = "" if entry.seq == 1 else _hash_at(tx, incident_id, entry.seq - 1)
    if before is None or entry.seq < 1:
        raise Conflict(f"{incident_id} has no entry {entry.seq - 1} that {entry.seq} could follow.", "Look again.")
    columns = _columns(incident_id, entry)
    chained = _chain(before, columns)
    if not tx.execute(_APPEND, **columns, prev_hash=before, hash=chained):
        raise Conflict(f"Somebody else has just changed {incident_id}.", "Look again and decide anew.")


def _hash_at(tx: Tx, incident_id: str, seq: int) -> str | None:
    row = tx.one(_LAST_HASH, incident=incident_id, seq=seq)
    return str(row["hash"]) if row else None


def _columns(incident_id: str, entry: Entry) -> dict[str, str | int]:
    try:
        body = encode_text(entry.fact)
    except (UnicodeEncodeError, TypeError) as error:
        raise Invalid(f"The fact {entry.kind} can't be written as JSON ({error}).") from None
    if _fact(entry.kind, body) != entry.fact:
        raise Invalid(f"The fact {entry.kind} would not be the same when read back.", "Give it plain values only.")
    return {
        "incident": incident_id, "seq": entry.seq, "at": to_micros(entry.at), "actor_kind": entry.by.kind,
        "actor": entry.by.name, "kind": entry.kind, "body": body,
    }  # fmt: skip


def _chain(before: str, columns: Mapping[str, str | int]) -> str:
    order = ("incident", "seq", "at", "actor_kind", "actor", "kind", "body")
    return digest(before, *(str(columns[name]) for name in order))


def _fact(kind: str, body: str) -> object:
    if kind not in FACTS:
        raise Invalid(f"The timeline holds a {kind!r}, which this Tocsin does not know.", "Install the newer release.")
    fact: object = decode(FACTS[kind], body)
    return fact


def _entry(row: Row) -> Entry:
    by = Actor(row["actor_kind"], row["actor"])
    return Entry(seq=row["seq"], at=row.time("at"), by=by, fact=_fact(row["kind"], row["body"]))


def save(tx: Tx, incident: Incident, wake_at: datetime | None) -> None:
    """Write the row. Raises `Conflict` rather than replace a newer version with an older one."""
    changed = tx.execute(
        _SAVE, id=incident.id, number=incident.number, version=incident.version, wake_at=wake_at,
        state=_state(incident), **_copies(incident),
    )  # fmt: skip
    if not changed:
        raise Conflict(f"Somebody else has just changed {incident.id}.", "Look again and decide anew.")
    secrecy.note(tx, incident)


def _state(incident: Incident) -> str:
    try:
        return encode_text(incident)
    except UnicodeEncodeError as error:
        raise Invalid(f"{incident.id} can't be written as JSON ({error}).") from None


def _copies(incident: Incident) -> dict[str, object]:
    """The columns that repeat what the state says, to search by."""
    return {
        "status": incident.status, "severity": incident.severity, "title": incident.title,
        "scenario": incident.scenario, "runbook_digest": incident.runbook_digest, "drill": int(incident.drill),
        "declared_at": to_micros(incident.declared_at),
        "resolved_at": None if incident.resolved_at is None else to_micros(incident.resolved_at),
    }  # fmt: skip


def load(tx: Tx, ref: str, *, lock: bool = False) -> Incident | None:
    """The incident ``INC-12``, ``inc-12`` or ``12``. ``lock``: nobody else changes it until this transaction ends."""
    incident_id = id_of(ref)
    row = tx.one(_LOAD_LOCKED if lock else _LOAD, id=incident_id) if incident_id else None
    return _incident(tx, row) if row else None


def _incident(tx: Tx, row: Row) -> Incident:
    try:
        return decode(Incident, row["state"])
    except Invalid:  # written by a release whose incident had another shape: the timeline can always be read
        return fold(timeline(tx, row["id"]))


def due(tx: Tx, now: datetime, limit: int) -> list[str]:
    """The ids of incidents that were to be woken by now, the most overdue first."""
    return [row["id"] for row in tx.all(_DUE, now=now, limit=limit)]


def wake_times(tx: Tx) -> dict[str, datetime]:
    """When each incident that waits for a clock is woken next, the soonest first."""
    return {row["id"]: row.time("wake_at") for row in tx.all(_WAKE_TIMES)}


def open_ones(tx: Tx) -> list[Incident]:
    """Every incident that is not resolved, in the order of declaration.

    One that can't be read (its timeline holds a fact of a later release) is left out and said on the log: alerts for
    all the others must go on, and at worst somebody is called twice.
    """
    return _readable(tx.all(_OPEN), tx)


def open_sizes(tx: Tx, ref: str | None = None) -> list[tuple[Incident, int]]:
    """`open_ones`, or of them this one alone, each with how many characters its row has."""
    rows = tx.all(_OPEN) if ref is None else tx.all(_OPEN_ONE, id=ref)
    return [(each, len(row["state"])) for row in rows for each in _readable([row], tx)]


def _readable(rows: list[Row], tx: Tx) -> list[Incident]:
    found = []
    for row in rows:
        try:
            found.append(_incident(tx, row))
        except Invalid as error:
            log.error("%s can't be read: %s", row["id"], error)  # noqa: TRY400 -- the sentence says all
    return found


def resolved_since(tx: Tx, since: datetime, limit: int) -> list[Incident]:
    """The incidents that were resolved from ``since`` on and still are, the last one first.

    Their timeline's index finds them, because few things happen in a short time. One that can't be read is left out.
    """
    return _readable(tx.all(_RESOLVED_SINCE, since=since, limit=limit), tx)


def listing(tx: Tx, *, status: str | None = None, limit: int, before: int | None = None) -> list[Incident]:
    """The newest incidents first; ``before`` is the number at which the previous page ended."""
    rows = tx.all(_LISTING, status=status or "", before=EVERYTHING if before is None else before, limit=limit)
    return [_incident(tx, row) for row in rows]


def timeline(tx: Tx, ref: str, after: int = 0) -> list[Entry]:
    """The entries after ``after``, oldest first; none for an incident that does not exist."""
    incident_id = id_of(ref)
    return [_entry(row) for row in tx.all(_TIMELINE, incident=incident_id, after=after)] if incident_id else []


def people(tx: Tx, incident_id: str) -> list[str]:
    """Who did something in an incident, each once, in the order of their first deed."""
    return [str(row["actor"]) for row in tx.all(_PEOPLE, incident=incident_id)]


def last_of_kind(tx: Tx, incident_id: str, kind: str) -> Entry | None:
    """The last entry that tells a fact of this kind; None where there is none."""
    row = tx.one(_LAST_OF_KIND, incident=incident_id, kind=kind)
    return _entry(row) if row else None


def newer(tx: Tx, number: int, limit: int) -> list[tuple[int, str]]:
    """The incidents behind this number, the oldest first: their numbers and ids."""
    return [(row["number"], row["id"]) for row in tx.all(_NEWER, number=number, limit=limit)]


def last_before(tx: Tx, moment: datetime) -> int:
    """The highest number of the incidents that were declared before a moment; 0 where there was none."""
    row = tx.one(_LAST_BEFORE, moment=moment)
    return int(row["number"] or 0) if row else 0


def alert_timeline(tx: Tx, incident_id: str, fingerprint: str, since: datetime) -> list[Entry]:
    """When one alert of an incident fired and ended from ``since`` on, oldest first."""
    found = tx.all(_OF_ALERT, incident=incident_id, since=since, about=f"%{fingerprint}%")
    return [entry for entry in map(_entry, found) if entry.fact.fingerprint == fingerprint]


def feed(tx: Tx, *, since: datetime, limit: int) -> list[tuple[str, Entry]]:
    """What happened in all incidents from ``since`` on, oldest first, each with its incident's id."""
    return [(row["incident"], _entry(row)) for row in tx.all(_FEED, since=since, limit=limit)]


def versions(tx: Tx, ref: str) -> int:
    """The incident's version, which a page polls cheaply; 0 where there is none."""
    incident_id = id_of(ref)
    row = tx.one(_VERSION, id=incident_id) if incident_id else None
    return int(row["version"]) if row else 0


def references(tx: Tx) -> list[str]:
    """The ids of everything that `verify` should look at: all with a row or a timeline, by number."""
    return sorted((row[0] for row in tx.all(_REFS)), key=lambda ref: (len(ref), ref))


def rebuild(tx: Tx, ref: str) -> Incident:
    """Write the row anew from the timeline, keeping its wake time. Raises `NotFound` where there is no timeline."""
    entries = timeline(tx, ref)
    if not entries:
        raise NotFound(f"There is no incident {ref}.")
    incident = fold(entries)
    row = tx.one(_ROW, id=incident.id)
    if row is not None and row["version"] > incident.version:
        tx.execute(_FORGET_VERSION, id=incident.id)
    save(tx, incident, row.time_or_none("wake_at") if row else None)
    return incident


def differs(tx: Tx, ref: str) -> bool:
    """Whether the row is not what the timeline tells. Raises what folding a changed timeline may raise."""
    row, told = tx.one(_ROW, id=ref), fold(timeline(tx, ref))
    return row is None or row["state"] != _state(told) or any(row[name] != has for name, has in _copies(told).items())


def verify(tx: Tx, ref: str, *, rows: bool = True) -> list[str]:
    """What is wrong with an incident's record, in sentences: a gap, a broken chain, a row that is not the fold.

    ``rows``: false leaves the last one out, for rows of another release.
    """
    incident_id = id_of(ref)
    if incident_id is None:
        return [f"{ref!r} is not an incident's name."]
    told = tx.all(_TIMELINE, incident=incident_id, after=-EVERYTHING)
    row = tx.one(_ROW, id=incident_id)
    if not told:
        return [f"{incident_id} has a row but no timeline."] if row else [f"There is no incident {incident_id}."]
    return _chain_faults(incident_id, told) + (_fold_faults(incident_id, told, row) if rows else [])


def _chain_faults(incident_id: str, rows: list[Row]) -> list[str]:
    faults, before, expected = [], "", 1
    for row in rows:
        if row["seq"] != expected:
            missing = f"{expected}" if row["seq"] == expected + 1 else f"{expected} to {row['seq'] - 1}"
            faults.append(f"{incident_id}: entry {missing} is missing from the timeline.")
        elif row["prev_hash"] != before:
            faults.append(f"{incident_id}: entry {row['seq']} does not follow from the one before it.")
        columns = {name: row[name] for name in ("incident", "seq", "at", "actor_kind", "actor", "kind", "body")}
        if row["hash"] != _chain(row["prev_hash"], columns):
            faults.append(f"{incident_id}: entry {row['seq']} ({row['kind']}) was changed after it was written.")
        before, expected = row["hash"], row["seq"] + 1
    return faults


def _fold_faults(incident_id: str, rows: list[Row], row: Row | None) -> list[str]:
    if row is None:
        return [f"{incident_id} has a timeline but no row."]
    try:
        told = fold(_entry(line) for line in rows)
    except (Invalid, LookupError, ValueError, AttributeError, TypeError) as error:
        return [f"{incident_id}: the timeline can't be folded ({error})."]
    try:
        stored = decode(Incident, row["state"])
    except Invalid as error:
        return [f"{incident_id}: the row's state can't be read ({error.message})"]
    copies = {**_copies(told), "number": told.number, "version": told.version}
    wrong = [name for name, value in copies.items() if row[name] != value]
    faults = [f"{incident_id}: the row's {', '.join(wrong)} is not what the timeline tells."] if wrong else []
    if stored != told:
        names = [name for name in Incident.__slots__ if getattr(stored, name) != getattr(told, name)]
        faults.append(f"{incident_id}: the row's state differs from the timeline in {', '.join(names)}.")
    return faults
