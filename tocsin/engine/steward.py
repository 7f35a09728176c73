"""What is tried before an incident: targets once a day, and each responder's access once a month."""

from __future__ import annotations

from datetime import timedelta

from tocsin.app import App
from tocsin.engine.loops import log
from tocsin.engine.pace import Pace
from tocsin.service import accessasks, targetchecks
from tocsin.store import readying

ASK_EVERY = timedelta(minutes=10)
LOOK_EVERY = timedelta(days=1)
SETTLED = timedelta(hours=1)
"""So long a node runs before it looks at its targets by itself: a restart in an incident starts nothing beside it."""


class Steward:
    """Looks at its clock once a minute."""

    def __init__(self, app: App) -> None:
        self._app = app
        now = app.clock.now()
        self._ask, self._settled = Pace(ASK_EVERY, now), Pace(SETTLED, now)

    def turn(self) -> bool:
        """One look; there is never more to do at once."""
        now = self._app.clock.now()
        if self._ask.taken(now):
            accessasks.ask_due(self._app)
        if self._settled.taken(now):
            self._look()
        return False

    def _look(self) -> None:
        """At the targets, where nobody has done so within a day; what is newly wrong is logged."""
        now, app = self._app.clock.now(), self._app
        mine = {place.target.name for place in app.settings.places if targetchecks.looked_at(app, place)}
        before = {(each.target, each.subject): each for each in app.db.read(readying.targets)}
        fresh = {each.target for each in before.values() if now - each.at < LOOK_EVERY}
        targetchecks.ask_workers(app, fresh | {each.target for each in app.db.read(readying.wanted)})
        if not mine - fresh:
            return
        for each in targetchecks.check_targets(app):
            known = before.get((each.target, each.subject))
            if not each.ok and (known is None or known.ok):
                log.warning("The target %s is not ready (%s): %s", each.target, each.subject, each.detail)
