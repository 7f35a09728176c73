"""``[schedules.NAME]`` and ``[calendar]``: who is on call when, and when people work."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, TypeVar

from tocsin.core.calendar import Calendar, knows_zone
from tocsin.core.schedules import Layer, Rotation, Schedule, Turns, Window, parse_day, parse_days, parse_window
from tocsin.errors import Invalid
from tocsin.ids import slug
from tocsin.plug.addresses import check_networks
from tocsin.settings import shapes
from tocsin.times import parse_duration

SHORTEST_TURN = timedelta(hours=1)
MOST_PEOPLE, MOST_LAYERS, MOST_HOURS, MOST_HOLIDAYS = 200, 20, 50, 1000
FIRST_YEAR, LAST_YEAR = 2000, 2100


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarSource:
    """A file or an address with somebody else's calendar; ``allow`` as for every request that leaves."""

    address: str = field(repr=False)
    allow: bool | tuple[str, ...] = False


_EVERY = re.compile(r"(?:every\s+)?(?:(\d{1,3})\s*)?(days?|daily|weeks?|weekly|months?|monthly)", re.IGNORECASE)
_HANDOVER = re.compile(r"(?:([A-Za-z]+)[ ,]+)?(\d{1,2}):(\d{2})")
_T = TypeVar("_T")


def calendar(raw: shapes.CalendarTable, where: str) -> Calendar | None:
    """When people work; None where the file does not say so, because nobody should guess the zone of a team."""
    place = f"{where}: [calendar]"
    if not raw.zone:
        if raw.hours or raw.days or raw.holidays:
            raise Invalid("It names no zone.", 'Write zone = "Europe/Lisbon" or the like.', where=place)
        return None
    hours = _window(raw.hours or "09:00-17:00", f"{place} hours")
    if hours.ends > 24 * 60:
        raise Invalid("Business hours end on the day on which they begin.", 'Write hours = "09:00-17:00".', where=place)
    if len(raw.holidays) > MOST_HOLIDAYS:
        raise Invalid(f"At most {MOST_HOLIDAYS} holidays.", where=f"{place} holidays")
    made: Calendar = _said(
        lambda: Calendar(
            zone=_zone(raw.zone, f"{place} zone"),
            days=parse_days(raw.days) if raw.days else (0, 1, 2, 3, 4),
            opens=_clock(hours.begins),
            closes=_clock(hours.ends),
            holidays=tuple(sorted({_day(day, f"{place} holidays") for day in raw.holidays})),
        ),
        place,
    )
    return made


def schedules(raw: shapes.File, where: str) -> dict[str, Schedule]:
    """The schedules of a file, by the slug of their name. Raises `Invalid` for what could not be followed."""
    found: dict[str, Schedule] = {}
    for name, table in raw.schedules.items():
        place = f"{where}: [schedules.{name}]"
        key = slug(name)
        if not key or key in found:
            said = "is the same as another one" if key else "has neither a letter nor a digit"
            raise Invalid(f"{name!r} {said}.", "Name it.", where=f"{where}: [schedules]")
        zone = table.zone or raw.calendar.zone
        if not zone:
            hint = 'Write zone = "Europe/Lisbon" or the like, here or under [calendar].'
            raise Invalid("Nothing says in which zone its hours are.", hint, where=place)
        _zone(zone, f"{place} zone")
        found[key] = Schedule(
            name=key,
            zone=zone,
            layers=tuple(_layers(table, raw, zone, place)),
            covers=_windows(table.covers, f"{place} covers"),
            imported=bool(table.ics),
        )
        if not found[key].layers and not found[key].imported:
            raise Invalid("Nobody ever is on call by it.", "Name its people, its layers, or a calendar.", where=place)
    return found


def calendar_sources(raw: shapes.File, folder: Path, where: str) -> dict[str, CalendarSource]:
    """Where the shifts of schedules come from that are planned elsewhere, by the schedule's slug."""
    found = {}
    for name, table in raw.schedules.items():
        place = f"{where}: [schedules.{name}]"
        allow = table.allow if isinstance(table.allow, bool) else tuple(table.allow)
        try:
            check_networks(() if isinstance(allow, bool) else allow)
        except ValueError as error:
            raise Invalid(str(error), where=f"{place} allow") from None
        if table.ics:
            found[slug(name)] = CalendarSource(address=_source(table.ics, folder, f"{place} ics"), allow=allow)
    return found


def _layers(table: shapes.ScheduleTable, raw: shapes.File, zone: str, place: str) -> list[Layer]:
    own = shapes.LayerTable(
        people=table.people, every=table.every, handover=table.handover, start=table.start, until=table.until,
        hours=table.hours,
    )  # fmt: skip
    known = {slug(person) for person in raw.people}
    if len(table.layers) > MOST_LAYERS:
        raise Invalid(f"At most {MOST_LAYERS} layers.", where=place)
    if not table.people and own != shapes.LayerTable():
        raise Invalid("It has a rotation without people.", 'Write people = ["ana", "ben"].', where=place)
    first = [_layer(own, known, zone, place)] if table.people else []
    places = (f"{place} layer {number}" for number in range(1, len(table.layers) + 1))
    return [*first, *(_layer(each, known, zone, at) for each, at in zip(table.layers, places, strict=True))]


def _layer(table: shapes.LayerTable, known: set[str], zone: str, place: str) -> Rotation:
    people = tuple(slug(person) for person in table.people)
    strange = next((name for name, key in zip(table.people, people, strict=True) if key not in known), None)
    if strange is not None or not people or len(people) > MOST_PEOPLE:
        said = f"{strange!r} is nobody under [people]." if strange else f"It needs 1 to {MOST_PEOPLE} people."
        raise Invalid(said, f"Known: {', '.join(sorted(known)) or 'nobody'}.", where=f"{place} people")
    if table.start is None:
        hint = "Write start = 2026-11-02: the day on which the first of its people takes over."
        raise Invalid("Nothing says when the rotation begins.", hint, where=f"{place} start")
    turns, start = _turns(table.every, f"{place} every"), _day(table.start, f"{place} start")
    return Rotation(
        people=people,
        first=_first(start, table.handover, turns, f"{place} handover"),
        turns=turns,
        zone=zone,
        windows=_windows(table.hours, f"{place} hours"),
        until=datetime.combine(_day(table.until, f"{place} until"), time()) if table.until is not None else None,
        name=table.name,
    )


def _turns(text: str, place: str) -> Turns:
    found = _EVERY.fullmatch(text.strip())
    if found is not None:
        number, unit = int(found[1] or 1), found[2].lower()
        if number < 1:
            raise Invalid(f"{text!r} is no time.", 'Write every = "week".', where=place)
        if unit.startswith("month"):
            return Turns(months=number)
        return Turns(span=timedelta(days=number * (1 if unit.startswith("da") else 7)))
    span = _said(lambda: parse_duration(text), place)
    if span < SHORTEST_TURN:
        raise Invalid("A turn shorter than an hour helps nobody.", 'Write every = "12h", "day" or "week".', where=place)
    return Turns(span=span)


def _first(start: date, text: str, turns: Turns, place: str) -> datetime:
    """The first handover: on the first such day of the week that is not before the start."""
    found = _HANDOVER.fullmatch(text.strip())
    if found is None or int(found[2]) > 23 or int(found[3]) > 59:
        raise Invalid(f"{text!r} is no handover.", 'Write handover = "Monday 09:00" or "09:00".', where=place)
    if found[1]:
        name = found[1]
        weekday = _said(lambda: parse_day(name), place)
        if turns.months or turns.span % timedelta(days=7):
            said = f"{text!r} names a day of the week, and the rotation does not hand over in whole weeks."
            raise Invalid(said, 'Write the time alone, or every = "week".', where=place)
        start += timedelta(days=(weekday - start.weekday()) % 7)
    return datetime.combine(start, time(int(found[2]), int(found[3])))


def _windows(texts: str | Sequence[str], place: str) -> tuple[Window, ...]:
    several = [texts] if isinstance(texts, str) else list(texts)
    if len(several) > MOST_HOURS:
        raise Invalid(f"At most {MOST_HOURS} hours.", where=place)
    return tuple(_window(text, place) for text in several if text.strip())


def _window(text: str, place: str) -> Window:
    return _said(lambda: parse_window(text), place)


def _zone(name: str, place: str) -> str:
    if len(name) > 100 or not knows_zone(name):
        raise Invalid(f"{name[:60]!r} is no time zone.", "Write an IANA name such as Europe/Lisbon.", where=place)
    return name


def _day(day: date, place: str) -> date:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise Invalid(f"{day} is too far away.", f"Write a day from {FIRST_YEAR} to {LAST_YEAR}.", where=place)
    return day


def _clock(minutes: int) -> time:
    return time(minutes // 60 % 24, minutes % 60)


def _source(given: str, folder: Path, place: str) -> str:
    """An address as it is, a file as an absolute path."""
    if given.startswith(("https://", "http://")):
        return given
    if "://" in given or len(given) > 4000:
        raise Invalid("That is neither a file nor an address.", "Begin it with https://, or name a file.", where=place)
    return str((folder / given).resolve())


def _said(make: Callable[[], _T], place: str) -> _T:
    """What a function makes, or its sentence as `Invalid` with the place."""
    try:
        return make()
    except ValueError as error:
        raise Invalid(str(error), where=place) from None
    except Invalid as error:
        raise Invalid(error.message, error.hint, where=error.where or place) from None


def of_roles(roles: Mapping[str, Any]) -> dict[str, str]:
    """Roles as the directory has them: the slug of a person, or ``schedule:`` and the slug of a schedule."""
    made = {}
    for role, bound in roles.items():
        head, mark, name = str(bound).partition(":")
        by_schedule = mark and head.strip() == "schedule"
        made[slug(role)] = f"schedule:{slug(name)}" if by_schedule else slug(bound)
    return made
