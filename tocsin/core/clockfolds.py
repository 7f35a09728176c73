"""What the facts about clocks make of an incident, and what other facts mean to its clocks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from tocsin.core import facts
from tocsin.core.cadences import same_update, update_due
from tocsin.core.clockstate import ClockState, Estimate, Outage, Promised, TaskState, says_unavailable
from tocsin.core.facts import Entry
from tocsin.core.incident import Incident
from tocsin.core.messagestate import TELLING

Fold = Callable[[Incident, Entry, Any], Incident]
Also = Callable[[Incident, Incident, Entry], Incident]


LONGEST_OUTAGE = timedelta(days=30)
MOST_PROMISES = 50
"""So many of the last promises are shown; figures count all."""


def _with(incident: Incident, **change: Any) -> Incident:
    return replace(incident, clocks=replace(incident.clocks, **change))


def _outage_began(incident: Incident, entry: Entry, made: facts.OutageBegan) -> Incident:
    since = min(max(made.since, entry.at - LONGEST_OUTAGE), entry.at)  # what an alert says of its start may be anything
    return _with(incident, outage=Outage(since=since, why=made.why, by=entry.by.name, alert=made.alert))


def _outage_ended(incident: Incident, entry: Entry, made: facts.OutageEnded) -> Incident:
    return _end_outage(incident, entry.at, made.why)


def _end_outage(incident: Incident, at: datetime, why: str) -> Incident:
    outage = incident.clocks.outage
    if outage is None or outage.until is not None:
        return incident
    return _with(incident, outage=replace(outage, until=at, ended_why=why))


def _estimated(incident: Incident, entry: Entry, made: facts.ResolutionEstimated) -> Incident:
    """The rungs that wait for the estimate wait anew."""
    climbed = tuple(index for index in incident.climbed if incident.ladder[index].clock != "estimate")
    estimate = Estimate(at=entry.at, seconds=made.seconds, by=entry.by.name, why=made.why)
    return _with(replace(incident, climbed=climbed), estimate=estimate)


def _cadence_set(incident: Incident, entry: Entry, made: facts.CadenceSet) -> Incident:
    return _with(incident, cadence_seconds=made.seconds, cadence_at=entry.at, missed_updates=0, reminded_at=None)


def _response_missed(incident: Incident, _: Entry, _made: facts.ResponseMissed) -> Incident:
    return _with(incident, response="missed")


def _begun(incident: Incident, _: Entry, made: facts.FirstResponseBegun) -> Incident:
    told = made.on_call or incident.clocks.told
    return _with(incident, begun=(*incident.clocks.begun, made.severity), told=told)


def _phase_missed(incident: Incident, _: Entry, made: facts.PhaseMissed) -> Incident:
    return _with(incident, missed_phases=(*incident.clocks.missed_phases, made.phase))


def _reminded(incident: Incident, entry: Entry, _: facts.UpdateReminded) -> Incident:
    return _with(incident, reminded_at=entry.at)


def _update_missed(incident: Incident, entry: Entry, made: facts.UpdateMissed) -> Incident:
    told = _with(incident, missed_updates=made.again + 1, reminded_at=entry.at)
    return told if made.again else _promised(told, Promised(due=made.due))


def _promised(incident: Incident, one: Promised) -> Incident:
    return _with(incident, promised=(*incident.clocks.promised, one)[-MOST_PROMISES:])


def _task(incident: Incident, name: str, **change: Any) -> Incident:
    before = incident.clocks.tasks.get(name, TaskState())
    return _with(incident, tasks={**incident.clocks.tasks, name: replace(before, **change)})


def _near(incident: Incident, entry: Entry, made: facts.DeadlineNear) -> Incident:
    return _task(incident, made.task, told_at=entry.at)


def _missed(incident: Incident, entry: Entry, made: facts.DeadlineMissed) -> Incident:
    return _task(incident, made.task, told_at=entry.at, missed=made.again + 1)


def _met(incident: Incident, entry: Entry, made: facts.DeadlineMet) -> Incident:
    return _task(incident, made.task, met_at=entry.at, met_by=entry.by.name)


def _everyone(incident: Incident, entry: Entry, made: facts.EveryoneCalled) -> Incident:
    paged = tuple(dict.fromkeys((*incident.paged, *made.people)))
    return _with(replace(incident, paged=paged, called_at=entry.at, repeats=made.again), stranded=True)


FOLDS: dict[type[Any], Fold] = {
    facts.OutageBegan: _outage_began,
    facts.OutageEnded: _outage_ended,
    facts.ResolutionEstimated: _estimated,
    facts.CadenceSet: _cadence_set,
    facts.ResponseMissed: _response_missed,
    facts.FirstResponseBegun: _begun,
    facts.PhaseMissed: _phase_missed,
    facts.UpdateReminded: _reminded,
    facts.UpdateMissed: _update_missed,
    facts.DeadlineNear: _near,
    facts.DeadlineMissed: _missed,
    facts.DeadlineMet: _met,
    facts.EveryoneCalled: _everyone,
}


# --- what the other facts mean to the clocks: the incident before, the incident after, the entry ---------------------


def _declared(_: Incident, after: Incident, entry: Entry) -> Incident:
    return replace(after, clocks=ClockState(timetable=entry.fact.timetable))


def _answered(before: Incident, after: Incident, entry: Entry) -> Incident:
    due = before.response_due
    if due is None or before.clocks.response:
        return after
    return _with(after, response="kept" if entry.at <= due else "missed")


def _severity_changed(before: Incident, after: Incident, entry: Entry) -> Incident:
    after = _with(after, severity_at=entry.at)
    if not after.is_worse(after.severity, before.severity):
        return after
    return _with(after, rises=after.clocks.rises + 1, rose_at=entry.at)


def _escalated(_: Incident, after: Incident, entry: Entry) -> Incident:
    made: facts.Escalated = entry.fact
    if made.rung is None:
        return after
    clock = after.ladder[made.rung].clock
    if clock == "severity":  # each rise climbs it anew, so the ladder goes on as after any other rung
        after = replace(after, repeats=0, ladder_ended=False)
    rises = max(0, after.clocks.rises - 1) if clock == "severity" else after.clocks.rises
    return _with(after, rises=rises, stranded=after.clocks.stranded and made.person is None)


def _updated(before: Incident, after: Incident, entry: Entry) -> Incident:
    due, known = update_due(before), after.clocks.promised
    if before.clocks.missed_updates and known and known[-1].at is None:
        after = _with(after, promised=(*known[:-1], replace(known[-1], at=entry.at)))
    elif due is not None and not same_update(before, entry.at):
        after = _promised(after, Promised(due=due, at=entry.at, kept=entry.at <= due))
    return _with(after, updated_at=entry.at, reminded_at=None, missed_updates=0)


def is_update(fact: Any) -> bool:
    """Whether people were told how it goes: posted, published or sent; a record that was sent is no update."""
    return isinstance(fact, facts.UpdatePosted) or (isinstance(fact, facts.MessageSent) and fact.kind in TELLING)


def _sent(before: Incident, after: Incident, entry: Entry) -> Incident:
    return _updated(before, after, entry) if is_update(entry.fact) else after


def _over(_: Incident, after: Incident, entry: Entry) -> Incident:
    return _end_outage(after, entry.at, "the incident was resolved")


def _reopened(before: Incident, after: Incident, entry: Entry) -> Incident:
    """What counts from the return begins anew; what was done for the time afterwards stays done."""
    outage = next(
        (
            Outage(since=entry.at, why=f"the alert {state.name} still says so", by=entry.by.name, alert=fingerprint)
            for fingerprint, state in after.alerts.items()
            if state.firing and says_unavailable(state.name, state.labels)
        ),
        before.clocks.outage,
    )
    return _with(
        after, outage=outage, estimate=None, rises=0, updated_at=None, reminded_at=None, missed_updates=0,
        stranded=False, response="" if entry.fact.anew else after.clocks.response,
        tasks={
            name: state if state.met_at else TaskState(owner=state.owner)
            for name, state in after.clocks.tasks.items()
            if state.met_at or state.owner
        },
    )  # fmt: skip


ALSO: dict[type[Any], Also] = {
    facts.Declared: _declared,
    facts.Acknowledged: _answered,
    facts.SeverityChanged: _severity_changed,
    facts.Escalated: _escalated,
    facts.UpdatePosted: _updated,
    facts.MessageSent: _sent,
    facts.Resolved: _over,
    facts.Merged: _over,
    facts.Reopened: _reopened,
}
