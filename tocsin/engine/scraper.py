"""One thread for each page that is scraped: read it on time, keep its samples."""

from __future__ import annotations

import threading
from datetime import timedelta

from tocsin.app import App
from tocsin.engine.loops import complain
from tocsin.plug.scraping import ScrapeTarget
from tocsin.service import sampling


class Scraper:
    """Scrapes until stopped. A page that hangs or fails delays no other one."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._follow, args=(name, target), name=f"tocsin-scrape-{name}", daemon=True)
            for name, target in app.settings.scrapes.items()
        ]

    def start(self) -> None:
        """Begin to scrape."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Ask every thread to end after its present scrape."""
        self._stopping.set()

    def join(self, seconds: float) -> None:
        """Wait for their end, at most ``seconds`` for each: a page that hangs is left behind."""
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(seconds)

    def _follow(self, name: str, target: ScrapeTarget) -> None:
        known = sampling.Known()
        while not self._stopping.is_set():
            begun = self._app.clock.now()
            try:
                sampling.scrape(self._app, name, target, known)
            except Exception as error:  # noqa: BLE001 -- one bad scrape must not end all of them
                complain(f"scrape of {name}", error)
            took = max(timedelta(0), self._app.clock.now() - begun)
            self._stopping.wait(max(0.0, (target.every - took).total_seconds()))
