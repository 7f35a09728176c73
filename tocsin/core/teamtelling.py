"""How the facts about people are said."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tocsin.core import facts
from tocsin.core.line import Line
from tocsin.core.oncall import Directory
from tocsin.core.teamstate import OWNER
from tocsin.times import say_moment

Saying = Callable[[Any, str, Directory], Line]


def role_in_words(role: str) -> str:
    """A role in a sentence: the incident itself, or its name."""
    return "the incident" if role == OWNER else f"the role {role}"


def _offered(fact: facts.HandOverOffered, by: str, directory: Directory) -> Line:
    keeps = f"{directory.name_of(fact.before)} has it until then" if fact.before else "nobody has it until then"
    return Line(
        title=f"{by} offered {role_in_words(fact.role)} to {directory.name_of(fact.to)}",
        detail=f"{fact.why}; until {say_moment(fact.until)}, {keeps}".removeprefix("; "),
        icon="arrow-up-right",
        tone="ask",
        category="people",
    )


def _accepted(fact: facts.HandOverAccepted, _: str, directory: Directory) -> Line:
    before = f" from {directory.name_of(fact.before)}" if fact.before else ""
    title = f"{directory.name_of(fact.person)} accepted {role_in_words(fact.role)}{before}"
    return Line(title=title, icon="hand", tone="good", category="people")


def _declined(fact: facts.HandOverDeclined, by: str, directory: Directory) -> Line:
    did = f"took back the offer of {role_in_words(fact.role)} to {directory.name_of(fact.person)}"
    title = f"{by} {did if fact.withdrawn else f'declined {role_in_words(fact.role)}'}"
    return Line(title=title, detail=fact.why or _keeps(fact.before, directory), icon="x", category="people")


def _expired(fact: facts.HandOverExpired, _: str, directory: Directory) -> Line:
    title = f"{directory.name_of(fact.person)} did not answer the offer of {role_in_words(fact.role)}"
    return Line(title=title, detail=_keeps(fact.before, directory), icon="clock", tone="bad", category="people")


def _keeps(before: str, directory: Directory) -> str:
    return f"{directory.name_of(before)} still has it" if before else "nobody has it"


def _left(fact: facts.RoleLeft, _: str, directory: Directory) -> Line:
    title = f"{directory.name_of(fact.person)} gave up {role_in_words(fact.role)}"
    return Line(title=title, detail=fact.why, icon="users", category="people")


def _step_owned(fact: facts.StepOwned, _: str, directory: Directory) -> Line:
    title = f"{directory.name_of(fact.owner)} answers for {fact.step}"
    return Line(title=title, icon="users", category="people")


def _war_room(fact: facts.WarRoomSet, by: str, _: Directory) -> Line:
    return Line(title=f"{by} said where to meet", detail=fact.url, icon="link", category="people")


def _private(fact: facts.MadePrivate, by: str, directory: Directory) -> Line:
    named = ", ".join(map(directory.name_of, fact.people))
    title = f"{by} made it private" + (f": only {named} and who is called see it" if named else "")
    return Line(title=title, detail=fact.why, icon="lock", tone="ask", category="people")


def _let_in(fact: facts.LetIn, by: str, directory: Directory) -> Line:
    title = f"{by} let {directory.name_of(fact.person)} see it"
    return Line(title=title, detail=fact.why, icon="eye", category="people")


def _shut_out(fact: facts.ShutOut, by: str, directory: Directory) -> Line:
    title = f"{by} let {directory.name_of(fact.person)} see it no longer"
    return Line(title=title, detail=fact.why, icon="lock", category="people")


def _public(fact: facts.MadePublic, by: str, _: Directory) -> Line:
    return Line(title=f"{by} let everybody see it", detail=fact.why, icon="eye", tone="ask", category="people")


def _glass(fact: facts.GlassBroken, _: str, directory: Directory) -> Line:
    title = f"{directory.name_of(fact.person)} broke the glass: they were not named and let themselves in"
    return Line(title=title, detail=fact.why, icon="eye", tone="bad", category="people")


SAYINGS: dict[type[Any], Saying] = {
    facts.HandOverOffered: _offered,
    facts.HandOverAccepted: _accepted,
    facts.HandOverDeclined: _declined,
    facts.HandOverExpired: _expired,
    facts.RoleLeft: _left,
    facts.StepOwned: _step_owned,
    facts.WarRoomSet: _war_room,
    facts.MadePrivate: _private,
    facts.LetIn: _let_in,
    facts.ShutOut: _shut_out,
    facts.MadePublic: _public,
    facts.GlassBroken: _glass,
}
