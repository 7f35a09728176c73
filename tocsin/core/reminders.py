"""Whom the clocks tell of what is late, and in which words."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Literal, NamedTuple

from tocsin.core import facts
from tocsin.core.incident import Incident
from tocsin.core.oncall import Directory
from tocsin.times import say_duration, say_moment


class Reminder(NamedTuple):
    """A message to some people. ``about`` goes into its subject."""

    kind: Literal["page", "inform"]
    people: list[str]
    why: str
    about: str


def reminder(fact: Any, incident: Incident, directory: Directory) -> Reminder | None:
    """What a fact of a clock makes people hear; None for one that only stands on the timeline."""
    everybody = list(dict.fromkeys((*incident.roles.values(), *incident.paged)))
    match fact:
        case facts.EveryoneCalled():
            return Reminder("page", list(fact.people), fact.why, incident.title)
        case facts.ResponseMissed():
            why = f"nobody took it by {say_moment(fact.due)}, as line {fact.line} wants for {fact.severity}"
            # nobody is called for what is only tracked, so whoever heard of it does again
            people = everybody or [each for each in (incident.clocks.told,) if each]
            return Reminder("inform", people, why, "nobody took it in time")
        case facts.FirstResponseBegun():
            return _begun(fact, incident, everybody)
        case facts.PhaseMissed():
            owner = next((phase.owner for phase in incident.phases if phase.id == fact.phase and phase.owner), "")
            within = say_duration(timedelta(minutes=fact.minutes))
            why = f"its time is over: {within} from the declaration (line {fact.line})"
            title = next((phase.title for phase in incident.phases if phase.id == fact.phase), fact.phase)
            told = [owner] if owner else _who_leads(incident, directory) or everybody
            return Reminder("inform", told, why, f"late: {title}")
        case facts.UpdateReminded() | facts.UpdateMissed():
            late = isinstance(fact, facts.UpdateMissed)
            why = f"an update was promised for {say_moment(fact.due)}" + (f" (line {fact.line})" if fact.line else "")
            about = "the promised update is late" if late else "an update is due"
            return Reminder("inform", _who_writes(incident, directory) or everybody, why, about)
        case facts.DeadlineNear() | facts.DeadlineMissed():
            late = isinstance(fact, facts.DeadlineMissed)
            left = _boxes_left(incident, fact.task)
            why = f"it {'was' if late else 'is'} due {say_moment(fact.due)} (line {fact.line}){left}"
            state = incident.clocks.tasks.get(fact.task)
            whose = [state.owner] if state is not None and state.owner in directory.people else []
            people = whose or _who_leads(incident, directory) or everybody
            return Reminder("inform", people, why, f"{'late' if late else 'due'}: {fact.what}")
        case facts.ActionNear() | facts.ActionOverdue():
            late = isinstance(fact, facts.ActionOverdue)
            why = f"an action item of {incident.id} {'was' if late else 'is'} due {say_moment(fact.due)}"
            people = [fact.owner] if fact.owner in directory.people else _who_leads(incident, directory) or everybody
            return Reminder("inform", people, why, f"{'overdue' if late else 'due'}: {fact.text[:120]}")
        case facts.ReviewScheduled():
            why = f"the post-mortem meeting is on {say_moment(fact.at)}"
            meeting = incident.learning.meeting
            moved = " is moved" if meeting and meeting.times > 1 else ""
            people = [*fact.people, *fact.left]
            return Reminder("inform", people, why, f"post-mortem meeting{moved}: {say_moment(fact.at)}")
        case _:
            return None


def _begun(fact: facts.FirstResponseBegun, incident: Incident, paged: list[str]) -> Reminder:
    """The team that is to be alerted; of what is only tracked whoever is on call hears, without being called."""
    why = f"at {fact.severity} the document wants: {fact.words} (line {fact.line})"
    people = [each for each in dict.fromkeys((fact.to, fact.on_call)) if each and each not in paged]
    return Reminder("inform", people, why, incident.title)


def _boxes_left(incident: Incident, task_id: str) -> str:
    """How many of a deadline's boxes are open; empty where it has none."""
    boxes = next((each.boxes for each in incident.clocks.timetable.tasks if each.id == task_id), ())
    ticked = [incident.checklist.boxes.get(box) for box in boxes]
    left = sum(not (state is not None and state.ticked) for state in ticked)
    return f"; {left} of its {len(boxes)} boxes are open" if boxes else ""


def _who_writes(incident: Incident, directory: Directory) -> list[str]:
    """Who tells people how it goes: communications, else whoever leads."""
    found = incident.roles.get("communications")
    return [found] if found else _who_leads(incident, directory)


def _who_leads(incident: Incident, directory: Directory) -> list[str]:
    commander, taken_by = incident.roles.get("commander"), incident.acknowledged_by
    if commander:
        return [commander]
    return [each.id for each in directory.people.values() if taken_by and taken_by in (each.id, each.name)][:1]
