"""What the facts about messages make of an incident, and how they are said on the timeline."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tocsin.core import facts
from tocsin.core.facts import Entry
from tocsin.core.incident import Incident
from tocsin.core.line import Line
from tocsin.core.messagestate import Said, Sent
from tocsin.core.oncall import Directory

SHOWN = 300
"""So much of a message stands on the timeline; all of it stands in the fact."""


def _with(incident: Incident, **change: Any) -> Incident:
    return replace(incident, messages=replace(incident.messages, **change))


def _answered(incident: Incident, entry: Entry, made: facts.FieldAnswered) -> Incident:
    answers = {name: said for name, said in incident.messages.answers.items() if name != made.field}
    if made.text:
        answers[made.field] = Said(text=made.text, by=entry.by.name, at=entry.at)
    return _with(incident, answers=answers)


def _drafted(incident: Incident, entry: Entry, made: facts.MessageDrafted) -> Incident:
    edits = {name: said for name, said in incident.messages.edits.items() if name != made.message}
    if made.text:
        edits[made.message] = Said(text=made.text, by=entry.by.name, at=entry.at)
    return _with(incident, edits=edits)


def _sent(incident: Incident, entry: Entry, made: facts.MessageSent) -> Incident:
    before = incident.messages.sent.get(made.message)
    sent = Sent(
        at=entry.at, by=entry.by.name, text=made.text, channels=made.channels, times=before.times + 1 if before else 1
    )
    edits = {name: said for name, said in incident.messages.edits.items() if name != made.message}
    return _with(incident, sent={**incident.messages.sent, made.message: sent}, edits=edits)


def also(after: Incident, entry: Entry) -> Incident:
    """What other facts mean to messages: what people said ended it is what a template calls the fix."""
    match entry.fact:
        case facts.Mitigated(how=str() as said) | facts.Resolved(summary=str() as said) if said.strip():
            return _with(after, fix=tuple(dict.fromkeys((*after.messages.fix, said.strip()))))
        case facts.Reopened():
            return _with(after, fix=())
        case _:
            return after


def _say_answered(made: facts.FieldAnswered, by: str, _: Directory) -> Line:
    where = f"line {made.line}" if made.line else ""
    title = f"{by} answered “{made.asked or made.field}”: {made.text}" if made.text else (
        f"{by} took the answer to “{made.asked or made.field}” back"
    )  # fmt: skip
    return Line(title=title, detail=where, icon="pencil", category="words")


def _say_drafted(made: facts.MessageDrafted, by: str, _: Directory) -> Line:
    how = "wrote the message" if made.text else "took the template again for the message"
    return Line(title=f"{by} {how} “{made.title or made.message}”", icon="pencil", category="words")


def _say_sent(made: facts.MessageSent, by: str, directory: Directory) -> Line:
    to = ", ".join(map(directory.name_of, made.channels)) or "nobody"
    who = "by itself, as [messages] says" if made.alone else by
    text = made.text if len(made.text) <= SHOWN else f"{made.text[:SHOWN]}…"
    return Line(title=f"“{made.title}” to {to}: {text}", detail=who, icon="megaphone", category="words")


FOLDS: dict[type[Any], Callable[[Incident, Entry, Any], Incident]] = {
    facts.FieldAnswered: _answered,
    facts.MessageDrafted: _drafted,
    facts.MessageSent: _sent,
}
SAYINGS: dict[type[Any], Callable[[Any, str, Directory], Line]] = {
    facts.FieldAnswered: _say_answered,
    facts.MessageDrafted: _say_drafted,
    facts.MessageSent: _say_sent,
}
