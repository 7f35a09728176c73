"""The signals that are queries over samples kept here: one thread for all of the same interval.

A thread and three transactions for each of two thousand signals would cost more than the queries themselves.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from tocsin.app import App
from tocsin.core.runbook import Runbook
from tocsin.engine.followers import Followers
from tocsin.engine.loops import complain
from tocsin.probes.promql import Promql
from tocsin.service import watch
from tocsin.service.queries import Held
from tocsin.service.thresholds import Watched, by_signal
from tocsin.settings import Signal

FORGET_EVERY = 240


class Measurer(Followers):
    """Evaluates queries until stopped."""

    def __init__(self, app: App) -> None:
        self._app = app
        spans = {signal.every for signal in app.settings.signals if isinstance(signal.probe, Promql)}
        super().__init__({f"queries-{every}": partial(self._follow, every) for every in spans})

    def _follow(self, every: timedelta) -> None:
        turns, round_ = 0, Round(self._app, every)
        while not self.stopping:
            begun = self._app.clock.now()
            try:
                round_.turn()
                if turns % FORGET_EVERY == 0:
                    watch.forget(self._app)
            except Exception as error:  # noqa: BLE001 -- a bad turn must not end the watch
                complain("queries", error)
            turns += 1
            took = max(timedelta(0), self._app.clock.now() - begun)
            self.rest(every - took)


class Round:
    """All queries of one interval, evaluated together over the same samples."""

    def __init__(self, app: App, every: timedelta) -> None:
        self._app = app
        self._queries: list[tuple[Signal, Promql]] = [
            (signal, signal.probe)
            for signal in app.settings.signals
            if isinstance(signal.probe, Promql) and signal.every == every
        ]
        self._held = Held(app, [probe for _, probe in self._queries])
        self._books: tuple[Runbook, ...] = ()
        self._thresholds: dict[str, list[Watched]] = {}

    def turn(self) -> None:
        """Take in the newest samples, evaluate every query, and do all that the readings call for."""
        if self._books is not self._app.books:
            self._books, self._thresholds = self._app.books, by_signal(self._app)
        self._held.refresh()
        heard = [
            (signal, watch.reading_of(self._app, signal, partial(self._held.read, probe)))
            for signal, probe in self._queries
        ]
        watch.keep(self._app, heard)
        watch.heed_all(self._app, heard, self._thresholds)
