"""The daily and the weekly report: written at their time, sent once over all nodes and restarts, printed when asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from tocsin import wire
from tocsin.app import App
from tocsin.core.figures.counting import Asked
from tocsin.core.figures.periods import Kind, Plan, begins, last_due, next_due
from tocsin.core.figures.report import Report, report
from tocsin.core.notices import Notice
from tocsin.core.oncall import Person
from tocsin.core.ways import Way
from tocsin.plug.kinds import reaches
from tocsin.service import discretion, figuring, notifying
from tocsin.service.access import Caller
from tocsin.store import heartbeats, outbox
from tocsin.store.db import Tx

LATE: Mapping[Kind, timedelta] = {"daily": timedelta(hours=12), "weekly": timedelta(days=2)}
"""What could not be sent within this time after its moment is not sent any more; the next one is."""
NOBODY = Caller("", "viewer", ())
"""Who reads a report that is sent: somebody who may see no private incident."""
MOST_TURNS = 400


def written(app: App, caller: Caller, kind: Kind, until: datetime) -> Report:
    """The report of the day or the week up to a moment, of what the caller may see."""
    zone = figuring.zone_of(app)
    since = begins(kind, until, zone)
    seen = figuring.seen_by(app, caller, since, until)
    told = figuring.counted(app, seen, Asked(since=since, until=until, by="severity", zone=zone, of="ended"))
    made = report(kind, seen[0], told, app.settings.directory.name_of, app.settings.base_url)
    return replace(made, subject=discretion.said(app, made.subject), text=discretion.said(app, made.text))


def send_due(app: App) -> bool:
    """Send what is due; whether anything was. The first look at a plan only takes down that it is looked at."""
    now, sent = app.clock.now(), False
    for plan in app.settings.reports.plans:
        due, last = last_due(plan, now), app.db.read(partial(_last, plan))
        if last is None:
            app.db.write(partial(_note, plan, due))
        elif last < due and now - due <= LATE[plan.kind]:
            sent = _send(app, plan, due) or sent
    return sent


def next_moment(app: App) -> datetime | None:
    """When a report is due next; None where none is planned."""
    now = app.clock.now()
    return min((next_due(plan, now) for plan in app.settings.reports.plans), default=None)


def _send(app: App, plan: Plan, due: datetime) -> bool:
    turns = 0
    while figuring.keep(app) and turns < MOST_TURNS:
        turns += 1
    made, now = written(app, NOBODY, plan.kind, due), app.clock.now()

    def write(tx: Tx) -> bool:
        last = _last(plan, tx)
        if last is not None and last >= due:
            return False
        _note(plan, due, tx)
        for to in app.settings.reports.to:
            _put(app, tx, _notice(plan, made, to, due), now)
        tx.after_commit(app.bell.ring)
        return True

    return app.db.write(write)


def _last(plan: Plan, tx: Tx) -> datetime | None:
    return heartbeats.last(tx, _name(plan))


def _note(plan: Plan, due: datetime, tx: Tx) -> None:
    heartbeats.put(tx, _name(plan), due)


def _name(plan: Plan) -> str:
    """The name of a heartbeat that no heartbeat of anybody else can have: it holds a slash."""
    return f"tocsin/report/{plan.kind}"


def _notice(plan: Plan, made: Report, to: str, due: datetime) -> Notice:
    return Notice(
        id=f"report/{plan.kind}/{due:%Y-%m-%dT%H:%M}/{to}", incident="", kind="inform", to=to,
        why=f"the {plan.kind} report goes to you ([reports] in tocsin.toml)", subject=made.subject,
        body=made.text.rstrip(),
    )  # fmt: skip


def _put(app: App, tx: Tx, notice: Notice, now: datetime) -> None:
    receiver = app.settings.directory.receiver(notice.to)
    via = _mail(app, receiver) if receiver else ""
    ways = (Way(via=via, after=timedelta(0)),) if via else notifying.ways_of(app.settings, notice, now)
    body = wire.encode_text(notice)
    for place, way in enumerate(ways):
        outbox.put(
            tx,
            outbox.Effect(
                id=notice.id if place == 0 else f"{notice.id}+{place}", kind="notify", incident="", body=body,
                due_at=now, created_at=now, state="due" if place == 0 else "spare", notice=notice.id, person=notice.to,
                via=way.via, place=place, urgency=notifying.WORD, why=notice.why,
            ),
        )  # fmt: skip


def _mail(app: App, receiver: Person) -> str:
    """The notifier that reports go by: the one of the settings, else one for mail that reaches the receiver."""
    told = app.settings.reports.via
    mails = [name for name, each in app.settings.notifiers.items() if reaches(each) == "email"]
    known = [name for name in mails if name in receiver.notify or receiver.contacts.get("email")]
    return told or next(iter(known), "")
