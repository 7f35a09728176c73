"""What is looked up around incidents, behind everything that pages: one loop that is in nobody's way."""

from __future__ import annotations

from datetime import datetime, timedelta

from tocsin.app import App
from tocsin.core.context import SupplierAt
from tocsin.engine.loops import complain
from tocsin.errors import Unread
from tocsin.service import changelog, context
from tocsin.store import incidents

LATE = timedelta(minutes=10)
"""Of an incident that began longer ago nothing is taken any more: it would not be what was known at its beginning."""
AT_ONCE = 5
COMMITS_EVERY = timedelta(minutes=5)
COMMITS_AT_LEAST = timedelta(seconds=30)
SUPPLIERS_EVERY = timedelta(seconds=30)
WORDS_EVERY = timedelta(seconds=15)


class Surveyor:
    """Takes the context of new incidents, and keeps what it is made of: commits, and the words of incidents."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._number: int | None = None
        self._commits_at: datetime | None = None
        self._words_at: datetime | None = None
        self._suppliers_at: datetime | None = None
        self._suppliers: list[SupplierAt] = []
        self._told: dict[str, str] = {}

    def turn(self) -> bool:
        """One look; whether there may be more to do at once."""
        now = self._app.clock.now()
        fresh = self._fresh(now)
        if fresh or _due(self._commits_at, COMMITS_EVERY, now):
            self._note_commits(now)
        for number, ref in fresh:
            self._number = number  # first: one that fails is not tried for ever, and keeps no other one waiting
            context.take(self._app, ref, self._asked(now))
        more = False
        if _due(self._words_at, WORDS_EVERY, now):
            more = context.keep_words(self._app)
            self._words_at = None if more else now
        return more or len(fresh) >= AT_ONCE

    def _fresh(self, now: datetime) -> list[tuple[int, str]]:
        if self._number is None:
            self._number = self._app.db.read(lambda tx: incidents.last_before(tx, now - LATE))
        after = self._number
        return self._app.db.read(lambda tx: incidents.newer(tx, after, AT_ONCE))

    def _note_commits(self, now: datetime) -> None:
        if _due(self._commits_at, COMMITS_AT_LEAST, now):
            problems = changelog.note_commits(self._app, now)
            for folder, why in problems.items():
                if self._told.get(folder) != why:  # once, not every five minutes
                    complain(f"commits of {folder}", Unread(why))
            self._told, self._commits_at = problems, now

    def _asked(self, now: datetime) -> list[SupplierAt]:
        """What suppliers say; in a storm of incidents they are not asked for each."""
        if _due(self._suppliers_at, SUPPLIERS_EVERY, now):
            self._suppliers, self._suppliers_at = context.ask_suppliers(self._app), now
        return self._suppliers


def _due(last: datetime | None, every: timedelta, now: datetime) -> bool:
    return last is None or not timedelta(0) <= now - last < every
