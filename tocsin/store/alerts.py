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
  (fingerprint, name, status, labels, annotations, starts_at, ends_at, updated_at, source, url, incident, known_as)
values
  (:fingerprint, :name, :status, :labels, :annotations, :starts_at, :ends_at, :updated_at, :source, :url, :incident,
   :known_as)
on conflict (fingerprint) do update set
  name = excluded.name, status = excluded.status, labels = excluded.labels, annotations = excluded.annotations,
  starts_at = excluded.starts_at, ends_at = excluded.ends_at, updated_at = excluded.updated_at,
  source = excluded.source, url = excluded.url, incident = excluded.incident
"""
_GET = "select * from alerts where fingerprint = :fingerprint"
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
        "known_as": alert.key,
    }  # fmt: skip


def _json(texts: object) -> str:
    try:
        return encode_text(texts)
    except UnicodeEncodeError:
        raise Invalid("A label or an annotation holds half of a surrogate pair.", "Send UTF-8.") from None


def _alert(row: Row) -> Alert:
    return Alert(
        source=row["source"], labels=decode(dict[str, str], row["labels"]),
        annotations=decode(dict[str, str], row["annotations"]), status=row["status"], starts_at=row.time("starts_at"),
        ends_at=row.time_or_none("ends_at"), updated_at=row.time("updated_at"), url=row["url"],
        incident=row["incident"], key=row["known_as"],
    )  # fmt: skip


def get(tx: Tx, fingerprint: str, *, lock: bool = False) -> Alert | None:
    """The alert with this identity. ``lock``: nobody else changes it until this transaction ends."""
    row = tx.one(_GET_LOCKED if lock else _GET, fingerprint=fingerprint)
    return _alert(row) if row else None


def listing(
    tx: Tx, *, firing_at: datetime | None = None, incident: str | None = None, since: datetime | None = None,
    limit: int = EVERYTHING,
) -> list[Alert]:  # fmt: skip
    """Alerts by their start: those that fire at a moment, those of an incident, or all heard of ``since``."""
    if incident is not None:
        found = [_alert(row) for row in tx.all(_OF_INCIDENT, incident=incident, limit=limit)]
        return found if firing_at is None else [alert for alert in found if alert.firing_at(firing_at)]
    if firing_at is not None:
        return [_alert(row) for row in tx.all(_FIRING, now=firing_at, limit=limit)]
    return [_alert(row) for row in tx.all(_ALL, since=0 if since is None else since, limit=limit)]


def count_firing(tx: Tx, now: datetime) -> int:
    """How many alerts fire now."""
    row = tx.one(_COUNT_FIRING, now=now)
    return int(row["amount"]) if row else 0


def overdue(tx: Tx, now: datetime, limit: int = EVERYTHING) -> list[Alert]:
    """Alerts that were told firing until a moment that has passed, the longest silent first."""
    return [_alert(row) for row in tx.all(_OVERDUE, now=now, limit=limit)]


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
