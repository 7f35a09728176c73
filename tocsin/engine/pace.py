"""What a loop does less often than it turns."""

from __future__ import annotations

from datetime import datetime, timedelta


class Pace:
    """Something that is done once in ``every``: at once, or first a span after ``begun``."""

    def __init__(self, every: timedelta, begun: datetime | None = None) -> None:
        self._every, self._at = every, begun

    def due(self, now: datetime) -> bool:
        """Whether its time has come; also where the clock was set back, which must not put it off by hours."""
        return self._at is None or not timedelta(0) <= now - self._at < self._every

    def done(self, now: datetime) -> None:
        """It was done now: the span begins anew."""
        self._at = now

    def taken(self, now: datetime) -> bool:
        """Whether its time has come, and if so the span begins anew."""
        if due := self.due(now):
            self.done(now)
        return due
