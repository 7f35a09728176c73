"""Figures follow incidents, and reports are sent at their time: a loop that is in nobody's way."""

from __future__ import annotations

from datetime import datetime, timedelta

from tocsin.app import App
from tocsin.service import figuring, reporting

ROLL_EVERY = timedelta(seconds=15)
LOOK_EVERY = timedelta(seconds=5)


class Reporter:
    """Looks every few seconds what changed, and whether a report is due."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._rolled_at: datetime | None = None
        self._looked_at: datetime | None = None

    def turn(self) -> bool:
        """One look; whether there may be more to do at once."""
        now, more = self._app.clock.now(), False
        if _due(self._rolled_at, ROLL_EVERY, now):
            more = figuring.keep(self._app)
            self._rolled_at = None if more else now
        if self._app.settings.reports.plans and _due(self._looked_at, LOOK_EVERY, now):
            self._looked_at = now
            reporting.send_due(self._app)
        return more


def _due(last: datetime | None, every: timedelta, now: datetime) -> bool:
    return last is None or not timedelta(0) <= now - last < every
