"""How the facts about checklists are said."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tocsin.core import facts
from tocsin.core.line import Line
from tocsin.core.oncall import Directory
from tocsin.times import say_moment

NAMED = 3
"""So many of the things that were left open are named; the rest is counted."""

Saying = Callable[[Any, str, Directory], Line]


def _ticked(fact: facts.BoxTicked, by: str, _: Directory) -> Line:
    return Line(title=f"{by} ticked “{fact.text}”", detail=_behind(fact.note, fact.line), icon="check", tone="good")


def _unticked(fact: facts.BoxUnticked, by: str, _: Directory) -> Line:
    detail = _behind(fact.why, fact.line)
    return Line(title=f"{by} took the tick from “{fact.text}”", detail=detail, icon="rotate-ccw", tone="ask")


def _planned(fact: facts.DeadlinePlanned, by: str, directory: Directory) -> Line:
    who = f"{directory.name_of(fact.owner)} answers for “{fact.what}”" if fact.owner else f"“{fact.what}”"
    due = f", due {say_moment(fact.due_at)}" if fact.due_at else ""
    return Line(title=f"{who}{due}", detail=fact.why or f"by {by}", icon="clock", category="learning")


def _closed(fact: facts.Closed, by: str, _: Directory) -> Line:
    if not fact.left_open:
        return Line(title=f"{by} closed it", detail=fact.why or "nothing is open", icon="circle-check", tone="good")
    shown = "; ".join(fact.left_open[:NAMED])
    more = f" and {len(fact.left_open) - NAMED} more" if len(fact.left_open) > NAMED else ""
    title = f"{by} closed it with {len(fact.left_open)} open: {fact.why}"
    return Line(title=title, detail=f"{shown}{more}", icon="circle-check", tone="ask")


def _behind(words: str, line: int) -> str:
    return "; ".join(filter(None, [words, f"line {line}" if line else ""]))


SAYINGS: Mapping[type[Any], Saying] = {
    facts.BoxTicked: _ticked,
    facts.BoxUnticked: _unticked,
    facts.DeadlinePlanned: _planned,
    facts.Closed: _closed,
}
