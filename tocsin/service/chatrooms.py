"""The channels of an incident as the page shows them: in which chat, where they are, and what is wrong with one."""

from __future__ import annotations

from dataclasses import dataclass

from tocsin.app import App
from tocsin.store import rooms

NAMES = {"slack": "Slack", "irc": "IRC"}


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomView:
    """A channel. ``url`` opens it in somebody's own client, empty where none can; ``trouble``: why it is not told."""

    where: str
    name: str
    url: str = ""
    private: bool = False
    trouble: str = ""


def rooms_of(app: App, ref: str) -> list[RoomView]:
    """The channels of an incident, as far as their chats are still set up."""
    found = app.db.read(lambda tx: rooms.of_incident(tx, ref))
    return [
        RoomView(
            where=NAMES.get(room.chat, room.chat), name=room.name, private=room.private, trouble=room.error,
            url=app.settings.chats[room.chat].link(room.channel, room.name) if room.channel else "",
        )
        for room in found
        if room.chat in app.settings.chats
    ]  # fmt: skip
