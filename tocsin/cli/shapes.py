"""The API's answers, as far as the terminal shows them. Keys that are not named here are passed over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tocsin.core.facts import Actor
from tocsin.core.incident import Approval, CriterionState, Incident, StepState
from tocsin.core.offers import Offer
from tocsin.core.policy import Rung
from tocsin.core.runbook import Step
from tocsin.core.telling import Line
from tocsin.times import say_duration


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """A clock of an incident: counts down, counts up, or stands still."""

    name: str
    text: str = ""
    until: datetime | None = None
    since: datetime | None = None
    why: str = ""

    def shows(self, now: datetime) -> str:
        """What it shows at a moment; overdue is negative."""
        if self.until is not None:
            return say_duration(self.until - now)
        return say_duration(now - self.since) if self.since is not None else self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class StepShown:
    """A step with what has become of it."""

    step: Step
    command: str
    state: StepState | None = None
    unbound: tuple[str, ...] = ()
    problem: str = ""
    offers: Mapping[str, tuple[Offer, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Steps under one condition and stage."""

    branch: str
    stage: str
    chosen: bool
    steps: tuple[StepShown, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """A recovery criterion with its progress."""

    index: int
    state: CriterionState
    recovered: bool
    held_seconds: float | None = None
    watch_seconds: float = 0.0

    def shows(self) -> str:
        """How far it is."""
        if self.recovered:
            return "recovered"
        if self.held_seconds is not None:
            held, wanted = timedelta(seconds=self.held_seconds), timedelta(seconds=self.watch_seconds)
            return f"holds for {say_duration(held)} of {say_duration(wanted)}"
        return self.state.detail or ("does not hold" if self.state.holds is False else "no reading")


@dataclass(frozen=True, slots=True, kw_only=True)
class RungShown:
    """A rung of the ladder."""

    rung: Rung
    person: str
    climbed: bool
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Full:
    """One incident: ``GET /api/v1/incidents/{ref}``."""

    incident: Incident
    parts: tuple[Part, ...]
    clocks: tuple[Clock, ...]
    criteria: tuple[Criterion, ...]
    ladder: tuple[RungShown, ...]
    missing: tuple[str, ...]
    now: datetime

    def steps(self) -> Iterator[Step]:
        """The steps of its scenario, in the document's order."""
        for part in self.parts:
            for shown in part.steps:
                yield shown.step


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """One incident of ``GET /api/v1/incidents``."""

    incident: Incident
    clocks: tuple[Clock, ...] = ()
    waiting: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One entry of the timeline."""

    seq: int
    at: datetime
    kind: str
    by: Actor
    fact: Any
    line: Line

    def shows(self) -> str:
        """The entry in one text."""
        return f"{self.line.title} ({self.line.detail})" if self.line.detail else self.line.title


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One question of ``GET /api/v1/approvals``."""

    incident: str
    title: str
    severity: str
    approval: Approval
    changed: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Something that a run printed."""

    seq: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """What the last run of a step printed."""

    step: str
    state: StepState | None = None
    output: tuple[Piece, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A post-mortem; ``version`` 0: nobody has opened it."""

    incident: str
    status: str
    version: int
    text: str
    updated_by: str = ""
