"""People say what belongs together: some alerts are another incident, or an incident is a duplicate of another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

from tocsin.app import App
from tocsin.core import facts, gathering, moves, routing
from tocsin.core.alert import Alert, Turn
from tocsin.core.facts import Actor
from tocsin.core.incident import Incident
from tocsin.core.runbook import Runbook
from tocsin.errors import NotFound, Refused
from tocsin.service.act import find
from tocsin.service.commit import commit
from tocsin.service.ingest import LONGEST_TITLE, begin, declare, default_severity
from tocsin.service.respond import Name, Words
from tocsin.store import alertbook, incidents
from tocsin.store import alerts as alert_store
from tocsin.store.db import Tx

Fingerprint = Annotated[str, Meta(max_length=64)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Splitting:
    """Which alerts (fingerprints) belong elsewhere. ``into``: an open incident; unless told, a new one is declared."""

    alerts: Annotated[tuple[Fingerprint, ...], Meta(max_length=gathering.MOST_SPLIT)]
    why: Words = ""
    into: Name = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Merging:
    """The incident that this one is a duplicate of."""

    into: Annotated[Name, Meta(description="the open incident that goes on")]
    why: Words = ""


def split(app: App, ref: str, request: Splitting, by: Actor) -> Incident:
    """Split alerts off: they become an incident of their own, or belong to another one, with all their repetitions."""

    def write(tx: Tx) -> Incident:
        tx.alone("routing")  # no alert changes its incident meanwhile
        incident, book = find(app, tx, ref)
        chosen = _chosen(tx, incident, request.alerts)
        held = alertbook.number(tx, incident.id)
        gathering.may_split(incident, chosen, held)
        said = f"split off from {incident.id} by {by.name}" + (f": {request.why}" if request.why else "")
        if request.into:
            other = _other(app, tx, incident, request.into)
            gathering.keep_inside(incident, other)
            if other.drill is not incident.drill:
                raise Refused("Practice and the real thing never share an incident.", "Leave out `into`.")
            book_of_other = None
        else:
            other, book_of_other = _declared(app, tx, incident, book, chosen, said, by)
        commit(app, tx, incident, gathering.split_off(incident, chosen, other.id, request.why, held), by)
        other = _with(app, tx, incident, other, chosen, said, by)
        return begin(app, tx, other, book_of_other) if book_of_other else other

    return app.db.write(write)


def merge(app: App, ref: str, request: Merging, by: Actor) -> Incident:
    """Merge an incident into another one as its duplicate; answers with the one that goes on."""

    def write(tx: Tx) -> Incident:
        tx.alone("routing")
        incident, now = find(app, tx, ref)[0], app.clock.now()
        other = _other(app, tx, incident, request.into)
        of_it = alertbook.Wanted(state="firing", incident=incident.id)
        firing = alertbook.search(tx, of_it, now, gathering.MOST_LISTED)
        made = gathering.merge(incident, other, alertbook.number(tx, incident.id), request.why)
        commit(app, tx, incident, made.of_it, by)
        other = commit(app, tx, other, made.of_other, by)
        alert_store.give(tx, incident.id, other.id)
        return _take_in(app, tx, other, firing, f"of {incident.id}, which was merged into it", by)

    return app.db.write(write)


def _chosen(tx: Tx, incident: Incident, names: Sequence[str]) -> list[Alert]:
    found = []
    for name in dict.fromkeys(names):
        alert = alert_store.get(tx, name, lock=True)
        if alert is None or alert.incident != incident.id:
            hint = f"`tocsin alerts list --incident {incident.id}` shows its alerts."
            raise NotFound(f"{incident.id} has no alert {name[:64]!r}.", hint)
        found.append(alert)
    return found


def _other(app: App, tx: Tx, incident: Incident, ref: str) -> Incident:
    """The other incident of a move, locked in the order of numbers; raises `Refused` for the same one."""
    other = incidents.load(tx, ref)
    if other is None:
        raise NotFound(f"There is no incident {ref[:40]}.", "`tocsin incident list` shows them.")
    if other.id == incident.id:
        raise Refused(f"{incident.id} and {incident.id} are the same incident.", "Name another one.")
    other = find(app, tx, ref)[0]
    if not other.open:
        raise Refused(f"{other.id} is resolved, so nothing can be given to it.", "Reopen it first.")
    return other


def _declared(  # noqa: PLR0913, PLR0917  an incident and all that the new one takes from it
    app: App, tx: Tx, incident: Incident, book: Runbook, chosen: Sequence[Alert], why: str, by: Actor
) -> tuple[Incident, Runbook]:
    """A new incident for alerts of another one: by the scenario that the first of them selects, as bad as that one."""
    first = min(chosen, key=lambda alert: alert.starts_at)
    found = routing.find_scenario(first, app.books) or routing.find_scenario(first, [book])
    own = found.runbook if found else book
    scenario = found.scenario if found else None
    known = not own.severities or own.severity(incident.severity) is not None
    severity = incident.severity if known else default_severity(app, own)
    title = (scenario.title.strip() if scenario else "") or first.name.strip() or "Alert without a name"
    opening = moves.Opening(
        number=0,
        title=title[:LONGEST_TITLE],
        severity=severity,
        why=why,
        scenario=scenario,
        source=by.name,
        drill=incident.drill,
        detected_at=min(first.starts_at, app.clock.now()),
        split_from=incident.id,
        private=incident.team.private,
        named=incident.team.named,
    )
    return declare(app, tx, own, opening, by), own


def _with(  # noqa: PLR0913, PLR0917  alerts on their way from one incident to another
    app: App, tx: Tx, incident: Incident, other: Incident, chosen: Sequence[Alert], why: str, by: Actor
) -> Incident:
    now = app.clock.now()
    alert_store.give(tx, incident.id, other.id, [alert.fingerprint for alert in chosen])
    return _take_in(app, tx, other, [alert for alert in chosen if alert.firing_at(now)], why, by)


def _take_in(app: App, tx: Tx, other: Incident, firing: Sequence[Alert], why: str, by: Actor) -> Incident:
    """Alerts that are another incident's by now, on its timeline: those that there is room for, and their number."""
    now = app.clock.now()
    for alert in firing:
        alertbook.remember(tx, alert.fingerprint, Turn(at=now, what="joined", incident=other.id, why=why), first=False)
    linked = gathering.take_in(other, firing, why)
    listed, held = len(other.alerts) + len(linked), alertbook.amount(tx, other.id, now)
    if len(linked) < len(firing) or other.gathered:
        linked += [facts.AlertsGathered(alerts=held.alerts, names=held.names, listed=listed)]
    return commit(app, tx, other, linked, by) if linked else other
