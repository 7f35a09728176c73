"""Alerts: accepted durably first, then merged, routed and turned into incidents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from tocsin import wire
from tocsin.app import App
from tocsin.core import moves, routing
from tocsin.core.alert import Alert, Silence, merge
from tocsin.core.change import Change
from tocsin.core.facts import Actor
from tocsin.core.incident import Incident
from tocsin.core.runbook import Runbook, Scenario
from tocsin.errors import Conflict, Refused, Unavailable
from tocsin.ids import new_id
from tocsin.service import discretion
from tocsin.service.act import start_diagnosis
from tocsin.service.books import pin
from tocsin.service.clocks import turn
from tocsin.service.commit import commit
from tocsin.store import alerts as alert_store
from tocsin.store import changes as change_store
from tocsin.store import incidents, intake
from tocsin.store.db import Tx

MOST_ALERTS_ON_A_TIMELINE = 100
LONGEST_TITLE = 300
ENDED = "ended"
"""The annotation of our own alerts that says why one ended, where that was not because of a reading."""
MOST_IN_A_PIECE = 100
MOST_AT_ONCE = 1_000


@dataclass(slots=True)
class Desk:
    """What routing looks at, loaded once for all alerts of a transaction and kept up to date as they are merged."""

    open: dict[str, Incident]
    silences: list[Silence]

    def put(self, incident: Incident) -> None:
        """Take note of an incident as it is now."""
        self.open.pop(incident.id, None)
        if incident.open:
            self.open[incident.id] = incident


def set_desk(tx: Tx, now: datetime) -> Desk:
    """The open incidents and the silences that are not over, as they are now."""
    silences = alert_store.silences(tx, ending_after=now)
    return Desk({incident.id: incident for incident in incidents.open_ones(tx)}, silences)


def accept(
    app: App, source: str, alerts: Sequence[Alert], changes: Sequence[Change] = (), *, message: str = ""
) -> None:
    """Store what a source sent. When this returns, it survives a crash; alerts are merged soon after.

    ``message`` is the message's own name, if it has one: raises `Refused` where it was taken already.
    """

    def write(tx: Tx) -> None:
        now = app.clock.now()
        if message and not change_store.take(tx, source, message, now):
            raise Refused("This message was taken already; nothing was done twice.", "A new one has another id.")
        if changes:
            kept = [replace(discretion.in_change(app, each), id=each.id or new_id("chg", now)) for each in changes]
            change_store.append(tx, kept, now)
        receive(app, tx, source, alerts)

    if alerts or changes or message:
        app.db.write(write)


def receive(app: App, tx: Tx, source: str, alerts: Sequence[Alert]) -> None:
    """`accept`, inside of somebody's transaction."""
    if not alerts:
        return
    now = app.clock.now()
    message = new_id("in", now)
    alerts = [discretion.in_alert(app, alert) for alert in alerts]
    arrivals = [
        intake.Arrival(
            id=f"{message}/{start:06}",
            received_at=now,
            source=source,
            body=wire.encode_text(list(alerts[start : start + MOST_IN_A_PIECE])),
        )
        for start in range(0, len(alerts), MOST_IN_A_PIECE)
    ]
    intake.append(tx, arrivals)
    tx.after_commit(app.bell.ring)


def merge_waiting(app: App, most: int = 20) -> int:
    """Merge what was accepted, oldest first; the number of messages merged.

    All in one transaction while all is well. When one can't be merged, each is tried alone, and the bad one is set
    aside with its reason, where `tocsin doctor` shows it.
    """
    if not app.db.read(intake.backlog)[0]:
        return 0
    try:
        return app.db.write(partial(_merge, app, most))
    except (Unavailable, Conflict):
        raise
    except Exception as error:  # noqa: BLE001 -- one bad message must never stop the others
        return _merge_one_by_one(app, most, error)


def _merge(app: App, most: int, tx: Tx) -> int:
    tx.alone("routing")
    arrivals = intake.claim(tx, most)
    desk = set_desk(tx, app.clock.now())
    for arrival in arrivals:
        for alert in wire.decode(list[Alert], arrival.body):
            take(app, tx, desk, alert)
    intake.done(tx, [arrival.id for arrival in arrivals])
    return len(arrivals)


def _merge_one_by_one(app: App, most: int, first: Exception) -> int:
    app.db.read(lambda tx: set_desk(tx, app.clock.now()))  # where this fails, the fault is not the messages'
    merged = 0
    for _ in range(most):
        try:
            one = app.db.write(partial(_merge, app, 1))
        except (Unavailable, Conflict):
            raise
        except Exception as error:  # noqa: BLE001
            app.db.write(partial(_set_aside, discretion.said(app, f"{error} (first: {first})")))
            one = 1
        merged += one
        if not one:
            break
    return merged


def _set_aside(why: str, tx: Tx) -> None:
    for arrival in intake.claim(tx, 1):
        intake.failed(tx, arrival.id, why, give_up_after=1)


def take(app: App, tx: Tx, desk: Desk, heard: Alert) -> Incident | None:
    """Merge one alert and do what follows: declare, attach, clear or nothing."""
    old = alert_store.get(tx, heard.fingerprint, lock=True)
    if heard.acknowledged:
        return _taken_outside(app, tx, desk, heard, old)
    if heard.key and old is None and heard.status == "resolved":
        return None  # the end of something that was never told, as it can't be told by its labels
    alert = merge(old, heard)
    incident = _route(app, tx, desk, alert)
    alert_store.upsert(tx, replace(alert, incident=incident.id if incident else alert.incident))
    return incident


def _taken_outside(app: App, tx: Tx, desk: Desk, heard: Alert, old: Alert | None) -> Incident | None:
    """Somebody acknowledged an alert where it comes from: so is its incident, or the word is noted."""
    incident = incidents.load(tx, old.incident, lock=True) if old is not None and old.incident else None
    if old is None or incident is None or not incident.open or incident.acknowledged_at is not None:
        return None
    by = Actor("source", heard.source)
    who = heard.annotations.get("who", "")
    said = f"{who or 'Somebody'} acknowledged the alert {old.name[:LONGEST_TITLE]} in {heard.source}"
    words = "; ".join(filter(None, [said, heard.annotations.get("note", "")]))
    if heard.acknowledged == "there":
        words += ". It does not count here: that source may not acknowledge."
    taken = moves.acknowledge(incident, by) if heard.acknowledged == "here" else []
    incident = commit(app, tx, incident, [*taken, *moves.note(incident, words)], by)
    desk.put(incident)
    return incident


def _route(app: App, tx: Tx, desk: Desk, alert: Alert) -> Incident | None:
    """Decide and follow; anew where the chosen incident has been resolved since the desk was set."""
    while True:
        decision = routing.route(
            alert, app.books, desk.open.values(), desk.silences, default_severity(app), app.clock.now()
        )
        if isinstance(decision, routing.Mute):
            return None
        if isinstance(decision, routing.Declare):
            incident = _declare(app, tx, alert, decision)
        else:
            incident = _load(tx, decision.incident)
            if not incident.open:
                desk.put(incident)
                continue
            incident = _follow(app, tx, alert, decision, incident)
        desk.put(incident)
        return incident


def expire(app: App) -> int:
    """Take alerts whose end has passed without a word for resolved: the dead-man clock of Alertmanager's API."""
    if not app.db.read(lambda tx: alert_store.overdue(tx, app.clock.now(), 1)):
        return 0

    def move(tx: Tx) -> int:
        tx.alone("routing")  # nobody hears of one of them between the looking and the ending
        now = app.clock.now()
        desk, overdue = set_desk(tx, now), alert_store.overdue(tx, now, MOST_AT_ONCE)
        for alert in overdue:
            take(app, tx, desk, replace(alert, status="resolved", updated_at=now))
        return len(overdue)

    return app.db.write(move)


def declare(app: App, tx: Tx, book: Runbook, opening: moves.Opening, by: Actor) -> Incident:
    """Begin an incident: pin the runbook, page the first rung, start the diagnosis that is proved to read."""
    pin(app, tx, book)
    numbered = replace(opening, number=incidents.next_number(tx), watch=app.settings.recovery_watch)
    return commit(app, tx, None, moves.declare(book, numbered), by)


def begin(app: App, tx: Tx, incident: Incident, book: Runbook) -> Incident:
    """What follows a declaration at once: the rungs that are due now, and the harmless diagnosis."""
    return start_diagnosis(app, tx, turn(app, tx, incident), book)


def default_severity(app: App, book: Runbook | None = None) -> str:
    """The configured severity; else the second of the scale, which is "high but not the worst" in every scale seen."""
    books = (book,) if book else app.books
    scale = [severity.name for runbook in books for severity in runbook.severities]
    if app.settings.default_severity in scale or not scale:
        return app.settings.default_severity or "unrated"
    return scale[1] if len(scale) > 1 else scale[0]


def _follow(app: App, tx: Tx, alert: Alert, decision: routing.Attach | routing.Clear, incident: Incident) -> Incident:
    by = Actor("source", alert.source)
    if isinstance(decision, routing.Clear):
        why = alert.annotations.get(ENDED, "") if alert.source == routing.OURSELVES else ""
        cleared = moves.clear_alert(incident, alert.fingerprint, why)
        return commit(app, tx, incident, cleared, by) if cleared else incident
    linked = moves.link_alert(incident, alert, decision.why)
    if not linked:
        return incident
    listed = alert.fingerprint in incident.alerts
    kept = linked if listed or len(incident.alerts) < MOST_ALERTS_ON_A_TIMELINE else []
    why = f"the alert {alert.name[:LONGEST_TITLE]} says so"
    worse = moves.raise_severity(incident, alert.labels.get("severity", ""), why)
    return commit(app, tx, incident, [*kept, *worse], by) if kept or worse else incident


def _declare(app: App, tx: Tx, alert: Alert, decision: routing.Declare) -> Incident:
    by, scenario = Actor("source", alert.source), decision.scenario
    severity, why = _severity(app, decision)
    opening = moves.Opening(
        number=0,
        title=_title(alert, scenario),
        severity=severity,
        why=why,
        scenario=scenario,
        source=alert.source,
        drill=routing.is_drill(alert),
        detected_at=min(alert.starts_at, app.clock.now()),
    )
    incident = declare(app, tx, decision.runbook, opening, by)
    incident = commit(app, tx, incident, moves.link_alert(incident, alert, decision.why), by)
    return begin(app, tx, incident, decision.runbook)


def _title(alert: Alert, scenario: Scenario | None) -> str:
    """The scenario's title, else the alert's name: something in any case, so that nothing keeps the page back."""
    wanted = (scenario.title.strip() if scenario else "") or alert.name.strip() or "Alert without a name"
    return wanted[:LONGEST_TITLE]


def _severity(app: App, decision: routing.Declare) -> tuple[str, str]:
    """The severity and its reason; one that is not on the runbook's scale must not keep the page from being sent."""
    book = decision.runbook
    if not book.severities or book.severity(decision.severity) is not None:
        return decision.severity, decision.why
    fallback = default_severity(app, book)
    return fallback, f"{decision.why}; {decision.severity!r} is not on this runbook's scale, so {fallback}"


def _load(tx: Tx, ref: str) -> Incident:
    incident = incidents.load(tx, ref, lock=True)
    if incident is None:
        raise LookupError(f"{ref} was open a moment ago in this transaction.")
    return incident
