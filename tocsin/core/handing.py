"""Whom facts about people concern, and in which words they are told."""

from __future__ import annotations

from typing import Any

from tocsin.core import facts
from tocsin.core.incident import Incident
from tocsin.core.reminders import Reminder
from tocsin.core.teamtelling import role_in_words
from tocsin.times import say_time


def told(fact: Any, incident: Incident, by: str) -> Reminder | None:
    """What a fact about people makes others hear; None for one that is only recorded. ``by``: whose it is."""
    match fact:
        case facts.HandOverOffered():
            why = f"{by} offers you {role_in_words(fact.role)} until {say_time(fact.until)}: {fact.why}"
            return Reminder("page", [fact.to], why, f"will you take it over? {incident.title}")
        case facts.HandOverAccepted():
            why = f"{fact.person} accepted {role_in_words(fact.role)}"
            return Reminder("inform", _others(incident, fact.person), why, f"{fact.person} has it now")
        case facts.HandOverDeclined(withdrawn=True):
            return Reminder("inform", [fact.person], f"{by} took the offer back", "no longer offered to you")
        case facts.HandOverDeclined() if fact.before:
            why = f"{fact.person} declined {role_in_words(fact.role)}: {fact.why}".rstrip(": ")
            return Reminder("page", [fact.before], why, f"you still have it: {incident.title}")
        case facts.HandOverExpired() if fact.before:
            why = f"{fact.person} did not answer the offer of {role_in_words(fact.role)}"
            return Reminder("page", [fact.before], why, f"you still have it: {incident.title}")
        case facts.StepOwned():
            people = [fact.owner] if fact.owner != by else []
            return Reminder("inform", people, f"{by} says that you answer for it", f"yours: {fact.step}")
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


def _others(incident: Incident, person: str) -> list[str]:
    known = (incident.owner, *incident.roles.values(), *incident.paged)
    return [name for name in dict.fromkeys(known) if name and name != person]
