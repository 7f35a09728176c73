"""The API's answers that the terminal shows in part; keys that are not named here are passed over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from tocsin.core.countdowns import Countdown
from tocsin.core.incident import Approval, Incident
from tocsin.core.runbook import Step
from tocsin.core.shown import BranchView, Clock, CriterionView, RungView
from tocsin.store.alertbook import Amount


@dataclass(frozen=True, slots=True, kw_only=True)
class Full:
    """One incident: ``GET /api/v1/incidents/{ref}``."""

    incident: Incident
    parts: tuple[BranchView, ...]
    clocks: tuple[Clock, ...]
    criteria: tuple[CriterionView, ...]
    ladder: tuple[RungView, ...]
    missing: tuple[str, ...]
    now: datetime
    held: Amount = field(default_factory=Amount)
    countdowns: tuple[Countdown, ...] = ()

    def steps(self) -> Iterator[Step]:
        """The steps of its scenario, in the document's order."""
        for part in self.parts:
            for shown in part.steps:
                yield shown.step


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A command of a question that would by now run otherwise; ``problem``: why it would not run at all."""

    title: str
    now: str = ""
    now_on: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One question of ``GET /api/v1/approvals``."""

    incident: str
    title: str
    severity: str
    approval: Approval
    steps: tuple[str, ...] = ()
    changed: tuple[Changed, ...] = ()
