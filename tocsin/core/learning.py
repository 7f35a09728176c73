"""Moves of people over what an incident teaches: its causes, its post-mortem and what is to be done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

from tocsin.core import facts
from tocsin.core.causes import hypotheses
from tocsin.core.clocks import task_due
from tocsin.core.incident import Incident
from tocsin.core.learningstate import ActionState
from tocsin.core.moves import LONGEST_TEXT, Facts
from tocsin.core.runbook import Runbook
from tocsin.core.timetable import Task
from tocsin.errors import Conflict, Invalid, NotFound, Refused
from tocsin.ids import slug
from tocsin.times import say_moment

MOST_ACTIONS = 200
LONGEST_ACTION = 2_000
_MEETING = ("post-mortem", "postmortem", "post mortem", "retrospective", "review meeting")
_SCHEDULES = ("schedul", "meeting", "hold", "conduct")


def suspect(incident: Incident, runbook: Runbook, text: str) -> Facts:
    """Name a possible cause that the document does not list; also after the end."""
    said = _words(text)
    if not said:
        raise Invalid("A cause needs words.", "Say what could be at fault.")
    name = slug(said)
    if name in {each.id for each in hypotheses(incident, runbook)}:
        raise Conflict(f"{said!r} is among the possible causes already.")
    return [facts.CauseSuspected(cause=name, text=said)]


def judge_cause(
    incident: Incident, runbook: Runbook, cause: str, verdict: Literal["confirmed", "ruled out"], evidence: str
) -> Facts:
    """Confirm a possible cause or rule it out; what was seen stays on record beside it."""
    known = {each.id: each for each in hypotheses(incident, runbook)}
    found = known.get(cause)
    if found is None:
        names = "; ".join(each.text for each in known.values()) or "none"
        raise NotFound(f"{incident.id} has no possible cause {cause!r}.", f"Its causes: {names}.")
    if not (said := _words(evidence)):
        raise Invalid("This needs evidence.", "Say what you saw.")
    return [facts.CauseJudged(cause=found.id, text=found.text, verdict=verdict, evidence=said, line=found.line)]


def record_root_cause(incident: Incident, runbook: Runbook, text: str) -> Facts:
    """Say what the root cause was: in words, or the one cause that was confirmed. It meets criteria that ask for it."""
    said, cause = _words(text), ""
    if not said:
        confirmed = [each for each in hypotheses(incident, runbook) if each.verdict == "confirmed"]
        if len(confirmed) != 1:
            raise Invalid(f"{len(confirmed)} possible causes are confirmed, not one.", "Say the root cause in words.")
        said, cause = confirmed[0].text, confirmed[0].id
    met = [
        facts.CriterionConfirmed(criterion=index, why=f"The root cause is recorded: {said}")
        for index, state in enumerate(incident.criteria if incident.open else ())
        if state.criterion.metric is None and not state.holds and "root cause" in state.criterion.text.casefold()
    ]
    return [facts.RootCauseRecorded(text=said, cause=cause), *met]


def add_action(incident: Incident, item: facts.ActionAdded) -> Facts:
    """Take something on that is to be done."""
    if len(incident.actions) >= MOST_ACTIONS:
        raise Refused(f"{incident.id} has {MOST_ACTIONS} action items.", "Drop what nobody will do.")
    _must_be_short(item.text)
    if any(each.text == item.text and each.state == "open" for each in incident.learning.actions.values()):
        raise Conflict("The same action item is open already.")
    return [item]


def change_action(incident: Incident, action: str, text: str, owner: str, due_at: datetime | None) -> Facts:
    """Give an action item other words, an owner or a day; what is empty stays as it is."""
    before = action_of(incident, action)
    if before.state != "open":
        raise Refused(f"This action item is {before.state}.", "Reopen it first.")
    after = facts.ActionChanged(
        action=action, text=text.strip() or before.text, owner=owner.strip() or before.owner,
        due_at=due_at or before.due_at,
    )  # fmt: skip
    _must_be_short(after.text)
    if (after.text, after.owner, after.due_at) == (before.text, before.owner, before.due_at):
        raise Invalid("Nothing would change.", "Give other words, an owner or a day.")
    return [after]


def close_action(incident: Incident, action: str) -> Facts:
    """An action item was done."""
    if action not in incident.actions:
        raise NotFound(f"{incident.id} has no action item {action!r}.")
    if incident.actions[action]:
        raise Refused("This action item is already done.")
    return [facts.ActionDone(action=action, text=action_of(incident, action).text)]


def drop_action(incident: Incident, action: str, why: str) -> Facts:
    """Decide that an action item will not be done, with the reason."""
    before = action_of(incident, action)
    if before.state != "open":
        raise Refused("This action item is not open.")
    if not (said := _words(why)):
        raise Invalid("Dropping an action item needs a reason.")
    return [facts.ActionDropped(action=action, why=said, text=before.text)]


def reopen_action(incident: Incident, action: str, why: str) -> Facts:
    """An action item was not done after all."""
    before = action_of(incident, action)
    if before.state == "open":
        raise Refused("This action item is open.")
    return [facts.ActionReopened(action=action, why=_words(why), text=before.text)]


def action_of(incident: Incident, action: str) -> ActionState:
    """An action item. Raises `NotFound`."""
    found = incident.learning.actions.get(action)
    if found is None:
        raise NotFound(f"{incident.id} has no action item {action!r}.", "`tocsin actions` lists them.")
    return found


def meeting_task(incident: Incident) -> Task | None:
    """The document's deadline for the post-mortem meeting, where it has one."""
    named = [
        task for task in incident.clocks.timetable.tasks
        if any(word in task.what.casefold() for word in _MEETING)
        and any(word in task.what.casefold() for word in _SCHEDULES)
    ]  # fmt: skip
    return min(named, key=lambda task: task.seconds, default=None)


def schedule_review(
    incident: Incident, at: datetime, minutes: float, where: str, people: Sequence[str], now: datetime
) -> Facts:
    """Call the meeting about the post-mortem; that meets the document's deadline where it is in time."""
    if not now < at <= now + timedelta(days=90):
        raise Invalid("The meeting is in the future, within 90 days.", "Write for example 2026-03-05T14:00.")
    task, before = meeting_task(incident), incident.learning.meeting
    due = task_due(incident, task) if task else None
    meeting = facts.ReviewScheduled(
        at=at, minutes=minutes, where=where.strip(), people=tuple(people), due=due, line=task.line if task else 0,
        left=tuple(name for name in before.people if name not in people) if before else (),
    )  # fmt: skip
    state = incident.clocks.tasks.get(task.id) if task else None
    if task is None or (state is not None and state.met_at is not None) or (due is not None and at > due):
        return [meeting]
    return [meeting, facts.DeadlineMet(task=task.id, what=task.what, note=f"it is on {say_moment(at)}")]


def approve_review(incident: Incident, version: int, author: str, reader: str, note: str) -> Facts:
    """Say that one has read the post-mortem and agrees. Somebody else than who wrote it last must do so."""
    if incident.review != "draft":
        raise Refused(f"{incident.id} has no draft to review.", "Open the post-mortem first.")
    if reader == author:
        raise Refused("You wrote this version yourself.", "Let somebody else read it.")
    if incident.learning.approved.get(reader) == version:
        raise Conflict(f"You have reviewed version {version} already.")
    return [facts.ReviewApproved(version=version, note=_words(note))]


def _must_be_short(text: str) -> None:
    if not text.strip():
        raise Invalid("An action item needs words.", "Say what is to be done.")
    if len(text) > LONGEST_ACTION:
        raise Invalid(f"This is {len(text):,} characters long; at most {LONGEST_ACTION:,} are kept.")


def _words(text: str) -> str:
    cleaned = " ".join(text.split())
    if len(cleaned) > LONGEST_TEXT:
        raise Invalid(f"This is {len(cleaned):,} characters long; at most {LONGEST_TEXT:,} are kept.")
    return cleaned
