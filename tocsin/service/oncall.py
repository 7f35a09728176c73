"""On-call as people look at it: who it is now, the next weeks, what would hurt in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tocsin.app import App
from tocsin.core.oncall import SCHEDULE, Directory
from tocsin.core.schedules import Clash, Gap, Schedule, clashes, gaps, shown_at
from tocsin.errors import Invalid
from tocsin.service import duty
from tocsin.service.planning import ChangeView, change_views
from tocsin.store import duties
from tocsin.store.db import Tx
from tocsin.times import say_duration

WEEKS, MOST_WEEKS = 4, 26
STALE = timedelta(hours=1)
"""A calendar of others that could not be read for so long is told of loudly."""
MOST_TOLD = 50
MOST_GAPS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyView:
    """Who fills a role or is on call by a schedule at a moment. ``person`` empty: nobody; ``why`` says why.

    ``until``: when that changes, where it is in sight; ``reachable``: whether there is a way to tell them.
    """

    role: str
    schedule: str = ""
    person: str = ""
    name: str = ""
    why: str = ""
    until: datetime | None = None
    reachable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftView:
    """A shift; ``person`` empty: nobody is on call, although somebody should be."""

    begins: datetime
    ends: datetime
    person: str = ""
    name: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleView:
    """A schedule with its shifts and gaps in order. ``fetched_at``: when its calendar was last read, if it has one."""

    name: str
    zone: str
    now: DutyView
    shifts: tuple[ShiftView, ...] = ()
    imported: bool = False
    fetched_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OnCall:
    """All of it from ``at`` until ``ends``. ``problems``: what would hurt, each as a sentence, the soonest first."""

    at: datetime
    ends: datetime
    roles: tuple[DutyView, ...] = ()
    schedules: tuple[ScheduleView, ...] = ()
    changes: tuple[ChangeView, ...] = ()
    problems: tuple[str, ...] = ()


def overview(app: App, at: datetime | None = None, weeks: int = WEEKS) -> OnCall:
    """Who is on call at a moment (now, unless told) and in the weeks after it. Raises `Invalid` for odd questions."""
    if not 0 <= weeks <= MOST_WEEKS:
        raise Invalid(f"{weeks} weeks can't be shown.", f"Ask for 0 to {MOST_WEEKS}.")
    now = app.clock.now()
    moment = at or now
    if abs(moment - now) > timedelta(days=366):
        raise Invalid("That is more than a year away.", "Ask for a moment within a year.")

    def read(tx: Tx) -> OnCall:
        known = duty.directory(app, tx)
        ends = moment + timedelta(weeks=weeks)
        views = tuple(_schedule(tx, known, each, moment, ends) for each in known.schedules.values())
        roles = tuple(_role(known, role, moment) for role in known.roles)
        changes = change_views(known, duties.since(tx, min(moment, now)))
        problems = tuple(_problems(app, tx, known, moment, max(ends, moment + timedelta(days=1))))
        return OnCall(at=moment, ends=ends, roles=roles, schedules=views, changes=changes, problems=problems)

    return app.db.read(read)


def _role(known: Directory, role: str, moment: datetime) -> DutyView:
    bound = known.roles[role]
    filled = known.filled(role, moment)
    schedule = known.schedules.get(bound.removeprefix(SCHEDULE)) if bound.startswith(SCHEDULE) else None
    return DutyView(
        role=role,
        schedule=filled.schedule,
        person=filled.person.id if filled.person else "",
        name=filled.person.name if filled.person else "",
        why=filled.why,
        until=schedule.until(moment) if schedule else None,
        reachable=bool(filled.person and filled.person.notify),
    )


def _schedule(tx: Tx, known: Directory, schedule: Schedule, moment: datetime, ends: datetime) -> ScheduleView:
    filled = known.on_call(schedule, moment)
    copy = duties.copy(tx, schedule.name) if schedule.imported else None
    return ScheduleView(
        name=schedule.name,
        zone=schedule.zone,
        now=DutyView(
            role=", ".join(role for role, bound in known.roles.items() if bound == f"{SCHEDULE}{schedule.name}"),
            schedule=schedule.name,
            person=filled.person.id if filled.person else "",
            name=filled.person.name if filled.person else "",
            why=filled.why,
            until=schedule.until(moment),
            reachable=bool(filled.person and filled.person.notify),
        ),
        shifts=tuple(sorted(_shifts(known, schedule, moment, ends), key=lambda shift: (shift.begins, shift.ends))),
        imported=schedule.imported,
        fetched_at=copy.fetched_at if copy else None,
    )


def _shifts(known: Directory, schedule: Schedule, moment: datetime, ends: datetime) -> Iterator[ShiftView]:
    for shift in schedule.shifts(moment, ends):
        yield ShiftView(
            begins=shift.begins, ends=shift.ends, person=shift.person, name=known.name_of(shift.person), why=shift.why
        )
    for gap in gaps(schedule, moment, ends):
        yield ShiftView(begins=gap.begins, ends=gap.ends)


def _problems(app: App, tx: Tx, known: Directory, moment: datetime, ends: datetime) -> Iterator[str]:
    """What would hurt: calendars that can't be read, people nobody can reach, gaps, and what is booked twice."""
    planned = tuple(known.schedules.values())
    for schedule in planned:
        yield from _source_problems(app, tx, schedule)
        yield from _people_problems(known, schedule, moment, ends)
    yield from _role_problems(known)
    yield from _gap_problems(planned, moment, ends)
    alike: dict[tuple[object, ...], list[Clash]] = {}
    for clash in clashes(planned, moment, ends):
        alike.setdefault((clash.people, clash.schedules, clash.what), []).append(clash)
    for first, *others in list(alike.values())[:MOST_TOLD]:
        zone = known.schedules[first.schedules[0]].zone
        who = " and ".join(dict.fromkeys(known.name_of(person) or "nobody" for person in first.people))
        where = " and ".join(first.schedules)
        yield f"{who}: {first.what} ({where}), {_span(first.begins, first.ends, zone)}{_more(others, zone)}."


def _gap_problems(planned: Sequence[Schedule], moment: datetime, ends: datetime) -> Iterator[str]:
    """The first gaps of each schedule; of many that come again and again the number."""
    for schedule in planned:
        holes, zone = gaps(schedule, moment, ends), schedule.zone
        shown = holes if len(holes) <= MOST_GAPS else holes[:1]
        for gap in shown:
            if gap.ends >= ends:
                yield f"Nobody is on call by {gap.schedule} from {_at(gap.begins, zone)} {zone} on."
            else:
                more = "" if len(shown) > 1 else _more(holes[1:], zone)
                yield f"Nobody is on call by {gap.schedule}, {_span(gap.begins, gap.ends, zone)}{more}."


def _source_problems(app: App, tx: Tx, schedule: Schedule) -> Iterator[str]:
    if not schedule.imported:
        return
    copy, now = duties.copy(tx, schedule.name), app.clock.now()
    if copy is None:
        yield f"The calendar of {schedule.name} was not read yet."
        return
    if copy.fetched_at is None:
        yield f"The calendar of {schedule.name} could never be read: {copy.problem}"
        return
    if copy.problem and now - copy.fetched_at > STALE:
        age = say_duration(now - copy.fetched_at)
        yield f"The calendar of {schedule.name} can't be read ({copy.problem}); its last copy counts, {age} old."
    for told in duty.calendar_of(copy.body, schedule.zone, now).problems:
        yield f"The calendar of {schedule.name} has something that is not understood and is left out: {told}."
    for name in duty.unknown_names(app, copy, schedule)[:MOST_TOLD]:
        yield f"“{name}” stands in the calendar of {schedule.name} and is nobody under [people]."


def _people_problems(known: Directory, schedule: Schedule, moment: datetime, ends: datetime) -> Iterator[str]:
    for person_id in sorted({shift.person for shift in schedule.shifts(moment, ends)}):
        person = known.people.get(person_id)
        if person is not None and not person.notify:
            hint = f"write notify under [people.{person_id}]"
            yield f"{person.name} is on call by {schedule.name}, and nothing tells them: {hint}."


def _role_problems(known: Directory) -> Iterator[str]:
    """People who fill a role always and whom nothing tells."""
    theirs: dict[str, list[str]] = {}
    for role, bound in known.roles.items():
        person = known.people.get(bound)
        if person is not None and not (person.notify or person.rules):
            theirs.setdefault(bound, []).append(role)
    for person_id, roles in theirs.items():
        hint = f"write notify under [people.{person_id}]"
        yield f"{known.people[person_id].name} is {', '.join(roles)}, and nothing tells them: {hint}."


def _more(others: Sequence[Gap | Clash], zone: str) -> str:
    if not others:
        return ""
    times = "once more" if len(others) == 1 else f"{len(others)} times more"
    return f", and {times} until {_at(others[-1].ends, zone)}"


def _span(begins: datetime, ends: datetime, zone: str) -> str:
    return f"from {_at(begins, zone)} until {_at(ends, zone)} {zone} ({say_duration(ends - begins)})"


def _at(moment: datetime, zone: str) -> str:
    shown = shown_at(moment, zone)
    return f"{shown:%a} {shown.day} {shown:%b %H:%M}"
