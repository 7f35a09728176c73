"""Action items: proposed when an incident ends, taken on, changed, closed; and listed over all incidents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any

from msgspec import Meta

from tocsin.app import App
from tocsin.core import facts, learning
from tocsin.core.calendar import Calendar
from tocsin.core.facts import ENGINE, Actor
from tocsin.core.incident import Incident
from tocsin.core.runbook import Runbook
from tocsin.core.schedules import instant
from tocsin.core.telling import titles_of
from tocsin.core.troubles import troubles
from tocsin.errors import Invalid
from tocsin.ids import new_id, slug
from tocsin.service import access, act
from tocsin.service.access import Caller
from tocsin.service.act import find
from tocsin.service.commit import commit
from tocsin.store import incidents, library
from tocsin.store.db import Tx
from tocsin.times import MICROSECOND, parse_duration

Words = Annotated[str, Meta(max_length=2_000)]
Name = Annotated[str, Meta(max_length=300)]
Due = Annotated[Name, Meta(description="its day (2026-03-20), or how long from now (14d)")]
END_OF_DAY = time(23, 59)
FURTHEST = timedelta(days=3660)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAction:
    """What is to be done, by whom and when."""

    text: Words
    owner: Annotated[Name, Meta(description="a person's id, or a name")] = ""
    due: Due = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionEdit:
    """An action item; what is left empty stays."""

    action: Name
    text: Words = ""
    owner: Annotated[Name, Meta(description="a person's id, or a name")] = ""
    due: Due = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionName:
    """An action item."""

    action: Name


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionWords:
    """An action item, and why."""

    action: Name
    why: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionView:
    """An action item as people look at it, over all incidents. ``severity`` and ``title`` are its incident's."""

    id: str
    incident: str
    title: str
    severity: str
    text: str
    owner: str = ""
    owner_name: str = ""
    due_at: datetime | None = None
    state: str = "open"
    overdue: bool = False
    line: int = 0
    evidence: str = ""
    tracker: str = ""
    key: str = ""
    url: str = ""


def propose(app: App, tx: Tx, incident: Incident, runbook: Runbook) -> Incident:
    """Propose what the scenario lists as long-term fixes, and what went wrong in the response; once."""
    own = {each.line for each in incident.clocks.timetable.first}
    if any(item.line not in own for item in incident.learning.actions.values()):  # tickets of its beginning don't count
        return incident
    now, scenario = app.clock.now(), runbook.scenario(incident.scenario)
    proposed = [(text.text, text.line, "") for text in (scenario.follow_ups if scenario else ())]
    lines = {step.id: step.line for step in runbook.steps()} | {phase.id: phase.line for phase in runbook.phases}
    went_wrong = troubles(incidents.timeline(tx, incident.id), titles_of(runbook), lines)
    proposed += [(each.text, each.line, each.evidence) for each in went_wrong]
    new = [  # their names sort in the order in which they are proposed
        facts.ActionAdded(action=new_id("act", now + at * MICROSECOND), text=text, line=line, evidence=evidence)
        for at, (text, line, evidence) in enumerate(proposed)
    ]
    return commit(app, tx, incident, new, ENGINE) if new else incident


def add_action(app: App, ref: str, request: NewAction, by: Actor) -> Incident:
    """Take something on that is to be done, so that it does not happen again."""
    now = app.clock.now()

    def decide(incident: Incident, _: Runbook) -> list[Any]:
        item = facts.ActionAdded(
            action=new_id("act", now), text=" ".join(request.text.split()), owner=person_of(app, request.owner),
            due_at=due_of(request.due, now, incident.clocks.timetable.calendar),
        )  # fmt: skip
        return learning.add_action(incident, item)

    return act.move_step(app, ref, by, decide)


def change_action(app: App, ref: str, request: ActionEdit, by: Actor) -> Incident:
    """Give an action item other words, an owner or a day."""
    now = app.clock.now()

    def decide(incident: Incident, _: Runbook) -> list[Any]:
        due = due_of(request.due, now, incident.clocks.timetable.calendar)
        text, owner = " ".join(request.text.split()), person_of(app, request.owner)
        return learning.change_action(incident, request.action, text, owner, due)

    return act.move_step(app, ref, by, decide)


def close_action(app: App, ref: str, request: ActionName, by: Actor) -> Incident:
    """An action item was done."""
    return act.move_step(app, ref, by, lambda incident, _: learning.close_action(incident, request.action))


def drop_action(app: App, ref: str, request: ActionWords, by: Actor) -> Incident:
    """Decide that an action item will not be done, with the reason."""
    return act.move_step(app, ref, by, lambda incident, _: learning.drop_action(incident, request.action, request.why))


def reopen_action(app: App, ref: str, request: ActionWords, by: Actor) -> Incident:
    """An action item was not done after all."""
    return act.move_step(
        app, ref, by, lambda incident, _: learning.reopen_action(incident, request.action, request.why)
    )


def listing(app: App, seen: Sequence[Incident] | None, *, state: str = "open", owner: str = "") -> list[ActionView]:
    """Action items: what is overdue first, then by their day, those without a day last. ``seen`` None: of everybody."""
    now, directory = app.clock.now(), app.settings.directory
    shown = None if seen is None else {incident.id: incident for incident in seen}

    def read(tx: Tx) -> list[ActionView]:
        found, known = [], dict(shown or {})
        for item in library.actions(tx, state="" if state == "all" else state):
            if shown is not None and item.incident not in shown:
                continue
            if owner and slug(owner) not in (slug(item.owner), slug(directory.name_of(item.owner))):
                continue
            incident = known.get(item.incident) or incidents.load(tx, item.incident)
            if incident is not None:
                known[item.incident] = incident
                found.append(_view(item, incident, directory.name_of(item.owner) if item.owner else "", now))
        return found

    return sorted(app.db.read(read), key=lambda each: (each.due_at is None, each.due_at or now, each.incident))


def _view(item: library.Action, incident: Incident, name: str, now: datetime) -> ActionView:
    state = incident.learning.actions.get(item.id)
    late = item.state == "open" and item.due_at is not None and item.due_at <= now
    return ActionView(
        id=item.id, incident=incident.id, title=incident.title, severity=incident.severity, text=item.text,
        owner=item.owner, owner_name=name, due_at=item.due_at, state=item.state, overdue=late, line=item.line,
        evidence=state.evidence if state else "", tracker=state.tracker if state else "",
        key=state.key if state else "", url=state.url if state else "",
    )  # fmt: skip


def due_of(text: str, now: datetime, calendar: Calendar) -> datetime | None:
    """A day as the end of its business hours in the team's zone, or a moment so long from now; None for nothing."""
    words = text.strip()
    if not words:
        return None
    try:
        day = date.fromisoformat(words)
    except ValueError:
        try:
            due = now + parse_duration(words)
        except (ValueError, OverflowError):
            raise Invalid(f"{words!r} is neither a day nor a duration.", "Write 2026-03-20 or 14d.") from None
    else:
        wall = calendar.closes if calendar.closes != time(0) else END_OF_DAY
        due = instant(datetime.combine(day, wall), calendar.zone).astimezone(UTC)
    if not now < due <= now + FURTHEST:
        raise Invalid("That day has passed, or is more than ten years away.")
    return due


def person_of(app: App, name: str) -> str:
    """The id of a person whom the configuration knows by this name or id; else the name as it is."""
    known = app.settings.directory
    wanted = slug(name)
    by_name = next((person.id for person in known.people.values() if slug(person.name) == wanted), "")
    return wanted if wanted in known.people else by_name or name.strip()


def seen_by(app: App, caller: Caller) -> list[Incident]:
    """The incidents with action items that a caller may see."""

    def read(tx: Tx) -> list[Incident]:
        refs = dict.fromkeys(item.incident for item in library.actions(tx))
        return [each for ref in refs if (each := incidents.load(tx, ref)) is not None]

    return access.only_in_reach(app, caller, app.db.read(read))


def heard(app: App, ref: str, action: str, fact: Any, by: Actor) -> None:
    """Put on record what a tracker says of an action item that is still known; nothing where it says so already."""

    def write(tx: Tx) -> None:
        incident, _ = find(app, tx, ref)
        item = incident.learning.actions.get(action)
        closed = isinstance(fact, facts.ActionDone)
        if item is None or (closed and item.state != "open"):
            return
        if isinstance(fact, facts.ActionReopened) and item.state == "open":
            return
        commit(app, tx, incident, [replace(fact, text=item.text)], by)

    app.db.write(write)
