"""The vocabulary of the timeline: what can be true of an incident, in past participles.

Facts are only ever added to this file: a timeline written by any earlier release is read for ever, so a new field has a
default and an old field is not renamed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeVar, dataclass_transform

from tocsin.core.expected import Check
from tocsin.core.policy import Rung
from tocsin.core.runbook import Criterion

F = TypeVar("F")
FACTS: dict[str, type[Any]] = {}


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
def fact(cls: type[F]) -> type[F]:
    """Mark a dataclass as a fact; its class name is its kind on the timeline."""
    frozen = dataclass(frozen=True, slots=True, kw_only=True)(cls)
    FACTS[cls.__name__] = frozen
    return frozen


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it. ``engine`` is Tocsin itself; ``agent`` is a program acting for a person."""

    kind: Literal["person", "source", "engine", "agent"]
    name: str

    def __str__(self) -> str:
        return self.name


ENGINE = Actor("engine", "Tocsin")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the timeline."""

    seq: int
    at: datetime
    by: Actor
    fact: Any

    @property
    def kind(self) -> str:
        """The fact's name."""
        return type(self.fact).__name__


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


# --- steps, runs and approvals -------------------------------------------------------------------------------------


@fact
class PlaceholderBound:
    """A gap of the text has a value for this incident."""

    placeholder: str
    value: str


@fact
class BranchChosen:
    """One of the document's "If …" branches was taken."""

    branch: str
    why: str
    line: int = 0


@fact
class BranchLeftOpen:
    """What was measured decides for no branch: a person must choose. ``why`` names the words that leave it open."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One command of an approved set: what is asked about it, and who may say yes to it."""

    step: str
    command: str
    kind: str
    verdict: str
    verdict_why: str
    target: str
    sha: str
    traits: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    policy: str = ""


@fact
class ApprovalRequested:
    """A command waits for people. The approval counts for exactly this command, target and runbook (``sha``).

    ``policy`` says why so many people are needed, ``roles`` who may say yes (empty: every approver). With ``members``
    it is about several commands in their order, each after the one before went well (with ``go_on``: ended);
    ``step`` and the rest then tell of all of them. ``undoes`` is the step in doubt that they set right.
    """

    approval: str
    step: str
    command: str
    kind: str
    verdict: str
    verdict_why: str
    target: str
    sha: str
    needs: int
    self_approve: bool
    expires_at: datetime
    policy: str = ""
    roles: tuple[str, ...] = ()
    traits: tuple[str, ...] = ()
    members: tuple[Member, ...] = ()
    go_on: bool = False
    undoes: str = ""


@fact
class ApprovalGranted:
    """A person allowed it."""

    approval: str
    step: str
    sha: str


@fact
class ApprovalDenied:
    """A person said no."""

    approval: str
    step: str
    why: str


@fact
class ApprovalExpired:
    """Nobody answered in time."""

    approval: str
    step: str


@fact
class ApprovalWithdrawn:
    """It is no longer wanted, or what was asked for has changed."""

    approval: str
    step: str
    why: str


@fact
class StepQueued:
    """A run was ordered. ``approval`` is empty for a command that is proved to read.

    ``place`` is the name of the target that ``target`` describes; empty on old records, where there was only one.
    ``member`` is its place in an approved set, counted from 1.
    """

    step: str
    run: str
    command: str
    kind: str
    verdict: str
    target: str
    sha: str
    why: str
    approval: str = ""
    place: str = ""
    labels: tuple[str, ...] = ()
    member: int = 0


@fact
class SetStopped:
    """The rest of an approved set does not run. ``ran`` and ``left`` are steps."""

    approval: str
    why: str
    ran: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


@fact
class StepStarted:
    """The intent to start is on record; the command starts after this."""

    step: str
    run: str


@fact
class ValueKept:
    """What a step was about to change, read just before by the command ``read``; ``back`` sets it again."""

    step: str
    run: str
    value: str
    read: str
    back: str = ""


@fact
class StepFinished:
    """A run ended. ``files`` were written by redirection; ``check`` is what was expected; ``verifies``: is all well?"""

    step: str
    run: str
    status: Literal["succeeded", "failed", "timed_out", "cancelled", "unrunnable"]
    exit_code: int | None = None
    seconds: float = 0.0
    excerpt: str = ""
    note: str = ""
    files: tuple[str, ...] = ()
    check: Check | None = None
    verifies: bool = False


@fact
class StepInDoubt:
    """A run was interrupted and nobody knows whether it had its effect. It is never repeated by itself."""

    step: str
    run: str
    why: str


@fact
class StepSettled:
    """A human found out what an interrupted run did, or had it undone, which settles it whatever it did."""

    step: str
    run: str
    happened: bool
    why: str = ""
    undone: bool = False


@fact
class StepDone:
    """A human did a manual step."""

    step: str
    text: str = ""


@fact
class StepSkipped:
    """A human decided against a step."""

    step: str
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
