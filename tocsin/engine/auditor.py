"""Checks each minute that no open incident's next step is overdue, and says so loudly where one is."""

from __future__ import annotations

import json
from datetime import timedelta
from functools import partial

from tocsin.app import App
from tocsin.engine.loops import log
from tocsin.engine.pace import Pace
from tocsin.service import audit

EVERY = timedelta(minutes=1)


class Auditor:
    """Looks at some incidents a minute, and at all of them in the course of time."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._pace = Pace(EVERY, app.clock.now())  # the clocks first catch up with what was due while we were away
        self._after = 0
        self._round: list[str] = []

    def turn(self) -> bool:
        """One look, where a minute has passed; there is never more to do at once."""
        now = self._app.clock.now()
        if not self._pace.taken(now):
            return False
        seen = self._app.db.read(partial(audit.look, now=now, after=self._after))
        self._round = [*([] if not self._after else self._round), *seen.faults]
        self._after = seen.last
        told = tuple(dict.fromkeys(self._round))[: audit.MOST_TOLD]
        if told and told != self._app.late:
            log.error(json.dumps({"where": "audit of the clocks", "message": " ".join(told)}, ensure_ascii=False))
        self._app.late = told
        return False
