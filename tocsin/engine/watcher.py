"""One thread for each bound signal: read it on time, heed what it says."""

from __future__ import annotations

import threading

from tocsin.app import App
from tocsin.engine.loops import complain
from tocsin.probes.promql import Promql
from tocsin.service import watch
from tocsin.service.resuming import resume_watching
from tocsin.settings import Signal

FORGET_EVERY = 240


class Watcher:
    """Reads signals until stopped. A signal that hangs or fails delays nobody else."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._follow, args=(signal,), name=f"tocsin-signal-{signal.metric}", daemon=True)
            for signal in app.settings.signals
            if not isinstance(signal.probe, Promql)  # those are evaluated together (`tocsin.engine.measurer`)
        ]

    def start(self) -> None:
        """Settle what an absence leaves behind, then begin to read."""
        try:
            resume_watching(self._app)
        except Exception as error:  # noqa: BLE001 -- reading anew matters more than what was before
            complain("signals at the start", error)
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Ask every thread to end after its present reading."""
        self._stopping.set()

    def join(self, seconds: float) -> None:
        """Wait for their end, at most ``seconds`` for each: a probe that hangs is left behind."""
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(seconds)

    def _follow(self, signal: Signal) -> None:
        turns = 0
        while not self._stopping.is_set():
            try:
                watch.heed(self._app, signal, watch.read_signal(self._app, signal))
                if turns % FORGET_EVERY == 0:
                    watch.forget(self._app)
            except Exception as error:  # noqa: BLE001 -- a bad reading must not end the watch
                complain(f"signal {signal.metric}", error)
            turns += 1
            self._stopping.wait(signal.every.total_seconds())
