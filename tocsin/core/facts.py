"""The vocabulary of the timeline: what can be true of an incident, in past participles.

Those about commands lie in `stepfacts` and are reached through this module. Facts are only ever added: a timeline
written by any earlier release is read for ever, so a new field has a default and an old field is not renamed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from tocsin.core.entries import ENGINE, FACTS, Actor, Entry, fact
from tocsin.core.policy import Rung
from tocsin.core.runbook import Criterion
from tocsin.core.stepfacts import (
    ApprovalDenied,
    ApprovalExpired,
    ApprovalGranted,
    ApprovalRequested,
    ApprovalWithdrawn,
    BranchChosen,
    BranchLeftOpen,
    Member,
    PlaceholderBound,
    SetStopped,
    StepDone,
    StepFinished,
    StepInDoubt,
    StepQueued,
    StepSettled,
    StepSkipped,
    StepStarted,
    ValueKept,
)

__all__ = [
    "ENGINE",
    "FACTS",
    "Acknowledged",
    "ActionAdded",
    "ActionDone",
    "Actor",
    "AlertCleared",
    "AlertLinked",
    "ApprovalDenied",
    "ApprovalExpired",
    "ApprovalGranted",
    "ApprovalRequested",
    "ApprovalWithdrawn",
    "Assigned",
    "BranchChosen",
    "BranchLeftOpen",
    "CriterionChanged",
    "CriterionConfirmed",
    "Declared",
    "Entry",
    "Escalated",
    "EscalationEnded",
    "EscalationHeld",
    "Member",
    "Mitigated",
    "Noted",
    "Notified",
    "NotifyFailed",
    "PhaseOwned",
    "PhasePlan",
    "PhaseReached",
    "PlaceholderBound",
    "Reopened",
    "Resolved",
    "ReviewDrafted",
    "ReviewPublished",
    "SetStopped",
    "SeverityChanged",
    "StepDone",
    "StepFinished",
    "StepInDoubt",
    "StepQueued",
    "StepSettled",
    "StepSkipped",
    "StepStarted",
    "UpdatePosted",
    "ValueKept",
    "fact",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class PhasePlan:
    """A phase of the document's general process, frozen at the declaration."""

    id: str
    title: str
    line: int


# --- the incident's own life ---------------------------------------------------------------------------------------


@fact
class Declared:
    """An incident began. Everything that it depends on later is frozen here."""

    number: int
    title: str
    severity: str
    why: str
    runbook: str
    runbook_digest: str
    source: str = ""
    scenario: str = ""
    scenario_title: str = ""
    line: int = 0
    drill: bool = False
    detected_at: datetime | None = None
    severities: tuple[str, ...] = ()
    ladder: tuple[Rung, ...] = ()
    phases: tuple[PhasePlan, ...] = ()
    criteria: tuple[Criterion, ...] = ()
    watch_seconds: float = 0.0
    response_seconds: float | None = None
    responses: Mapping[str, float] = field(default_factory=dict)


@fact
class Acknowledged:
    """A human took it."""


@fact
class Assigned:
    """A role is filled."""

    role: str
    person: str


@fact
class SeverityChanged:
    """The severity rose or fell."""

    before: str
    after: str
    why: str


@fact
class PhaseReached:
    """A phase of the document's process was reached."""

    phase: str
    why: str = ""


@fact
class PhaseOwned:
    """Somebody answers for a phase."""

    phase: str
    owner: str


@fact
class Noted:
    """A human's words."""

    text: str


@fact
class UpdatePosted:
    """People outside the response were told."""

    audience: str
    text: str


@fact
class Mitigated:
    """The impact is over or bearable."""

    how: str = ""


@fact
class Resolved:
    """It is over. ``override`` holds the reason where a criterion did not hold."""

    summary: str = ""
    override: str = ""


@fact
class Reopened:
    """It was not over."""

    why: str


# --- alerts and recovery -------------------------------------------------------------------------------------------


@fact
class AlertLinked:
    """An alert belongs to this incident."""

    fingerprint: str
    name: str
    summary: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    why: str = ""


@fact
class AlertCleared:
    """An alert of this incident no longer fires. ``why`` where it ended for another reason than its own."""

    fingerprint: str
    name: str
    why: str = ""


@fact
class CriterionChanged:
    """A recovery criterion began or ceased to hold, or its signal fell silent (``holds`` null)."""

    criterion: int
    holds: bool | None
    value: float | None = None
    detail: str = ""


@fact
class CriterionConfirmed:
    """A human says that a criterion without a number holds."""

    criterion: int
    why: str = ""


# --- people and clocks ---------------------------------------------------------------------------------------------


@fact
class Escalated:
    """Somebody was drawn in. ``rung`` is null when a human did it; ``person`` null when nobody fills the role."""

    to: str
    why: str
    rung: int | None = None
    person: str | None = None
    line: int = 0
    again: int = 0


@fact
class EscalationHeld:
    """The ladder waits, because a human said so."""

    until: datetime
    why: str


@fact
class EscalationEnded:
    """Nobody is left to call and the incident is still unresolved."""

    why: str


@fact
class Notified:
    """A notice was taken by its receiver's side."""

    person: str
    via: str
    notice: str
    subject: str = ""


@fact
class NotifyFailed:
    """A notice did not arrive anywhere."""

    person: str
    notice: str
    why: str


# --- learning ------------------------------------------------------------------------------------------------------


@fact
class ReviewDrafted:
    """The post-mortem was drafted from the timeline."""

    words: int


@fact
class ReviewPublished:
    """The post-mortem was read and released."""


@fact
class ActionAdded:
    """Something is to be done so that this does not happen again."""

    action: str
    text: str
    owner: str = ""
    line: int = 0


@fact
class ActionDone:
    """It was done."""

    action: str
