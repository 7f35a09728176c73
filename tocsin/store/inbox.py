"""One thread that puts what comes in on disk, all that waits at once, and then tells everybody who waits for it."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from copy import copy

from tocsin.errors import TocsinError, Unavailable
from tocsin.store.intakelog import IntakeLog, Place, forget

Done = Callable[[Exception | None], None]
LARGEST_GROUP = 8 * 1024 * 1024
"""Bytes that are written together at the most."""
MOST_HELD = 64 * 1024 * 1024
"""Bytes that wait for the disk; beyond it no more are taken."""


class Inbox:
    """Durable intake: whoever put records in is answered after they are on disk, together with all that waited.

    ``log``: where ``write`` puts them, if that is a log of our own; what waits in it is counted here.
    """

    def __init__(
        self, write: Callable[[Sequence[bytes]], None], after: Callable[[], None], log: IntakeLog | None = None
    ) -> None:
        self.log = log
        self.waiting = self.waiting_bytes = 0
        """Records in the log that were not worked off, and their bytes."""
        self.stored_bytes = 0
        """All that was put on disk since the start."""
        self._write, self._after = write, after
        self._jobs: queue.SimpleQueue[tuple[Sequence[bytes], int, Done] | None] = queue.SimpleQueue()
        self._gate, self._held, self._closed = threading.Lock(), 0, False
        self._thread = threading.Thread(target=self._work, name="tocsin-inbox", daemon=True)
        self._thread.start()

    def put(self, records: Sequence[bytes], done: Done) -> None:
        """Take records; ``done`` is called from another thread, with what kept them from being stored, if anything.

        Raises `Unavailable` where the disk does not keep up, or Tocsin is stopping.
        """
        size = sum(map(len, records))
        with self._gate:
            if self._closed:
                raise Unavailable("Tocsin is stopping.", "Try again in a moment.")
            if self._held + size > MOST_HELD and self._held:
                raise Unavailable("The disk does not keep up with what comes in.", "Try again in a moment.")
            self._held += size
            self._jobs.put((records, size, done))

    def take(self, records: Sequence[bytes]) -> None:
        """`put`, and wait until they are on disk; raises what kept them from it."""
        answer: Future[None] = Future()

        def done(error: Exception | None) -> None:
            if error is None:
                answer.set_result(None)
            else:
                answer.set_exception(copy(error))

        self.put(records, done)
        answer.result()

    def counted(self, records: int, size: int) -> None:
        """So much more waits in the log (less, where negative)."""
        with self._gate:
            self.waiting += records
            self.waiting_bytes += size

    def worked_off(self, records: int, size: int, place: Place) -> None:
        """That is in the database now, up to this place, so the segments before it can go."""
        self.counted(-records, -size)
        if self.log is not None:
            forget(self.log.base, place)

    def close(self) -> None:
        """Write what waits, then let go. Calling it again does nothing."""
        with self._gate:
            if self._closed:
                return
            self._closed = True
            self._jobs.put(None)
        self._thread.join()
        if self.log is not None:
            self.log.close()

    def _work(self) -> None:
        while (first := self._jobs.get()) is not None:
            group, size, over = [first], first[1], False
            while size < LARGEST_GROUP:
                try:
                    job = self._jobs.get_nowait()
                except queue.Empty:
                    break
                if job is None:
                    over = True
                    break
                group.append(job)
                size += job[1]
            self._store(group, size)
            if over:
                return

    def _store(self, group: list[tuple[Sequence[bytes], int, Done]], size: int) -> None:
        records = [record for some, _, _ in group for record in some]
        fault: Exception | None = None
        if self.log is not None:
            self.counted(len(records), size)  # before they can be worked off
        try:
            self._write(records)
        except Exception as error:  # noqa: BLE001 -- whatever it is, the senders wait for an answer
            fault = error if isinstance(error, TocsinError) else _unforeseen(error)
            if self.log is not None:
                self.counted(-len(records), -size)
        with self._gate:
            self._held -= size
        for _, _, done in group:
            done(fault)
        if fault is None:
            self.stored_bytes += size
            self._after()


def _unforeseen(error: Exception) -> Unavailable:
    return Unavailable(f"What came in could not be stored ({type(error).__name__}).", "Look at Tocsin's log.")
