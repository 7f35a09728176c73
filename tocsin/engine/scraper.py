"""One thread for each page that is scraped: read it on time, keep its samples."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from tocsin.app import App
from tocsin.engine.followers import Followers
from tocsin.engine.loops import complain
from tocsin.plug.scraping import ScrapeTarget
from tocsin.service import sampling


class Scraper(Followers):
    """Scrapes until stopped. A page that hangs or fails delays no other one."""

    def __init__(self, app: App) -> None:
        self._app = app
        super().__init__(
            {f"scrape-{name}": partial(self._follow, name, target) for name, target in app.settings.scrapes.items()}
        )

    def _follow(self, name: str, target: ScrapeTarget) -> None:
        known = sampling.Known()
        while not self.stopping:
            begun = self._app.clock.now()
            try:
                sampling.scrape(self._app, name, target, known)
            except Exception as error:  # noqa: BLE001 -- one bad scrape must not end all of them
                complain(f"scrape of {name}", error)
            took = max(timedelta(0), self._app.clock.now() - begun)
            self.rest(target.every - took)
