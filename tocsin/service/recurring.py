"""What comes back soon reopens its incident, and what fires and ends again and again is said to flap."""

from __future__ import annotations

from tocsin.app import App
from tocsin.core import flapping, moves, recurring
from tocsin.core.alert import Alert
from tocsin.core.facts import Actor
from tocsin.core.incident import Incident
from tocsin.core.moves import Facts
from tocsin.core.routing import Declare
from tocsin.service.act import find, start_diagnosis
from tocsin.service.books import pinned
from tocsin.service.clocks import turn
from tocsin.service.commit import commit
from tocsin.store import alerts, incidents
from tocsin.store.db import Tx

MOST_RESOLVED = 200
"""So many of the incidents that were resolved last are looked at."""


def bring_back(app: App, tx: Tx, alert: Alert, instead_of: Declare, last: str | None) -> Incident | None:
    """Reopen the incident that this alert brings back; None where it brings back none, so that one is declared.

    Whoever responded is paged, the clocks begin anew, and the diagnosis that is proved to read runs once more.
    """
    within, now = app.settings.reopen_within, app.clock.now()
    if not within:
        return None
    lately = incidents.resolved_since(tx, now - within, MOST_RESOLVED)
    found = recurring.recurrence(alert, instead_of, lately, last, within, now)
    resolved = incidents.load(tx, found.incident, lock=True) if found else None
    if found is None or resolved is None:
        return None
    if resolved.open:  # somebody has reopened it since: the alert is attached to it as to any open one
        return resolved
    incident = _again(app, tx, resolved, found.why, Actor("source", alert.source))
    return start_diagnosis(app, tx, turn(app, tx, incident), pinned(app, tx, incident.runbook_digest))


def reopen(app: App, ref: str, why: str, by: Actor) -> Incident:
    """Reopen an incident by hand."""
    return app.db.write(lambda tx: _again(app, tx, find(app, tx, ref)[0], why, by))


def _again(app: App, tx: Tx, incident: Incident, why: str, by: Actor) -> Incident:
    """Of its alerts those go on that fire and still are its own; one that ended and came back is linked anew."""
    firing = {each.fingerprint for each in alerts.listing(tx, firing_at=app.clock.now(), incident=incident.id)}
    return commit(app, tx, incident, recurring.again(incident, why, firing), by)


def flapping_now(app: App) -> frozenset[str]:
    """The fingerprints of the alerts of open incidents that fire and end again and again."""
    now = app.clock.now()
    held = (each.alerts.items() for each in app.db.read(incidents.open_ones))
    return frozenset(fingerprint for states in held for fingerprint, state in states if state.flaps(now))


def ends(app: App, tx: Tx, incident: Incident, fingerprint: str, why: str) -> Facts:
    """An alert ceased to fire; where it has done so again and again, its end does not count before it is quiet."""
    cleared = moves.clear_alert(incident, fingerprint, why)
    if not cleared:
        return []
    terms, now = app.settings.flapping, app.clock.now()
    heard = incidents.alert_timeline(tx, incident.id, fingerprint, now - terms.within)
    return [*flapping.mark(incident, fingerprint, heard, terms, now), *cleared]
