"""The timeline of a post-mortem: when it happened, when it was recorded, in so many lines as people read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from tocsin.core import facts
from tocsin.core.actiontable import escape
from tocsin.core.facts import Entry
from tocsin.core.incident import Incident
from tocsin.core.oncall import Directory
from tocsin.core.telling import tell
from tocsin.times import say_time

MOST_LINES = 250
_LAST = 100
_ROUTINE = (
    facts.Notified, facts.NotifyDelayed, facts.StepQueued, facts.StepStarted, facts.CriterionChanged,
    facts.AlertCleared, facts.UpdateReminded, facts.DeadlineNear, facts.ActionNear, facts.AlertFlapped,
    facts.PlaceholderBound,
)  # fmt: skip
"""What is left out first where a timeline is long: it follows from something else that stands there."""


class Moment(NamedTuple):
    """A line: ``happened`` earlier than ``recorded`` where somebody told of it later."""

    happened: datetime
    recorded: datetime
    what: str

    @property
    def told_later(self) -> bool:
        """Whether it was recorded more than a moment after it happened."""
        return (self.recorded - self.happened).total_seconds() >= 1


class Told(NamedTuple):
    """The lines, and how many entries were left out."""

    moments: tuple[Moment, ...]
    left_out: int


def moments(
    incident: Incident, entries: Sequence[Entry], directory: Directory, titles: Mapping[str, str]
) -> Told:  # fmt: skip
    """What a reader must know of a timeline, in the order in which it was recorded."""
    chosen = [entry for entry in entries if not isinstance(entry.fact, facts.ReviewDrafted)]
    drafts = len(entries) - len(chosen)
    if len(chosen) > MOST_LINES:
        chosen = [entry for entry in chosen if not isinstance(entry.fact, _ROUTINE)]
    if len(chosen) > MOST_LINES:
        chosen = [*chosen[: MOST_LINES - _LAST], *chosen[-_LAST:]]
    found = []
    if incident.detected_at < incident.declared_at:
        found.append(Moment(incident.detected_at, incident.declared_at, "The first sign"))
    for entry in chosen:
        line = tell(entry, directory, titles)
        detail = f" ({escape(line.detail)})" if line.detail else ""
        found.append(Moment(happened(entry), entry.at, f"{escape(line.title)}{detail}"))
    return Told(tuple(found), len(entries) - drafts - len(chosen))


def happened(entry: Entry) -> datetime:
    """When the thing itself was, as far as its entry tells; never later than it was recorded."""
    match entry.fact:
        case facts.AlertLinked(since=datetime() as since) | facts.OutageBegan(since=since):
            return min(since, entry.at)
        case facts.UpdatePosted(began=datetime() as began) | facts.Noted(happened=datetime() as began):
            return min(began, entry.at)
        case _:
            return entry.at


def as_table(told: Told, ref: str) -> str:
    """A table with both times; the time of recording stands there where it is another one."""
    rows = [
        f"| {say_time(each.happened)} | {say_time(each.recorded) if each.told_later else ''} | {each.what} |"
        for each in told.moments
    ]
    table = "| Happened | Recorded | What |\n|---|---|---|\n" + "\n".join(rows)
    return f"{table}\n\n{_left_out(told, ref)}" if told.left_out else table


def as_items(told: Told, ref: str) -> str:
    """A list, as many templates have it."""
    lines = []
    for each in told.moments:
        later = f" (recorded {each.recorded:%H:%M})" if each.told_later else ""
        lines.append(f"- {each.happened:%H:%M} - {each.what}{later}")
    return "\n".join([*lines, *(["", _left_out(told, ref)] if told.left_out else [])])


def _left_out(told: Told, ref: str) -> str:
    return f"{told.left_out:,} further entries are left out; `tocsin incident timeline {ref}` prints all."
