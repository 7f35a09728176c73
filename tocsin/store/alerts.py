"""Alerts as they were last told, and silences over them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from tocsin.core.alert import Alert, Silence
from tocsin.errors import Invalid
from tocsin.store.db import EVERYTHING, Row, Tx
from tocsin.times import to_micros
from tocsin.wire import decode, encode_text

_UPSERT = """
insert into alerts
  (fingerprint, name, status, labels, annotations, starts_at, ends_at, updated_at, source, url, incident, known_as,
   muted, muted_until)
values
  (:fingerprint, :name, :status, :labels, :annotations, :starts_at, :ends_at, :updated_at, :source, :url, :incident,
   :known_as, :muted, :muted_until)
on conflict (fingerprint) do update set
  name = excluded.name, status = excluded.status, labels = excluded.labels, annotations = excluded.annotations,
  starts_at = excluded.starts_at, ends_at = excluded.ends_at, updated_at = excluded.updated_at,
  source = excluded.source, url = excluded.url, incident = excluded.incident, muted = excluded.muted,
  muted_until = excluded.muted_until
"""
_GET = "select * from alerts where fingerprint = :fingerprint"
_TOGETHER = 100
_NAMES = ", ".join(f":f{n}" for n in range(_TOGETHER))
_GET_ALL = f"select * from alerts where fingerprint in ({_NAMES})"  # noqa: S608 -- names of parameters only
_GET_LOCKED = "select * from alerts where fingerprint = :fingerprint for update"
_ALL = "select * from alerts where updated_at >= :since order by starts_at, fingerprint limit :limit"
_FIRING = """
select * from alerts where status = 'firing' and (ends_at is null or ends_at > :now)
order by starts_at, fingerprint limit :limit
"""
_OF_INCIDENT = "select * from alerts where incident = :incident order by starts_at, fingerprint limit :limit"
_OVERDUE = """
select * from alerts where status = 'firing' and ends_at is not null and ends_at <= :now
order by ends_at, fingerprint limit :limit
"""
_PRUNE = """
delete from alerts where updated_at < :before and (status = 'resolved' or (ends_at is not null and ends_at < :before))
"""
_LAPSED = """
select * from alerts where muted_until <= :now and status = 'firing' order by muted_until, fingerprint limit :limit
"""
_NEXT_LAPSE = "select min(muted_until) as at from alerts where muted_until is not null and status = 'firing'"
_LAPSE_NOW = "update alerts set muted_until = :now where muted_until > :now"
_MUTED = "select * from alerts where muted_until > :now and status = 'firing'"
_FIRING_LABELS = "select labels from alerts where status = 'firing' and (ends_at is null or ends_at > :now)"
_GIVE = "update alerts set incident = :to where fingerprint = :fingerprint and incident = :of"
_GIVE_ALL = "update alerts set incident = :to where incident = :of"
_LAST_HEARD = "select max(updated_at) as at from alerts where name = :name and status = 'firing'"
_PUT_SILENCE = """
insert into silences (id, body, starts_at, ends_at, updated_at) values (:id, :body, :starts_at, :ends_at, :updated_at)
on conflict (id) do update set
  body = excluded.body, starts_at = excluded.starts_at, ends_at = excluded.ends_at, updated_at = excluded.updated_at
"""
_GET_SILENCE = "select body from silences where id = :id"
_GET_SILENCE_LOCKED = "select body from silences where id = :id for update"
_COUNT_FIRING = """
select count(*) as amount from alerts where status = 'firing' and (ends_at is null or ends_at > :now)
"""
_SILENCES = "select body from silences where ends_at > :ending order by starts_at, id"


def upsert(tx: Tx, alert: Alert) -> None:
    """Write what is known of an alert; the newest word replaces the row whole (see `tocsin.core.alert.merge`)."""
    tx.execute(_UPSERT, **_columns(alert))


def upsert_all(tx: Tx, alerts: Iterable[Alert]) -> None:
    """`upsert` for many at once; in the order of their identities, so that two nodes never wait for each other."""
    tx.many(_UPSERT, sorted((_columns(alert) for alert in alerts), key=lambda columns: str(columns["fingerprint"])))


def _columns(alert: Alert) -> dict[str, object]:
    return {
        "fingerprint": alert.fingerprint, "name": alert.name, "status": alert.status, "labels": _json(alert.labels),
        "annotations": _json(alert.annotations), "starts_at": to_micros(alert.starts_at),
        "ends_at": None if alert.ends_at is None else to_micros(alert.ends_at),
        "updated_at": to_micros(alert.updated_at), "source": alert.source, "url": alert.url, "incident": alert.incident,
        "known_as": alert.key, "muted": alert.muted,
        "muted_until": None if alert.muted_until is None else to_micros(alert.muted_until),
    }  # fmt: skip


def _json(texts: object) -> str:
    try:
        return encode_text(texts)
    except UnicodeEncodeError:
        raise Invalid("A label or an annotation holds half of a surrogate pair.", "Send UTF-8.") from None


def alert_of(row: Row) -> Alert:
    """A row of the table as an alert."""
    return Alert(
        source=row["source"], labels=decode(dict[str, str], row["labels"]),
        annotations=decode(dict[str, str], row["annotations"]), status=row["status"], starts_at=row.time("starts_at"),
        ends_at=row.time_or_none("ends_at"), updated_at=row.time("updated_at"), url=row["url"],
        incident=row["incident"], key=row["known_as"], muted=row["muted"], muted_until=row.time_or_none("muted_until"),
    )  # fmt: skip


def get(tx: Tx, fingerprint: str, *, lock: bool = False) -> Alert | None:
    """The alert with this identity. ``lock``: nobody else changes it until this transaction ends."""
    row = tx.one(_GET_LOCKED if lock else _GET, fingerprint=fingerprint)
    return alert_of(row) if row else None


def get_all(tx: Tx, fingerprints: Iterable[str]) -> dict[str, Alert]:
    """Those of these alerts that are known, by identity."""
    wanted, found = sorted(fingerprints), {}
    for start in range(0, len(wanted), _TOGETHER):
        some = wanted[start : start + _TOGETHER]
        names = {
            f"f{n}": some[min(n, len(some) - 1)] for n in range(_TOGETHER)
        }  # one text, so that it is prepared once
        found.update({row["fingerprint"]: alert_of(row) for row in tx.all(_GET_ALL, **names)})
    return found


def listing(
    tx: Tx, *, firing_at: datetime | None = None, incident: str | None = None, since: datetime | None = None,
    limit: int = EVERYTHING,
) -> list[Alert]:  # fmt: skip
    """Alerts by their start: those that fire at a moment, those of an incident, or all heard of ``since``."""
    if incident is not None:
        found = [alert_of(row) for row in tx.all(_OF_INCIDENT, incident=incident, limit=limit)]
        return found if firing_at is None else [alert for alert in found if alert.firing_at(firing_at)]
    if firing_at is not None:
        return [alert_of(row) for row in tx.all(_FIRING, now=firing_at, limit=limit)]
    return [alert_of(row) for row in tx.all(_ALL, since=0 if since is None else since, limit=limit)]


def count_firing(tx: Tx, now: datetime) -> int:
    """How many alerts fire now."""
    row = tx.one(_COUNT_FIRING, now=now)
    return int(row["amount"]) if row else 0


def overdue(tx: Tx, now: datetime, limit: int = EVERYTHING) -> list[Alert]:
    """Alerts that were told firing until a moment that has passed, the longest silent first."""
    return [alert_of(row) for row in tx.all(_OVERDUE, now=now, limit=limit)]


def lapsed(tx: Tx, now: datetime, limit: int = EVERYTHING) -> list[Alert]:
    """Firing alerts whose silence is over, or has changed: it must be decided anew what becomes of them."""
    return [alert_of(row) for row in tx.all(_LAPSED, now=now, limit=limit)]


def next_lapse(tx: Tx) -> datetime | None:
    """When the next silence over an alert that fires is over; None where none covers any."""
    row = tx.one(_NEXT_LAPSE)
    return row.time_or_none("at") if row else None


def lapse_now(tx: Tx, now: datetime) -> None:
    """A silence has changed: whatever is silenced is decided anew, and silenced again where another one covers it."""
    tx.execute(_LAPSE_NOW, now=now)


def muted(tx: Tx, now: datetime) -> list[Alert]:
    """Firing alerts that a silence covers."""
    return [alert for alert in map(alert_of, tx.all(_MUTED, now=now)) if alert.firing_at(now)]


def firing_labels(tx: Tx, now: datetime) -> list[dict[str, str]]:
    """The labels of every alert that fires."""
    return [decode(dict[str, str], row["labels"]) for row in tx.all(_FIRING_LABELS, now=now)]


def give(tx: Tx, of: str, to: str, fingerprints: Iterable[str] | None = None) -> None:
    """Alerts of one incident belong to another one from now on: these, or all of them."""
    if fingerprints is None:
        tx.execute(_GIVE_ALL, of=of, to=to)
    else:
        tx.many(_GIVE, [{"of": of, "to": to, "fingerprint": each} for each in sorted(fingerprints)])


def last_heard(tx: Tx, name: str) -> datetime | None:
    """When an alert of this name that fires was last told; None where none fires."""
    row = tx.one(_LAST_HEARD, name=name)
    return row.time_or_none("at") if row else None


def prune(tx: Tx, before: datetime) -> int:
    """Forget alerts that were over and not heard of since ``before``; returns how many."""
    return tx.execute(_PRUNE, before=before)


def put_silence(tx: Tx, silence: Silence) -> None:
    """Write a silence, new or changed."""
    times = {"starts_at": silence.starts_at, "ends_at": silence.ends_at, "updated_at": silence.updated_at}
    tx.execute(_PUT_SILENCE, id=silence.id, body=_json(silence), **times)


def get_silence(tx: Tx, silence_id: str) -> Silence | None:
    """The silence with this id, expired or not."""
    row = tx.one(_GET_SILENCE, id=silence_id)
    return decode(Silence, row["body"]) if row else None


def silences(tx: Tx, *, ending_after: datetime | None = None) -> list[Silence]:
    """Silences by their start; with ``ending_after`` only those that are not over by then."""
    ending = -EVERYTHING if ending_after is None else to_micros(ending_after)
    return [decode(Silence, row["body"]) for row in tx.all(_SILENCES, ending=ending)]


def expire_silence(tx: Tx, silence_id: str, now: datetime) -> bool:
    """End a silence now; one that had not begun never does. False where there is none or it is over."""
    row = tx.one(_GET_SILENCE_LOCKED, id=silence_id)
    silence = decode(Silence, row["body"]) if row else None
    if silence is None or silence.state(now) == "expired":
        return False
    put_silence(tx, replace(silence, starts_at=min(silence.starts_at, now), ends_at=now, updated_at=now))
    return True
