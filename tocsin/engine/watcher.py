"""One thread for each bound signal: read it on time, heed what it says."""

from __future__ import annotations

from functools import partial

from tocsin.app import App
from tocsin.engine.followers import Followers
from tocsin.engine.loops import complain
from tocsin.probes.promql import Promql
from tocsin.service import watch
from tocsin.service.resuming import resume_watching
from tocsin.settings import Signal

FORGET_EVERY = 240


class Watcher(Followers):
    """Reads signals until stopped. A signal that hangs or fails delays nobody else."""

    def __init__(self, app: App) -> None:
        self._app = app
        super().__init__(
            {
                f"signal-{signal.metric}": partial(self._follow, signal)
                for signal in app.settings.signals
                if not isinstance(signal.probe, Promql)  # those are evaluated together (`tocsin.engine.measurer`)
            }
        )

    def start(self) -> None:
        """Settle what an absence leaves behind, then begin to read."""
        try:
            resume_watching(self._app)
        except Exception as error:  # noqa: BLE001 -- reading anew matters more than what was before
            complain("signals at the start", error)
        super().start()

    def _follow(self, signal: Signal) -> None:
        turns = 0
        while not self.stopping:
            try:
                watch.heed(self._app, signal, watch.read_signal(self._app, signal))
                if turns % FORGET_EVERY == 0:
                    watch.forget(self._app)
            except Exception as error:  # noqa: BLE001 -- a bad reading must not end the watch
                complain(f"signal {signal.metric}", error)
            turns += 1
            self.rest(signal.every)
