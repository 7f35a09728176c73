"""The signals that are queries over samples kept here: one thread for all of the same interval.

A thread and three transactions for each of two thousand signals would cost more than the queries themselves.
"""

from __future__ import annotations

import threading
from datetime import timedelta
from functools import partial

from tocsin.app import App
from tocsin.core.runbook import Runbook
from tocsin.engine.loops import complain
from tocsin.probes.promql import Promql
from tocsin.service import watch
from tocsin.service.queries import Held
from tocsin.service.thresholds import Watched, by_signal
from tocsin.settings import Signal

FORGET_EVERY = 240


class Measurer:
    """Evaluates queries until stopped."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._stopping = threading.Event()
        spans = dict.fromkeys(signal.every for signal in app.settings.signals if isinstance(signal.probe, Promql))
        self._threads = [
            threading.Thread(target=self._follow, args=(every,), name=f"tocsin-queries-{every}", daemon=True)
            for every in spans
        ]

    def start(self) -> None:
        """Begin to evaluate."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Ask every thread to end after its present turn."""
        self._stopping.set()

    def join(self, seconds: float) -> None:
        """Wait for their end, at most ``seconds`` for each."""
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(seconds)

    def _follow(self, every: timedelta) -> None:
        turns, round_ = 0, Round(self._app, every)
        while not self._stopping.is_set():
            begun = self._app.clock.now()
            try:
                round_.turn()
                if turns % FORGET_EVERY == 0:
                    watch.forget(self._app)
            except Exception as error:  # noqa: BLE001 -- a bad turn must not end the watch
                complain("queries", error)
            turns += 1
            took = max(timedelta(0), self._app.clock.now() - begun)
            self._stopping.wait(max(0.0, (every - took).total_seconds()))


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
