"""What the facts about causes, the post-mortem and action items make of an incident; and what runs mean to switches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tocsin.core import facts
from tocsin.core.facts import Entry
from tocsin.core.incident import Incident
from tocsin.core.learningstate import ActionState, CauseState, Meeting, Switch
from tocsin.core.switching import off_keys, switches_on

Fold = Callable[[Incident, Entry, Any], Incident]


def _with(incident: Incident, **change: Any) -> Incident:
    return replace(incident, learning=replace(incident.learning, **change))


def _suspected(incident: Incident, entry: Entry, made: facts.CauseSuspected) -> Incident:
    cause = CauseState(text=made.text, by=entry.by.name, at=entry.at)
    return _with(incident, causes={**incident.learning.causes, made.cause: cause})


def _judged(incident: Incident, entry: Entry, made: facts.CauseJudged) -> Incident:
    cause = CauseState(
        text=made.text, verdict=made.verdict, evidence=made.evidence, by=entry.by.name, at=entry.at, line=made.line
    )
    return _with(incident, causes={**incident.learning.causes, made.cause: cause})


def _root_cause(incident: Incident, entry: Entry, made: facts.RootCauseRecorded) -> Incident:
    return _with(incident, root_cause=made.text, root_cause_by=entry.by.name, root_cause_at=entry.at)


def _overruled(incident: Incident, _: Entry, made: facts.CauseGateOverruled) -> Incident:
    return _with(incident, overruled={**incident.learning.overruled, made.approval: made.why})


def _drafted(incident: Incident, _: Entry, _made: facts.ReviewDrafted) -> Incident:
    return replace(incident, review="draft")


def _scheduled(incident: Incident, _: Entry, made: facts.ReviewScheduled) -> Incident:
    before = incident.learning.meeting
    meeting = Meeting(
        at=made.at, minutes=made.minutes, where=made.where, people=made.people, due=made.due, line=made.line,
        times=before.times + 1 if before else 1,
    )  # fmt: skip
    return _with(incident, meeting=meeting)


def _approved(incident: Incident, entry: Entry, made: facts.ReviewApproved) -> Incident:
    return _with(incident, approved={**incident.learning.approved, entry.by.name: made.version})


def _published(incident: Incident, _: Entry, _made: facts.ReviewPublished) -> Incident:
    return replace(incident, review="published")


def _action(incident: Incident, action: str, **change: Any) -> Incident:
    before = incident.learning.actions.get(action)
    if before is None:  # a timeline of an earlier release may close what this one never saw added
        return incident
    return _with(incident, actions={**incident.learning.actions, action: replace(before, **change)})


def _added(incident: Incident, entry: Entry, made: facts.ActionAdded) -> Incident:
    item = ActionState(
        text=made.text, owner=made.owner, due_at=made.due_at, line=made.line, evidence=made.evidence,
        added_at=entry.at, set_at=entry.at,
    )  # fmt: skip
    after = _with(incident, actions={**incident.learning.actions, made.action: item})
    return replace(after, actions={**incident.actions, made.action: False})


def _changed(incident: Incident, entry: Entry, made: facts.ActionChanged) -> Incident:
    return _action(
        incident, made.action, text=made.text, owner=made.owner, due_at=made.due_at, told_at=None, missed=0,
        set_at=entry.at,
    )  # fmt: skip


def _settled(state: str) -> Fold:
    """It is done, dropped, or to be done again."""

    def settle(incident: Incident, _: Entry, made: Any) -> Incident:
        after = _action(incident, made.action, state=state, told_at=None, missed=0)
        return replace(after, actions={**incident.actions, made.action: state != "open"})

    return settle


def _tracked(incident: Incident, _: Entry, made: facts.ActionTracked) -> Incident:
    return _action(incident, made.action, tracker=made.tracker, key=made.key, url=made.url)


def _near(incident: Incident, entry: Entry, made: facts.ActionNear) -> Incident:
    return _action(incident, made.action, told_at=entry.at)


def _overdue(incident: Incident, entry: Entry, made: facts.ActionOverdue) -> Incident:
    return _action(incident, made.action, told_at=entry.at, missed=made.again + 1)


FOLDS: dict[type[Any], Fold] = {
    facts.CauseSuspected: _suspected,
    facts.CauseJudged: _judged,
    facts.RootCauseRecorded: _root_cause,
    facts.CauseGateOverruled: _overruled,
    facts.ReviewDrafted: _drafted,
    facts.ReviewScheduled: _scheduled,
    facts.ReviewApproved: _approved,
    facts.ReviewPublished: _published,
    facts.ActionAdded: _added,
    facts.ActionChanged: _changed,
    facts.ActionDone: _settled("done"),
    facts.ActionReopened: _settled("open"),
    facts.ActionDropped: _settled("dropped"),
    facts.ActionTracked: _tracked,
    facts.ActionNear: _near,
    facts.ActionOverdue: _overdue,
}


def also(after: Incident, entry: Entry) -> Incident:
    """What a run means to what is switched off: one that was ordered may switch something off or on again."""
    match entry.fact:
        case facts.StepQueued(verdict="read"):
            return after
        case facts.StepQueued(step=step, command=command, place=place):
            if not off_keys(command) and step not in after.learning.off and not after.learning.off:
                return after
            before = after.learning.off.get(step)
            ran = before is not None and before.ran and before.command == command
            switch = Switch(command=command, place=place, at=entry.at, ran=ran)
            return _with(after, off={**after.learning.off, step: switch})
        case facts.StepFinished(step=step, status=status) if step in after.learning.off:
            return _ended(after, step, happened=status not in ("failed", "cancelled", "unrunnable"), entry=entry)
        case facts.StepSettled(step=step, happened=happened) if step in after.learning.off:
            return _ended(after, step, happened=happened, entry=entry)
        case facts.StepInDoubt(step=step) if step in after.learning.off:
            return _ran(after, step, entry)
        case _:
            return after


def _ran(incident: Incident, step: str, entry: Entry) -> Incident:
    off = incident.learning.off
    return _with(incident, off={**off, step: replace(off[step], at=entry.at, ran=True)})


def _ended(incident: Incident, step: str, *, happened: bool, entry: Entry) -> Incident:
    """A command that switched off stays on record until another one has switched the same thing on."""
    off = dict(incident.learning.off)
    switch = off[step]
    if happened and off_keys(switch.command):
        return _ran(incident, step, entry)
    if switch.ran and not happened:  # it did before, and this time changed nothing
        return incident
    off.pop(step)
    if happened:
        off = {
            name: each for name, each in off.items()
            if each.place != switch.place or not switches_on(switch.command, each.command)
        }  # fmt: skip
    return _with(incident, off=off)
