"""Who would be called at every hour ahead, rung by rung, if nobody answered. Pure: nothing is stored, nothing guessed.

A plan is constant between handovers, so it is worked out at each full hour and wherever a shift begins or ends.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Literal

from tocsin.core.calendar import Calendar
from tocsin.core.ladders import ladder
from tocsin.core.oncall import SCHEDULE, Directory
from tocsin.core.policy import Rung
from tocsin.core.promises import timetable
from tocsin.core.runbook import Runbook
from tocsin.core.schedules import Schedule, Shift
from tocsin.core.timetable import Timetable

HOUR = timedelta(hours=1)
SLACK = timedelta(days=7)
"""So far behind the last hour shifts are laid out; a rung that is climbed later is looked up by itself."""

State = Literal["ready", "alone", "gap", "nobody"]
STATES: tuple[State, ...] = ("ready", "alone", "gap", "nobody")
"""From well to worst. ``alone``: one person for every rung; ``gap``: a rung reaches nobody; ``nobody``: none does."""
Cause = Literal["", "unbound", "gap", "unknown", "unreachable", "nobody left"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A rung as it would be climbed. ``cause`` empty: it reaches ``person``; else ``trouble`` says why it does not.

    ``after_seconds`` is what the document says; ``at_once``: instead of then, because the rung before reaches nobody.
    """

    to: str
    after_seconds: float
    line: int
    at_once: bool = False
    when: str = ""
    person: str = ""
    name: str = ""
    why: str = ""
    cause: Cause = ""
    trouble: str = ""
    schedule: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A time in which the plan stays the same: an incident that begins then calls these, in this order."""

    begins: datetime
    ends: datetime
    state: State
    calls: tuple[Call, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """Somebody whom only a condition draws in, such as an outage, an estimate, or a person's word; as it is now."""

    to: str
    when: str
    line: int
    person: str = ""
    name: str = ""
    cause: Cause = ""
    trouble: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """One severity of one runbook, from now on. ``hours``: the document's words where it is not covered always.

    ``quiet``: its words and line where nobody is to be called, because it is only tracked.
    """

    runbook: str
    source: str
    severity: str
    hours: str = ""
    quiet: str = ""
    spans: tuple[Span, ...] = ()
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """Who fills a role at a moment; ``cause`` empty: they can be called."""

    person: str = ""
    name: str = ""
    why: str = ""
    cause: Cause = ""
    trouble: str = ""
    schedule: str = ""


@dataclass(slots=True)
class Roster:
    """Who fills a role when; each schedule is laid out once. ``unreachable``: people whom nothing reaches, and why."""

    directory: Directory
    begins: datetime
    ends: datetime
    unreachable: Mapping[str, str] = field(default_factory=dict)
    _bound: dict[str, str | None] = field(default_factory=dict)
    _plans: dict[str, tuple[list[datetime], list[Shift]]] = field(default_factory=dict)

    def find(self, role: str, at: datetime) -> Found:
        """Who would be called as this role at a moment, or why nobody."""
        if role not in self._bound:
            self._bound[role] = self.directory.bound(role)
        bound = self._bound[role]
        if bound is None:
            return Found(cause="unbound", trouble=f"nobody is bound to “{role}”")
        if not bound.startswith(SCHEDULE):
            return self._person(bound, "", "")
        name = bound.removeprefix(SCHEDULE)
        schedule = self.directory.schedules.get(name)
        if schedule is None:
            return Found(cause="unknown", trouble=f"there is no schedule {name!r}", schedule=name)
        shift = self._shift(schedule, at)
        if shift is None:
            return Found(cause="gap", trouble=f"nobody is on call by {name}", schedule=name)
        return self._person(shift.person, name, f"on call by {name}, {shift.why}".rstrip(", "))

    def edges(self, roles: Iterable[str]) -> list[datetime]:
        """Where the plan of these roles may change."""
        found: set[datetime] = set()
        for role in roles:
            self.find(role, self.begins)
            bound = self._bound[role] or ""
            schedule = self.directory.schedules.get(bound.removeprefix(SCHEDULE)) if SCHEDULE in bound else None
            if schedule is not None:
                found.update(edge for shift in self._plan(schedule)[1] for edge in (shift.begins, shift.ends))
        return sorted(found)

    def _person(self, person_id: str, schedule: str, why: str) -> Found:
        person = self.directory.people.get(person_id)
        if person is None:
            trouble = f"{person_id!r} is nobody under [people]"
            return Found(person=person_id, cause="unknown", trouble=trouble, schedule=schedule)
        trouble = self.unreachable.get(person_id, "")
        return Found(person_id, person.name, why, "unreachable" if trouble else "", trouble, schedule)

    def _plan(self, schedule: Schedule) -> tuple[list[datetime], list[Shift]]:
        if schedule.name not in self._plans:
            shifts = schedule.shifts(self.begins, self.ends)
            self._plans[schedule.name] = [shift.begins for shift in shifts], shifts
        return self._plans[schedule.name]

    def _shift(self, schedule: Schedule, at: datetime) -> Shift | None:
        if not self.begins <= at < self.ends:
            return schedule.on_call(at)
        starts, shifts = self._plan(schedule)
        place = bisect_right(starts, at) - 1
        return shifts[place] if place >= 0 and at < shifts[place].ends else None


def outlooks(
    books: Sequence[Runbook],
    directory: Directory,
    calendar: Calendar | None,
    now: datetime,
    ahead: timedelta,
    unreachable: Mapping[str, str] | None = None,
) -> tuple[Outlook, ...]:
    """Who would be called for every severity of these runbooks, from now on for so long; ``calendar`` as in clocks."""
    roster = Roster(directory, now, now + ahead + SLACK, unreachable or {})
    found: list[Outlook] = []
    for book in books:
        promised, rungs = timetable(book, calendar), ladder(book)
        names = [level.name for level in book.severities] or [""]
        found += [_outlook(book, name, rungs, promised, roster, now + ahead) for name in names]
    return tuple(found)


def _outlook(
    book: Runbook, severity: str, rungs: Sequence[Rung], promised: Timetable, roster: Roster, ends: datetime
) -> Outlook:
    mine = [rung for rung in rungs if rung.applies_to(severity)]
    timed = sorted((rung for rung in mine if rung.timed), key=lambda rung: rung.after_seconds or 0.0)
    first = promised.first_for(severity)
    quiet = f"{first.words} (line {first.line})" if first is not None and first.quiet and not timed else ""
    spans: list[Span] = []
    for begins, after in pairwise([*_moments(timed, promised, roster, ends), ends]):
        calls = _calls(timed, severity, promised, roster, begins)
        same = spans.pop() if spans and spans[-1].calls == calls else None
        since = same.begins if same else begins
        spans.append(Span(begins=since, ends=after, state="ready" if quiet else _state(calls), calls=calls))
    conditions = tuple(_condition(rung, roster) for rung in mine if not rung.timed)
    office = promised.office_hours(severity)
    return Outlook(
        runbook=book.title, source=book.source, severity=severity,
        hours=f"{office.words} (line {office.line})" if office else "", quiet=quiet, spans=tuple(spans),
        conditions=conditions,
    )  # fmt: skip


def _moments(rungs: Sequence[Rung], promised: Timetable, roster: Roster, ends: datetime) -> list[datetime]:
    """Now, every full hour, and wherever a handover changes what one of the rungs would do."""
    roles = {rung.to for rung in rungs if rung.to}
    if any(not rung.to for rung in rungs):
        roles |= {level.role for level in promised.levels}
    waits = {timedelta(seconds=rung.after_seconds or 0.0) for rung in rungs} | {timedelta(0)}
    first = roster.begins.replace(minute=0, second=0, microsecond=0) + HOUR
    hours = [first + number * HOUR for number in range(max(0, -(-(ends - first) // HOUR)))]
    turns = [edge - wait for edge in roster.edges(roles) for wait in waits]
    return sorted({roster.begins, *hours, *(turn for turn in turns if roster.begins < turn < ends)})


def _calls(
    rungs: Sequence[Rung], severity: str, promised: Timetable, roster: Roster, begins: datetime
) -> tuple[Call, ...]:
    """What happens to an incident that begins then; who is skipped makes the next one be called at once."""
    made: list[Call] = []
    skipped_at: datetime | None = None
    for rung in rungs:
        span = timedelta(seconds=rung.after_seconds or 0.0)
        own = promised.after(severity, begins, span)
        at = min(own, skipped_at) if skipped_at is not None and rung.to else own
        to, found = _whom(rung, rungs, promised, roster, at, [call.person for call in made])
        skipped_at = at if found.cause not in ("", "unreachable") and rung.to else None
        made.append(
            Call(
                to=to, after_seconds=span.total_seconds(), at_once=at < own, line=rung.line, when=rung.when,
                person=found.person, name=found.name, why=found.why, cause=found.cause, trouble=found.trouble,
                schedule=found.schedule,
            )
        )  # fmt: skip
    return tuple(made)


def _whom(
    rung: Rung, rungs: Sequence[Rung], promised: Timetable, roster: Roster, at: datetime, called: Sequence[str]
) -> tuple[str, Found]:
    """Who a rung means; where the document names nobody, the first of those whom it names who was not called yet."""
    if rung.to:
        return rung.to, roster.find(rung.to, at)
    for role in [*(each.to for each in rungs if each.to), *(level.role for level in promised.levels)]:
        found = roster.find(role, at)
        if found.cause in ("", "unreachable") and found.person not in called:
            return role, found
    return "", Found(cause="nobody left", trouble="everybody whom the document names is called before")


def _state(calls: Sequence[Call]) -> State:
    reached = {call.person for call in calls if not call.cause}
    if not reached:
        return "nobody"
    if any(call.cause and call.cause != "nobody left" for call in calls):
        return "gap"
    return "alone" if len(reached) == 1 else "ready"


def _condition(rung: Rung, roster: Roster) -> Condition:
    found = roster.find(rung.to, roster.begins) if rung.to else Found()
    return Condition(
        to=rung.to, when=rung.when, line=rung.line, person=found.person, name=found.name, cause=found.cause,
        trouble=found.trouble,
    )  # fmt: skip
