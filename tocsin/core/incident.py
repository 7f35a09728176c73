"""The incident: the row that everybody reads. It is the fold of its timeline (`tocsin.core.fold`), and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from tocsin.core.assessstate import AssessmentState
from tocsin.core.boxstate import ChecklistState
from tocsin.core.clockstate import ClockState
from tocsin.core.expected import Check
from tocsin.core.facts import Member, Topic
from tocsin.core.followfacts import Followed
from tocsin.core.learningstate import LearningState
from tocsin.core.messagestate import MessageState
from tocsin.core.policy import Rung
from tocsin.core.reachstate import ReachState
from tocsin.core.runbook import Criterion
from tocsin.core.teamstate import OWNER, TeamState
from tocsin.ids import slug

Status = Literal["open", "acknowledged", "mitigated", "resolved"]
StepStatus = Literal[
    "awaiting_approval", "approved", "queued", "running", "succeeded", "failed", "timed_out", "cancelled", "unrunnable",
    "in_doubt", "done", "skipped", "undone",
]  # fmt: skip
ApprovalStatus = Literal["waiting", "granted", "denied", "expired", "withdrawn"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertState:
    """An alert of this incident, as it last was. ``quiet_seconds`` above 0: it flaps; its end counts after them."""

    name: str
    summary: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    firing: bool = True
    quiet_seconds: float = 0.0
    quiet_since: datetime | None = None

    def unquiet_for(self, now: datetime) -> timedelta:
        """How long a flapping alert must still be quiet until its end counts; zero while it fires, and for others."""
        if self.firing or self.quiet_since is None:
            return timedelta(0)
        return max(self.quiet_since + timedelta(seconds=self.quiet_seconds) - now, timedelta(0))

    def flaps(self, now: datetime) -> bool:
        """Whether it fires and ends again and again, and has not been quiet since for as long as it must."""
        return self.quiet_seconds > 0 and (self.firing or self.unquiet_for(now) > timedelta(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class StepState:
    """What has become of a step. ``excerpt`` is the end of what the last run printed, ``files`` what it wrote.

    While it waits for an approval, or for its turn in an approved set, ``earlier`` is what had become of it before.
    """

    status: StepStatus
    at: datetime
    by: str
    run: str = ""
    approval: str = ""
    exit_code: int | None = None
    seconds: float = 0.0
    excerpt: str = ""
    note: str = ""
    files: tuple[str, ...] = ()
    check: Check | None = None
    verifies: bool = False
    runs: int = 0
    earlier: StepState | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A value as it was before a step changed it, and the command that sets it again ("" where there is none)."""

    value: str
    read: str
    back: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """A question to people about one exact command, or with ``members`` about several in their order.

    ``stopped`` says why the rest of a granted set does not run any more.
    """

    id: str
    step: str
    command: str
    kind: str
    verdict: str
    verdict_why: str
    target: str
    sha: str
    needs: int
    self_approve: bool
    asked_by: str
    asked_at: datetime
    expires_at: datetime
    granted_by: tuple[str, ...] = ()
    status: ApprovalStatus = "waiting"
    policy: str = ""
    roles: tuple[str, ...] = ()
    traits: tuple[str, ...] = ()
    members: tuple[Member, ...] = ()
    go_on: bool = False
    undoes: str = ""
    stopped: str = ""

    @property
    def steps(self) -> tuple[str, ...]:
        """The steps that it is about, in their order."""
        return tuple(member.step for member in self.members) or (self.step,)


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionState:
    """A recovery criterion and whether it holds, since when. ``holds`` null: no data, or nobody said.

    ``lost_at`` is when it last ceased to hold.
    """

    criterion: Criterion
    holds: bool | None = None
    since: datetime | None = None
    value: float | None = None
    detail: str = ""
    lost_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseState:
    """A phase of the document's process, when it was reached and who answers for it."""

    id: str
    title: str
    line: int
    at: datetime | None = None
    by: str = ""
    owner: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """An incident as it is now. ``version`` is the sequence number of its last timeline entry.

    ``alerts`` are those that the timeline lists; ``gathered`` counts all, from when there were more. ``group``: the
    labels that an alert must share to join; ``topics``: what merged incidents (``absorbed``) were about.
    """

    id: str
    number: int
    version: int
    title: str
    severity: str
    status: Status
    why: str
    runbook: str
    runbook_digest: str
    source: str
    scenario: str
    scenario_title: str
    line: int
    drill: bool
    declared_at: datetime
    declared_by: str
    detected_at: datetime
    severities: tuple[str, ...] = ()
    ladder: tuple[Rung, ...] = ()
    climbed: tuple[int, ...] = ()
    repeats: int = 0
    called_at: datetime | None = None
    held_until: datetime | None = None
    ladder_ended: bool = False
    phases: tuple[PhaseState, ...] = ()
    criteria: tuple[CriterionState, ...] = ()
    watch_seconds: float = 0.0
    response_seconds: float | None = None
    responses: Mapping[str, float] = field(default_factory=dict)
    acknowledged_at: datetime | None = None
    acknowledged_by: str = ""
    first_acknowledged_at: datetime | None = None
    mitigated_at: datetime | None = None
    resolved_at: datetime | None = None
    reopened_at: datetime | None = None
    roles: Mapping[str, str] = field(default_factory=dict)
    paged: tuple[str, ...] = ()
    alerts: Mapping[str, AlertState] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    branch: str = ""
    branch_by: str = ""
    branch_why: str = ""
    branch_open: str = ""
    kept: Mapping[str, Kept] = field(default_factory=dict)
    steps: Mapping[str, StepState] = field(default_factory=dict)
    approvals: Mapping[str, Approval] = field(default_factory=dict)
    actions: Mapping[str, bool] = field(default_factory=dict)
    review: Literal["", "draft", "published"] = ""
    context_at: datetime | None = None
    group: Mapping[str, str] = field(default_factory=dict)
    gathers: bool = False
    gathered: int = 0
    last_alert_at: datetime | None = None
    split_from: str = ""
    duplicate_of: str = ""
    absorbed: tuple[str, ...] = ()
    rooms: Mapping[str, str] = field(default_factory=dict)
    topics: tuple[Topic, ...] = ()
    clocks: ClockState = field(default_factory=ClockState)
    team: TeamState = field(default_factory=TeamState)
    learning: LearningState = field(default_factory=LearningState)
    followed: tuple[Followed, ...] = ()
    checklist: ChecklistState = field(default_factory=ChecklistState)
    assessment: AssessmentState = field(default_factory=AssessmentState)
    messages: MessageState = field(default_factory=MessageState)
    reach: ReachState = field(default_factory=ReachState)

    @property
    def open(self) -> bool:
        """Whether somebody still has to care."""
        return self.status != "resolved"

    @property
    def began_at(self) -> datetime:
        """When the trouble began, as somebody said; else its first sign."""
        return self.assessment.began_at or self.detected_at

    @property
    def owner(self) -> str:
        """Who has it: who accepted it last, else who acknowledged it; empty where nobody did."""
        return self.team.owner or self.acknowledged_by

    def holder(self, role: str) -> str:
        """Who has a role; ``owner`` is the incident itself. Empty where nobody has."""
        return self.owner if role == OWNER else self.roles.get(role, "")

    def is_shown_to(self, name: str) -> bool:
        """Whether somebody of this name may know of it."""
        return not self.team.private or slug(name) in self.team.named

    @property
    def unresolved_since(self) -> datetime:
        """From when its clocks count: its declaration, or its return."""
        return self.reopened_at or self.declared_at

    @property
    def unanswered_since(self) -> datetime:
        """From when the time to its answer counts: its return, unless that came behind the answer."""
        if self.reopened_at and (self.acknowledged_at is None or self.acknowledged_at >= self.reopened_at):
            return self.reopened_at
        return self.declared_at

    @property
    def response_due(self) -> datetime | None:
        """By when somebody is to take it, as the document says for its severity; "at once" leaves a minute."""
        timetable = self.clocks.timetable
        if self.response_seconds is not None:
            span = timedelta(seconds=max(self.response_seconds, 60.0))
            return timetable.after(self.severity, self.unanswered_since, span)
        if self.severity in timetable.next_day:
            return timetable.business_days_on(self.unanswered_since, 1)
        return None

    def is_worse(self, severity: str, other: str) -> bool:
        """Whether a severity is worse than another; one that the document does not define is the mildest."""
        order = {name: place for place, name in enumerate(self.severities)}
        return order.get(severity, len(order)) < order.get(other, len(order))

    @property
    def first_answered_at(self) -> datetime | None:
        """When a human took it for the first time, also where it was reopened and waits for an answer again."""
        return self.first_acknowledged_at or self.acknowledged_at

    @property
    def firing(self) -> tuple[AlertState, ...]:
        """Its alerts that still fire."""
        return tuple(alert for alert in self.alerts.values() if alert.firing)

    @property
    def waiting_approvals(self) -> tuple[Approval, ...]:
        """The approvals that nobody has answered, the oldest first."""
        waiting = (approval for approval in self.approvals.values() if approval.status == "waiting")
        return tuple(sorted(waiting, key=lambda approval: (approval.asked_at, approval.id)))

    @property
    def in_doubt(self) -> tuple[str, ...]:
        """The steps of which nobody knows whether they happened."""
        return tuple(step for step, state in self.steps.items() if state.status == "in_doubt")

    def undo_of(self, step_id: str) -> Approval | None:
        """The question about undoing a step that is in doubt, while it waits or is carried out."""
        asked = (each for each in self.approvals.values() if each.undoes == step_id and not each.stopped)
        return next((each for each in asked if each.status in ("waiting", "granted")), None)

    def step(self, step_id: str) -> StepState | None:
        """What has become of a step; None when nothing has."""
        return self.steps.get(step_id)

    def held(self, state: CriterionState, now: datetime) -> timedelta | None:
        """For how long a criterion has held without a break; None when it does not hold."""
        return now - state.since if state.holds and state.since else None

    def recovered(self, state: CriterionState, now: datetime) -> bool:
        """Whether a criterion has held as long as it must; one that only a human can judge needs no watching."""
        for_how_long = self.held(state, now)
        if for_how_long is None:
            return False
        return state.criterion.metric is None or for_how_long.total_seconds() >= self.watch_of(state)

    def watch_of(self, state: CriterionState) -> float:
        """Seconds for which a criterion must hold: as the document says, else as the settings say."""
        minutes = state.criterion.watch_minutes
        return self.watch_seconds if minutes is None else minutes * 60
