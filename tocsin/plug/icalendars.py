"""Calendars as text (RFC 5545): on-call shifts written as one, and read from those of others.

Written: ``VERSION``, ``PRODID``, ``METHOD:PUBLISH``, a ``VEVENT`` with a stable ``UID`` for each shift, moments in UTC.
Read: ``DTSTART`` with ``DTEND`` or ``DURATION``, whole days, ``RRULE`` of days, weeks, months and years, ``RDATE``,
``EXDATE``, ``RECURRENCE-ID`` and ``STATUS:CANCELLED``. Times without a zone are those of the schedule's zone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Any, cast
from zoneinfo import ZoneInfo

from tocsin.core.schedules import Shift, instant
from tocsin.errors import Invalid

LARGEST = 2 * 1024 * 1024
MOST_EVENTS, MOST_ENTRIES = 5_000, 5_000
LONGEST_NAME = 200
OLDEST = datetime(1970, 1, 1)  # noqa: DTZ001 -- as it stands on a wall
_RULES = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "WKST"})
_OFTEN = frozenset({"DAILY", "WEEKLY", "MONTHLY", "YEARLY"})


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarEntry:
    """Something that a calendar says from one moment until another; ``names``: its title, then who takes part."""

    begins: datetime
    ends: datetime
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What a calendar says in a time, in order; ``problems``: what of it was not understood, and is left out."""

    entries: tuple[CalendarEntry, ...]
    problems: tuple[str, ...] = ()


def read(text: str, zone: str, begins: datetime, ends: datetime) -> Read:
    """What a calendar says between two moments. Raises `Invalid` for what is no calendar, or is too large."""
    if len(text) > LARGEST:
        raise Invalid(f"The calendar is larger than {LARGEST // 1024 // 1024} MiB.", "Let it hold fewer events.")
    events = _events(text)
    moved = {(str(each.get("UID", "")), at) for each in events if (at := _named_occurrence(each, zone)) is not None}
    found: list[CalendarEntry] = []
    problems: list[str] = []
    for event in events:
        try:
            found += islice(_entries(event, zone, moved, begins, ends), MOST_ENTRIES - len(found))
        except Invalid as error:
            problems.append(f"{_title(event)}: {error.message}")
        except (ValueError, TypeError, OverflowError, AttributeError, KeyError) as error:
            problems.append(f"{_title(event)}: it can't be read ({type(error).__name__})")
    if len(found) >= MOST_ENTRIES:
        problems.append(f"there are more than {MOST_ENTRIES:,} entries; the rest is left out")
    order = sorted(found, key=lambda entry: (entry.begins, entry.ends, entry.names))
    return Read(entries=tuple(order), problems=tuple(problems[:50]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A calendar to be written. ``told``: the words of each shift; ``at``: the moment at which it is written."""

    name: str
    shifts: Sequence[tuple[str, Shift]]
    at: datetime
    ends: datetime
    titles: Mapping[str, str] = field(default_factory=dict)


def write(feed: Feed) -> bytes:
    """The calendar of these shifts, each with the name of its schedule."""
    from icalendar import Calendar, Event

    whole = Calendar()
    whole.add("VERSION", "2.0")
    whole.add("PRODID", "-//tocsin//on-call//EN")
    whole.add("CALSCALE", "GREGORIAN")
    whole.add("METHOD", "PUBLISH")
    whole.add("X-WR-CALNAME", feed.name)
    whole.add("X-PUBLISHED-TTL", "PT1H")
    whole.add("REFRESH-INTERVAL", timedelta(hours=1), parameters={"VALUE": "DURATION"})
    for schedule, shift in feed.shifts:
        event = Event()
        event.add("UID", f"{schedule}-{shift.begins.astimezone(UTC):%Y%m%dT%H%M%SZ}-{shift.person}@tocsin")
        event.add("DTSTAMP", feed.at.astimezone(UTC).replace(microsecond=0))
        event.add("DTSTART", shift.begins.astimezone(UTC))
        event.add("DTEND", shift.ends.astimezone(UTC))
        cut = " (goes on; the calendar ends here)" if shift.ends >= feed.ends else ""
        event.add("SUMMARY", f"{feed.titles.get(shift.person, shift.person)} on call: {schedule}{cut}")
        if shift.why:
            event.add("DESCRIPTION", shift.why)
        event.add("TRANSP", "TRANSPARENT")
        whole.add_component(event)
    return cast("bytes", whole.to_ical())


def _events(text: str) -> list[Any]:
    from icalendar import Calendar

    try:
        calendars = Calendar.from_ical(text, multiple=True)
    except (ValueError, KeyError, IndexError, TypeError, RecursionError) as error:
        raise Invalid(f"This is no calendar ({str(error)[:120] or type(error).__name__}).") from None
    events = [event for whole in calendars if whole.name == "VCALENDAR" for event in whole.walk("VEVENT")]
    if not any(whole.name == "VCALENDAR" for whole in calendars):
        raise Invalid("This is no calendar.", "It has to begin with BEGIN:VCALENDAR.")
    if len(events) > MOST_EVENTS:
        raise Invalid(f"The calendar has more than {MOST_EVENTS:,} events.", "Let it hold fewer.")
    return events


def _entries(
    event: Any, zone: str, moved: set[tuple[str, datetime]], begins: datetime, ends: datetime
) -> Iterator[CalendarEntry]:
    if str(event.get("STATUS", "")).upper() == "CANCELLED":
        return
    first, place = _wall(event["DTSTART"].dt, zone)
    lasts, names = _lasts(event, first, zone), _names(event)
    if lasts <= timedelta(0):
        raise Invalid("it ends before it begins")
    own, uid = _named_occurrence(event, zone), str(event.get("UID", ""))
    for shown in _occurrences(event, first, place, ends):
        start = instant(shown, place)
        after = instant(shown + lasts, place)
        if (own is None and (uid, start) in moved) or after <= begins or start >= ends:
            continue
        yield CalendarEntry(begins=start, ends=after, names=names)


def _occurrences(event: Any, first: datetime, place: str, ends: datetime) -> Iterable[datetime]:
    """When it begins on the wall, again and again where it has a rule."""
    dates = (each.dt[0] if isinstance(each.dt, tuple) else each.dt for each in _dates(event, "RDATE"))
    more = {_in(each, place) for each in dates}
    left_out = {_in(each.dt, place) for each in _dates(event, "EXDATE")}
    rule = event.get("RRULE")
    if rule is None or "RECURRENCE-ID" in event:
        return sorted({first, *more} - left_out)
    return (shown for shown in sorted({*_ruled(rule, first, place, ends), *more}) if shown not in left_out)


def _ruled(rule: Any, first: datetime, place: str, ends: datetime) -> Iterator[datetime]:
    from dateutil.rrule import rrule, rrulestr

    if isinstance(rule, list):
        raise Invalid("it has several rules of recurrence, which is not read")
    parts = {str(name).upper() for name in rule}
    often = {str(each).upper() for each in rule.get("FREQ", ())}
    if not parts <= _RULES or not often <= _OFTEN or len(often) != 1 or first < OLDEST:
        told = rule.to_ical().decode()[:100]
        raise Invalid(f"its recurrence {told!r} is not read", "Days, weeks, months and years since 1970 are.")
    text = ";".join(part for part in rule.to_ical().decode().split(";") if not part.upper().startswith("UNTIL="))
    last = ends.astimezone(ZoneInfo(place)).replace(tzinfo=None)
    for until in rule.get("UNTIL", ()):
        whole = datetime.combine(until, time.max) if not isinstance(until, datetime) else _in(until, place)
        last = min(last, whole)
    found = cast("rrule", rrulestr(text, dtstart=first))
    if "COUNT" in parts:
        return (each for each in islice(found, MOST_ENTRIES) if each <= last)
    return iter(islice(found.replace(until=last), MOST_ENTRIES))


def _named_occurrence(event: Any, zone: str) -> datetime | None:
    """The occurrence that an event moves or replaces, where it is such a one."""
    named = event.get("RECURRENCE-ID")
    if named is None:
        return None
    try:
        shown, place = _wall(named.dt, zone)
    except (ValueError, AttributeError, Invalid):
        return None
    return instant(shown, place)


def _lasts(event: Any, first: datetime, zone: str) -> timedelta:
    if "DTEND" in event:
        after, place = _wall(event["DTEND"].dt, zone)
        begins, own = _wall(event["DTSTART"].dt, zone)
        return after - begins if place == own else instant(after, place) - instant(first, own)
    if "DURATION" in event:
        return cast("timedelta", event["DURATION"].dt)
    return timedelta(days=1) if not isinstance(event["DTSTART"].dt, datetime) else timedelta(0)


def _wall(given: Any, zone: str) -> tuple[datetime, str]:
    """What the wall shows, and where that wall is: a moment in UTC stays there, a day begins at midnight."""
    if not isinstance(given, datetime):
        if not isinstance(given, date):
            raise Invalid("it has no moment")
        return datetime.combine(given, time()), zone
    if given.tzinfo is None:
        return given, zone
    place = getattr(given.tzinfo, "key", None)
    if place is None:
        return given.astimezone(UTC).replace(tzinfo=None), "UTC"
    return given.replace(tzinfo=None, fold=0), str(place)


def _in(given: Any, place: str) -> datetime:
    """A moment as the wall of another place shows it."""
    shown, own = _wall(given, place)
    return shown if own == place else instant(shown, own).astimezone(ZoneInfo(place)).replace(tzinfo=None, fold=0)


def _dates(event: Any, name: str) -> list[Any]:
    known = event.get(name)
    listed = known if isinstance(known, list) else [known] if known is not None else []
    return [each for group in listed for each in group.dts][:MOST_ENTRIES]


def _names(event: Any) -> tuple[str, ...]:
    there = event.get("ATTENDEE") or []
    guests = [str(each) for each in (there if isinstance(there, list) else [there])][:20]
    mails = [guest[len("mailto:") :] if guest.lower().startswith("mailto:") else guest for guest in guests]
    params = [getattr(each, "params", {}) for each in (there if isinstance(there, list) else [there])][:20]
    called = [str(each.get("CN", "")) for each in params]
    named = [" ".join(str(text).split())[:LONGEST_NAME] for text in (event.get("SUMMARY", ""), *mails, *called)]
    return tuple(name for name in named if name) or ("(without a title)",)


def _title(event: Any) -> str:
    return f"“{_names(event)[0][:80]}”"
