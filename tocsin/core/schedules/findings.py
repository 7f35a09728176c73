"""What would hurt at night: hours in which nobody is on call, and people who are on call twice at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations, islice

from tocsin.core.schedules.layers import Booked
from tocsin.core.schedules.schedule import Schedule
from tocsin.core.schedules.shifts import Shift
from tocsin.core.schedules.windows import Span, joined, spans

MOST_CLASHES = 200
"""Of one calendar; whoever has booked everything twice knows it by then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Nobody is on call although somebody should be."""

    schedule: str
    begins: datetime
    ends: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Clash:
    """Something is booked twice: a person by two schedules, or one schedule by two changes or two entries."""

    begins: datetime
    ends: datetime
    schedules: tuple[str, ...]
    people: tuple[str, ...]
    what: str


def gaps(schedule: Schedule, begins: datetime, ends: datetime) -> list[Gap]:
    """When nobody is on call between two moments although the schedule covers that time."""
    wanted = spans(schedule.covers, schedule.zone, begins, ends) if schedule.covers else [(begins, ends)]
    staffed = joined([(shift.begins, shift.ends) for shift in schedule.shifts(begins, ends)])
    return [
        Gap(schedule=schedule.name, begins=first, ends=after)
        for span in wanted
        for first, after in _left(span, staffed)
    ]


def clashes(schedules: Sequence[Schedule], begins: datetime, ends: datetime) -> list[Clash]:
    """What is booked twice between two moments, in order."""
    found = [clash for schedule in schedules for clash in _inside(schedule, begins, ends)]
    plans = {schedule.name: schedule.shifts(begins, ends) for schedule in schedules}
    for one, other in combinations(plans, 2):
        found += [
            Clash(begins=first, ends=after, schedules=(one, other), people=(person,), what="on call twice at once")
            for person in sorted({shift.person for shift in plans[one]} & {shift.person for shift in plans[other]})
            for first, after in _common(_of(person, plans[one]), _of(person, plans[other]))
        ]
    return sorted(found, key=lambda clash: (clash.begins, clash.ends, clash.schedules))


def _inside(schedule: Schedule, begins: datetime, ends: datetime) -> Iterator[Clash]:
    live = [change for change in schedule.changes if change.ends > begins and change.begins < ends]
    for one, other in combinations(live, 2):
        if one.people == other.people or (one.instead_of != other.instead_of and one.instead_of and other.instead_of):
            continue
        for first, after in _common([(one.begins, one.ends)], [(other.begins, other.ends)]):
            yield Clash(
                begins=first, ends=after, schedules=(schedule.name,), people=(*one.people, *other.people),
                what="two changes for the same time; the later one counts",
            )  # fmt: skip
    for layer in schedule.layers:
        if isinstance(layer, Booked):
            booked = [each for each in layer.booked if each.within(begins, ends)]
            yield from islice(_twice(schedule.name, booked), MOST_CLASHES)


def _twice(name: str, booked: Sequence[Shift]) -> Iterator[Clash]:
    order = sorted(booked, key=lambda each: (each.begins, each.ends))
    for place, one in enumerate(order):
        for other in order[place + 1 :]:
            if other.begins >= one.ends:
                break
            if one.person != other.person:
                yield Clash(
                    begins=other.begins, ends=min(one.ends, other.ends), schedules=(name,),
                    people=(one.person, other.person), what="two entries of the calendar at once; the later one counts",
                )  # fmt: skip


def _of(person: str, plan: Sequence[Shift]) -> list[Span]:
    return joined([(shift.begins, shift.ends) for shift in plan if shift.person == person])


def _common(ones: Sequence[Span], others: Sequence[Span]) -> list[Span]:
    return joined([(max(one[0], other[0]), min(one[1], other[1])) for one in ones for other in others])


def _left(wanted: Span, staffed: Sequence[Span]) -> Iterator[Span]:
    begins, ends = wanted
    for first, after in staffed:
        if after <= begins or first >= ends:
            continue
        if first > begins:
            yield begins, first
        begins = max(begins, after)
    if begins < ends:
        yield begins, ends
