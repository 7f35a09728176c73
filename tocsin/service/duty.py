"""Who is on call now: what the configuration plans, what people changed about it, what calendars of others say."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from tocsin.app import App
from tocsin.core.oncall import Directory
from tocsin.core.schedules import Booked, Change, Schedule, Shift
from tocsin.ids import slug
from tocsin.plug import icalendars
from tocsin.store import duties
from tocsin.store.db import Tx

LOOKED_BACK, LOOKED_AHEAD = timedelta(days=62), timedelta(days=400)
"""The time for which a calendar of others is read."""
_COPIES = 32
_PARTS = re.compile(r"\s*[:|–—()\[\],;/•·]\s*|\s+-+\s+")
_ON_CALL = re.compile(r"\b(?:is )?on[ -]?call\b", re.IGNORECASE)


def directory(app: App, tx: Tx) -> Directory:
    """The directory with its schedules as they are now; without a schedule nothing is looked for."""
    planned = app.settings.directory
    if not planned.schedules:
        return planned
    now = app.clock.now()
    changes = [each for kept in duties.counting(tx, now - LOOKED_BACK) for each in as_changes(kept)]
    imported = {name: _imported(app, tx, schedule, now) for name, schedule in planned.schedules.items()}
    return replace(planned, schedules=imported).changed(changes)


def directory_now(app: App) -> Directory:
    """As `directory`, where there is no transaction."""
    if not app.settings.directory.schedules:
        return app.settings.directory
    return app.db.read(lambda tx: directory(app, tx))


def as_changes(kept: duties.Kept) -> tuple[Change, ...]:
    """A change that counts; of a swap both halves."""
    change = kept.change
    if change.kind != "swap":
        return (change,)
    given = replace(change, made_at=kept.settled_at or change.made_at)
    if kept.back is None or not change.people:
        return (given,)
    begins, ends = kept.back
    other, one = change.people[0], change.instead_of
    back = replace(given, id=f"{change.id}-back", begins=begins, ends=ends, people=(one,), instead_of=other)
    return (given, back)


def unknown_names(app: App, copy: duties.Copy, schedule: Schedule) -> tuple[str, ...]:
    """Who stands in the calendar of others and is nobody under ``[people]``."""
    read = calendar_of(copy.body, schedule.zone, app.clock.now())
    strange = [entry.names[0] for entry in read.entries if _person(app.settings.directory, entry.names) is None]
    return tuple(dict.fromkeys(strange))


def calendar_of(body: str, zone: str, now: datetime) -> icalendars.Read:
    """What a calendar of others says around now. Raises `Invalid` for what is none."""
    day = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return _read(body, zone, day)


@lru_cache(maxsize=_COPIES)
def _read(body: str, zone: str, day: datetime) -> icalendars.Read:
    return icalendars.read(body, zone, day - LOOKED_BACK, day + LOOKED_AHEAD)


def _imported(app: App, tx: Tx, schedule: Schedule, now: datetime) -> Schedule:
    """With the shifts of its calendar below its own layers; those of people whom nobody knows stay, and call nobody."""
    copy = duties.copy(tx, schedule.name) if schedule.imported else None
    if copy is None or not copy.body:
        return schedule
    booked = Booked(booked=shifts_of(app.settings.directory, calendar_of(copy.body, schedule.zone, now).entries))
    return replace(schedule, layers=(booked, *schedule.layers))


def shifts_of(known: Directory, entries: Sequence[icalendars.CalendarEntry]) -> tuple[Shift, ...]:
    """The entries of a calendar as shifts."""
    return tuple(
        Shift(
            begins=entry.begins,
            ends=entry.ends,
            person=_person(known, entry.names) or entry.names[0],
            why=f"as the calendar says: {entry.names[0]}",
        )
        for entry in entries
    )


def _person(known: Directory, names: Sequence[str]) -> str | None:
    """Whom an entry means: a person's id or name, or the address of one who takes part."""
    for name in names:
        wanted = slug(name)
        if wanted in known.people:
            return wanted
        for person in known.people.values():
            mail = person.contacts.get("email", "")
            if slug(person.name) == wanted or (mail and mail.casefold() == name.casefold()):
                return person.id
    return _in_title(known, names[0]) if names else None


def _in_title(known: Directory, title: str) -> str | None:
    """The one person whose id or name is a whole part of a title: "On call: Ana", "Ana - ferries (primary)"."""
    parts = {slug(_ON_CALL.sub(" ", part)) for part in _PARTS.split(title)} - {""}
    found = [person.id for person in known.people.values() if {person.id, slug(person.name)} & parts]
    return found[0] if len(found) == 1 else None
