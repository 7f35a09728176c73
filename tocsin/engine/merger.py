"""Working off what was accepted, in turns so short that nobody who writes or sends waits long for one."""

from __future__ import annotations

import threading
from datetime import timedelta

from tocsin.app import App
from tocsin.service import ingest

SECOND = timedelta(seconds=1)
MESSAGES = 40
"""Messages of the table that are merged in one turn at most."""
FEWEST, MOST = 25, 4_000
"""Words about alerts that are merged in one turn: as many as fit into its time."""
FEWEST_BESIDE = 400
"""On PostgreSQL a turn keeps nobody else from writing, and costs many round trips whatever it merges."""
AIM = 0.03
"""Seconds that a turn should take."""
FLOOD = 1_800_000
"""Bytes a second that come in; beyond it, taking them goes before working them off, and turns are paused between."""
SHARE = 0.1
"""Of the time that is worked off in a flood."""
LONGEST_PAUSE = 0.4
OVER = 0.5
"""Seconds over which what comes in is measured."""


class Merger:
    """Merges what waits; one thread turns it."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._fewest = FEWEST if app.db.dialect == "sqlite" else FEWEST_BESIDE
        self._words = max(200, self._fewest)
        self._seen, self._seen_at = 0, app.clock.now()
        self._rate = 0.0
        self._stopped = threading.Event()

    def turn(self) -> bool:
        """One transaction of work; whether there may be more."""
        began = self._app.clock.now()
        merged = ingest.merge_waiting(self._app, MESSAGES, self._words)
        took = max((self._app.clock.now() - began) / SECOND, 0.0)
        if merged and took > 1.5 * AIM:
            self._words = max(self._fewest, self._words // 2)
        elif merged and took < AIM / 2:
            self._words = min(MOST, self._words * 3 // 2)
        if merged and self._floods():
            self._stopped.wait(min(took * (1 / SHARE - 1), LONGEST_PAUSE))
        return merged > 0

    def stop(self) -> None:
        """No more pauses."""
        self._stopped.set()

    def _floods(self) -> bool:
        """Whether much came in during the last half second or so."""
        inbox, now = self._app.inbox, self._app.clock.now()
        if inbox is None:
            return False
        came, since = inbox.stored_bytes - self._seen, max((now - self._seen_at) / SECOND, 1e-4)
        self._seen, self._seen_at = inbox.stored_bytes, now
        weight = min(since / OVER, 1.0)
        self._rate += (came / since - self._rate) * weight
        return self._rate > FLOOD
