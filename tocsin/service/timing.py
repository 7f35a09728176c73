"""What people say to the clocks of an incident, each one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from msgspec import Meta

from tocsin.app import App
from tocsin.core import timing
from tocsin.core.facts import Actor
from tocsin.core.incident import Incident
from tocsin.service import duty, respond
from tocsin.service.respond import Name, Words

MONTH = 30 * 24 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A rung of the ladder that waits for a human's word, counted from 0."""

    rung: Annotated[int, Meta(ge=0, le=1000)]
    why: Words
    to: Annotated[Name, Meta(description="whom to call, where the document names nobody there")] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """How long the rest will take."""

    minutes: Annotated[float, Meta(gt=0, le=MONTH, description="the minutes that it will still take")]
    why: Words = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """Since when the service is unavailable."""

    minutes: Annotated[
        float, Meta(ge=0, le=MONTH, description="for so many minutes already; unless told, from now")
    ] = 0
    why: Words = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Back:
    """How it is known that the service is available."""

    why: Words = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """How often people are told."""

    minutes: Annotated[float, Meta(ge=1, le=24 * 60, description="the minutes between two updates")]
    why: Words = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """Something that the document wants done in time."""

    deadline: Name
    why: Words = ""


def confirm_condition(app: App, ref: str, request: Condition, by: Actor) -> Incident:
    """Say that a condition of the escalation is true now: whom the document names for it is called."""
    directory, now = duty.directory_now(app), app.clock.now()
    return respond.move(
        app, ref, by,
        lambda incident, _: timing.climb(incident, directory, request.rung, request.to, request.why, now),
    )  # fmt: skip


def estimate(app: App, ref: str, request: Rest, by: Actor) -> Incident:
    """Say how long it will still take; said again it counts anew."""
    rest = timedelta(minutes=request.minutes)
    return respond.move(app, ref, by, lambda incident, _: timing.estimate(incident, rest, request.why))


def mark_unavailable(app: App, ref: str, request: Gone, by: Actor) -> Incident:
    """Say since when the service is unavailable."""
    now = app.clock.now()
    since = now - timedelta(minutes=request.minutes)
    return respond.move(
        app, ref, by, lambda incident, _: timing.mark_unavailable(incident, since, request.why, by, now)
    )


def mark_available(app: App, ref: str, request: Back, by: Actor) -> Incident:
    """Say that the service is available again."""
    return respond.move(app, ref, by, lambda incident, _: timing.mark_available(incident, request.why, by))


def set_cadence(app: App, ref: str, request: Rhythm, by: Actor) -> Incident:
    """Say how often people are told how it goes."""
    every = timedelta(minutes=request.minutes)
    return respond.move(app, ref, by, lambda incident, _: timing.set_cadence(incident, every, request.why))


def meet_deadline(app: App, ref: str, request: Done, by: Actor) -> Incident:
    """Say that something that the document wants done in time was done."""
    return respond.move(app, ref, by, lambda incident, _: timing.meet_deadline(incident, request.deadline, request.why))
