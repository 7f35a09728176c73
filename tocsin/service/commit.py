"""The only writer of incidents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tocsin.app import App
from tocsin.core import facts
from tocsin.core.facts import Actor, Entry
from tocsin.core.fold import evolve
from tocsin.core.incident import Incident
from tocsin.core.notices import Surroundings, notices_for
from tocsin.core.run import Run
from tocsin.core.runbook import Channel
from tocsin.core.telling import titles_in
from tocsin.core.wake import next_wake
from tocsin.errors import TocsinError
from tocsin.service import causegate, discretion, duty, inviting, listed, messagedrafts, notifying
from tocsin.service.approvers import approvers
from tocsin.service.books import pinned, whole_book
from tocsin.store import incidents, rooms, runs
from tocsin.store.db import Tx

_WITH_BRIEFING = (
    facts.Escalated, facts.EveryoneCalled, facts.EscalationEnded, facts.SeverityChanged, facts.Reopened,
    facts.HandOverOffered, facts.HandOverExpired,
)  # fmt: skip
"""What people are paged for, with the steps that ran."""


def commit(app: App, tx: Tx, incident: Incident | None, new: Sequence[Any], by: Actor) -> Incident:
    """Append facts to the timeline, fold them into the row, plan what follows; all in the caller's transaction.

    1. Each fact becomes an entry whose primary key (incident, seq) is the optimistic lock.
    2. The row is the fold of the timeline, with the moment at which the clock must look again.
    3. Every notice and every run that the facts call for becomes a row in the same transaction.
    """
    now = app.clock.now()
    for place, each in enumerate(new):
        fact = discretion.in_fact(app, each)
        entry = Entry(seq=incident.version + 1 if incident else 1, at=now, by=by, fact=fact)
        before, incident = incident, evolve(incident, entry)
        incidents.append(tx, incident.id, entry)
        causegate.keep(tx, before, incident, entry)
        listed.keep(app, tx, before, incident)
        _plan(app, tx, incident, entry, _with_alerts(app, incident, entry, new[place + 1 :]))
    if incident is None:
        raise ValueError("There is nothing to commit.")
    incidents.save(tx, incident, next_wake(incident))
    for chat in app.settings.chats:
        rooms.mark(tx, chat, incident.id)
    tx.after_commit(app.bell.ring)
    return incident


def _with_alerts(app: App, incident: Incident, entry: Entry, then: Sequence[Any]) -> Incident:
    """Who hears that it began, or goes on, hears of the alerts that came with it: they stand right behind that fact."""
    if not isinstance(entry.fact, facts.Declared | facts.Reopened):
        return incident
    for fact in then:
        if isinstance(fact, facts.AlertLinked):
            linked = Entry(seq=incident.version + 1, at=entry.at, by=entry.by, fact=discretion.in_fact(app, fact))
            incident = evolve(incident, linked)
    return incident


def _plan(app: App, tx: Tx, incident: Incident, entry: Entry, told: Incident) -> None:
    """What must be sent and run for an entry; ``told``: the incident as messages have it."""
    directory, channels = app.settings.directory, _channels(app, tx, incident)
    asked: Sequence[str] = ()
    if isinstance(entry.fact, facts.ApprovalRequested):
        asked, directory = approvers(app, tx), duty.directory(app, tx)
    notifying.stand_down(tx, incident, entry, directory)
    draft = messagedrafts.reminder(app, tx, incident, entry.fact)
    titles = _titles(app, tx, incident, entry.fact)
    around = Surroundings(channels=channels, approvers=asked, titles=titles, draft=draft)
    notices = notices_for(entry, told, directory, app.settings.base_url, around)
    notices = inviting.attached(app, incident, entry, notices)
    if notices:
        notifying.put(app, tx, incident, entry, notices, channels or _ranked(app, tx, incident))
    if isinstance(entry.fact, facts.StepQueued):
        queued = entry.fact
        under = f"{queued.approval}/{queued.member}" if queued.member else queued.approval  # each member runs once
        runs.add(tx, _run(incident, entry, queued), approval=under)


def _channels(app: App, tx: Tx, incident: Incident) -> tuple[Channel, ...]:
    """Those of the version of the runbook that the incident follows; nobody looks where none is bound."""
    return pinned(app, tx, incident.runbook_digest).channels if app.settings.directory.channels else ()


def _ranked(app: App, tx: Tx, incident: Incident) -> tuple[Channel, ...]:
    """The document's channels, by which people are told, too; none where the document is not there any more."""
    try:
        return pinned(app, tx, incident.runbook_digest).channels
    except TocsinError:
        return ()


def _titles(app: App, tx: Tx, incident: Incident, fact: object) -> dict[str, str]:
    """What the document calls the steps; only asked where somebody is told of one, or drawn in behind what ran."""
    named = isinstance(fact, facts.ApprovalRequested | facts.StepInDoubt | facts.StepOwned | facts.PhaseOwned)
    if not named and not (incident.steps and isinstance(fact, _WITH_BRIEFING)):
        return {}
    try:
        return titles_in(incident, whole_book(app, tx, incident))
    except TocsinError:
        return {}  # a page with ids is a page


def _run(incident: Incident, entry: Entry, queued: facts.StepQueued) -> Run:
    verdict: Any = queued.verdict
    return Run(
        id=queued.run,
        incident=incident.id,
        step=queued.step,
        kind=queued.kind,
        command=queued.command,
        verdict=verdict,
        target=queued.target,
        place=queued.place,
        labels=queued.labels,
        sha=queued.sha,
        status="queued",
        queued_at=entry.at,
    )
