"""When more comes in than is worked off: senders are told to come back, instead of a queue without end."""

from __future__ import annotations

from datetime import datetime, timedelta

from starlette.requests import Request

from tocsin.app import App
from tocsin.errors import Unavailable
from tocsin.store import intake
from tocsin.web.auth import app_of

MOST_WAITING = 50_000
"""Accepted messages that are not merged yet; beyond it no more are accepted."""
MOST_BYTES = 256 * 1024 * 1024
"""Bytes of the intake's log that are not merged yet; half a minute to two of work, and room on the disk."""
LOOK_EVERY = timedelta(seconds=1)
RETRY_AFTER = 10


class Waterline:
    """How many messages wait: in the table looked at once a second, because everything that comes in asks."""

    def __init__(self, most: int = MOST_WAITING) -> None:
        self.most = most
        self._looked_at: datetime | None = None
        self._waiting = 0

    def check(self, app: App) -> None:
        """Raise `Unavailable` where too many messages wait."""
        inbox, now = app.inbox, app.clock.now()
        if inbox is not None and inbox.waiting_bytes > MOST_BYTES:
            said = f"{inbox.waiting:,} messages wait to be worked off, so no more are taken now."
            raise Unavailable(said, f"Send it again in {RETRY_AFTER} s.", retry_after=RETRY_AFTER)
        if self._looked_at is None or not timedelta(0) <= now - self._looked_at < LOOK_EVERY:
            self._waiting, self._looked_at = app.db.read(intake.backlog)[0], now
        if self._waiting >= self.most:
            said = f"{self._waiting:,} messages wait to be worked off, so no more are taken now."
            raise Unavailable(said, f"Send it again in {RETRY_AFTER} s.", retry_after=RETRY_AFTER)


def refuse_flood(request: Request) -> None:
    """Raise `Unavailable` (503 with Retry-After) where too many messages wait already."""
    line: Waterline = request.app.state.waterline
    line.check(app_of(request))
