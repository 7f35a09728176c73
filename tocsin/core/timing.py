"""Moves of people over the clocks: an estimate, an outage, how often updates are due, what was done in time."""

from __future__ import annotations

from datetime import datetime, timedelta

from tocsin.core import facts
from tocsin.core.facts import Actor
from tocsin.core.incident import Incident
from tocsin.core.moves import LONGEST_TEXT, Facts
from tocsin.core.oncall import Directory
from tocsin.errors import Invalid, Refused

LONGEST_ESTIMATE = timedelta(days=30)
LONGEST_OUTAGE = timedelta(days=30)
LONGEST_CADENCE = timedelta(days=1)
SHORTEST_CADENCE = timedelta(minutes=1)


def estimate(incident: Incident, rest: timedelta, why: str) -> Facts:
    """Say how long the rest will take, counted from now. It takes the place of what was said before."""
    _must_be_open(incident)
    if not timedelta(0) < rest <= LONGEST_ESTIMATE:
        raise Invalid("An estimate is longer than nothing and at most 30 days.", "Say for example 40 minutes.")
    return [facts.ResolutionEstimated(seconds=rest.total_seconds(), why=_words(why))]


def mark_unavailable(incident: Incident, since: datetime, why: str, by: Actor, now: datetime) -> Facts:
    """Say since when the service has been unavailable; also where something else was said or measured before."""
    _must_be_open(incident)
    if not now - LONGEST_OUTAGE <= since <= now:
        raise Invalid("The service became unavailable at most 30 days ago and not in the future.")
    outage = incident.clocks.outage
    if outage is not None and outage.lasts and outage.since == since:
        raise Refused(f"{incident.id} says so already: {outage.why}.")
    return [facts.OutageBegan(since=since, why=_words(why) or f"{by.name} says so")]


def mark_available(incident: Incident, why: str, by: Actor) -> Facts:
    """Say that the service is available again."""
    _must_be_open(incident)
    if incident.clocks.outage is None or not incident.clocks.outage.lasts:
        raise Refused(f"{incident.id} does not say that the service is unavailable.")
    return [facts.OutageEnded(why=_words(why) or f"{by.name} says so")]


def set_cadence(incident: Incident, every: timedelta, why: str) -> Facts:
    """Say how often people are told how it goes."""
    _must_be_open(incident)
    if not SHORTEST_CADENCE <= every <= LONGEST_CADENCE:
        raise Invalid("Updates come at least a minute and at most 24 hours apart.")
    return [facts.CadenceSet(seconds=every.total_seconds(), why=_words(why))]


def meet_deadline(incident: Incident, task_id: str, note: str) -> Facts:
    """Say that something that the document wants done in time was done; also after the end."""
    task = next((task for task in incident.clocks.timetable.tasks if task.id == task_id), None)
    if task is None:
        known = ", ".join(each.id for each in incident.clocks.timetable.tasks) or "none"
        raise Invalid(f"{task_id!r} is not a deadline of {incident.id}.", f"Its deadlines: {known}.")
    state = incident.clocks.tasks.get(task_id)
    if state is not None and state.met_at is not None:
        raise Refused(f"“{task.what}” was already done by {state.met_by}.")
    return [facts.DeadlineMet(task=task.id, what=task.what, note=_words(note))]


def climb(incident: Incident, directory: Directory, number: int, to: str, why: str, now: datetime) -> Facts:
    """Call whom the document names for a condition, because a human says that it is true now.

    ``number`` counts the ladder's rungs from 0; ``to`` only where the document names nobody there.
    """
    _must_be_open(incident)
    if not 0 <= number < len(incident.ladder):
        raise Invalid(f"{incident.id} has {len(incident.ladder)} rungs; there is no number {number}.")
    rung, reason = incident.ladder[number], _words(why)
    if not reason:
        raise Invalid("This needs a reason.")
    if not rung.by_hand:
        raise Refused(f"A clock climbs that rung (line {rung.line}), nobody's word does.", "Call the person by name.")
    wanted = rung.to or to.strip()
    if not wanted:
        raise Invalid(f"Line {rung.line} names nobody to call.", "Say whom.")
    filled = directory.filled(wanted, now)
    if filled.person is None:
        said = f" ({filled.why})" if filled.why else ""
        raise Invalid(
            f"Nobody is bound to {wanted!r}{said}.", "Bind the role in tocsin.toml under [roles], or name a person."
        )
    return [
        facts.Escalated(
            to=wanted, person=filled.person.id, why=f"{reason} (“{rung.when}”, line {rung.line})", rung=number,
            line=rung.line, on_call=filled.why, condition=rung.when,
        )
    ]  # fmt: skip


def _must_be_open(incident: Incident) -> None:
    if not incident.open:
        raise Refused(f"{incident.id} is resolved.", "Reopen it first.")


def _words(text: str) -> str:
    cleaned = text.strip()
    if len(cleaned) > LONGEST_TEXT:
        raise Invalid(f"This is {len(cleaned):,} characters long; at most {LONGEST_TEXT:,} are kept.")
    return cleaned
