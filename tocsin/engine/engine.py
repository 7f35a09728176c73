"""The engine of one node: its loops, started and stopped together.

Any number of nodes may run over one PostgreSQL database; rows and constraints decide who does what, there is no leader.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from tocsin.app import App
from tocsin.engine.loops import Loop, complain
from tocsin.engine.measurer import Measurer
from tocsin.engine.runner import Runner
from tocsin.engine.scraper import Scraper
from tocsin.engine.watcher import Watcher
from tocsin.engine.worker import Worker
from tocsin.service import ingest
from tocsin.service.clocks import wake_due
from tocsin.service.pruning import prune

EXPIRE_EVERY = timedelta(seconds=1)
PRUNE_EVERY = timedelta(hours=1)
COMPLAIN_EVERY = timedelta(minutes=1)
BATCH = 20


class Engine:
    """All that Tocsin does without being asked."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._expired_at: datetime | None = None
        self._pruned_at: datetime | None = None
        self._complained: dict[str, datetime] = {}
        self._runner = Runner(app)
        self._watcher, self._scraper, self._measurer = Watcher(app), Scraper(app), Measurer(app)
        self._worker = Worker(app)
        self._loops = (
            Loop("intake", self._merge, app.bell, 0.5),
            Loop("clocks", self._clocks, app.bell, 0.5),
            Loop("notices", self._worker.hand_out, app.bell, 0.5),
            Loop("runs", self._runner.turn, app.bell, 0.5),
            Loop("pruning", self._prune, app.bell, 60.0),
        )

    def start(self) -> None:
        """Settle what an earlier life of this node left behind, then begin."""
        self._runner.report()
        self._runner.recover()
        self._worker.recover()
        for loop in self._loops:
            loop.start()
        self._watcher.start()
        self._scraper.start()
        self._measurer.start()

    def stop(self, timeout: float = 10.0) -> None:
        """End after the present turns. Reading commands are cut short; changing ones are waited for."""
        for loop in self._loops:
            loop.stop()
        for followers in (self._watcher, self._scraper, self._measurer):
            followers.stop()
        self._app.bell.ring()
        for loop in self._loops:
            loop.join(timeout)
        self._runner.stop(timeout)
        self._worker.stop(timeout)
        for followers in (self._watcher, self._scraper, self._measurer):
            followers.join(timeout)

    def problems(self) -> list[str]:
        """What is wrong with the engine now, each as a sentence; empty when all is well."""
        dead = [f"The {loop.name} loop has ended." for loop in self._loops if not loop.alive]
        ill = [f"The {loop.name} loop fails: {loop.problem}" for loop in self._loops if loop.problem]
        return [*dead, *ill]

    def _merge(self) -> bool:
        return ingest.merge_waiting(self._app, BATCH) > 0

    def _clocks(self) -> bool:
        wake_due(self._app, complain=self._complain)
        now = self._app.clock.now()
        if self._expired_at is None or now - self._expired_at >= EXPIRE_EVERY:
            self._expired_at = now
            ingest.expire(self._app)
        return False

    def _complain(self, ref: str, error: Exception) -> None:
        """Of an incident that can't be woken, once a minute; it is tried at every turn."""
        now = self._app.clock.now()
        if ref not in self._complained or now - self._complained[ref] >= COMPLAIN_EVERY:
            self._complained[ref] = now
            complain(f"clocks of {ref}", error)

    def _prune(self) -> bool:
        now = self._app.clock.now()
        if self._pruned_at is not None and now - self._pruned_at < PRUNE_EVERY:
            return False
        more = prune(self._app)
        self._pruned_at = None if more else now
        return more
