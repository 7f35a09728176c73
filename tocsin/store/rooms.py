"""The incidents' channels in chats: how far each was told, what is shown there, and what came in from a chat already.

A room is a place in its incident's timeline and not a queue of posts: whatever lies behind that place is told next, in
its order, so an outage of the chat loses nothing, repeats nothing and is caught up in one message.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from tocsin.store.db import Row, Tx

_MARK = """
insert into rooms (chat, incident, wanted) values (:chat, :incident, 1)
on conflict (chat, incident) do update set wanted = rooms.wanted + 1
"""
_CLAIM = """
with mine (one) as materialized (
  select incident from rooms
  where chat = :chat and wanted > told and free_at <= :now and (lease_until is null or lease_until <= :now)
  order by free_at, incident limit 1 for update skip locked
)
update rooms set lease_until = :until from mine where rooms.chat = :chat and rooms.incident = mine.one returning *
"""
_GET = "select * from rooms where chat = :chat and incident = :incident"
_OF_CHANNEL = "select * from rooms where chat = :chat and channel = :channel"
_OPENED = """
update rooms set channel = :channel, name = :name, private = :private, topic = '', invited = '', posted = :posted,
  sending = 0 where chat = :chat and incident = :incident
"""
_SENDING = "update rooms set sending = :seq where chat = :chat and incident = :incident"
_POSTED = "update rooms set posted = :seq, sending = 0 where chat = :chat and incident = :incident"
_TOPIC = "update rooms set topic = :topic where chat = :chat and incident = :incident"
_INVITED = "update rooms set invited = :invited where chat = :chat and incident = :incident"
_DONE = """
update rooms set lease_until = null, attempts = 0, error = '', told = :told, free_at = :free_at
where chat = :chat and incident = :incident
"""
_FAILED = """
update rooms set lease_until = null, attempts = attempts + 1, error = :error, free_at = :free_at, told = :told
where chat = :chat and incident = :incident
"""
_NEXT = """
select min(free_at) as next from rooms
where chat = :chat and wanted > told and (lease_until is null or lease_until <= :now)
"""
_OPEN = "select * from rooms where chat = :chat and channel <> '' order by incident"
_OF_INCIDENT = "select * from rooms where incident = :incident and (channel <> '' or error <> '') order by chat"
_ILL = "select * from rooms where error <> '' order by chat, incident limit :limit"
_POSTS = "select key, message, shown from room_posts where chat = :chat and incident = :incident"
_SHOW = """
insert into room_posts (chat, incident, key, message, shown) values (:chat, :incident, :key, :message, :shown)
on conflict (chat, incident, key) do update set message = excluded.message, shown = excluded.shown
"""
_FORGET_POSTS = "delete from room_posts where chat = :chat and incident = :incident"
_HEARD = "insert into chat_heard (id, at) values (:id, :now) on conflict do nothing"
_UNHEARD = "delete from chat_heard where id = :id"
_PRUNE = "delete from chat_heard where at < :before"


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A channel of an incident; ``channel`` empty: it is not open yet. ``posted``: so far its timeline was told."""

    chat: str
    incident: str
    channel: str = ""
    name: str = ""
    private: bool = False
    topic: str = ""
    invited: tuple[str, ...] = ()
    posted: int = 0
    sending: int = 0
    wanted: int = 0
    attempts: int = 0
    error: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A message that is kept current: the chat's name of it, and a digest of what it says."""

    message: str
    shown: str


def mark(tx: Tx, chat: str, incident: str) -> None:
    """There is something to tell; a room that waits after a fault, or for its turn, goes on waiting."""
    tx.execute(_MARK, chat=chat, incident=incident)


def claim(tx: Tx, chat: str, now: datetime, lease: timedelta) -> Room | None:
    """The room that waits longest; until the lease ends nobody else is given it."""
    rows = tx.all(_CLAIM, chat=chat, now=now, until=now + lease)
    return _room(rows[0]) if rows else None


def get(tx: Tx, chat: str, incident: str) -> Room | None:
    """The room of an incident."""
    row = tx.one(_GET, chat=chat, incident=incident)
    return _room(row) if row else None


def of_channel(tx: Tx, chat: str, channel: str) -> Room | None:
    """The room that a channel is."""
    row = tx.one(_OF_CHANNEL, chat=chat, channel=channel) if channel else None
    return _room(row) if row else None


def opened(tx: Tx, room: Room, channel: str, name: str, *, private: bool, posted: int) -> None:
    """It is open now; its timeline counts as told up to ``posted``."""
    where = {"chat": room.chat, "incident": room.incident}
    tx.execute(_FORGET_POSTS, **where)
    tx.execute(_OPENED, channel=channel, name=name, private=private, posted=posted, **where)


def sending(tx: Tx, room: Room, seq: int) -> None:
    """The post that tells the timeline up to ``seq`` is about to leave; 0: it certainly did not."""
    tx.execute(_SENDING, chat=room.chat, incident=room.incident, seq=seq)


def posted(tx: Tx, room: Room, seq: int) -> None:
    """The timeline was told up to ``seq``."""
    tx.execute(_POSTED, chat=room.chat, incident=room.incident, seq=seq)


def topic(tx: Tx, room: Room, text: str) -> None:
    """The channel's topic is this."""
    tx.execute(_TOPIC, chat=room.chat, incident=room.incident, topic=text)


def invited(tx: Tx, room: Room, accounts: tuple[str, ...]) -> None:
    """These were invited."""
    tx.execute(_INVITED, chat=room.chat, incident=room.incident, invited="\n".join(accounts))


def done(tx: Tx, room: Room, free_at: datetime, *, more: bool = False) -> None:
    """All was told that there was when it was claimed, or there is ``more``; the next post not before ``free_at``."""
    told = room.wanted - 1 if more else room.wanted
    tx.execute(_DONE, chat=room.chat, incident=room.incident, told=told, free_at=free_at)


def failed(tx: Tx, room: Room, error: str, free_at: datetime, *, again: bool = True) -> None:
    """The chat did not take it; tried again at ``free_at``, or with the next news only."""
    told = room.wanted - 1 if again else room.wanted
    tx.execute(_FAILED, chat=room.chat, incident=room.incident, error=error, free_at=free_at, told=told)


def next_due(tx: Tx, chat: str, now: datetime) -> datetime | None:
    """When the next room has something to tell."""
    row = tx.one(_NEXT, chat=chat, now=now)
    return row.time_or_none("next") if row else None


def open_ones(tx: Tx, chat: str) -> list[Room]:
    """Every room that is open."""
    return [_room(row) for row in tx.all(_OPEN, chat=chat)]


def of_incident(tx: Tx, incident: str) -> list[Room]:
    """An incident's rooms that are open, or could not be opened."""
    return [_room(row) for row in tx.all(_OF_INCIDENT, incident=incident)]


def ill(tx: Tx, limit: int = 100) -> list[Room]:
    """Rooms that could not be told the last time."""
    return [_room(row) for row in tx.all(_ILL, limit=limit)]


def posts(tx: Tx, room: Room) -> dict[str, Shown]:
    """The messages that are kept current, by their keys."""
    rows = tx.all(_POSTS, chat=room.chat, incident=room.incident)
    return {row["key"]: Shown(row["message"], row["shown"]) for row in rows}


def show(tx: Tx, room: Room, key: str, shown: Shown) -> None:
    """A message says this now."""
    tx.execute(
        _SHOW, chat=room.chat, incident=room.incident, key=key, message=shown.message, shown=shown.shown
    )  # fmt: skip


def heard(tx: Tx, what: str, now: datetime) -> bool:
    """Whether this came in for the first time."""
    return tx.execute(_HEARD, id=what, now=now) == 1


def unheard(tx: Tx, what: str) -> None:
    """It could not be dealt with, so it may come again."""
    tx.execute(_UNHEARD, id=what)


def prune(tx: Tx, before: datetime) -> int:
    """Forget what came in before then."""
    return tx.execute(_PRUNE, before=before)


def _room(row: Row) -> Room:
    return Room(
        chat=row["chat"], incident=row["incident"], channel=row["channel"], name=row["name"],
        private=bool(row["private"]), topic=row["topic"], invited=tuple(filter(None, row["invited"].split("\n"))),
        posted=row["posted"], sending=row["sending"], wanted=row["wanted"],
        attempts=row["attempts"], error=row["error"],
    )  # fmt: skip
