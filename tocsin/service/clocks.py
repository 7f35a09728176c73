"""Waking incidents whose time has come."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from tocsin.app import App
from tocsin.core.facts import ENGINE
from tocsin.core.incident import Incident
from tocsin.core.reaching import unheard_since
from tocsin.core.wake import next_wake, wake
from tocsin.service import duty, ticketing
from tocsin.service.approvers import approvers
from tocsin.service.commit import commit
from tocsin.store import incidents
from tocsin.store.db import Tx

MOST_TURNS = 100
Complain = Callable[[str, Exception], None]


def turn(app: App, tx: Tx, incident: Incident) -> Incident:
    """Make true what the clock makes true by now; after an outage every due rung is climbed once, in order."""
    now = app.clock.now()
    directory = duty.directory(app, tx)
    for _ in range(MOST_TURNS):
        at = next_wake(incident)
        if at is None or at > now:
            break
        alone = not incident.paged or incident.clocks.stranded or unheard_since(incident) is not None
        due = wake(incident, directory, now, approvers(app, tx) if alone else ())
        if not due:
            break
        incident = commit(app, tx, incident, [*due, *ticketing.begun(app, tx, incident, due)], ENGINE)
    return incident


def wake_due(app: App, most: int = 50, complain: Complain | None = None) -> list[str]:
    """Wake the incidents that are due; each in its own transaction, so that one bad row never stops the others.

    Of one that can't be woken ``complain`` is told; without it the fault is raised when the others are done.
    """
    due = app.db.read(lambda tx: incidents.due(tx, app.clock.now(), most))
    faults: list[Exception] = []
    for ref in due:
        try:
            app.db.write(partial(_wake, app, ref))
        except Exception as error:  # noqa: BLE001 -- told or raised below
            if complain:
                complain(ref, error)
            else:
                faults.append(error)
    if faults:
        raise faults[0]
    return due


def _wake(app: App, ref: str, tx: Tx) -> None:
    incident = incidents.load(tx, ref, lock=True)
    if incident is not None:
        turn(app, tx, incident)
