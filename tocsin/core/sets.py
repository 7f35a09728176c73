"""Approved sets: one question about several commands in their order, and what runs behind what.

The approval is bound to all members' seals in their order. Each member is queued when the one before it went well, and
is sealed anew then; what does not fit any more stops the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from tocsin.core import facts
from tocsin.core.incident import Approval, Incident
from tocsin.core.moves import Facts
from tocsin.core.policy import ApprovalPolicy
from tocsin.core.run import Outcome, seal_of_set
from tocsin.core.runbook import Step
from tocsin.core.steps import Approver, Request, grant, queued, waiting
from tocsin.errors import Conflict, Invalid, Refused

MOST_MEMBERS = 50
_ENDED = ("failed", "timed_out")
"""How a member may end for the next one to go on, where the set is asked for with ``go_on``."""


def request_set(
    incident: Incident, asked: Sequence[tuple[Request, ApprovalPolicy]], now: datetime,
    *, go_on: bool = False, undoes: str = "",
) -> Facts:  # fmt: skip
    """Ask for several commands at once, in this order. The strictest of their policies counts for all."""
    if not incident.open:
        raise Refused(f"{incident.id} is resolved.", "Reopen it first.")
    ids = [request.step.id for request, _ in asked]
    if not 0 < len(ids) <= MOST_MEMBERS:
        raise Invalid(f"A set has between 1 and {MOST_MEMBERS} steps, not {len(ids)}.", "Name them.")
    if len(set(ids)) < len(ids):
        raise Invalid("A step stands twice in the set.", "Name each once.")
    for request, _ in asked:
        _must_be_free(incident, request.step, undoes)
    members, policies = [_member(*pair) for pair in asked], [policy for _, policy in asked]
    words = {member.verdict for member in members}
    return [
        facts.ApprovalRequested(
            approval=asked[0][0].approval,
            step=ids[0],
            command="\n".join(member.command for member in members),
            kind="set",
            verdict="unknown" if "unknown" in words else "change" if "change" in words else "read",
            verdict_why=f"{len(members)} commands, each judged by itself",
            target="; ".join(dict.fromkeys(member.target for member in members)),
            sha=seal_of_set([member.sha for member in members], go_on=go_on),
            needs=max(policy.people for policy in policies),
            self_approve=all(policy.self_approve for policy in policies),
            expires_at=now + min(policy.expires for policy in policies),
            policy="; ".join(dict.fromkeys(policy.why for policy in policies if policy.why)),
            traits=tuple(dict.fromkeys(trait for member in members for trait in member.traits)),
            members=tuple(members),
            go_on=go_on,
            undoes=undoes,
        )
    ]


def approve_set(
    incident: Incident, approval_id: str, seen: str, requests: Sequence[Request], who: Approver, now: datetime
) -> Facts:
    """Allow all of a set. Refused unless every member, made ready now, is still what was asked for."""
    approval = waiting(incident, approval_id, now)
    sealed = seal_of_set([request.sha for request in requests], go_on=approval.go_on)
    granted = grant(approval, seen, sealed, who)
    if len(approval.granted_by) + 1 < approval.needs:
        return [granted]
    return [granted, _next(approval, requests[0], 1, (*approval.granted_by, who.by.name))]


def under_way(incident: Incident, step_id: str, run: str) -> Approval | None:
    """The granted set in which a run is the last that was ordered; None where it is in none, or that was stopped."""
    state = incident.step(step_id)
    approval = incident.approvals.get(state.approval) if state and state.run == run else None
    return approval if approval and approval.members and approval.status == "granted" and not approval.stopped else None


def place_of_next(incident: Incident, approval: Approval) -> int:
    """The place, counted from 0, of the first member that still waits for its turn; their number where none does."""
    states = [incident.step(step) for step in approval.steps]
    waits = (place for place, state in enumerate(states) if state and state.status == "approved")
    return next(waits, len(states))


def go_on(approval: Approval, place: int, request: Request) -> Facts:
    """Queue the member at a place, made ready now. Raises `Conflict` where it is no longer what was approved."""
    if request.sha != approval.members[place].sha:
        raise Conflict(f"{request.step.title!r} is no longer what was approved.", "Ask for the rest anew.")
    return [_next(approval, request, place + 1, approval.granted_by)]


def ends_with(approval: Approval, outcome: Outcome, title: str) -> str:
    """Why a member's end stops the rest; empty where the next one may go on."""
    if outcome.status == "succeeded" or (approval.go_on and outcome.status in _ENDED):
        return ""
    return f"{title!r} {outcome.status.replace('_', ' ')}"


def stop(incident: Incident, approval: Approval, why: str) -> Facts:
    """Nothing more of a granted set runs; what ran and what did not is told."""
    left = tuple(
        step for step in approval.steps
        if (state := incident.step(step)) and state.approval == approval.id and state.status == "approved"
    )  # fmt: skip
    ran = tuple(step for step in approval.steps if step not in left)
    return [facts.SetStopped(approval=approval.id, why=why, ran=ran, left=left)]


def withdraw_rest(incident: Incident, approval: Approval, why: str) -> Facts:
    """A person stops a granted set; the command that runs now runs to its end. Raises `Conflict` where none is left."""
    stopped: facts.SetStopped = stop(incident, approval, why.strip() or "it was withdrawn")[0]
    if approval.stopped or not stopped.left:
        raise Conflict("Nothing of this set waits for its turn any more.")
    return [stopped]


def undone(incident: Incident, approval: Approval) -> Facts:
    """The steps that set a doubtful one right have all gone well: whatever it did is undone."""
    state = incident.step(approval.undoes)
    if state is None or state.status != "in_doubt":
        return []
    why = f"{len(approval.members)} steps undid it, approved by {', '.join(approval.granted_by)}"
    return [facts.StepSettled(step=approval.undoes, run=state.run, happened=True, why=why, undone=True)]


def _next(approval: Approval, request: Request, number: int, by: Sequence[str]) -> facts.StepQueued:
    why = f"approved by {', '.join(by)}, {number} of {len(approval.members)}"
    return queued(request, why, approval.id, member=number)


def _must_be_free(incident: Incident, step: Step, undoes: str) -> None:
    state = incident.step(step.id)
    if step.id == undoes:
        raise Invalid(f"{step.title!r} can't undo itself.")
    if state is None:
        return
    if state.status in ("queued", "running", "approved"):
        raise Conflict(f"{step.title!r} already runs.", "Wait for its end.")
    if state.status == "awaiting_approval":
        raise Conflict(f"{step.title!r} already waits for an approval.", "Withdraw that first.")
    if state.status == "in_doubt":
        raise Refused(f"{step.title!r} is in doubt: its last run was interrupted.", "Say first whether it happened.")


def _member(request: Request, policy: ApprovalPolicy) -> facts.Member:
    return facts.Member(
        step=request.step.id, command=request.command, kind=request.step.kind, verdict=request.verdict.word,
        verdict_why=request.verdict.why, target=request.target.describe(), sha=request.sha,
        traits=request.verdict.traits, roles=policy.roles, policy=policy.why,
    )  # fmt: skip
