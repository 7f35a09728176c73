"""Moves over steps: choose a branch, ask for a run, approve it, record how it went.

A command runs without asking only when it is proved to read. Anything else waits for an approval that is bound to the
exact command, target and runbook (`tocsin.core.run.seal`); one approval starts one run.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tocsin.core import facts
from tocsin.core.expected import Check, compare
from tocsin.core.facts import Actor
from tocsin.core.incident import Approval, Incident, StepState
from tocsin.core.moves import Facts, reach
from tocsin.core.oncall import Directory
from tocsin.core.policy import ApprovalPolicy
from tocsin.core.rendering import occurrences
from tocsin.core.run import FINISHED, Outcome, Target, Verdict
from tocsin.core.runbook import Scenario, Step
from tocsin.errors import Conflict, Denied, Invalid, Refused
from tocsin.ids import slug
from tocsin.times import EPOCH

BUSY = ("queued", "running", "approved")
EXCERPT = 4_000
STALE = "`tocsin approvals` and the page show both, side by side. Withdraw the question and ask again."
_VERIFIES = re.compile(r"(?:verif|confirm)", re.IGNORECASE)
_LEFT_OUT = re.compile(r"^… [\d,]+ bytes left out …$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A step made ready: its placeholders filled, its verdict computed anew, its seal taken."""

    step: Step
    command: str
    verdict: Verdict
    target: Target
    sha: str
    run: str
    approval: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Approver:
    """Who says yes: the role of their token, and the directory that knows which roles of the team they fill."""

    by: Actor
    role: str = "admin"
    directory: Directory = field(default_factory=Directory)
    now: datetime = EPOCH

    def is_one_of(self, roles: Sequence[str]) -> bool:
        """Whether a policy that names these lets them; without any name, every approver may."""
        name = slug(self.by.name)
        return not roles or any(
            role == self.role or (role == "approver" and self.role == "admin")
            or slug(role) == name or self._fills(slug(role), name)
            for role in roles
        )  # fmt: skip

    def _fills(self, role: str, name: str) -> bool:
        """Only a role that is written so counts here, and a schedule's only while they are on call."""
        filling = self.directory.find(role, self.now) if role in self.directory.roles else None
        return filling is not None and filling.id == name


def choose_branch(incident: Incident, scenario: Scenario, branch: str, why: str) -> Facts:
    """Take one of the document's branches; who and why stay on record."""
    _must_be_open(incident)
    if branch not in scenario.branches:
        known = "; ".join(scenario.branches) or "none"
        raise Invalid(f"{branch!r} is not a branch of {scenario.title!r}.", f"Its branches: {known}.")
    line = next(step.line for step in scenario.steps if step.branch == branch)
    return [facts.BranchChosen(branch=branch, why=why.strip(), line=line)]


def request_step(incident: Incident, request: Request, policy: ApprovalPolicy, now: datetime, why: str = "") -> Facts:
    """Ask for a run. A proved read is queued at once, and so is what the policy lets run; anything else asks people."""
    _must_be_open(incident)
    state = incident.step(request.step.id)
    if state is not None and state.status in BUSY:
        raise Conflict(f"{request.step.title!r} already runs.", "Wait for its end.")
    _must_not_be_in_doubt(state, request.step)
    at_once = request.verdict.word == "read" or policy.people == 0
    earlier = [approval for approval in incident.waiting_approvals if request.step.id in approval.steps]
    same = [each for each in earlier if each.expires_at > now and (each.members or each.sha == request.sha)]
    if any(each.members for each in same):
        raise Conflict(f"{request.step.title!r} already waits for an approval, in a set.", "Withdraw the set first.")
    if same and not at_once:
        raise Conflict(f"{request.step.title!r} already waits for an approval.")
    void: Facts = [
        facts.ApprovalWithdrawn(approval=approval.id, step=approval.step, why="it was asked for anew")
        for approval in earlier
    ]
    if request.verdict.word == "read":
        return [*void, queued(request, why or f"proved to read: {request.verdict.why}")]
    if at_once:
        return [*void, queued(request, f"asked for without an approval: {policy.why} wants nobody's")]
    return [
        *void,
        facts.ApprovalRequested(
            approval=request.approval,
            step=request.step.id,
            command=request.command,
            kind=request.step.kind,
            verdict=request.verdict.word,
            verdict_why=request.verdict.why,
            target=request.target.describe(),
            sha=request.sha,
            needs=policy.people,
            self_approve=policy.self_approve,
            expires_at=now + policy.expires,
            policy=policy.why,
            roles=policy.roles,
            traits=request.verdict.traits,
        ),
    ]


def approve(
    incident: Incident, approval_id: str, sha: str, request: Request, by: Actor | Approver, now: datetime
) -> Facts:  # fmt: skip
    """Allow a command. Refused unless what would run is still exactly what was asked for."""
    approval = waiting(incident, approval_id, now)
    who = by if isinstance(by, Approver) else Approver(by=by)
    granted = grant(approval, sha, request.sha, who)
    if len(approval.granted_by) + 1 < approval.needs:
        return [granted]
    names = ", ".join((*approval.granted_by, who.by.name))
    return [granted, queued(request, f"approved by {names}", approval.id)]


def grant(approval: Approval, seen: str, now_sealed: str, who: Approver) -> facts.ApprovalGranted:
    """A person's yes to a question that waits; ``seen`` is the seal that they saw."""
    by = who.by
    if by.kind != "person":
        raise Denied("Only a person can approve a command.")
    if by.name == approval.asked_by and not approval.self_approve:
        raise Denied("The policy asks for somebody else than the one who requested it.", approval.policy)
    for roles in {approval.roles, *(member.roles for member in approval.members)}:
        if not who.is_one_of(roles):
            raise Denied(f"Here only {' or '.join(roles)} can approve.", approval.policy)
    if by.name in approval.granted_by:
        raise Conflict(f"{by.name} has already approved this.")
    if seen != approval.sha or now_sealed != approval.sha:
        raise Conflict("The command, its target or the runbook changed since this was asked for.", STALE)
    return facts.ApprovalGranted(approval=approval.id, step=approval.step, sha=seen)


def deny(incident: Incident, approval_id: str, why: str, now: datetime) -> Facts:
    """Say no to a command."""
    approval = waiting(incident, approval_id, now)
    return [facts.ApprovalDenied(approval=approval.id, step=approval.step, why=why.strip() or "no reason given")]


def withdraw(incident: Incident, approval_id: str, why: str, now: datetime) -> Facts:
    """Take a question back."""
    approval = waiting(incident, approval_id, now)
    return [facts.ApprovalWithdrawn(approval=approval.id, step=approval.step, why=why.strip() or "no longer wanted")]


def start_step(incident: Incident, step_id: str, run: str) -> Facts:
    """The intent to start, committed before the command starts."""
    state = incident.step(step_id)
    if state is None or state.run != run or state.status not in BUSY:
        raise Conflict(f"The run {run} is not waiting to start.")
    return [facts.StepStarted(step=step_id, run=run)]


def finish_step(incident: Incident, step: Step | None, step_id: str, run: str, outcome: Outcome) -> Facts:
    """Record how a run ended; the first diagnosis that ended reaches the phase of investigation."""
    state = incident.step(step_id)
    if state is None or state.run != run or state.status not in (*BUSY, "in_doubt"):
        return []
    if outcome.status not in FINISHED:
        raise ValueError(f"{outcome.status} is not an end of a run.")
    status: Any = outcome.status
    ended = facts.StepFinished(
        step=step_id, run=run, status=status, exit_code=outcome.exit_code, seconds=round(outcome.seconds, 3),
        excerpt=outcome.output[-EXCERPT:], note=outcome.note, files=tuple(file.name for file in outcome.files),
        check=_checked(incident, step, outcome), verifies=step is not None and _verifies(step),
    )  # fmt: skip
    diagnosed = step is not None and step.stage == "diagnosis" and outcome.status == "succeeded"
    return [ended, *(reach(incident, "investigate", "the first diagnosis is in") if diagnosed else [])]


def _verifies(step: Step) -> bool:
    """Whether a step finds out if all is well again: it stands among such, or says so behind a change."""
    says = _VERIFIES.match(step.title) is not None
    return step.stage == "verification" or (says and step.stage in ("mitigation", "resolution", "rollback"))


def _checked(incident: Incident, step: Step | None, outcome: Outcome) -> Check | None:
    """What the document expects, with this incident's values in its gaps, compared with what was printed."""
    if step is None or not step.expected or outcome.status not in ("succeeded", "failed"):
        return None
    expected = step.expected
    for gap in step.placeholders:
        if gap in incident.values:
            expected = re.sub(occurrences(gap), incident.values[gap].replace("\\", r"\\"), expected)
    return compare(expected, outcome.output, cut=_LEFT_OUT.search(outcome.output) is not None)


def doubt_step(incident: Incident, step_id: str, run: str, why: str) -> Facts:
    """A run was interrupted and may have had its effect: nothing repeats it by itself."""
    state = incident.step(step_id)
    if state is None or state.run != run or state.status not in BUSY:
        return []
    return [facts.StepInDoubt(step=step_id, run=run, why=why)]


def settle_step(incident: Incident, step_id: str, happened: bool, why: str) -> Facts:
    """A human found out whether an interrupted run had its effect."""
    state = incident.step(step_id)
    if state is None or state.status != "in_doubt":
        raise Refused(f"The step {step_id!r} is not in doubt.")
    undo = incident.undo_of(step_id)
    void: Facts = []
    if undo is not None and undo.status == "waiting":
        void = [facts.ApprovalWithdrawn(approval=undo.id, step=undo.step, why="the doubt is settled")]
    return [*void, facts.StepSettled(step=step_id, run=state.run, happened=happened, why=why.strip())]


def do_step(incident: Incident, step: Step, text: str) -> Facts:
    """A human did a step outside Tocsin."""
    _must_be_open(incident)
    _must_be_idle(incident, step)
    return [*_void(incident, step.id, "it was done by hand"), facts.StepDone(step=step.id, text=text.strip())]


def skip_step(incident: Incident, step: Step, why: str) -> Facts:
    """A human decided against a step; the reason stays on record."""
    _must_be_open(incident)
    _must_be_idle(incident, step)
    if not why.strip():
        raise Invalid("Skipping a step needs a reason.")
    return [*_void(incident, step.id, "the step was skipped"), facts.StepSkipped(step=step.id, why=why.strip())]


def next_of_branch(incident: Incident, scenario: Scenario, done: str) -> Step | None:
    """The step that follows a finished one inside the chosen branch, or None at its end.

    An alternative to a step that was done is passed over: one of them is done, not both.
    """
    inside = [step for step in scenario.steps if step.branch == incident.branch and incident.branch]
    after = [step.id for step in inside]
    if done not in after:
        return None
    rest = inside[after.index(done) + 1 :]
    return next((step for step in rest if step.id not in incident.steps and not step.alternative_to), None)


def queued(request: Request, why: str, approval: str = "", member: int = 0) -> facts.StepQueued:
    """The order to run a step that was made ready."""
    return facts.StepQueued(
        step=request.step.id,
        run=request.run,
        command=request.command,
        kind=request.step.kind,
        verdict=request.verdict.word,
        target=request.target.describe(),
        sha=request.sha,
        why=why,
        approval=approval,
        place=request.target.name,
        labels=request.target.labels,
        member=member,
    )


def waiting(incident: Incident, approval_id: str, now: datetime) -> Approval:
    """A question that can still be answered. Raises `Invalid`, `Conflict` or `Refused` where it can't."""
    approval = incident.approvals.get(approval_id)
    if approval is None:
        raise Invalid(f"{incident.id} has no approval {approval_id!r}.")
    if approval.status != "waiting":
        raise Conflict(f"This approval is already {approval.status}.")
    if approval.expires_at <= now:
        raise Conflict("This approval has expired.", "Ask for the step again.")
    if not incident.open:
        raise Refused(f"{incident.id} is resolved.")
    return approval


def _void(incident: Incident, step_id: str, why: str) -> Facts:
    return [
        facts.ApprovalWithdrawn(approval=approval.id, step=approval.step, why=why)
        for approval in incident.waiting_approvals
        if step_id in approval.steps
    ]


def _must_be_idle(incident: Incident, step: Step) -> None:
    state = incident.step(step.id)
    if state is not None and state.status in BUSY:
        raise Conflict(f"{step.title!r} runs right now.")
    _must_not_be_in_doubt(state, step)


def _must_not_be_in_doubt(state: StepState | None, step: Step) -> None:
    if state is not None and state.status == "in_doubt":
        raise Refused(f"{step.title!r} is in doubt: its last run was interrupted.", "Say first whether it happened.")


def _must_be_open(incident: Incident) -> None:
    if not incident.open:
        raise Refused(f"{incident.id} is resolved.", "Reopen it first.")
