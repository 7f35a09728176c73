"""Figures follow incidents, and reports are sent at their time: a loop that is in nobody's way."""

from __future__ import annotations

from datetime import timedelta

from tocsin.app import App
from tocsin.engine.pace import Pace
from tocsin.service import figuring, reporting

ROLL_EVERY = timedelta(seconds=15)
LOOK_EVERY = timedelta(seconds=5)
IN_A_TURN = 150
MOST_LISTED = 5000
"""So many are looked up at once: the search reads every incident."""


class Reporter:
    """Looks every few seconds what changed, and whether a report is due.

    After an upgrade every incident may be rolled up anew: that takes a part of a processor for some minutes, not all of
    it, since people are paged meanwhile.
    """

    def __init__(self, app: App) -> None:
        self._app = app
        self._roll, self._look = Pace(ROLL_EVERY), Pace(LOOK_EVERY)
        self._behind: list[figuring.Behind] = []

    def turn(self) -> bool:
        """One look; there is never more to do at once."""
        now = self._app.clock.now()
        if not self._behind and self._roll.taken(now):
            self._behind = figuring.behind(self._app, MOST_LISTED)
        if self._behind:
            some, rest = self._behind[:IN_A_TURN], self._behind[IN_A_TURN:]
            self._behind = figuring.roll_up(self._app, some) + rest
        if self._app.settings.reports.plans and self._look.taken(now):
            reporting.send_due(self._app)
        return False
