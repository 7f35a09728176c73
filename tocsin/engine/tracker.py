"""Makes action items in the team's tracker and asks what became of them, in a loop of its own: it keeps no page."""

from __future__ import annotations

from tocsin.app import App
from tocsin.service import tracking


class TrackerLoop:
    """Looks every few seconds whether something is due."""

    def __init__(self, app: App) -> None:
        self._app = app

    def turn(self) -> bool:
        """One look; whether there was anything to do."""
        return tracking.turn(self._app)
