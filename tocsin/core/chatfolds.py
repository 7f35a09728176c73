"""What the facts about chats make of an incident, and how they are said on the timeline."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tocsin.core import facts
from tocsin.core.facts import Entry
from tocsin.core.incident import Incident
from tocsin.core.line import Line
from tocsin.core.oncall import Directory


def _opened(incident: Incident, _: Entry, made: facts.RoomOpened) -> Incident:
    return replace(incident, rooms={**incident.rooms, made.chat: made.name})


def _say_opened(made: facts.RoomOpened, _: str, __: Directory) -> Line:
    named = f"named as the runbook says (line {made.line})" if made.line else ""
    kind = "private channel" if made.private else "channel"
    title = f"The {kind} #{made.name} is open on {made.chat}"
    return Line(title=title, detail=named, icon="message-square", category="people")


FOLDS: dict[type[Any], Callable[[Incident, Entry, Any], Incident]] = {facts.RoomOpened: _opened}
SAYINGS: dict[type[Any], Callable[[Any, str, Directory], Line]] = {facts.RoomOpened: _say_opened}
