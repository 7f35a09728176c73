"""The application as a value: what every use case is given."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from tocsin.core.figures.measuring import Measured
from tocsin.core.runbook import Runbook
from tocsin.settings import Settings
from tocsin.store.db import Database
from tocsin.store.inbox import Inbox
from tocsin.store.openings import Look
from tocsin.times import Clock, SystemClock


class Bell:
    """Tells threads of this process that something was committed. Missing a ring costs a poll, never a fact."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._rings = 0
        self._listeners: list[Callable[[], None]] = []

    def ring(self) -> None:
        """Something was committed."""
        with self._condition:
            self._rings += 1
            self._condition.notify_all()
        self.show()

    def show(self) -> None:
        """There is something new to look at, and nothing to do."""
        with self._condition:
            listeners = tuple(self._listeners)
        for listener in listeners:
            listener()

    def wait(self, heard: int, seconds: float) -> int:
        """Wait until there were more rings than ``heard``, at most ``seconds``; the number of rings so far."""
        with self._condition:
            self._condition.wait_for(lambda: self._rings > heard, seconds)
            return self._rings

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call ``listener`` (from any thread, quickly) at every ring; the answer ends that."""
        with self._condition:
            self._listeners.append(listener)

        def end() -> None:
            with self._condition:
                self._listeners.remove(listener)

        return end


@dataclass(frozen=True, slots=True)
class Timing:
    """When this node read a signal last, how long that took, and why nothing came of it."""

    at: datetime
    seconds: float
    problem: str = ""


@dataclass(slots=True, kw_only=True)
class App:
    """Everything that a use case needs. ``books`` are the runbooks as they were read when this node started.

    Commands on targets with ``labels`` are carried out by who has them all; on targets without, by who ``serves``.
    """

    settings: Settings
    db: Database
    books: tuple[Runbook, ...] = ()
    raw: Mapping[str, bytes] = field(default_factory=dict)
    clock: Clock = field(default_factory=SystemClock)
    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    bell: Bell = field(default_factory=Bell)
    arrivals: Bell = field(default_factory=Bell)
    """Rings for what was accepted and waits to be merged; nobody but the one who merges is woken by it."""
    inbox: Inbox | None = None
    """The intake of a node that serves (`tocsin.service.intaking`); without it, what comes in goes to the table."""
    node: str = "local"
    labels: frozenset[str] = frozenset()
    serves: bool = True
    pinned: dict[str, Runbook] = field(default_factory=dict)
    timings: dict[str, Timing] = field(default_factory=dict)
    late: tuple[str, ...] = ()
    """What the audit of the clocks found last, as sentences."""
    """The last reading of each signal, by its metric; not kept over a restart."""
    rolled: tuple[tuple[int, int, int], Mapping[str, int], tuple[Measured, ...]] | None = field(
        default=None, repr=False
    )
    """The incidents in figures as they were read last, the stamp of that, and their versions then."""
    looked: Look | None = field(default=None, repr=False)
    """The open incidents as routing saw them last (`tocsin.service.desk`)."""
    watched: tuple[tuple[Runbook, ...], Settings, Any] | None = field(default=None, repr=False)
    """The thresholds of these runbooks by these settings (`tocsin.service.thresholds`), worked out once."""
    keys: dict[str, bytes] = field(default_factory=dict, repr=False)
    """Keys of our own that were read from the database, by their names."""
    versions: Mapping[str, str] = field(default_factory=dict)
    """The files that this node was started with, each with the digest of its content."""

    def book(self, title_or_source: str) -> Runbook | None:
        """A loaded runbook by its title, its file name or its digest."""
        for book in self.books:
            if title_or_source in (book.title, book.source, book.digest, Path(book.source).name):
                return book
        return None
