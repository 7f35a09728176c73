"""The status page's own clock: components follow their thresholds, maintenance is announced, subscribers are told."""

from __future__ import annotations

from datetime import timedelta

from tocsin.app import App
from tocsin.engine.pace import Pace
from tocsin.service.statuspage import sending, showing, subscribing, telling

LOOK_EVERY = timedelta(seconds=2)
TIDY_EVERY = timedelta(hours=1)


class Herald:
    """Turns in a loop of its own, apart from what pages people."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._told: set[tuple[str, str]] = set()
        self._look, self._tidy = Pace(LOOK_EVERY), Pace(TIDY_EVERY)

    def turn(self) -> bool:
        """One look, and a handful of messages; whether there are more."""
        if self._app.settings.status is None:
            return False
        now = self._app.clock.now()
        if self._look.taken(now):
            showing.look(self._app)
            telling.tell_by_clock(self._app, self._told)
        if self._tidy.taken(now):
            subscribing.tidy(self._app)
        return sending.send_due(self._app)
