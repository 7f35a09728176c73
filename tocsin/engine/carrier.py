"""A worker: it carries out the runs of targets whose labels it has, looks at them when a server asks, nothing else.

It needs the database and the configuration only. What it records is seen by the servers over the same database, which
do the rest; where it dies, its runs are settled as those of any node.
"""

from __future__ import annotations

from tocsin.app import App
from tocsin.engine.loops import Loop
from tocsin.engine.runner import Runner
from tocsin.service import targetchecks

LOOK_EVERY = 0.5
ASKED_EVERY = 5.0


class Carrier:
    """The runs of one worker, from `start` to `stop`."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._runner = Runner(app)
        self._loop = Loop("runs", self._runner.turn, app.bell, LOOK_EVERY)
        self._looking = Loop("target-asks", self._look, app.bell, ASKED_EVERY)

    def start(self) -> None:
        """Say that it is there, then begin."""
        self._runner.report()
        self._loop.start()
        self._looking.start()

    def _look(self) -> bool:
        return bool(targetchecks.answer_asks(self._app))

    def stop(self, timeout: float = 10.0) -> None:
        """Take nothing more. Reading commands are cut short and wait for another; changing ones are waited for."""
        self._loop.stop()
        self._looking.stop()
        self._app.bell.ring()
        self._loop.join(timeout)
        self._looking.join(timeout)
        self._runner.stop(timeout)
