"""A thread for each of several things that are looked at on time, so that one that hangs or fails delays no other."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import timedelta


class Followers:
    """Threads by their names; each calls its function once, which goes on until `stopping`."""

    def __init__(self, follow: Mapping[str, Callable[[], None]]) -> None:
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=each, name=f"tocsin-{name}", daemon=True) for name, each in follow.items()
        ]

    @property
    def stopping(self) -> bool:
        """Whether they were asked to end."""
        return self._stopping.is_set()

    def rest(self, span: timedelta) -> None:
        """Wait for the next look, at most until they are asked to end."""
        self._stopping.wait(max(0.0, span.total_seconds()))

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Ask every thread to end after its present look."""
        self._stopping.set()

    def join(self, seconds: float) -> None:
        """Wait for their end, at most ``seconds`` for each: one that hangs is left behind."""
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(seconds)
