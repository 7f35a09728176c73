"""What people say of an incident's causes and of its post-mortem, each one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta

from tocsin.app import App
from tocsin.core import learning
from tocsin.core.calendar import Calendar
from tocsin.core.causes import Hypothesis, hypotheses
from tocsin.core.facts import Actor
from tocsin.core.incident import Incident
from tocsin.core.runbook import Runbook
from tocsin.core.schedules import instant
from tocsin.errors import Invalid, NotFound
from tocsin.service import act, actions, tracking
from tocsin.service.act import find
from tocsin.service.commit import commit
from tocsin.service.respond import Name, Words
from tocsin.store import incidents, library
from tocsin.store.db import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspicion:
    """What could be at fault."""

    text: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A possible cause, and what was seen that decides about it."""

    cause: Annotated[Name, Meta(description="a possible cause: its id, or words that only it has")]
    evidence: Annotated[Words, Meta(description="what was seen")]


@dataclass(frozen=True, slots=True, kw_only=True)
class RootCause:
    """What had to be true for this to happen; unless told, the one cause that was confirmed."""

    text: Words = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """When people talk about the post-mortem, for how long, where; unless told, everybody who was involved comes."""

    at: Annotated[Name, Meta(description="when: 2026-03-05T14:00, in the team's time zone unless it names another")]
    minutes: Annotated[float, Meta(ge=5, le=480, description="how many minutes it lasts")] = 60
    where: Annotated[Name, Meta(description="the room, or the address of the call")] = ""
    people: Annotated[str, Meta(max_length=4_000, description="ids of people, divided by commas")] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a reader says of the post-mortem."""

    note: Words = ""


def suspect(app: App, ref: str, request: Suspicion, by: Actor) -> Incident:
    """Name a possible cause that the document does not list."""
    return act.move_step(app, ref, by, lambda incident, book: learning.suspect(incident, book, request.text))


def confirm_cause(app: App, ref: str, request: Evidence, by: Actor) -> Incident:
    """Confirm a possible cause, with the evidence."""
    return act.move_step(
        app, ref, by,
        lambda incident, book: learning.judge_cause(incident, book, request.cause, "confirmed", request.evidence),
    )  # fmt: skip


def rule_out_cause(app: App, ref: str, request: Evidence, by: Actor) -> Incident:
    """Rule a possible cause out, with the evidence."""
    return act.move_step(
        app, ref, by,
        lambda incident, book: learning.judge_cause(incident, book, request.cause, "ruled out", request.evidence),
    )  # fmt: skip


def record_root_cause(app: App, ref: str, request: RootCause, by: Actor) -> Incident:
    """Say what the root cause was; what the incident switched off may then be switched on again."""
    return act.move_step(app, ref, by, lambda incident, book: learning.record_root_cause(incident, book, request.text))


def schedule_review(app: App, ref: str, request: Meeting, by: Actor) -> Incident:
    """Call the meeting about the post-mortem; everybody invited gets a calendar entry."""
    now = app.clock.now()

    def write(tx: Tx) -> Incident:
        incident, _ = find(app, tx, ref)
        at = moment_of(request.at, incident.clocks.timetable.calendar)
        named = [each.strip() for each in request.people.split(",") if each.strip()]
        people = [actions.person_of(app, name) for name in named] or involved(app, tx, incident)
        new = learning.schedule_review(incident, at, request.minutes, request.where, people, now)
        return commit(app, tx, incident, new, by)

    return app.db.write(write)


def approve_review(app: App, ref: str, request: Reading, by: Actor) -> Incident:
    """Say that you have read the post-mortem and agree; not of a version that you wrote yourself."""

    def write(tx: Tx) -> Incident:
        incident, _ = find(app, tx, ref)
        known = library.review(tx, incident.id)
        if known is None:
            raise NotFound(f"{incident.id} has no post-mortem yet.", "Open it first.")
        new = learning.approve_review(incident, known.version, known.updated_by, by.name, request.note)
        return commit(app, tx, incident, new, by)

    return app.db.write(write)


def involved(app: App, tx: Tx, incident: Incident) -> list[str]:
    """Who had to do with it, as far as the configuration knows them: called, with a role, leading it, or acting."""
    known = app.settings.directory.people
    acted = [actions.person_of(app, name) for name in incidents.people(tx, incident.id)]
    names = (*incident.roles.values(), *incident.paged, actions.person_of(app, incident.owner), *acted)
    return [name for name in dict.fromkeys(names) if name in known and incident.is_shown_to(name)]


def causes_of(incident: Incident, runbook: Runbook) -> tuple[Hypothesis, ...]:
    """The possible causes of an incident, with what speaks for each."""
    return hypotheses(incident, runbook)


def moment_of(text: str, calendar: Calendar) -> datetime:
    """A moment as it was written; without a zone it is the team's. Raises `Invalid`."""
    try:
        given = datetime.fromisoformat(text.strip())
        return given if given.tzinfo else instant(given, calendar.zone)
    except (ValueError, OverflowError):
        raise Invalid(f"{text[:60]!r} is no moment.", "Write for example 2026-03-05T14:00.") from None


MOVES: Mapping[str, tuple[str, type[Any], Callable[..., Incident]]] = {
    "suspect": ("responder", Suspicion, suspect),
    "confirm_cause": ("responder", Evidence, confirm_cause),
    "rule_out_cause": ("responder", Evidence, rule_out_cause),
    "record_root_cause": ("responder", RootCause, record_root_cause),
    "add_action": ("responder", actions.NewAction, actions.add_action),
    "change_action": ("responder", actions.ActionEdit, actions.change_action),
    "close_action": ("responder", actions.ActionName, actions.close_action),
    "drop_action": ("responder", actions.ActionWords, actions.drop_action),
    "reopen_action": ("responder", actions.ActionWords, actions.reopen_action),
    "track_actions": ("responder", tracking.Chosen, tracking.track_actions),
    "schedule_review": ("responder", Meeting, schedule_review),
    "approve_review": ("responder", Reading, approve_review),
}
"""Name of a move → the least role, what it needs, what it does: for `tocsin.service.catalogue`."""
