"""Calendars of others, read again and again in a loop of their own: a slow one keeps nothing waiting."""

from __future__ import annotations

from tocsin.app import App
from tocsin.engine.loops import log
from tocsin.service import calendars


class Almanac:
    """Looks every few seconds whether a calendar is due; tells of a fault once, until it is another one."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._told: dict[str, str] = {}

    def turn(self) -> bool:
        """One look; there is never more to do at once."""
        for name, problem in calendars.refresh(self._app).items():
            if problem and self._told.get(name) != problem:
                log.warning("The calendar of %s can't be read: %s", name, problem)
            self._told[name] = problem
        return False
