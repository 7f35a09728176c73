"""The page as bytes in memory, drawn by a thread of its own. Whoever reads it touches no database, no template.

When the database is slow or gone, the last known state is drawn on: maintenance still begins and ends by the clock, and
the page says as of when it is known.
"""

from __future__ import annotations

import gzip
import hashlib
import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tocsin.app import App
from tocsin.core.statuspage.documents import stamp
from tocsin.core.statuspage.model import Public
from tocsin.errors import TocsinError
from tocsin.service.statuspage import showing
from tocsin.settings.statuspage import StatusPage
from tocsin.web.statuspage.drawing import HTML, JSON, File, draw
from tocsin.web.statuspage.files import write_files

log = logging.getLogger("tocsin.web")
AT_MOST_EVERY = 1.0
"""Seconds between two readings, however much happens: a storm of alerts must not draw the page a thousand times."""
LOOK_EVERY = 2.0
GZIP_LEVEL = 9
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Kept:
    """A file as it is answered. ``changed_at`` is when these bytes were first drawn."""

    body: bytes
    packed: bytes
    type: str
    tag: str
    changed_at: datetime


class Publisher:
    """Keeps ``files`` as the page is; a new drawing replaces all of them at once."""

    def __init__(self, app: App, status: StatusPage) -> None:
        self._app, self.status = app, status
        self.files: Mapping[str, Kept] = {}
        self.public = Public(page=status.page)
        self.read_at: datetime | None = None
        self._drawn: tuple[object, ...] = ()
        self._stopping = threading.Event()
        self._woken = threading.Event()
        self._thread = threading.Thread(target=self._run, name="tocsin-status-page", daemon=True)
        self._drawing = threading.Lock()
        self._exported: Mapping[str, Kept] | None = None
        self._problem = ""

    def start(self) -> None:
        """Draw it once, then keep it current. A page that can't be drawn keeps nobody from being paged."""
        self._try()
        self._end = self._app.bell.listen(self._woken.set)
        self._thread.start()

    def stop(self) -> None:
        """Draw no more; what is drawn is still answered."""
        self._stopping.set()
        self._woken.set()
        if self._thread.is_alive():
            self._end()
            self._thread.join(5.0)

    def refresh(self) -> None:
        """Read, and draw what changed; with a database that does not answer, draw from what was read last."""
        with self._drawing:
            now = self._app.clock.now()
            try:
                self.public, self.read_at, problem = showing.public(self._app), now, ""
            except TocsinError as error:
                problem = error.message
            if problem and problem != self._problem:
                log.warning("The status page is drawn from what was known before: %s", problem)
            self._problem = problem
            self._draw(now)

    def health(self, now: datetime) -> tuple[int, dict[str, object]]:
        """What ``health`` answers: 503 while a maintenance in maintenance mode lasts, by the clock alone."""
        found = self.public.offline(now)
        if found is None:
            return 200, {"status": "ok"}
        over = found.over_at or now
        wait = max(1, min(int((over - now).total_seconds()) + 1, 3600))
        return 503, {"status": "maintenance", "title": found.title, "until": stamp(over), "retry_after": wait}

    def _draw(self, now: datetime) -> None:
        known = self.read_at or now
        minute = known.replace(second=0, microsecond=0)
        stages = tuple(report.stage(now) for report in self.public.reports)
        wanted = (replace(self.public, followed={}), stages, minute, now.date())
        if wanted == self._drawn:
            return
        before, files = self.files, draw(self.status, self.public, now, minute)
        self.files = {name: _kept(file, before.get(name), now) for name, file in files.items()}
        self._drawn = wanted
        self._export(now, minute)

    def _export(self, now: datetime, minute: datetime) -> None:
        if self.status.export is None or self._same_as_exported():
            return
        try:
            files = draw(self.status, self.public, now, minute, static=True)
            write_files(self.status.export, {name: file.body for name, file in files.items()})
            self._exported = self.files
        except OSError as error:
            log.warning("The status page can't be written to %s: %s", self.status.export, error.strerror)

    def _same_as_exported(self) -> bool:
        return self._exported is not None and {name: kept.tag for name, kept in self._exported.items()} == {
            name: kept.tag for name, kept in self.files.items()
        }

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._woken.wait(LOOK_EVERY)
            self._woken.clear()
            if self._stopping.is_set():
                return
            self._try()
            self._stopping.wait(AT_MOST_EVERY)

    def _try(self) -> None:
        try:
            self.refresh()
        except Exception:
            log.exception("The status page can't be drawn; the last one stays.")


def _kept(file: File, before: Kept | None, now: datetime) -> Kept:
    tag = hashlib.sha256(file.body).hexdigest()[:20]
    if before is not None and before.tag == tag:
        return before
    packed = gzip.compress(file.body, GZIP_LEVEL, mtime=0) if file.type in (HTML, JSON) or "xml" in file.type else b""
    return Kept(file.body, packed if len(packed) < len(file.body) else b"", file.type, tag, now)
