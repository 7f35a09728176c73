"""The daily and the weekly report as plain text that is read in a mail program, on a phone, in a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tocsin.core.figures.counting import Figures, Spread
from tocsin.core.figures.meanings import FEWEST, MEASURES, NAMES, NIGHT_BEGINS, NIGHT_ENDS, PROMISES
from tocsin.core.figures.measuring import Measured
from tocsin.core.figures.periods import Kind
from tocsin.core.schedules import shown_at
from tocsin.times import say_duration

WIDE = 72
MOST = 15
"""So many lines of one kind are listed; the rest is counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A report: of which time it tells, its subject, and its text in lines of `WIDE` characters at most."""

    kind: Kind
    since: datetime
    until: datetime
    zone: str
    subject: str
    text: str


def report(kind: Kind, rows: Sequence[Measured], told: Figures, name_of: Callable[[str], str], url: str = "") -> Report:
    """The report of a period. ``rows``: all incidents touched in it; ``told``: figures of those that ended in it."""
    since, until, zone = told.asked.since, told.asked.until, told.asked.zone
    real = [row for row in rows if not row.drill and not row.duplicate_of]
    began = [row for row in real if since <= row.declared_at < until]
    ended = [row for row in real if row.resolved_at and since <= row.resolved_at < until]
    still = [row for row in real if row.resolved_at is None or row.resolved_at >= until]
    counts = f"{_number(len(began), 'incident')}, {len(still)} open"
    parts = [
        f"{kind.capitalize()} report\n{_wall(since, zone)} to {_wall(until, zone)}, {zone}",
        f"{len(began)} began, {len(ended)} ended, {_number(len(still), 'is', 'are')} open at the end.",
        _block("Still open", (_incident(row, until) for row in still)),
        _block("Began and ended", (_incident(row, until) for row in began if row not in still)),
        _block("Ended, began before", (_incident(row, until) for row in ended if row not in began)),
        _times(told),
        _block("People", _people(told, name_of)),
        _block("Promises", (f"{PROMISES[one.kind]}: {one.kept} kept, {one.missed} missed" for one in told.promises)),
        _block("Alerts that nobody acted on", _alerts(told)),
        _block("Steps that failed", _steps(told)),
        _left_out(told),
        f"All figures, and what each means: {url}/figures" if url else "All figures: tocsin figures",
    ]
    subject = f"Tocsin {kind} report, {shown_at(until, zone):%a %d %b %Y}: {counts}"
    text = "\n\n".join(part for part in parts if part) + "\n"
    return Report(kind=kind, since=since, until=until, zone=zone, subject=subject, text=text)


def said(spread: Spread) -> str:
    """``median 4 min, p90 12 min (n 9)``; of a few the values; of none that there are none."""
    if spread.median is None or spread.p90 is None:
        values = ", ".join(say_duration(timedelta(seconds=value)) for value in spread.values)
        return f"{values} (n {spread.n})" if values else "none"
    median, p90 = (say_duration(timedelta(seconds=value)) for value in (spread.median, spread.p90))
    return f"median {median}, p90 {p90} (n {spread.n})"


def _times(told: Figures) -> str:
    if not told.whole.incidents:
        return ""
    wide = max(map(len, NAMES.values()))
    lines = [f"{NAMES[each]:<{wide}}  {said(told.whole.times[each])}" for each in MEASURES]
    few = f"Below {FEWEST} incidents each value stands here." if told.whole.incidents < FEWEST else ""
    return _block("Times of those that ended", [*lines, *filter(None, [few])])


def _people(told: Figures, name_of: Callable[[str], str]) -> Iterator[str]:
    night = f"{NIGHT_BEGINS}:00-{NIGHT_ENDS:02}:00"
    for one in told.load:
        at_night = f", {one.at_night} at night ({night} {one.zone})" if one.at_night else ""
        yield f"{name_of(one.person)}: {_number(one.pages, 'page')}{at_night}"


def _alerts(told: Figures) -> Iterator[str]:
    for one in told.alerts:
        if one.acted < one.incidents:
            flaps = ", flaps" if one.flapped else ""
            fired = _number(one.fired, "time")
            yield f"{one.alert}: fired {fired}, acted on in {one.acted} of {_number(one.incidents, 'incident')}{flaps}"


def _steps(told: Figures) -> Iterator[str]:
    for one in told.steps:
        doubt = f", {one.in_doubt} in doubt" if one.in_doubt else ""
        yield f"{one.failed} of {_number(one.runs, 'run')} failed{doubt}: {one.command or one.step}"


def _left_out(told: Figures) -> str:
    left = [
        _number(number, word) for number, word in ((told.drills, "drill"), (told.duplicates, "duplicate")) if number
    ]
    counted = f"Not counted in times: {' and '.join(left)}." if left else ""
    behind = f"{_number(told.behind, 'incident')} changed just now and is not counted anew yet." if told.behind else ""
    return "\n".join(filter(None, (counted, behind)))


def _incident(row: Measured, until: datetime) -> str:
    over = row.resolved_at is not None and row.resolved_at < until
    lasted = (row.resolved_at if over and row.resolved_at else until) - row.declared_at
    state = f"ended after {say_duration(lasted)}" if over else f"open for {say_duration(lasted)}"
    return f"{row.incident}  {row.severity or '-'}  {state}  {row.title}"


def _block(title: str, lines: Sequence[str] | Iterator[str]) -> str:
    every = list(lines)
    more = [f"and {len(every) - MOST} more"] if len(every) > MOST else []
    return "\n".join([title, *(f"  {_cut(line)}" for line in [*every[:MOST], *more])]) if every else ""


def _cut(line: str) -> str:
    """One line, as wide as a mail program shows it; nothing in it can begin another one."""
    plain = "".join(letter if letter.isprintable() else " " for letter in line)
    return plain if len(plain) <= WIDE - 2 else f"{plain[: WIDE - 3]}…"


def _number(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


def _wall(moment: datetime, zone: str) -> str:
    return f"{shown_at(moment, zone):%a %d %b %Y %H:%M}"
