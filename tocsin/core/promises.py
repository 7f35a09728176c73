"""The timetable of a document: its windows, its promise of updates, its deadlines, its targets in business days."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tocsin.core.calendar import Calendar
from tocsin.core.firstresponse import first_responses
from tocsin.core.questions import named
from tocsin.core.runbook import Deadline, Phase, Runbook
from tocsin.core.timetable import Cadence, Level, OfficeHours, Task, Timetable, Window
from tocsin.ids import slug

MOST_TASKS = 40
LONGEST_WHAT = 200
LONG = 12.0
"""Hours from which on a deadline is for after the incident, whatever its words."""
_OFFICE = re.compile(
    r"(?:business|working|office) hours|geschäftszeiten|bürozeiten|horario (?:laboral|de oficina)|horário comercial"
    r"|heures ouvrées|heures de bureau|工作时间|営業時間|업무 시간|рабочее время",
    re.IGNORECASE,
)
"""Hours that ``[calendar]`` names; when whole weekdays, "extended" hours and best effort are, nobody knows."""
_AFTERWARDS = re.compile(
    r"post-?\s?(?:incident|mortem)|retrospective|\brca\b|root cause|lessons|action item|follow-?up|review",
    re.IGNORECASE,
)


def timetable(runbook: Runbook, calendar: Calendar | None) -> Timetable:
    """What is frozen on an incident of this runbook; ``calendar`` says when its people work.

    Without a calendar of the team's nothing waits for business hours: nobody guesses when those are.
    """
    return Timetable(
        response_lines={level.name: level.line for level in runbook.severities},
        next_day=tuple(level.name for level in runbook.severities if level.next_business_day),
        windows=tuple(_windows(runbook)),
        cadences=tuple(
            Cadence(
                every_seconds=None if each.every_minutes is None else each.every_minutes * 60,
                severities=each.severities,
                line=each.line,
            )
            for each in runbook.updates
        ),
        tasks=tuple(_tasks(runbook))[:MOST_TASKS],
        levels=(
            *(Level(role=each.text, line=each.line) for each in runbook.chain),
            *(Level(role=each.role, line=each.line) for each in runbook.contacts),
        ),
        calendar=calendar or Calendar(),
        office=tuple(_office(runbook)) if calendar else (),
        first=first_responses(runbook),
    )


def _office(runbook: Runbook) -> Iterator[OfficeHours]:
    """Severities that are covered in business hours, and nowhere else around the clock."""
    coverage = runbook.rotation.coverage if runbook.rotation else ()
    always = {name for each in coverage if not _OFFICE.fullmatch(each.hours) for name in each.severities}
    for each in coverage:
        names = tuple(name for name in each.severities if name not in always)
        if names and _OFFICE.fullmatch(each.hours):
            yield OfficeHours(severities=names, words=each.hours, line=each.line)
    covered = {name for each in coverage for name in each.severities}
    for first in first_responses(runbook):
        if "office hours" in first.deeds and first.severity not in covered:
            yield OfficeHours(severities=(first.severity,), words="business hours", line=first.line)


def _windows(runbook: Runbook) -> Iterator[Window]:
    for phase in runbook.phases:
        if phase.to_minutes is not None and not _is_afterwards(phase):
            yield Window(phase=phase.id, title=phase.title, to_minutes=phase.to_minutes, line=phase.line)


def _is_afterwards(phase: Phase) -> bool:
    return bool(_AFTERWARDS.search(phase.title)) and not (phase.from_minutes and phase.from_minutes < LONG * 60)


def _tasks(runbook: Runbook) -> Iterator[Task]:
    """The deadlines that are no windows of phases, each once."""
    windows = {each.line for each in _windows(runbook)}
    known: set[str] = set()
    for deadline in runbook.deadlines:
        name = slug(f"{deadline.line} {deadline.what}")[:80]
        if deadline.line in windows or name in known:
            continue
        known.add(name)
        yield Task(
            id=name,
            what=deadline.what[:LONGEST_WHAT],
            seconds=deadline.hours * 3600,
            business_days=deadline.business_days,
            after="resolved" if _counts_afterwards(deadline) else "declared",
            line=deadline.line,
            boxes=_boxes(runbook, deadline),
        )


def _boxes(runbook: Runbook, deadline: Deadline) -> tuple[str, ...]:
    """The boxes below the heading that states the limit."""
    found = next((each for each in runbook.checklists if each.line == deadline.line), None)
    return tuple(named(box.line, box.text) for box in found.items) if found else ()


def _counts_afterwards(deadline: Deadline) -> bool:
    return deadline.hours >= LONG or bool(_AFTERWARDS.search(deadline.what))
