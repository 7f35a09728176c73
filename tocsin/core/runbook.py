"""What a runbook says, in the words of the published shape ``tocsin.runbook/1`` (`tocsin runbook show --json`).

Every element carries the 1-based line of the file that it came from. What the reader did not understand is a `Problem`,
never a guess.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from tocsin.core.questions import Question
from tocsin.core.triggers import Trigger

SCHEMA = "tocsin.runbook/1"
SET_BACK = "set-back/"
"""Before a step's id: the step that sets again what that one changed. It stands in no document."""

StepKind = Literal["shell", "sql", "http", "manual", "link", "set"]
StepStage = Literal[
    "diagnosis", "mitigation", "resolution", "verification", "rollback", "communication", "prevention", "other"
]
VerdictWord = Literal["read", "change", "unknown"]
Op = Literal[">", ">=", "<", "<=", "=="]
Level = Literal["error", "warning", "note"]
FenceRole = Literal[
    "command", "comment", "setting", "output", "template", "diagram", "query", "code", "text", "unknown"
]
EscalationClock = Literal["unresolved", "unavailable", "estimate", "unacknowledged"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """A broken passage of the file that is shown mended."""

    line: int
    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Severity:
    """One level of the scale; the first defined is the worst. ``response_minutes`` is null for "next business day".

    ``action``: what happens first at this level, in the document's words, on ``action_line``.
    """

    name: str
    title: str = ""
    description: str = ""
    response_minutes: float | None = None
    next_business_day: bool = False
    action: str = ""
    action_line: int = 0
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """A number that a metric is compared with: a target, an open threshold or a close criterion."""

    metric: str
    op: Op
    value: float
    unit: str | None = None
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(Threshold):
    """An open threshold: what fires an alert."""

    for_minutes: float | None = None
    severity: str | None = None
    scenario: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A sentence of the document with its line."""

    text: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """What must hold before an incident counts as recovered; without a metric only a human can say."""

    text: str
    metric: str | None = None
    op: Op | None = None
    value: float | None = None
    unit: str | None = None
    watch_minutes: float | None = None
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing to do. ``verdict`` is filled by `tocsin.safety` from the command's text, never by the document."""

    id: str
    kind: StepKind
    stage: StepStage
    title: str
    command: str | None = None
    language: str | None = None
    verdict: VerdictWord = "unknown"
    traits: tuple[str, ...] = ()
    why: str = ""
    expected: str | None = None
    placeholders: tuple[str, ...] = ()
    branch: str | None = None
    alternative_to: str | None = None
    line: int
    end_line: int
    column: int = 0

    @property
    def runnable(self) -> bool:
        """Whether there is a command that a machine could run."""
        return self.kind in ("shell", "sql", "http", "set") and bool(self.command)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One kind of failure with guidance of its own."""

    id: str
    title: str
    severity: str | None = None
    alerts: tuple[str, ...] = ()
    line: int
    symptoms: tuple[Text, ...] = ()
    causes: tuple[Text, ...] = ()
    steps: tuple[Step, ...] = ()
    criteria: tuple[Criterion, ...] = ()
    follow_ups: tuple[Text, ...] = ()

    @property
    def branches(self) -> tuple[str, ...]:
        """The "If …" conditions over its steps, in the order of the document."""
        return tuple(dict.fromkeys(step.branch for step in self.steps if step.branch))


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """A phase of the general process, with its window in minutes since the start where the document names one."""

    id: str
    title: str
    from_minutes: float | None = None
    to_minutes: float | None = None
    steps: tuple[Step, ...] = ()
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Procedure:
    """Commands outside any scenario: an emergency rollback, a command reference, a quick-reference table."""

    id: str
    title: str
    steps: tuple[Step, ...] = ()
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation:
    """Who is drawn in, after how long, under which condition. ``clock`` null: a human condition without a time."""

    to: str | None
    after_minutes: float | None = None
    severities: tuple[str, ...] = ()
    when: str = ""
    clock: EscalationClock | None = None
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A role and how to reach it. ``unfilled`` names the fields whose text is a placeholder."""

    role: str
    name: str | None = None
    chat: str | None = None
    email: str | None = None
    phone: str | None = None
    unfilled: tuple[str, ...] = ()
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Something that people must reach before an incident. ``system`` names it in short; ``programs`` are its tools."""

    system: str
    what: str
    kind: Literal["system", "tool", "credential"] = "system"
    programs: tuple[str, ...] = ()
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """When which severities are covered, in the document's words (``hours``)."""

    severities: tuple[str, ...]
    hours: str
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """How the on-call duty changes hands."""

    every: str
    coverage: tuple[Coverage, ...] = ()
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """Where messages of some severities go."""

    kind: str
    address: str
    severities: tuple[str, ...] = ()
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A message or document that is meant to be filled in."""

    id: str
    title: str
    kind: Literal["initial", "update", "resolution", "postmortem", "record", "other"]
    text: str
    fields: tuple[str, ...] = ()
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Checklist:
    """Boxes to tick, outside fences. ``conditional``: its title is a condition, so it counts where that is true."""

    title: str
    items: tuple[Text, ...]
    deadline_hours: float | None = None
    conditional: bool = False
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """Something that must be done within some hours; ``business_days`` where the document counts in those."""

    what: str
    hours: float
    business_days: float | None = None
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdatePromise:
    """How often people are told how it goes. ``every_minutes`` null: the document leaves a gap for it."""

    text: str
    every_minutes: float | None = None
    severities: tuple[str, ...] = ()
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where something stands."""

    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Placeholder:
    """A gap in the text that must be filled before a command may run."""

    text: str
    type: str
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A reference to something else. ``exists`` is null where it was not looked up."""

    target: str
    kind: Literal["file", "url", "anchor", "alert"]
    exists: bool | None = None
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """How often the runbook itself is to be reviewed; ``triggers``: on what else."""

    every: str | None = None
    last: str | None = None
    next: str | None = None
    line: int
    triggers: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FencePart:
    """Neighbouring lines of a fence that were understood as the same thing; ``unknown`` is reported as a problem."""

    line: int
    end_line: int
    role: FenceRole


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeFence:
    """A code fence and what each of its lines was taken for: every line that is not blank stands in one part.

    ``line`` and ``end_line`` are the marker lines (the last line of the file where the closing one is missing).
    """

    line: int
    end_line: int
    language: str
    parts: tuple[FencePart, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something the reader did not understand or that will not work, with what to do about it."""

    line: int
    code: str
    level: Level
    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Runbook:
    """A whole runbook. Field names are those of the published JSON shape."""

    schema: str = SCHEMA
    title: str
    source: str
    digest: str
    repairs: tuple[Repair, ...] = ()
    severities: tuple[Severity, ...] = ()
    targets: tuple[Threshold, ...] = ()
    rules: tuple[Rule, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    scenarios: tuple[Scenario, ...] = ()
    phases: tuple[Phase, ...] = ()
    procedures: tuple[Procedure, ...] = ()
    conditionals: tuple[Text, ...] = ()
    escalations: tuple[Escalation, ...] = ()
    chain: tuple[Text, ...] = ()
    contacts: tuple[Contact, ...] = ()
    access: tuple[Access, ...] = ()
    rotation: Rotation | None = None
    channels: tuple[Channel, ...] = ()
    templates: tuple[Template, ...] = ()
    checklists: tuple[Checklist, ...] = ()
    questions: tuple[Question, ...] = ()
    confidential: tuple[Text, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    updates: tuple[UpdatePromise, ...] = ()
    placeholders: tuple[Placeholder, ...] = ()
    env_vars: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    review: Review | None = None
    fences: tuple[CodeFence, ...] = ()
    problems: tuple[Problem, ...] = ()

    def scenario(self, scenario_id: str) -> Scenario | None:
        """The scenario with this id."""
        return next((scenario for scenario in self.scenarios if scenario.id == scenario_id), None)

    def severity(self, name: str) -> Severity | None:
        """The severity with this name."""
        return next((severity for severity in self.severities if severity.name == name), None)

    def steps(self) -> Iterator[Step]:
        """Every step of the document: scenarios first, then phases and procedures."""
        parts: tuple[Scenario | Phase | Procedure, ...] = (*self.scenarios, *self.phases, *self.procedures)
        for part in parts:
            yield from part.steps

    def step(self, step_id: str) -> Step | None:
        """The step with this id."""
        return next((step for step in self.steps() if step.id == step_id), None)
