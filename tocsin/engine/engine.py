"""The engine of one node: its loops, started and stopped together.

Any number of nodes may run over one PostgreSQL database; rows and constraints decide who does what, there is no leader.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from tocsin.app import App, Bell
from tocsin.engine.almanac import Almanac
from tocsin.engine.auditor import Auditor
from tocsin.engine.chatter import Chatter
from tocsin.engine.deadman import DeadMan
from tocsin.engine.herald import Herald
from tocsin.engine.loops import Loop, complain
from tocsin.engine.measurer import Measurer
from tocsin.engine.merger import Merger
from tocsin.engine.pace import Pace
from tocsin.engine.reporter import Reporter
from tocsin.engine.runner import Runner
from tocsin.engine.scraper import Scraper
from tocsin.engine.steward import Steward
from tocsin.engine.surveyor import Surveyor
from tocsin.engine.watcher import Watcher
from tocsin.engine.worker import Worker
from tocsin.service import ingest, messaging, reviewreminder, tracking
from tocsin.service.changelog import note_versions
from tocsin.service.clocks import wake_due
from tocsin.service.pruning import prune

EXPIRE_EVERY = timedelta(seconds=1)
PRUNE_EVERY = timedelta(hours=1)
COMPLAIN_EVERY = timedelta(minutes=1)


class Engine:
    """All that Tocsin does without being asked."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._expire, self._tidy = Pace(EXPIRE_EVERY), Pace(PRUNE_EVERY)
        self._complained: dict[str, Pace] = {}
        self._runner = Runner(app)
        self._watcher, self._scraper, self._measurer = Watcher(app), Scraper(app), Measurer(app)
        self._worker, self._merger = Worker(app), Merger(app)
        self._chatters = {name: Chatter(app, name, chat) for name, chat in app.settings.chats.items()}
        self._quiet = Bell()  # what looks around incidents is not woken by them: pages come first
        self._loops = (
            Loop("intake", self._merger.turn, app.arrivals, 0.5),
            Loop("clocks", self._clocks, app.bell, 0.5),
            Loop("notices", self._worker.hand_out, app.bell, 0.5),
            Loop("runs", self._runner.turn, app.bell, 0.5),
            Loop("pruning", self._prune, app.bell, 60.0),
            Loop("context", Surveyor(app).turn, self._quiet, 1.0),
            Loop("calendars", Almanac(app).turn, self._quiet, 5.0),
            Loop("reports", Reporter(app).turn, self._quiet, 1.0),
            Loop("tracker", partial(tracking.turn, app), self._quiet, 5.0),
            Loop("audit", Auditor(app).turn, self._quiet, 1.0),
            Loop("readiness", Steward(app).turn, self._quiet, 60.0),
            Loop("status page", Herald(app).turn, self._quiet, 1.0),
            Loop("dead man", DeadMan(app, self.problems).turn, self._quiet, 1.0),
            *(Loop(f"chat {name}", chatter.turn, app.bell, 0.5) for name, chatter in self._chatters.items()),
        )

    def start(self) -> None:
        """Settle what an earlier life of this node left behind, then begin."""
        note_versions(self._app)
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
        self._merger.stop()
        self._app.arrivals.ring()
        self._quiet.ring()
        for loop in self._loops:
            loop.join(timeout)
        for chatter in self._chatters.values():
            chatter.stop()
        self._runner.stop(timeout)
        self._worker.stop(timeout)
        for followers in (self._watcher, self._scraper, self._measurer):
            followers.join(timeout)

    def problems(self) -> list[str]:
        """What is wrong with the engine now, each as a sentence; empty when all is well."""
        dead = [f"The {loop.name} loop has ended." for loop in self._loops if not loop.alive]
        ill = [f"The {loop.name} loop fails: {loop.problem}" for loop in self._loops if loop.problem]
        return [*dead, *ill]

    def _clocks(self) -> bool:
        wake_due(self._app, complain=self._complain)
        now = self._app.clock.now()
        if self._expire.taken(now):
            ingest.expire(self._app)
            ingest.lift(self._app)
            messaging.send_due(self._app)
        return False

    def _complain(self, ref: str, error: Exception) -> None:
        """Of an incident that can't be woken, once a minute; it is tried at every turn."""
        now = self._app.clock.now()
        if self._complained.setdefault(ref, Pace(COMPLAIN_EVERY)).taken(now):
            complain(f"clocks of {ref}", error)

    def _prune(self) -> bool:
        now = self._app.clock.now()
        if not self._tidy.due(now):
            return False
        reviewreminder.remind(self._app)
        more = prune(self._app)
        if not more:
            self._tidy.done(now)
        return more
