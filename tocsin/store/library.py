"""What is read and written at length: runbooks as they were when pinned, post-mortems, action items."""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from tocsin.core.runbook import Runbook
from tocsin.errors import Conflict, Invalid
from tocsin.store.db import Row, Tx
from tocsin.wire import decode, encode_text

_PIN = """
insert into runbooks (digest, source, title, raw_base64, model, read_at)
values (:digest, :source, :title, :raw, :model, :now) on conflict do nothing
"""
_MODEL = "select model from runbooks where digest = :digest"
_RAW = "select raw_base64 from runbooks where digest = :digest"
_NEWEST = "select digest from runbooks where source = :source order by read_at desc limit 1"
_PINNED = "select digest, source, title, read_at from runbooks order by read_at desc, digest limit :limit"
_FIRST_REVIEW = """
insert into reviews (incident, text, status, version, updated_at, updated_by)
values (:incident, :text, :status, 1, :now, :by) on conflict do nothing
"""
_NEXT_REVIEW = """
update reviews set text = :text, status = :status, version = version + 1, updated_at = :now, updated_by = :by
where incident = :incident and version = :expected
"""
_KEEP_REVIEW = """
insert into review_versions (incident, version, text, updated_at, updated_by)
values (:incident, :version, :text, :now, :by) on conflict do nothing
"""
_REVIEW_VERSION = "select * from review_versions where incident = :incident and version = :version"
_REVIEW = "select * from reviews where incident = :incident"
_PUT_ACTION = """
insert into actions (id, incident, text, owner, due_at, state, line, created_at)
values (:id, :incident, :text, :owner, :due_at, :state, :line, :created_at)
on conflict (id) do update set
  text = excluded.text, owner = excluded.owner, due_at = excluded.due_at, state = excluded.state, line = excluded.line
"""
_ACTION_DONE = "update actions set state = 'done' where id = :id and state = 'open'"
_ACTION = "select * from actions where id = :id"
_ACTIONS = """
select * from actions where (:incident = '' or incident = :incident) and (:state = '' or state = :state)
order by created_at, id
"""
_OVERDUE = "select * from actions where state = 'open' and due_at <= :now order by due_at, id"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pinned:
    """A version of a runbook that is kept."""

    digest: str
    source: str
    title: str
    read_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewText:
    """A post-mortem as it stands. ``version`` rises with every change."""

    incident: str
    text: str
    status: str
    version: int
    updated_at: datetime
    updated_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """Something to be done so that it does not happen again. ``line`` is where the document asks for it."""

    id: str
    incident: str
    text: str
    owner: str = ""
    due_at: datetime | None = None
    state: Literal["open", "done", "dropped"] = "open"
    line: int = 0
    created_at: datetime


def pin(tx: Tx, runbook: Runbook, raw: bytes, now: datetime) -> bool:
    """Keep this version of a runbook for ever, bytes and model; False where it is kept already."""
    try:
        model = encode_text(runbook)
    except UnicodeEncodeError:
        raise Invalid(f"{runbook.source} was read into half of a surrogate pair.", "Save it as UTF-8.") from None
    added = tx.execute(
        _PIN, digest=runbook.digest, source=runbook.source, title=runbook.title.replace("\0", "\ufffd"),
        raw=b64encode(raw).decode(), model=model, now=now,
    )  # fmt: skip
    return added == 1


def load(tx: Tx, digest: str) -> Runbook | None:
    """The model of a pinned version."""
    row = tx.one(_MODEL, digest=digest)
    return decode(Runbook, row["model"]) if row else None


def raw(tx: Tx, digest: str) -> bytes | None:
    """The bytes of a pinned version."""
    row = tx.one(_RAW, digest=digest)
    return b64decode(row["raw_base64"]) if row else None


def newest(tx: Tx, source: str) -> str | None:
    """The digest under which a source was pinned last."""
    row = tx.one(_NEWEST, source=source)
    return str(row["digest"]) if row else None


def pinned(tx: Tx, limit: int = 100) -> list[Pinned]:
    """The versions that are kept, the newest first."""
    return [
        Pinned(digest=row["digest"], source=row["source"], title=row["title"], read_at=row.time("read_at"))
        for row in tx.all(_PINNED, limit=limit)
    ]


def write_review(tx: Tx, review: ReviewText) -> None:
    """Write version ``review.version`` of a post-mortem; the one before it must be the version that is stored.

    Raises `Conflict` where somebody has written in the meantime.
    """
    written = tx.execute(
        _FIRST_REVIEW if review.version == 1 else _NEXT_REVIEW, incident=review.incident, text=review.text,
        status=review.status, expected=review.version - 1, now=review.updated_at, by=review.updated_by,
    )  # fmt: skip
    if not written:
        raise Conflict(f"Somebody else has changed the review of {review.incident}.", "Reload it, merge your text.")
    tx.execute(
        _KEEP_REVIEW, incident=review.incident, version=review.version, text=review.text, now=review.updated_at,
        by=review.updated_by,
    )  # fmt: skip


def review(tx: Tx, incident_id: str) -> ReviewText | None:
    """The post-mortem of an incident."""
    row = tx.one(_REVIEW, incident=incident_id)
    if row is None:
        return None
    return ReviewText(
        incident=row["incident"], text=row["text"], status=row["status"], version=row["version"],
        updated_at=row.time("updated_at"), updated_by=row["updated_by"],
    )  # fmt: skip


def review_version(tx: Tx, incident_id: str, version: int) -> ReviewText | None:
    """A version of a post-mortem, as it was written."""
    row = tx.one(_REVIEW_VERSION, incident=incident_id, version=version)
    if row is None:
        return None
    return ReviewText(
        incident=row["incident"], text=row["text"], status="", version=row["version"],
        updated_at=row.time("updated_at"), updated_by=row["updated_by"],
    )  # fmt: skip


def put_action(tx: Tx, action: Action) -> None:
    """Write an action item, new or changed."""
    tx.execute(
        _PUT_ACTION, id=action.id, incident=action.incident, text=action.text, owner=action.owner, due_at=action.due_at,
        state=action.state, line=action.line, created_at=action.created_at,
    )  # fmt: skip


def action(tx: Tx, action_id: str) -> Action | None:
    """The action item with this id."""
    row = tx.one(_ACTION, id=action_id)
    return _action(row) if row else None


def finish_action(tx: Tx, action_id: str) -> bool:
    """open → done; False where it was not open."""
    return tx.execute(_ACTION_DONE, id=action_id) == 1


def actions(tx: Tx, *, incident: str = "", state: str = "") -> list[Action]:
    """Action items by their age; of one incident, in one state, or all."""
    return [_action(row) for row in tx.all(_ACTIONS, incident=incident, state=state)]


def overdue_actions(tx: Tx, now: datetime) -> list[Action]:
    """Open action items whose day has passed, the most overdue first."""
    return [_action(row) for row in tx.all(_OVERDUE, now=now)]


def _action(row: Row) -> Action:
    return Action(
        id=row["id"], incident=row["incident"], text=row["text"], owner=row["owner"], due_at=row.time_or_none("due_at"),
        state=row["state"], line=row["line"], created_at=row.time("created_at"),
    )  # fmt: skip
