"""What becomes of notices in the database: a row for each way, bundles, and the end of what nobody wants any more.

All of it in the transaction that decided it: what is due when is a column, so a restart loses and repeats nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from tocsin import wire
from tocsin.app import App
from tocsin.core import facts
from tocsin.core.bundling import bundled
from tocsin.core.facts import Entry
from tocsin.core.incident import Incident
from tocsin.core.notices import Notice
from tocsin.core.oncall import Directory
from tocsin.core.runbook import Channel
from tocsin.core.ways import Way, ways_to
from tocsin.core.wording import worded
from tocsin.errors import Invalid
from tocsin.plug.kinds import bundles, reaches
from tocsin.service import discretion, inviting
from tocsin.settings import Settings
from tocsin.store import outbox
from tocsin.store.db import Tx

MINUTE = timedelta(minutes=1)
PAGE, QUESTION, WORD = 0, 1, 2
_URGENCY = {"page": PAGE, "approval": QUESTION}


def put(
    app: App, tx: Tx, incident: Incident, entry: Entry, notices: Sequence[Notice], channels: Sequence[Channel] = ()
) -> None:
    """Write what must be sent: each notice in the team's words, masked, by every way that leads to its receiver."""
    for notice in notices:
        name = app.settings.directory.name_of(notice.to)
        templates = {} if incident.team.private else app.settings.telling.templates  # a title must not leave the house
        said = discretion.in_notice(app, worded(notice, incident, name, templates))
        ways = inviting.by_mail(app.settings, said, ways_of(app.settings, said, entry.at, channels))
        if not _bundle(app, tx, said, ways, entry.at):
            _put(tx, said, ways, entry.at, entry.at)


def put_word(app: App, tx: Tx, notice: Notice, ways: Sequence[Way], now: datetime) -> None:
    """Write a word that belongs to no incident; as every other it is tried again, and what no way takes is seen."""
    _put(tx, discretion.in_notice(app, notice), ways, now, now)
    tx.after_commit(app.bell.ring)


def ways_of(settings: Settings, notice: Notice, now: datetime, channels: Sequence[Channel] = ()) -> tuple[Way, ...]:
    """By which ways a notice goes out at this moment."""
    receiver = settings.directory.receiver(notice.to)
    if notice.to not in settings.directory.people:
        channels = ()  # the notice itself says why this channel is told
    return ways_to(receiver, notice, now, settings.telling.next_after, channels=channels, kinds=kinds_of(settings))


def kinds_of(settings: Settings) -> Mapping[str, str]:
    """Notifier → the kind of channel that documents call it."""
    return {name: reaches(notifier) for name, notifier in settings.notifiers.items()}


def stand_down(tx: Tx, incident: Incident, entry: Entry, directory: Directory) -> None:
    """Drop what an answer has made needless: further ways of pages, and after the end all pages that still wait."""
    fact, now = entry.fact, entry.at
    if isinstance(fact, facts.Resolved | facts.Merged):
        outbox.stand_down(tx, incident.id, f"{incident.id} is over", now, untried=False)
    elif isinstance(fact, facts.Acknowledged):
        outbox.stand_down(tx, incident.id, f"{entry.by.name} acknowledged", now)
    elif isinstance(fact, facts.MadePrivate | facts.ShutOut):
        for who in dict.fromkeys((*incident.paged, *incident.roles.values(), *directory.people, *directory.channels)):
            if not (who in directory.people and incident.is_shown_to(who)):
                outbox.hush(tx, incident.id, who, f"{incident.id} is private", now)
    elif entry.by.kind == "person":
        for who in _called(entry.by.name, incident, directory):
            outbox.stand_down(tx, incident.id, f"{entry.by.name} is there", now, person=who)


def _called(name: str, incident: Incident, directory: Directory) -> list[str]:
    """Those who were paged and are called so."""
    return [person for person in incident.paged if name in (person, directory.name_of(person))]


def _put(tx: Tx, notice: Notice, ways: Sequence[Way], due: datetime, now: datetime, bundle: str = "") -> None:
    body, urgency = wire.encode_text(notice), _URGENCY.get(notice.kind, WORD)
    for place, way in enumerate(ways):
        spare = way.after is None or (bool(bundle) and place > 0)
        outbox.put(
            tx,
            outbox.Effect(
                id=notice.id if place == 0 else f"{notice.id}+{place}", kind="notify", incident=notice.incident,
                body=body, due_at=due if spare or way.after is None else due + way.after, created_at=now,
                state="spare" if spare else "due", notice=notice.id, person=notice.to, via=way.via, place=place,
                urgency=urgency, bundle=bundle, why=way.why,
            ),
        )  # fmt: skip


def _bundle(app: App, tx: Tx, notice: Notice, ways: Sequence[Way], now: datetime) -> bool:
    """Let a message join others to the same receiver, where they come too fast; whether it did."""
    urgency = _URGENCY.get(notice.kind, WORD)
    if notice.kind == "message" or urgency == QUESTION:
        return False
    if not all(bundles(app.settings.notifiers.get(way.via)) for way in ways):
        return False
    incident = notice.incident if urgency == PAGE else ""
    name = f"{urgency} {notice.to} {incident}"
    waiting = outbox.open_bundle(tx, name, now)
    if waiting is None:
        most = app.settings.telling.pages if urgency == PAGE else app.settings.telling.informs
        if outbox.lately(tx, notice.to, urgency, now - MINUTE, incident) < most:
            return False
        _put(tx, notice, ways, now + MINUTE, now, bundle=name)
        return True
    try:
        first = wire.decode(Notice, waiting.body)
    except Invalid:  # a row that nobody can read keeps no other message back
        return False
    outbox.rewrite(tx, waiting.notice, wire.encode_text(replace(bundled(first, notice), id=first.id)))
    return True
