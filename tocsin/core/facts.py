"""The vocabulary of the timeline: what can be true of an incident, in past participles.

Those about commands lie in `stepfacts`, those about which alerts belong together in `alertfacts`; both are reached
through this module. Facts are only ever added: a timeline
written by any earlier release is read for ever, so a new field has a default and an old field is not renamed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from tocsin.core.alertfacts import Absorbed, AlertsGathered, AlertsSplit, Merged, Topic
from tocsin.core.assessfacts import AffectedCounted, BeginningSet, QuestionAnswered, RuleFollowed
from tocsin.core.boxfacts import BoxTicked, BoxUnticked, Closed, DeadlinePlanned
from tocsin.core.chatfacts import RoomOpened
from tocsin.core.clockfacts import (
    CadenceSet,
    DeadlineMet,
    DeadlineMissed,
    DeadlineNear,
    EveryoneCalled,
    FirstResponseBegun,
    OutageBegan,
    OutageEnded,
    PhaseMissed,
    ResolutionEstimated,
    ResponseMissed,
    UpdateMissed,
    UpdateReminded,
)
from tocsin.core.contextfacts import ContextTaken
from tocsin.core.entries import ENGINE, FACTS, Actor, Entry, fact
from tocsin.core.followfacts import RunbookFollowed
from tocsin.core.learningfacts import (
    ActionAdded,
    ActionChanged,
    ActionDone,
    ActionDropped,
    ActionNear,
    ActionOverdue,
    ActionReopened,
    ActionTracked,
    CauseGateOverruled,
    CauseJudged,
    CauseSuspected,
    ReviewApproved,
    ReviewDrafted,
    ReviewPublished,
    ReviewScheduled,
    RootCauseRecorded,
    TrackingAsked,
)
from tocsin.core.messagefacts import FieldAnswered, MessageDrafted, MessageSent
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
from tocsin.core.teamfacts import (
    GlassBroken,
    HandOverAccepted,
    HandOverDeclined,
    HandOverExpired,
    HandOverOffered,
    LetIn,
    MadePrivate,
    MadePublic,
    RoleLeft,
    ShutOut,
    StepOwned,
    WarRoomSet,
)
from tocsin.core.timetable import Timetable

__all__ = [
    "ENGINE", "FACTS", "Absorbed", "Acknowledged", "ActionAdded", "ActionChanged", "ActionDone", "ActionDropped",
    "ActionNear", "ActionOverdue", "ActionReopened", "ActionTracked", "Actor", "AffectedCounted", "AlertCleared",
    "AlertFlapped", "AlertLinked", "AlertsGathered", "AlertsSplit", "ApprovalDenied", "ApprovalExpired",
    "ApprovalGranted", "ApprovalRequested", "ApprovalWithdrawn", "Assigned", "BeginningSet", "BoxTicked", "BoxUnticked",
    "BranchChosen", "BranchLeftOpen", "CadenceSet", "CauseGateOverruled", "CauseJudged", "CauseSuspected", "Closed",
    "ContextTaken", "CriterionChanged", "CriterionConfirmed", "DeadlineMet", "DeadlineMissed", "DeadlineNear",
    "DeadlinePlanned", "Declared", "Entry", "Escalated", "EscalationEnded", "EscalationHeld", "EveryoneCalled",
    "FieldAnswered", "FirstResponseBegun", "GlassBroken", "HandOverAccepted", "HandOverDeclined", "HandOverExpired",
    "HandOverOffered", "LetIn", "MadePrivate", "MadePublic", "Member", "Merged", "MessageDrafted", "MessageSent",
    "Mitigated", "Noted", "Notified", "NotifyDelayed", "NotifyFailed", "OutageBegan", "OutageEnded", "PhaseMissed",
    "PhaseOwned", "PhasePlan", "PhaseReached", "PlaceholderBound", "QuestionAnswered", "Reopened",
    "ResolutionEstimated", "Resolved", "ResponseMissed", "ReviewApproved", "ReviewDrafted", "ReviewPublished",
    "ReviewScheduled", "RoleLeft", "RoomOpened", "RootCauseRecorded", "RuleFollowed", "RunbookFollowed", "SetStopped",
    "SeverityChanged", "ShutOut", "StepDone", "StepFinished", "StepInDoubt", "StepOwned", "StepQueued", "StepSettled",
    "StepSkipped", "StepStarted", "Topic", "TrackingAsked", "UpdateMissed", "UpdatePosted", "UpdateReminded",
    "UpdateRetracted", "ValueKept", "WarRoomSet", "fact",
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
    """An incident began. Everything that it depends on later is frozen here.

    ``group``: the labels that an alert must share to join it; ``gathers``: it holds a storm of alerts that no scenario
    names; ``split_from``: the incident that its first alerts were split off from. ``private``: only ``named`` see it.
    """

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
    group: Mapping[str, str] = field(default_factory=dict)
    gathers: bool = False
    split_from: str = ""
    timetable: Timetable = field(default_factory=Timetable)
    private: bool = False
    named: tuple[str, ...] = ()
    war_room: str = ""


@fact
class Acknowledged:
    """A human took it; ``via`` says by which way they answered, where that is not the page, the API or a terminal."""

    via: str = ""


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
    """A human's words; ``happened``: when it was, where that is told later."""

    text: str
    happened: datetime | None = None


@fact
class UpdatePosted:
    """People outside the response were told.

    With a ``stage`` it was published on the status page, under a ``title`` of its own: ``components`` holds the state
    of each one affected, ``messages`` what its users read, ``began`` since when, where that was earlier.
    """

    audience: str
    text: str
    title: str = ""
    stage: str = ""
    components: Mapping[str, str] = field(default_factory=dict)
    messages: Mapping[str, str] = field(default_factory=dict)
    began: datetime | None = None


@fact
class UpdateRetracted:
    """What was published in an entry of the timeline is public no longer; ``entry`` 0: all of it."""

    entry: int
    why: str


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
    """It was not over. ``anew``: whoever had answered before must answer again, and so do the clocks of that answer."""

    why: str
    anew: bool = False


# --- alerts and recovery -------------------------------------------------------------------------------------------


@fact
class AlertLinked:
    """An alert belongs to this incident."""

    fingerprint: str
    name: str
    summary: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    why: str = ""
    since: datetime | None = None


@fact
class AlertCleared:
    """An alert of this incident no longer fires. ``why`` where it ended for another reason than its own."""

    fingerprint: str
    name: str
    why: str = ""


@fact
class AlertFlapped:
    """An alert fires and ends again and again. Its ends count from now on when it was quiet for ``quiet_seconds``."""

    fingerprint: str
    name: str
    fired: int
    span_seconds: float
    quiet_seconds: float


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
    """Somebody was drawn in. ``rung`` is null when a human did it; ``person`` null when nobody fills the role.

    ``on_call`` tells which schedule named them, where one did. ``condition``: the document's words of which a human
    says that they are true now.
    """

    to: str
    why: str
    rung: int | None = None
    person: str | None = None
    line: int = 0
    again: int = 0
    on_call: str = ""
    condition: str = ""


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
    """A notice was taken by its receiver's side. ``why``: why by this way; ``place``: the how manieth way it was.

    ``kind`` is the notice's; empty on records of earlier releases.
    """

    person: str
    via: str
    notice: str
    subject: str = ""
    why: str = ""
    place: int = 0
    kind: str = ""


@fact
class NotifyDelayed:
    """A way to somebody failed, and is tried again, or another one is. ``next_via``: which one, at once."""

    person: str
    via: str
    notice: str
    why: str
    next_via: str = ""
    again: bool = True


@fact
class NotifyFailed:
    """A notice did not arrive anywhere."""

    person: str
    notice: str
    why: str
