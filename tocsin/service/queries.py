"""Queries over the samples that are kept here: what they read is held in memory, and each turn adds what is new."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from tocsin.app import App
from tocsin.errors import Unread
from tocsin.plug.kinds import Probe, Reading
from tocsin.probes.promql import Promql
from tocsin.promql import Window
from tocsin.promql.window import Column
from tocsin.store import samples
from tocsin.store.db import Tx
from tocsin.times import from_micros, to_micros

FRESH = timedelta(hours=1)
"""After this long the memory is filled anew, which lets go of series that are no more."""


class Held:
    """The samples that some queries read. One thread only."""

    def __init__(self, app: App, probes: Iterable[Promql]) -> None:
        self._app = app
        self._reads = [read for probe in probes for read in probe.parsed.reads]
        self._window = Window(self._reads)
        self._layouts: dict[int, list[tuple[int, Column]]] = {}
        self._series = self._scrape = 0
        self._filled: datetime | None = None
        self._problems: dict[str, str] = {}

    def refresh(self) -> None:
        """Take in what was scraped since the last time."""
        now, filled = self._app.clock.now(), self._filled
        if filled is None or now - filled > FRESH:
            self._window, self._layouts = Window(self._reads), {}
            self._series = self._scrape = 0
            filled = now
        self._filled = None  # what a failure leaves half read is read anew
        self._app.db.read(self._take)
        self._filled = filled
        self._window.trim(to_micros(now) // 1000)

    def read(self, probe: Promql) -> Reading:
        """The query's value by the samples of the last refresh; raises `Unread`, and says so where a scrape fails."""
        try:
            return probe.over(self._window, self._app.clock.now())
        except Unread as error:
            failing = [name for name, why in self._problems.items() if why]
            if not failing or not error.message.startswith("no data"):
                raise
            first, *others = failing
            so = f"; so do those of {', '.join(others)}" if others else ""
            told = f"the scrape of {first} fails: {self._problems[first].rstrip('.')}{so}."
            raise Unread(f"{error.message.rstrip('.')}; {told}", error.hint) from None

    def _take(self, tx: Tx) -> None:
        """All of it is one snapshot, and a series is stored together with its first scrape: so nothing is missed."""
        self._problems = {name: why for name, why in samples.problems(tx).items() if name in self._app.settings.scrapes}
        for number, labels in samples.series_after(tx, self._series):
            self._window.name(number, labels)
            self._series = number
        since = from_micros(to_micros(self._app.clock.now()) - self._window.reach * 1000)
        for scrape in samples.scrapes_after(tx, self._scrape, since):
            self._scrape = max(self._scrape, scrape.id)
            if scrape.layout not in self._layouts:
                self._layouts[scrape.layout] = self._window.places(samples.layout(tx, scrape.layout))
            for place, column in self._layouts[scrape.layout]:
                column.add(scrape.at, scrape.values[place])


def look(app: App, probe: Probe, timeout: timedelta) -> Reading:
    """One reading of any probe; a query over the samples that are kept here is given them."""
    if not isinstance(probe, Promql):
        return probe.read(app.clock.now(), timeout)
    held = Held(app, [probe])
    held.refresh()
    return held.read(probe)
