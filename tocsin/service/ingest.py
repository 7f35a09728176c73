"""Alerts: accepted durably first, then merged, routed and turned into incidents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from tocsin import wire
from tocsin.app import App
from tocsin.core import facts, gathering, moves, routing
from tocsin.core.alert import Alert, merge, turn_of
from tocsin.core.change import Change
from tocsin.core.facts import Actor, Entry
from tocsin.core.fold import fold
from tocsin.core.hearing import without_repetitions
from tocsin.core.incident import Incident
from tocsin.core.runbook import Runbook, Scenario
from tocsin.errors import Conflict, Refused, Unavailable
from tocsin.ids import new_id
from tocsin.service import claiming, discretion, intaking, recurring
from tocsin.service.act import start_diagnosis
from tocsin.service.books import pin
from tocsin.service.clocks import turn
from tocsin.service.commit import commit
from tocsin.service.desk import Desk, set_desk
from tocsin.settings.answering import war_room_of
from tocsin.store import alertbook, incidents, intake, parcels
from tocsin.store import alerts as alert_store
from tocsin.store import changes as change_store
from tocsin.store.db import Tx
from tocsin.times import to_micros

MOST_ALERTS_ON_A_TIMELINE = gathering.MOST_LISTED
LONGEST_TITLE = 300
ENDED = "ended"
"""The annotation of our own alerts that says why one ended, where that was not because of a reading."""
EXPECTED = "it is expected to fire all the time: it shows that alerts arrive"
MOST_IN_A_PIECE = 100
MOST_AT_ONCE = 1_000
MOST_WORDS = 1_000
"""Words about alerts that are merged in one turn, unless told otherwise."""


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

    if alerts and not changes and not message and app.inbox is not None:
        alerts = [discretion.in_alert(app, alert) for alert in alerts]
        app.inbox.take(intaking.records_of(app, source, alerts))
    elif alerts or changes or message:
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
    tx.after_commit(app.arrivals.ring)


def merge_waiting(app: App, most: int = 20, words: int = MOST_WORDS) -> int:
    """Merge what was accepted, oldest first; the number of messages merged: ``most``, or of the log about ``words``.

    All in one transaction while all is well. When one can't be merged, each is tried alone, and the bad one is set
    aside with its reason, where `tocsin doctor` shows it.
    """
    if not claiming.anything(app):
        return 0
    try:
        return app.db.write(partial(_merge, app, most, words))
    except (Unavailable, Conflict):
        raise
    except Exception as error:  # noqa: BLE001 -- one bad message must never stop the others
        return _merge_one_by_one(app, most, error)


def _merge(app: App, most: int, words: int, tx: Tx) -> int:
    tx.alone("routing")
    pieces, now = claiming.claim(app, tx, most, words)[: 1 if words == 1 else None], app.clock.now()
    heard = without_repetitions([word for piece in pieces for word in piece.words], to_micros(now))
    _take_all(app, tx, set_desk(app, tx, now), [parcels.alert_of(word) for word in heard])
    claiming.done(app, tx, pieces)
    return len(pieces)


def _take_all(app: App, tx: Tx, desk: Desk, heard: Sequence[Alert]) -> None:
    """`take` each; of those that change nothing but their moments the rows are read and written together."""
    names, desk.turns = {alert.fingerprint for alert in heard}, []
    found = alert_store.get_all(tx, names) if len(names) > 1 else None
    desk.known = {name: found.get(name) for name in names} if found is not None else {}
    again: dict[str, Alert] = {}
    for alert in heard:
        fingerprint = alert.fingerprint
        merged = _heard_again(app, desk, desk.known.get(fingerprint), alert)
        if merged is not None:
            desk.known[fingerprint] = again[fingerprint] = merged
            continue
        if fingerprint in again:
            alert_store.upsert(tx, again.pop(fingerprint))
        take(app, tx, desk, alert)
    alert_store.upsert_all(tx, again.values())
    alertbook.remember_all(tx, desk.turns)
    desk.turns = None


def _heard_again(app: App, desk: Desk, old: Alert | None, heard: Alert) -> Alert | None:
    """What is known of an alert that still fires and belongs where it did; None where more may follow from it."""
    now = app.clock.now()
    if old is None or old.incident is None or old.muted or heard.acknowledged or heard.key or old.key:
        return None
    if not (old.firing_at(now) and heard.firing_at(now)) or routing.is_expected(heard, app.settings.deadman.expect):
        return None
    merged, fingerprint = merge(old, heard), heard.fingerprint
    holder = desk.holder(fingerprint) or desk.open.get(old.incident)
    if holder is None or holder.id != old.incident or merged.incident != old.incident:
        return None
    state = holder.alerts.get(fingerprint)
    if state is not None:
        return merged if state.firing else None
    if len(holder.alerts) < MOST_ALERTS_ON_A_TIMELINE or moves.raise_severity(
        holder, heard.labels.get("severity", ""), "it says so"
    ):
        return None
    return merged


def _merge_one_by_one(app: App, most: int, first: Exception) -> int:
    app.db.read(incidents.open_ones)  # where this fails, the fault is not the messages'
    merged = 0
    for _ in range(most):
        try:
            one = app.db.write(partial(_merge, app, 1, 1))
        except (Unavailable, Conflict):
            raise
        except Exception as error:  # noqa: BLE001
            app.db.write(partial(_set_aside, app, discretion.said(app, f"{error} (first: {first})")))
            one = 1
        merged += one
        if not one:
            break
    return merged


def _set_aside(app: App, why: str, tx: Tx) -> None:
    pieces = [replace(piece, fault=piece.fault or why) for piece in claiming.claim(app, tx, 1, 1)[:1]]
    claiming.done(app, tx, pieces)


def take(app: App, tx: Tx, desk: Desk, heard: Alert) -> Incident | None:
    """Merge one alert and do what follows: declare, attach, clear or nothing."""
    read = heard.fingerprint in desk.known
    old = desk.known.pop(heard.fingerprint) if read else alert_store.get(tx, heard.fingerprint, lock=True)
    if heard.acknowledged:
        return _taken_outside(app, tx, desk, heard, old)
    if heard.key and old is None and heard.status == "resolved":
        return None  # the end of something that was never told, as it can't be told by its labels
    alert, now = merge(old, heard), app.clock.now()
    incident, decision = _route(app, tx, desk, alert, old.incident if old else None)
    muted = decision if isinstance(decision, routing.Mute) and alert.firing_at(now) else routing.Mute(why="")
    known = replace(
        alert, incident=incident.id if incident else alert.incident, muted=muted.why, muted_until=muted.until
    )
    alert_store.upsert(tx, known)
    why = decision.why if isinstance(decision, routing.Declare | routing.Attach) else ""
    turn = turn_of(old, known, now, why)
    if turn is not None:
        desk.remember(tx, known.fingerprint, turn, first=old is None)
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
    taken = moves.acknowledge(incident, by, heard.source) if heard.acknowledged == "here" else []
    incident = commit(app, tx, incident, [*taken, *moves.note(incident, words)], by)
    desk.put(incident)
    return incident


def _route(app: App, tx: Tx, desk: Desk, alert: Alert, last: str | None) -> tuple[Incident | None, routing.Decision]:
    """Decide and follow; anew where the chosen incident has been resolved since the desk was set.

    ``last`` is the incident that the alert belonged to when it was last heard of.
    """
    if routing.is_expected(alert, app.settings.deadman.expect):
        return None, routing.Mute(why=EXPECTED)
    while True:
        decision = routing.route(
            alert, app.books, desk.open, desk.silences, default_severity(app), app.clock.now(),
            terms=app.settings.grouping,
        )  # fmt: skip
        if isinstance(decision, routing.Mute):
            return None, decision
        if isinstance(decision, routing.Declare):
            returned = recurring.bring_back(app, tx, alert, decision, last)
            if returned is not None:
                decision = routing.Attach(incident=returned.id, why=decision.why)
                incident = _follow(app, tx, desk, alert, decision, returned)
            else:
                incident = _declare(app, tx, alert, decision)
        else:
            incident = desk.lock(tx, decision.incident)
            if not incident.open:
                desk.put(incident)
                continue
            incident = _follow(app, tx, desk, alert, decision, incident)
        desk.put(incident)
        return incident, decision


def expire(app: App) -> int:
    """Take alerts whose end has passed without a word for resolved: the dead-man clock of Alertmanager's API."""
    if not app.db.read(lambda tx: alert_store.overdue(tx, app.clock.now(), 1)):
        return 0

    def move(tx: Tx) -> int:
        tx.alone("routing")  # nobody hears of one of them between the looking and the ending
        now = app.clock.now()
        desk, overdue = set_desk(app, tx, now), alert_store.overdue(tx, now, MOST_AT_ONCE)
        for alert in overdue:
            take(app, tx, desk, replace(alert, status="resolved", updated_at=now))
        return len(overdue)

    return app.db.write(move)


def lift(app: App) -> int:
    """Decide anew about alerts that fire and whose silence is over: now they declare what they did not declare."""
    if not app.db.read(lambda tx: alert_store.lapsed(tx, app.clock.now(), 1)):
        return 0

    def move(tx: Tx) -> int:
        tx.alone("routing")
        now = app.clock.now()
        desk, lapsed = set_desk(app, tx, now), alert_store.lapsed(tx, now, MOST_AT_ONCE)
        for alert in lapsed:
            take(app, tx, desk, alert)
        return len(lapsed)

    return app.db.write(move)


def declare(
    app: App, tx: Tx, book: Runbook, opening: moves.Opening, by: Actor, about: tuple[Alert, str] | None = None
) -> Incident:
    """Begin an incident: pin the runbook, and link the alert that it is ``about``, if any, for that reason."""
    pin(app, tx, book)
    number = incidents.next_number(tx)
    numbered = replace(
        opening, number=number, watch=app.settings.recovery_watch,
        war_room=war_room_of(app.settings.war_room, number),
        calendar=app.settings.calendar,
    )  # fmt: skip
    new = moves.declare(book, numbered)
    if about is not None:  # together, so that whoever hears of the beginning hears of the alert
        now = app.clock.now()
        begun = fold(Entry(seq=place, at=now, by=by, fact=each) for place, each in enumerate(new, 1))
        new = [*new, *moves.link_alert(begun, *about)]
    return commit(app, tx, None, new, by)


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


def _follow(
    app: App, tx: Tx, desk: Desk, alert: Alert, decision: routing.Attach | routing.Clear, incident: Incident
) -> Incident:
    by = Actor("source", alert.source)
    if isinstance(decision, routing.Clear):
        why = alert.annotations.get(ENDED, "") if alert.source == routing.OURSELVES else ""
        cleared = recurring.ends(app, tx, incident, alert.fingerprint, why)
        return commit(app, tx, incident, cleared, by) if cleared else incident
    linked = moves.link_alert(incident, alert, decision.why)
    if not linked:
        return incident
    listed = alert.fingerprint in incident.alerts
    room = listed or len(incident.alerts) < MOST_ALERTS_ON_A_TIMELINE
    kept = linked if room else _count(app, tx, desk, alert, incident)
    why = f"the alert {alert.name[:LONGEST_TITLE]} says so"
    worse = moves.raise_severity(incident, alert.labels.get("severity", ""), why)
    return commit(app, tx, incident, [*kept, *worse], by) if kept or worse else incident


def _count(app: App, tx: Tx, desk: Desk, alert: Alert, incident: Incident) -> moves.Facts:
    """One more alert than the timeline lists: said when they have become twice as many, or some time has passed."""
    if alert.incident == incident.id:
        return []
    known = desk.numbers.get(incident.id)
    number = (alertbook.number(tx, incident.id) if known is None else known) + 1
    desk.numbers[incident.id] = number
    now = app.clock.now()
    if not gathering.counts_again(incident, number, app.settings.grouping, now):
        return []
    names = alertbook.amount(tx, incident.id, now).names
    return [facts.AlertsGathered(alerts=number, names=names, listed=len(incident.alerts))]


def _declare(app: App, tx: Tx, alert: Alert, decision: routing.Declare) -> Incident:
    by, scenario = Actor("source", alert.source), decision.scenario
    severity, why = _severity(app, decision)
    opening = moves.Opening(
        number=0,
        title=decision.title or _title(alert, scenario),
        severity=severity,
        why=why,
        scenario=scenario,
        source=alert.source,
        drill=routing.is_drill(alert),
        detected_at=min(alert.starts_at, app.clock.now()),
        group=decision.group,
        gathers=decision.gathers,
    )
    incident = declare(app, tx, decision.runbook, opening, by, (alert, decision.why))
    return begin(app, tx, incident, decision.runbook)


def _title(alert: Alert, scenario: Scenario | None) -> str:
    """The scenario's title, else the document's own metric, else the alert's name: something in any case.

    Nothing may keep the page back.
    """
    ours = alert.source == routing.OURSELVES and "threshold" in alert.labels
    metric = alert.labels.get("metric", "").strip() if ours else ""
    own = metric[:1].upper() + metric[1:]
    wanted = (scenario.title.strip() if scenario else "") or own or alert.name.strip() or "Alert without a name"
    return wanted[:LONGEST_TITLE]


def _severity(app: App, decision: routing.Declare) -> tuple[str, str]:
    """The severity and its reason; one that is not on the runbook's scale must not keep the page from being sent."""
    book = decision.runbook
    if not book.severities or book.severity(decision.severity) is not None:
        return decision.severity, decision.why
    fallback = default_severity(app, book)
    return fallback, f"{decision.why}; {decision.severity!r} is not on this runbook's scale, so {fallback}"
