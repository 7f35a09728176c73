"""Waking incidents whose time has come."""

from __future__ import annotations

from functools import partial

from tocsin.app import App
from tocsin.core.facts import ENGINE
from tocsin.core.incident import Incident
from tocsin.core.wake import next_wake, wake
from tocsin.service.commit import commit
from tocsin.store import incidents
from tocsin.store.db import Tx

MOST_TURNS = 100


def turn(app: App, tx: Tx, incident: Incident) -> Incident:
    """Make true what the clock makes true by now; after an outage every due rung is climbed once, in order."""
    now = app.clock.now()
    for _ in range(MOST_TURNS):
        at = next_wake(incident)
        if at is None or at > now:
            break
        due = wake(incident, app.settings.directory, now)
        if not due:
            break
        incident = commit(app, tx, incident, due, ENGINE)
    return incident


def wake_due(app: App, most: int = 50) -> list[str]:
    """Wake the incidents that are due; each in its own transaction, so that one bad row never stops the others."""
    due = app.db.read(lambda tx: incidents.due(tx, app.clock.now(), most))
    for ref in due:
        app.db.write(partial(_wake, app, ref))
    return due


def _wake(app: App, ref: str, tx: Tx) -> None:
    incident = incidents.load(tx, ref, lock=True)
    if incident is not None and incident.open:
        turn(app, tx, incident)
