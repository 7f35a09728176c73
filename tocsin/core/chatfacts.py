"""What can be true of an incident in a chat."""

from __future__ import annotations

from tocsin.core.entries import fact


@fact
class RoomOpened:
    """The incident has a channel of its own. ``line``: where the document says what such a channel is called."""

    chat: str
    channel: str
    name: str
    line: int = 0
    private: bool = False
