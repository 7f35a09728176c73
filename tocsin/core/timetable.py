"""What the document promises by the clock beside its ladder, frozen on an incident when it is declared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tocsin.core.calendar import Calendar
from tocsin.core.firstresponse import FirstResponse
from tocsin.errors import Invalid


@dataclass(frozen=True, slots=True, kw_only=True)
class Cadence:
    """How often people are promised an update. ``every_seconds`` null: the document leaves it open."""

    every_seconds: float | None
    severities: tuple[str, ...] = ()
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A phase and the minutes, counted from the declaration, by which it is to be reached."""

    phase: str
    title: str
    to_minutes: float
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Something to be done in time. ``business_days``: counted in those; ``after``: from which moment it counts.

    ``boxes``: the ids of those that stand under it in the document; when all are ticked, it is done.
    """

    id: str
    what: str
    seconds: float
    business_days: float | None = None
    after: str = "resolved"
    line: int = 0
    boxes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """Somebody whom the document names for help, in the order in which it names them."""

    role: str
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeHours:
    """Severities that the document covers in business hours only, in its own words."""

    severities: tuple[str, ...]
    words: str
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Timetable:
    """All of it. ``response_lines``: where a severity's target stands; ``next_day``: those with till the next day."""

    response_lines: Mapping[str, int] = field(default_factory=dict)
    next_day: tuple[str, ...] = ()
    windows: tuple[Window, ...] = ()
    cadences: tuple[Cadence, ...] = ()
    tasks: tuple[Task, ...] = ()
    levels: tuple[Level, ...] = ()
    calendar: Calendar = field(default_factory=Calendar)
    office: tuple[OfficeHours, ...] = ()
    first: tuple[FirstResponse, ...] = ()

    def first_for(self, severity: str) -> FirstResponse | None:
        """What the document wants done first at a severity; None where it does not say."""
        return next((each for each in self.first if each.severity == severity), None)

    def office_hours(self, severity: str) -> OfficeHours | None:
        """Where the document says that this severity is covered in business hours only; None where it is always."""
        return next((each for each in self.office if severity in each.severities), None)

    def after(self, severity: str, begins: datetime, span: timedelta) -> datetime:
        """The moment at which this much time has passed of the hours in which a severity is covered."""
        if self.office_hours(severity) is None:
            return begins + span
        try:
            return self.calendar.add_business(begins, span)
        except Invalid:  # it never works so long; nothing is held back for ever
            return begins + span

    def why_later(self, severity: str, begins: datetime, span: timedelta) -> str:
        """The reason why something comes later than the clock alone would have it; empty where it does not."""
        office = self.office_hours(severity)
        if office is None or self.after(severity, begins, span) == begins + span:
            return ""
        hours = f"{self.calendar.opens:%H:%M}-{self.calendar.closes:%H:%M} {self.calendar.zone}"
        return f"{severity} is covered in {office.words} only (line {office.line}; {hours}), and only those count"

    def business_days_on(self, begins: datetime, days: int) -> datetime:
        """When people stop working on the last of so many business days behind the day of ``begins``."""
        at = begins
        try:
            for _ in range(days):
                at = self.calendar.end_of_next_business_day(at)
        except Invalid:  # a calendar that never works again; a deadline there must be all the same
            return begins + timedelta(days=days)
        return at

    def cadence_for(self, severity: str) -> Cadence | None:
        """The promise of updates for a severity: one that names it before one that names none."""
        fitting = [each for each in self.cadences if not each.severities or severity in each.severities]
        return max(fitting, key=lambda each: (bool(each.severities), each.every_seconds is not None), default=None)
