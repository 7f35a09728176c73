"""The only writer of incidents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tocsin import wire
from tocsin.app import App
from tocsin.core import facts
from tocsin.core.facts import Actor, Entry
from tocsin.core.fold import evolve
from tocsin.core.incident import Incident
from tocsin.core.notices import Surroundings, notices_for
from tocsin.core.run import Run
from tocsin.core.runbook import Channel
from tocsin.core.telling import titles_of
from tocsin.core.wake import next_wake
from tocsin.service import discretion
from tocsin.service.approvers import approvers
from tocsin.service.books import pinned
from tocsin.store import incidents, outbox, runs
from tocsin.store.db import Tx


def commit(app: App, tx: Tx, incident: Incident | None, new: Sequence[Any], by: Actor) -> Incident:
    """Append facts to the timeline, fold them into the row, plan what follows; all in the caller's transaction.

    1. Each fact becomes an entry whose primary key (incident, seq) is the optimistic lock.
    2. The row is the fold of the timeline, with the moment at which the clock must look again.
    3. Every notice and every run that the facts call for becomes a row in the same transaction.
    """
    now = app.clock.now()
    for each in new:
        fact = discretion.in_fact(app, each)
        entry = Entry(seq=incident.version + 1 if incident else 1, at=now, by=by, fact=fact)
        incident = evolve(incident, entry)
        incidents.append(tx, incident.id, entry)
        _plan(app, tx, incident, entry)
    if incident is None:
        raise ValueError("There is nothing to commit.")
    incidents.save(tx, incident, next_wake(incident))
    tx.after_commit(app.bell.ring)
    return incident


def _plan(app: App, tx: Tx, incident: Incident, entry: Entry) -> None:
    around = Surroundings(
        channels=_channels(app, tx, incident),
        approvers=approvers(app, tx) if isinstance(entry.fact, facts.ApprovalRequested) else (),
        titles=_titles(app, tx, incident, entry.fact),
    )
    for notice in notices_for(entry, incident, app.settings.directory, app.settings.base_url, around):
        body = wire.encode_text(discretion.in_notice(app, notice))
        outbox.put(
            tx,
            outbox.Effect(
                id=notice.id, kind="notify", incident=incident.id, body=body, due_at=entry.at, created_at=entry.at
            ),
        )
    if isinstance(entry.fact, facts.StepQueued):
        queued = entry.fact
        under = f"{queued.approval}/{queued.member}" if queued.member else queued.approval  # each member runs once
        runs.add(tx, _run(incident, entry, queued), approval=under)


def _channels(app: App, tx: Tx, incident: Incident) -> tuple[Channel, ...]:
    """Those of the version of the runbook that the incident follows; nobody looks where none is bound."""
    return pinned(app, tx, incident.runbook_digest).channels if app.settings.directory.channels else ()


def _titles(app: App, tx: Tx, incident: Incident, fact: object) -> dict[str, str]:
    """What the document calls the steps; only asked where somebody is told of one."""
    named = isinstance(fact, facts.StepInDoubt) or (isinstance(fact, facts.ApprovalRequested) and fact.undoes)
    return titles_of(pinned(app, tx, incident.runbook_digest)) if named else {}


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
