"""How the clocks of an incident stand: part of its row, and like all of it the fold of its timeline."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from tocsin.core.timetable import Timetable

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_GONE = frozenset({"down", "outage", "unavailable", "unreachable"})
_MEASURES = frozenset({"availability", "available", "reachable", "up", "uptime"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """For how long the service has been unavailable, which is not the incident's age. ``until`` null: it still is.

    ``alert`` is the fingerprint of the alert that says so; empty where a person does.
    """

    since: datetime
    until: datetime | None = None
    why: str = ""
    by: str = ""
    alert: str = ""
    ended_why: str = ""

    @property
    def lasts(self) -> bool:
        """Whether the service is still unavailable."""
        return self.until is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """How long the rest was said to take, and when."""

    at: datetime
    seconds: float
    by: str = ""
    why: str = ""

    def over(self, factor: float) -> datetime:
        """When so many times the estimated time has passed."""
        return self.at + timedelta(seconds=self.seconds * factor)


@dataclass(frozen=True, slots=True, kw_only=True)
class Promised:
    """A promised update: when it was due, when it came (null: not yet), and whether that was in time."""

    due: datetime
    at: datetime | None = None
    kept: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskState:
    """What became of something to be done in time. ``missed``: how often its being late was said.

    ``owner`` answers for it; ``due_at``: another day than the document's, as a person said.
    """

    told_at: datetime | None = None
    missed: int = 0
    met_at: datetime | None = None
    met_by: str = ""
    owner: str = ""
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockState:
    """All of it. ``response``: whether the first answer came in time; ``rises``: of severity, not yet escalated.

    ``stranded``: nobody fills any rung of the ladder, so whoever can be reached is called. ``promised``: the updates
    that were promised, the last ones, the oldest first. ``begun``: the severities whose first response has begun;
    ``severity_at``: when the severity last changed;
    ``told``: who was on call and heard of what is only tracked.
    """

    timetable: Timetable = field(default_factory=Timetable)
    response: Literal["", "kept", "missed"] = ""
    outage: Outage | None = None
    estimate: Estimate | None = None
    rises: int = 0
    rose_at: datetime | None = None
    cadence_seconds: float | None = None
    cadence_at: datetime | None = None
    updated_at: datetime | None = None
    reminded_at: datetime | None = None
    missed_updates: int = 0
    missed_phases: tuple[str, ...] = ()
    tasks: Mapping[str, TaskState] = field(default_factory=dict)
    stranded: bool = False
    promised: tuple[Promised, ...] = ()
    begun: tuple[str, ...] = ()
    severity_at: datetime | None = None
    told: str = ""


def says_unavailable(name: str, labels: Mapping[str, str]) -> bool:
    """Whether an alert says that the service is gone: its label ``unavailable``, its name, or its metric.

    ``unavailable="true"`` (or ``"false"``) decides; else a word of its name such as Down or Outage, or a metric of
    availability that fell.
    """
    told = labels.get("unavailable", "").casefold()
    if told in ("true", "false"):
        return told == "true"
    words = {word.casefold() for word in _WORDS.findall(name)}
    metric = {word.casefold() for word in _WORDS.findall(labels.get("metric", ""))}
    return bool(words & _GONE or metric & (_GONE | _MEASURES))
