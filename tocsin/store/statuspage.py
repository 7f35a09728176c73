"""What the status page says: reports with their updates, since when components are known, what thresholds did."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime

from tocsin import wire
from tocsin.core.statuspage.model import Affected, Post, Report, Span, State
from tocsin.store.db import EVERYTHING, Row, Tx

_PUT = """
insert into status_reports (id, kind, incident, title, begun_at, ends_at, ended_at, offline, remind_seconds, created_at,
  updated_at)
values (:id, :kind, :incident, :title, :begun_at, :ends_at, :ended_at, :offline, :remind_seconds, :created_at, :now)
on conflict (id) do update set title = excluded.title, begun_at = excluded.begun_at, ends_at = excluded.ends_at,
  ended_at = excluded.ended_at, updated_at = excluded.updated_at
"""
_POST = """
insert into status_updates (report, seq, at, stage, text, components, entry, written_by)
values (:report, :seq, :at, :stage, :text, :components, :entry, :written_by)
"""
_NEXT = "select coalesce(max(seq), 0) as seq from status_updates where report = :report"
_FIND = "select * from status_reports where id = :id and retracted_at is null"
_OF_INCIDENT = "select * from status_reports where incident = :incident and retracted_at is null"
_SINCE = """
select * from status_reports
where retracted_at is null
  and (updated_at >= :since or begun_at >= :since or ended_at >= :since or (ended_at is null and ends_at >= :since))
order by begun_at desc, id limit :limit
"""
_OPEN_OLD = """
select r.* from status_reports r where retracted_at is null and kind = 'incident' and updated_at < :since
  and not exists (select 1 from status_updates u where u.report = r.id and u.retracted_at is null
    and u.stage = 'resolved'
    and u.seq = (select max(seq) from status_updates v where v.report = r.id and v.retracted_at is null))
order by begun_at desc limit 100
"""
_POSTS = "select * from status_updates where report = :report and retracted_at is null order by seq"
_RETRACT_POST = """
update status_updates set retracted_at = :now where report = :report and entry = :entry and retracted_at is null
"""
_RETRACT = "update status_reports set retracted_at = :now, updated_at = :now where id = :report"
_TOUCH = "update status_reports set updated_at = :now where id = :report"
_KNOW = "insert into status_components (id, known_at) values (:id, :now) on conflict (id) do nothing"
_KNOWN = "select id, known_at from status_components"
_FOLLOW = "insert into status_followed (component, began_at, state) values (:component, :now, :state)"
_UNFOLLOW = "update status_followed set ended_at = :now where component = :component and ended_at is null"
_FOLLOWED = "select * from status_followed where ended_at is null or ended_at >= :since order by began_at"
_KEY = "select value from status_secrets where name = :name"
_MAKE_KEY = "insert into status_secrets (name, value) values (:name, :value) on conflict (name) do nothing"
_CROSSED = """
select labels from alerts where source = :source and status = 'firing' and (ends_at is null or ends_at > :now)
"""


def put(tx: Tx, report: Report, now: datetime) -> None:
    """Keep a report as it is now, without its posts."""
    tx.execute(
        _PUT, id=report.id, kind=report.kind, incident=report.incident, title=report.title, begun_at=report.begun_at,
        ends_at=report.ends_at, ended_at=report.ended_at, offline=report.offline,
        remind_seconds=report.remind_seconds, created_at=report.created_at, now=now,
    )  # fmt: skip


def add_post(tx: Tx, report: str, post: Post, *, entry: int = 0, by: str = "") -> None:
    """Add an update to a report."""
    tx.execute(
        _POST, report=report, seq=post.seq, at=post.at, stage=post.stage, text=post.text,
        components=wire.encode_text(post.components), entry=entry, written_by=by,
    )  # fmt: skip


def next_seq(tx: Tx, report: str) -> int:
    """The number of the next update of a report."""
    row = tx.one(_NEXT, report=report)
    return int(row["seq"]) + 1 if row else 1


def find(tx: Tx, report: str) -> Report | None:
    """A report by its id, unless it was taken back."""
    row = tx.one(_FIND, id=report)
    return _report(tx, row) if row else None


def of_incident(tx: Tx, incident: str) -> Report | None:
    """What the public knows of an incident."""
    row = tx.one(_OF_INCIDENT, incident=incident)
    return _report(tx, row) if row else None


def reports(tx: Tx, since: datetime, limit: int = EVERYTHING) -> tuple[Report, ...]:
    """Reports that were of any concern since then, the newest first, and all incidents that are still open."""
    rows = [*tx.all(_SINCE, since=since, limit=limit), *tx.all(_OPEN_OLD, since=since)]
    by_id = {row["id"]: row for row in rows}
    return tuple(_report(tx, row) for row in by_id.values())


def retract(tx: Tx, report: str, entry: int, now: datetime) -> bool:
    """Take back one entry's update, or with 0 all of a report; whether there was such a thing."""
    if entry and tx.execute(_RETRACT_POST, report=report, entry=entry, now=now) == 0:
        return False
    left = tx.all(_POSTS, report=report)
    tx.execute(_TOUCH if entry and left else _RETRACT, report=report, now=now)
    return True


def know(tx: Tx, components: Sequence[str], now: datetime) -> Mapping[str, datetime]:
    """Since when each component is known; those that are new, from now on."""
    for each in components:
        tx.execute(_KNOW, id=each, now=now)
    return known(tx)


def known(tx: Tx) -> Mapping[str, datetime]:
    """Since when each component is known."""
    return {row["id"]: row.time("known_at") for row in tx.all(_KNOWN)}


def follow(tx: Tx, component: str, state: State, now: datetime) -> None:
    """A component is in this state by its thresholds from now on; operational ends it."""
    tx.execute(_UNFOLLOW, component=component, now=now)
    if state != "operational":
        tx.execute(_FOLLOW, component=component, state=state, now=now)


def followed(tx: Tx, since: datetime, now: datetime) -> tuple[Mapping[str, tuple[Span, ...]], Mapping[str, State]]:
    """What thresholds did to components: spans until now, and those that last."""
    spans: dict[str, tuple[Span, ...]] = {}
    lasting: dict[str, State] = {}
    for row in tx.all(_FOLLOWED, since=since):
        state: State = row["state"]
        span = Span(row.time("began_at"), row.time_or_none("ended_at") or now, state)
        spans[row["component"]] = (*spans.get(row["component"], ()), span)
        if row["ended_at"] is None:
            lasting[row["component"]] = state
    return spans, lasting


def crossed(tx: Tx, source: str, now: datetime) -> list[Mapping[str, str]]:
    """The labels of thresholds that are crossed now; ``source`` is what Tocsin's own alerts come from."""
    return [wire.decode(dict[str, str], row["labels"]) for row in tx.all(_CROSSED, source=source, now=now)]


def secret(tx: Tx, name: str) -> str:
    """A secret of ours by its name; made at its first use."""
    tx.execute(_MAKE_KEY, name=name, value=secrets.token_urlsafe(32))
    row = tx.one(_KEY, name=name)
    return str(row["value"]) if row else ""


def _report(tx: Tx, row: Row) -> Report:
    posts = tuple(
        Post(
            seq=post["seq"], at=post.time("at"), stage=post["stage"], text=post["text"],
            components=wire.decode(dict[str, Affected], post["components"]),
        )
        for post in tx.all(_POSTS, report=row["id"])
    )  # fmt: skip
    return Report(
        id=row["id"], kind=row["kind"], incident=row["incident"], title=row["title"], begun_at=row.time("begun_at"),
        created_at=row.time("created_at"), ends_at=row.time_or_none("ends_at"), ended_at=row.time_or_none("ended_at"),
        offline=bool(row["offline"]), remind_seconds=row["remind_seconds"], posts=posts,
    )  # fmt: skip
