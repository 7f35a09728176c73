"""The dead man's switch: a word that leaves while all is well, and an ear for the alert that must keep arriving."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

from tocsin.app import App
from tocsin.engine.loops import log
from tocsin.engine.pace import Pace
from tocsin.service import deadman

EXPECT_EVERY = timedelta(seconds=5)


class DeadMan:
    """Looks at its clock once a second; ``problems`` are the engine's own."""

    def __init__(self, app: App, problems: Callable[[], Sequence[str]]) -> None:
        self._app, self._problems = app, problems
        self._began = app.clock.now()
        self._leave, self._expect = Pace(app.settings.deadman.every), Pace(EXPECT_EVERY)
        self._why = ""

    def turn(self) -> bool:
        """One look; there is never more to do at once."""
        terms, now = self._app.settings.deadman, self._app.clock.now()
        if terms.expect and self._expect.taken(now):
            deadman.expect(self._app, self._began)
        if terms.url and self._leave.taken(now):
            why = deadman.leave(self._app, deadman.problems_of(self._app, self._problems()))
            if why and why != self._why:  # once, not every minute
                log.warning("The watcher outside was not told that all is well: %s", why)
            self._why = why
        return False
