"""A loop of the engine: a thread that turns when the bell rings or its time has come, and that no error ends."""

from __future__ import annotations

import json
import logging
import threading
import traceback
from collections.abc import Callable

from tocsin.app import Bell
from tocsin.errors import TocsinError

log = logging.getLogger("tocsin")
AFTER_ERROR = 1.0


class Loop:
    """Calls ``turn`` until stopped; it answers whether there was work, in which case it is called again at once."""

    def __init__(self, name: str, turn: Callable[[], bool], bell: Bell, every: float) -> None:
        self._turn, self._bell, self._every = turn, bell, every
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"tocsin-{name}", daemon=True)
        self.name = name
        self.problem = ""

    def start(self) -> None:
        """Begin to turn."""
        self._thread.start()

    def stop(self) -> None:
        """Ask it to end after the present turn."""
        self._stopping.set()

    def join(self, seconds: float) -> bool:
        """Wait for its end; False when it has not ended in time."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    @property
    def alive(self) -> bool:
        """Whether it still turns."""
        return self._thread.is_alive()

    def _run(self) -> None:
        heard = -1
        while not self._stopping.is_set():
            heard = self._bell.wait(heard, 0.0)
            try:
                busy = self._turn()
                self.problem = ""
            except Exception as error:  # noqa: BLE001 -- one bad row never stops a loop; it is said, and tried again
                if self.problem != str(error):  # once, not every second for as long as a disk is full
                    complain(self.name, error)
                self.problem = str(error)
                busy = False
                self._stopping.wait(AFTER_ERROR)
            if not busy and not self._stopping.is_set():
                heard = self._bell.wait(heard, self._every)


def complain(where: str, error: Exception) -> None:
    """One JSON line on the log: a sentence for what we foresaw, the traceback for what we did not."""
    entry = {"where": where, "error": type(error).__name__, "message": str(error)}
    if not isinstance(error, TocsinError):
        entry["traceback"] = "".join(traceback.format_exception(error))
    log.error(json.dumps(entry, ensure_ascii=False))
