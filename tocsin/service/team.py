"""What people do about people, each one transaction: hand over, take a role, draw somebody in, say who may see it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any

from msgspec import Meta

from tocsin.app import App
from tocsin.core import privacy, roles
from tocsin.core.facts import Actor
from tocsin.core.incident import Incident
from tocsin.ids import slug
from tocsin.service import duty, respond
from tocsin.service.act import find_step
from tocsin.service.respond import Name, Words

People = Annotated[str, Meta(max_length=4_000, description="ids of people, divided by commas")]
Role = Annotated[Name, Meta(description="commander, scribe, …; unless told, the incident itself (owner)")]


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """A role, who is to take it over, and for how long they may think."""

    to: Annotated[Name, Meta(description="a person's id, or a role that [roles] binds")]
    role: Role = "owner"
    why: Words = ""
    minutes: Annotated[float, Meta(ge=1, le=720, description="the minutes until the offer ends")] = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """What was offered."""

    role: Role = ""
    why: Words = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleName:
    """A role."""

    role: Annotated[Name, Meta(description="commander, communications, scribe, operations or a role of your own")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """A role and why it is given up."""

    role: Annotated[Name, Meta(description="a role that you have")]
    why: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class StepOwner:
    """A step and who answers for it."""

    step: Words
    owner: Name


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """Whom to draw in, and why."""

    people: People
    why: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """Where people meet."""

    address: Annotated[str, Meta(max_length=500, description="the address of the call or room")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Privately:
    """Who sees it from now on, beside who says so, and why."""

    why: Words
    people: People = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Somebody:
    """A person, by the name of their token or their id."""

    person: Name
    why: Words = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Because:
    """Why."""

    why: Words


def hand_over(app: App, ref: str, request: HandOver, by: Actor) -> Incident:
    """Offer the incident, or a role of it, to somebody, who has it when they accept; until then nothing changes."""
    directory, now, lasts = duty.directory_now(app), app.clock.now(), timedelta(minutes=request.minutes)
    return respond.move(
        app, ref, by,
        lambda incident, _: roles.hand_over(incident, directory, request.role, request.to, lasts, request.why, now),
    )  # fmt: skip


def accept(app: App, ref: str, request: Offered, by: Actor) -> Incident:
    """Take what was offered to you."""
    now = app.clock.now()
    return respond.move(app, ref, by, lambda incident, _: roles.accept(incident, request.role, by, now))


def decline(app: App, ref: str, request: Offered, by: Actor) -> Incident:
    """Say no to what was offered to you, or take back what you offered."""
    return respond.move(app, ref, by, lambda incident, _: roles.decline(incident, request.role, request.why, by))


def take_role(app: App, ref: str, request: RoleName, by: Actor) -> Incident:
    """Take a role that nobody has."""
    return respond.move(app, ref, by, lambda incident, _: roles.take_role(incident, request.role, by))


def leave_role(app: App, ref: str, request: Leaving, by: Actor) -> Incident:
    """Give up a role of yours, so that nobody has it."""
    return respond.move(app, ref, by, lambda incident, _: roles.leave_role(incident, request.role, request.why, by))


def own_step(app: App, ref: str, request: StepOwner, by: Actor) -> Incident:
    """Say who answers for a step."""
    owner = person_of(app, request.owner)
    return respond.move(
        app, ref, by, lambda incident, book: roles.own_step(incident, find_step(book, request.step), owner)
    )


def add_people(app: App, ref: str, request: Added, by: Actor) -> Incident:
    """Draw several people in at once; each is paged with the context."""
    directory, now, people = duty.directory_now(app), app.clock.now(), privacy.names_of(request.people)
    return respond.move(
        app, ref, by, lambda incident, _: roles.add_people(incident, directory, people, request.why, now)
    )


def set_war_room(app: App, ref: str, request: Meeting, by: Actor) -> Incident:
    """Say where people meet."""
    return respond.move(app, ref, by, lambda incident, _: roles.set_war_room(incident, request.address))


def make_private(app: App, ref: str, request: Privately, by: Actor) -> Incident:
    """Let only those named see it, and who is drawn in later; for everybody else it does not exist."""
    people = privacy.names_of(request.people)
    return respond.move(app, ref, by, lambda incident, _: privacy.make_private(incident, people, request.why))


def let_in(app: App, ref: str, request: Somebody, by: Actor) -> Incident:
    """Let somebody see a private incident, too."""
    return respond.move(app, ref, by, lambda incident, _: privacy.let_in(incident, request.person, request.why))


def shut_out(app: App, ref: str, request: Somebody, by: Actor) -> Incident:
    """Let somebody see a private incident no longer."""
    return respond.move(app, ref, by, lambda incident, _: privacy.shut_out(incident, request.person, request.why, by))


def make_public(app: App, ref: str, request: Because, by: Actor) -> Incident:
    """Let everybody see a private incident, with all that was said in it."""
    return respond.move(app, ref, by, lambda incident, _: privacy.make_public(incident, request.why))


def break_glass(app: App, ref: str, request: Because, by: Actor) -> Incident:
    """Let yourself into a private incident without being named; it is recorded, and those who are named are paged."""
    return respond.move(app, ref, by, lambda incident, _: privacy.break_glass(incident, request.why, by))


def person_of(app: App, name: str) -> str:
    """The id of a person whom the configuration knows by this name or id; else the name as it is."""
    known = app.settings.directory.people.get(slug(name))
    return known.id if known else name


MOVES: Mapping[str, tuple[str, type[Any], Callable[..., Incident]]] = {
    "hand_over": ("responder", HandOver, hand_over),
    "accept": ("responder", Offered, accept),
    "decline": ("responder", Offered, decline),
    "take_role": ("responder", RoleName, take_role),
    "leave_role": ("responder", Leaving, leave_role),
    "own_step": ("responder", StepOwner, own_step),
    "add_people": ("responder", Added, add_people),
    "set_war_room": ("responder", Meeting, set_war_room),
    "make_private": ("responder", Privately, make_private),
    "let_in": ("responder", Somebody, let_in),
    "shut_out": ("responder", Somebody, shut_out),
    "make_public": ("responder", Because, make_public),
    "break_glass": ("admin", Because, break_glass),
}
"""Name of a move → the least role, what it needs, what it does: for `tocsin.service.catalogue`."""
