"""Every move that a person or program can make, once: API, OpenAPI description, page and CLI are made from it.

The same word is the URL, the CLI verb, the button and the function.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Any

from msgspec import Meta

from tocsin.app import App
from tocsin.core import moves, steps
from tocsin.core.facts import Actor
from tocsin.core.incident import Incident
from tocsin.core.runbook import Runbook
from tocsin.errors import Denied, NotFound
from tocsin.ids import slug
from tocsin.service import (
    act,
    answering,
    assessing,
    calling,
    checklists,
    discretion,
    following,
    gathering,
    learning,
    messaging,
    palette,
    recurring,
    respond,
    review,
    sets,
    team,
    timing,
)
from tocsin.service.filling import must_fit
from tocsin.service.requests import ApprovalAnswer, Finding, StepName, StepSet, StepWords, Undoing
from tocsin.service.respond import Declaration, Name, Words
from tocsin.service.statuspage import publishing
from tocsin.settings import ROLES


@dataclass(frozen=True, slots=True, kw_only=True)
class Nothing:
    """A move that needs no further words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One move: who may make it, what it needs, what it does. ``by_role``: what it does depends on the role too.

    ``beside``: the field of its request that names another incident; empty there, a new one is declared.
    """

    name: str
    says: str
    role: str
    request: type[Any]
    do: Callable[..., Incident] = field(repr=False)
    by_role: bool = False
    beside: str = ""


CATALOGUE: dict[str, Move] = {}


def _move(
    name: str, role: str, request: type[Any], *, by_role: bool = False, beside: str = ""
) -> Callable[[Callable[..., Incident]], Callable[..., Incident]]:
    def register(do: Callable[..., Incident]) -> Callable[..., Incident]:
        says = (do.__doc__ or "").strip()
        CATALOGUE[name] = Move(name=name, says=says, role=role, request=request, do=do, by_role=by_role, beside=beside)
        return do

    return register


def make(app: App, name: str, ref: str, request: Any, by: Actor, role: str) -> Incident:
    """Make a move, if this role may."""
    move = CATALOGUE.get(name)
    if move is None:
        raise NotFound(f"There is no move {name!r}.", f"Moves: {', '.join(CATALOGUE)}.")
    allow(role, move.role, f"{name.replace('_', ' ')}")
    discretion.refuse(app, request)
    return move.do(app, ref, request, by, role) if move.by_role else move.do(app, ref, request, by)


def allow(role: str, needed: str, what: str) -> None:
    """Refuse with one sentence unless the role reaches the needed one; an agent never reaches an approver's moves."""
    if role not in ROLES or ROLES.index(role) < ROLES.index(needed):
        raise Denied(f"The role {role or 'nobody'} may not {what}.", f"It takes a token of the role {needed}.")


def declare(app: App, request: Declaration, by: Actor, role: str) -> Incident:
    """Begin an incident without an alert."""
    allow(role, "responder", "declare an incident")
    return respond.declare_by_hand(app, request, by)


@_move("acknowledge", "responder", Nothing)
def acknowledge(app: App, ref: str, _: Nothing, by: Actor) -> Incident:
    """Take the incident, so that everybody knows somebody has it."""
    return answering.acknowledge(app, ref, by)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """Who takes which role."""

    role: Annotated[Name, Meta(description="commander, communications, scribe, operations or a role of your own")]
    person: Name


@_move("assign", "responder", Assignment)
def assign(app: App, ref: str, request: Assignment, by: Actor) -> Incident:
    """Give a role of the response to a person."""
    known = app.settings.directory.people.get(slug(request.person))
    person = known.id if known else request.person
    return respond.move(app, ref, by, lambda incident, _: moves.assign(incident, request.role, person))


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """How bad it is."""

    severity: Name
    why: Words


@_move("assess", "responder", Assessment)
def assess(app: App, ref: str, request: Assessment, by: Actor) -> Incident:
    """Confirm or change the severity, with the reason."""
    return respond.move(
        app, ref, by, lambda incident, book: moves.assess(incident, book, request.severity, request.why)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Words for the timeline."""

    text: Words
    at: assessing.Earlier = ""


@_move("note", "agent", Note)
def note(app: App, ref: str, request: Note, by: Actor) -> Incident:
    """Write something down on the timeline."""
    return assessing.note(app, ref, request.text, request.at, by)


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """Words for people outside the response."""

    text: Words
    audience: Name = "stakeholders"


@_move("post_update", "responder", Update)
def post_update(app: App, ref: str, request: Update, by: Actor) -> Incident:
    """Record what people outside the response were told."""
    return respond.move(app, ref, by, lambda incident, _: moves.post_update(incident, request.audience, request.text))


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Whom to draw in."""

    to: Annotated[Name, Meta(description="a person's id, or a role that [roles] binds; next: as the document has it")]
    why: Words


@_move("escalate", "responder", Call)
def escalate(app: App, ref: str, request: Call, by: Actor) -> Incident:
    """Call somebody in now."""
    return calling.escalate(app, ref, request.to, request.why, by)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """For how long the ladder waits."""

    minutes: Annotated[float, Meta(gt=0, le=7 * 1440)]
    why: Words


@_move("hold", "responder", Hold)
def hold(app: App, ref: str, request: Hold, by: Actor) -> Incident:
    """Let the escalation ladder wait, with the reason."""
    return respond.hold(app, ref, request.minutes, request.why, by)


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """A gap of the text and what stands in it."""

    placeholder: Name
    value: Annotated[str, Meta(max_length=500)]


@_move("bind", "responder", Binding)
def bind(app: App, ref: str, request: Binding, by: Actor) -> Incident:
    """Give a placeholder its value for this incident."""

    def decide(incident: Incident, book: Runbook) -> moves.Facts:
        bound = moves.bind_placeholder(incident, book, request.placeholder, request.value)
        must_fit(incident, book, request.placeholder, bound[0].value)
        return bound

    return respond.move(app, ref, by, decide)


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """One of the document's "If …" branches."""

    branch: Words
    why: Words = ""


@_move("choose_branch", "responder", Branch)
def choose_branch(app: App, ref: str, request: Branch, by: Actor) -> Incident:
    """Take one of the document's mitigation branches, and ask for its first step."""
    return act.choose_branch(app, ref, request.branch, request.why, by)


@_move("request_step", "agent", StepName)
def request_step(app: App, ref: str, request: StepName, by: Actor) -> Incident:
    """Run a step: at once if it is proved to read, else after an approval."""
    return palette.request(app, ref, request, by)


@_move("approve", "approver", ApprovalAnswer, by_role=True)
def approve(app: App, ref: str, request: ApprovalAnswer, by: Actor, role: str = "admin") -> Incident:
    """Allow one exact command, or one exact set of them, to run, once."""
    return act.approve(app, ref, request.approval, request.sha, by, role)


@_move("deny", "approver", ApprovalAnswer)
def deny(app: App, ref: str, request: ApprovalAnswer, by: Actor) -> Incident:
    """Say no to a command."""
    now = app.clock.now()
    return act.move_step(app, ref, by, lambda incident, _: steps.deny(incident, request.approval, request.why, now))


@_move("withdraw", "responder", ApprovalAnswer)
def withdraw(app: App, ref: str, request: ApprovalAnswer, by: Actor) -> Incident:
    """Take a question back; of an approved set, stop what has not begun."""
    return act.withdraw(app, ref, request.approval, request.why, by)


@_move("request_set", "responder", StepSet)
def request_set(app: App, ref: str, request: StepSet, by: Actor) -> Incident:
    """Ask for one approval of several commands, which then run one behind the other."""
    return sets.request_set(app, ref, request.steps, request.branch, go_on=request.go_on, by=by, why=request.why)


@_move("do_step", "responder", StepWords)
def do_step(app: App, ref: str, request: StepWords, by: Actor) -> Incident:
    """Tick off a step that was done outside Tocsin."""
    return act.do_step(app, ref, request.step, request.why, by)


@_move("skip_step", "responder", StepWords)
def skip_step(app: App, ref: str, request: StepWords, by: Actor) -> Incident:
    """Decide against a step, with the reason."""
    return act.move_step(
        app, ref, by, lambda incident, book: steps.skip_step(incident, act.find_step(book, request.step), request.why)
    )


@_move("settle_step", "responder", Finding)
def settle_step(app: App, ref: str, request: Finding, by: Actor) -> Incident:
    """Say whether an interrupted run had its effect."""
    return act.move_step(
        app, ref, by, lambda incident, _: steps.settle_step(incident, request.step, request.happened, request.why)
    )


@_move("undo_step", "responder", Undoing)
def undo_step(app: App, ref: str, request: Undoing, by: Actor) -> Incident:
    """Ask to undo an interrupted run; when that has run, the doubt is settled."""
    return sets.undo_step(app, ref, request.step, request.steps, by, request.why)


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseWords:
    """A phase of the document's process."""

    phase: Name
    why: Words = ""


@_move("reach_phase", "responder", PhaseWords)
def reach_phase(app: App, ref: str, request: PhaseWords, by: Actor) -> Incident:
    """Tick off a phase of the document's process."""
    return respond.move(
        app, ref, by, lambda incident, _: moves.reach_phase(incident, request.phase, request.why or f"by {by.name}")
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseOwner:
    """A phase and who answers for it."""

    phase: Name
    owner: Name


@_move("own_phase", "responder", PhaseOwner)
def own_phase(app: App, ref: str, request: PhaseOwner, by: Actor) -> Incident:
    """Say who answers for a phase of the process."""
    return respond.move(app, ref, by, lambda incident, _: moves.own_phase(incident, request.phase, request.owner))


@dataclass(frozen=True, slots=True, kw_only=True)
class Mitigation:
    """How the impact was ended."""

    how: Words


@_move("mitigate", "responder", Mitigation)
def mitigate(app: App, ref: str, request: Mitigation, by: Actor) -> Incident:
    """Say that the impact is over, and how."""
    return respond.move(app, ref, by, lambda incident, _: moves.mitigate(incident, request.how))


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """A recovery criterion that only a human can judge, counted from 0."""

    criterion: Annotated[int, Meta(ge=0, le=1000)]
    why: Words = ""


@_move("confirm_criterion", "responder", Confirmation)
def confirm_criterion(app: App, ref: str, request: Confirmation, by: Actor) -> Incident:
    """Say that a recovery criterion without a number holds."""
    return respond.move(
        app, ref, by, lambda incident, _: moves.confirm_criterion(incident, request.criterion, request.why)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """The end. ``override`` is the reason to end it although it has not recovered."""

    summary: Words = ""
    override: Words = ""


@_move("resolve", "responder", Resolution)
def resolve(app: App, ref: str, request: Resolution, by: Actor) -> Incident:
    """End the incident; refused before its recovery criteria hold, unless a reason is given."""
    return respond.resolve(app, ref, request.summary, request.override, by)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why."""

    why: Words


@_move("reopen", "responder", Reason)
def reopen(app: App, ref: str, request: Reason, by: Actor) -> Incident:
    """It was not over."""
    return recurring.reopen(app, ref, request.why, by)


_move("follow", "responder", following.Following)(following.follow)
_move("confirm_condition", "responder", timing.Condition)(timing.confirm_condition)
_move("estimate", "responder", timing.Rest)(timing.estimate)
_move("mark_unavailable", "responder", timing.Gone)(timing.mark_unavailable)
_move("mark_available", "responder", timing.Back)(timing.mark_available)
_move("set_cadence", "responder", timing.Rhythm)(timing.set_cadence)
_move("meet_deadline", "responder", timing.Done)(timing.meet_deadline)
_FAMILIES = (team.MOVES, learning.MOVES, checklists.MOVES, assessing.MOVES, messaging.MOVES)
for _name, (_role, _needs, _do) in [each for family in _FAMILIES for each in family.items()]:
    _move(_name, _role, _needs)(_do)
_move("split", "responder", gathering.Splitting, beside="into")(gathering.split)
_move("merge", "responder", gathering.Merging, beside="into")(gathering.merge)
_move("publish", "responder", publishing.Publication)(publishing.publish)
_move("retract", "responder", publishing.Retraction)(publishing.retract)


@_move("publish_review", "responder", Nothing)
def publish_review(app: App, ref: str, _: Nothing, by: Actor) -> Incident:
    """Release the post-mortem."""
    return review.publish(app, ref, by)
