"""What is looked up around incidents, behind everything that pages: one loop that is in nobody's way."""

from __future__ import annotations

from datetime import datetime, timedelta

from tocsin.app import App
from tocsin.core.context import SupplierAt
from tocsin.engine.loops import complain
from tocsin.engine.pace import Pace
from tocsin.errors import Unread
from tocsin.service import changelog, context
from tocsin.store import incidents

LATE = timedelta(minutes=10)
"""Of an incident that began longer ago nothing is taken any more: it would not be what was known at its beginning."""
AT_ONCE = 5
COMMITS_EVERY = timedelta(minutes=5)
COMMITS_AT_LEAST = timedelta(seconds=1)
SUPPLIERS_EVERY = timedelta(seconds=30)
WORDS_EVERY = timedelta(seconds=15)


class Surveyor:
    """Takes the context of new incidents, and keeps what it is made of: commits, and the words of incidents."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._number: int | None = None
        self._commits, self._commits_at_least = Pace(COMMITS_EVERY), Pace(COMMITS_AT_LEAST)
        self._words, self._ask = Pace(WORDS_EVERY), Pace(SUPPLIERS_EVERY)
        self._suppliers: list[SupplierAt] = []
        self._told: dict[str, str] = {}

    def turn(self) -> bool:
        """One look; whether there may be more to do at once."""
        now = self._app.clock.now()
        fresh = self._fresh(now)
        if fresh or self._commits.due(now):
            self._note_commits(now)
        for number, ref in fresh:
            self._number = number  # first: one that fails is not tried for ever, and keeps no other one waiting
            context.take(self._app, ref, self._asked(now))
        more = False
        if self._words.due(now):
            more = context.keep_words(self._app)
            if not more:
                self._words.done(now)
        return more or len(fresh) >= AT_ONCE

    def _fresh(self, now: datetime) -> list[tuple[int, str]]:
        if self._number is None:
            self._number = self._app.db.read(lambda tx: incidents.last_before(tx, now - LATE))
        after = self._number
        return self._app.db.read(lambda tx: incidents.newer(tx, after, AT_ONCE))

    def _note_commits(self, now: datetime) -> None:
        if self._commits_at_least.taken(now):
            self._commits.done(now)
            problems = changelog.note_commits(self._app, now)
            for folder, why in problems.items():
                if self._told.get(folder) != why:  # once, not every five minutes
                    complain(f"commits of {folder}", Unread(why))
            self._told = problems

    def _asked(self, now: datetime) -> list[SupplierAt]:
        """What suppliers say; in a storm of incidents they are not asked for each."""
        if self._ask.taken(now):
            self._suppliers = context.ask_suppliers(self._app)
        return self._suppliers
