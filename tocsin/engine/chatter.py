"""A chat of this node: its connection, kept, and its rooms, told one after the other."""

from __future__ import annotations

from datetime import datetime, timedelta

from tocsin.app import App
from tocsin.engine.loops import complain
from tocsin.errors import TocsinError
from tocsin.plug.chat import ChatSettings
from tocsin.service import rooming
from tocsin.service.chatting import listener

AGAIN = timedelta(seconds=30)


class Chatter:
    """Begins to listen at its first turn, and again where that fails; a chat that is down hinders nothing else."""

    def __init__(self, app: App, name: str, settings: ChatSettings) -> None:
        self._app, self._name, self._settings = app, name, settings
        self.chat = settings.connect(listener(app, name))
        self._listens = False
        self._tried_at: datetime | None = None

    @property
    def problem(self) -> str:
        """What is wrong with the chat now, as a sentence; empty where nothing is known to be."""
        return self.chat.problem

    def turn(self) -> bool:
        """Tell one room what is next; whether there was one."""
        self._listen()
        return rooming.turn(self._app, self._name, self._settings, self.chat)

    def stop(self) -> None:
        """Listen no more."""
        if self._listens:
            self.chat.stop()

    def _listen(self) -> None:
        now = self._app.clock.now()
        if self._listens or (self._tried_at is not None and now - self._tried_at < AGAIN):
            return
        self._tried_at = now
        try:
            self.chat.start()
            self._listens = True
        except TocsinError as error:
            complain(f"chat {self._name}", error)
