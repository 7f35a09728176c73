"""Figures follow incidents, and reports are sent at their time: a loop that is in nobody's way."""

from __future__ import annotations

from datetime import timedelta

from tocsin.app import App
from tocsin.engine.pace import Pace
from tocsin.service import figuring, reporting

ROLL_EVERY = timedelta(seconds=15)
LOOK_EVERY = timedelta(seconds=5)


class Reporter:
    """Looks every few seconds what changed, and whether a report is due."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._roll, self._look = Pace(ROLL_EVERY), Pace(LOOK_EVERY)

    def turn(self) -> bool:
        """One look; whether there may be more to do at once."""
        now, more = self._app.clock.now(), False
        if self._roll.due(now):
            more = figuring.keep(self._app)
            if not more:
                self._roll.done(now)
        if self._app.settings.reports.plans and self._look.taken(now):
            reporting.send_due(self._app)
        return more
