"""Whom facts about people concern, and in which words they are told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tocsin.core import facts
from tocsin.core.clocks import task_due
from tocsin.core.facts import Entry
from tocsin.core.incident import Incident
from tocsin.core.oncall import Directory
from tocsin.core.reminders import Reminder
from tocsin.core.teamtelling import role_in_words
from tocsin.times import say_moment, say_time

MOST_WORDS = 120


def told(fact: Any, incident: Incident, by: str) -> Reminder | None:
    """What a fact about people makes others hear; None for one that is only recorded. ``by``: whose it is."""
    match fact:
        case facts.HandOverOffered():
            why = f"{by} offers you {role_in_words(fact.role)} until {say_time(fact.until)}: {fact.why}".rstrip(": ")
            return Reminder("page", [fact.to], why, f"will you take over {role_in_words(fact.role)}? {incident.title}")
        case facts.HandOverAccepted():
            why = f"{fact.person} accepted {role_in_words(fact.role)}"
            about = f"{fact.person} has {role_in_words(fact.role)} now"
            return Reminder("inform", _others(incident, fact.person), why, about)
        case facts.HandOverDeclined(withdrawn=True):
            return Reminder("inform", [fact.person], f"{by} took the offer back", "no longer offered to you")
        case facts.HandOverDeclined() if fact.before:
            why = f"{fact.person} declined {role_in_words(fact.role)}: {fact.why}".rstrip(": ")
            return Reminder("page", [fact.before], why, f"you still have it: {incident.title}")
        case facts.HandOverExpired() if fact.before:
            why = f"{fact.person} did not answer the offer of {role_in_words(fact.role)}"
            return Reminder("page", [fact.before], why, f"you still have it: {incident.title}")
        case facts.LetIn():
            return Reminder("inform", [fact.person], f"{by} let you see it", incident.title)
        case facts.MadePrivate():
            people = [name for name in incident.team.named if name != by]
            return Reminder("inform", people, f"{by} made it private", "it is private now")
        case facts.GlassBroken():
            people = [name for name in incident.team.named if name != fact.person]
            return Reminder("page", people, f"{fact.person} let themselves in: {fact.why}", "the glass was broken")
        case _:
            return None


def yours(entry: Entry, incident: Incident, directory: Directory, titles: Mapping[str, str]) -> Reminder | None:
    """What somebody hears who is to answer for a step, a phase, a deadline or an action item; not by their own word."""
    match fact := entry.fact:
        case facts.StepOwned():
            what, due = titles.get(fact.step, fact.step), None
        case facts.PhaseOwned():
            what, due = titles.get(fact.phase, fact.phase), None
        case facts.DeadlinePlanned():
            task = next((each for each in incident.clocks.timetable.tasks if each.id == fact.task), None)
            what, due = fact.what, task_due(incident, task) if task else fact.due_at
        case facts.ActionAdded() | facts.ActionChanged():
            what, due = fact.text[:MOST_WORDS], fact.due_at
        case _:
            return None
    by = directory.name_of(entry.by.name)
    if fact.owner not in directory.people or entry.by.name in (fact.owner, directory.name_of(fact.owner)):
        return None
    until = f"; it is due {say_moment(due)}" if due else ""
    return Reminder("inform", [fact.owner], f"{by} says that you answer for it{until}", f"yours: {what}")


def _others(incident: Incident, person: str) -> list[str]:
    known = (incident.owner, *incident.roles.values(), *incident.paged)
    return [name for name in dict.fromkeys(known) if name and name != person]
