"""What an incident is shown with: shapes that the server answers with and the terminal reads, so they can't differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from tocsin.core.facts import Actor
from tocsin.core.incident import Approval, CriterionState, Incident, StepState
from tocsin.core.line import Line
from tocsin.core.offers import Offer
from tocsin.core.policy import Rung
from tocsin.core.run import Verdict
from tocsin.core.runbook import Step
from tocsin.times import say_duration


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """A clock of an incident. ``until``: counts down; ``since``: counts up; else ``text`` stands still."""

    name: str
    text: str = ""
    until: datetime | None = None
    since: datetime | None = None
    tone: Literal["plain", "good", "bad", "ask"] = "plain"
    why: str = ""

    def shows(self, now: datetime) -> str:
        """What it shows at a moment; overdue is negative."""
        if self.until is not None:
            return say_duration(self.until - now)
        return say_duration(now - self.since) if self.since is not None else self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class StepView:
    """A step with what has become of it. ``command`` has its placeholders filled as far as they are known.

    ``proved`` is the verdict on that command, with its proof word by word; none where there is no command to judge.
    ``instead``: the step that is done in place of this one; ``for_a_person``: nobody but a person can start it.
    """

    step: Step
    state: StepState | None
    command: str
    unbound: tuple[str, ...]
    approval: Approval | None
    problem: str = ""
    proved: Verdict | None = None
    offers: Mapping[str, tuple[Offer, ...]] = field(default_factory=dict)
    instead: Step | None = None
    for_a_person: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchView:
    """One "If …" with its steps; ``branch`` empty: the steps that stand under no condition."""

    branch: str
    stage: str
    chosen: bool
    steps: tuple[StepView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionView:
    """A recovery criterion with its progress."""

    index: int
    state: CriterionState
    recovered: bool
    held_seconds: float | None
    watch_seconds: float

    def shows(self) -> str:
        """How far it is."""
        if self.recovered:
            return "recovered"
        if self.held_seconds is not None:
            held, wanted = timedelta(seconds=self.held_seconds), timedelta(seconds=self.watch_seconds)
            return f"holds for {say_duration(held)} of {say_duration(wanted)}"
        if self.state.criterion.metric is None and self.state.holds is not True:
            return "nobody has said so yet"
        return self.state.detail or ("does not hold" if self.state.holds is False else "no reading")


@dataclass(frozen=True, slots=True, kw_only=True)
class RungView:
    """A rung of the ladder, who it is and when. ``missed``: why the last notice to them arrived nowhere."""

    rung: Rung
    person: str
    climbed: bool
    at: datetime | None
    missed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """An incident in a list."""

    incident: Incident
    clocks: tuple[Clock, ...]
    waiting: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEntry:
    """An entry of the timeline: the fact as it is stored, and how it is said."""

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
class Piece:
    """Something that a run printed."""

    seq: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """What the last run of a step printed. ``state`` null: it never ran."""

    step: str
    state: StepState | None
    output: tuple[Piece, ...]
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A post-mortem. ``version`` 0: nobody has opened it, so this is how its draft would read now."""

    incident: str
    status: str
    version: int
    text: str
    updated_at: datetime | None = None
    updated_by: str = ""
