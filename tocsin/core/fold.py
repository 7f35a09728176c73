"""The fold of a timeline: what each fact makes of the incident before it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from tocsin.core import (
    alertfolds,
    assessfolds,
    boxfolds,
    chatfolds,
    clockfolds,
    facts,
    following,
    learningfolds,
    messagefolds,
    reaching,
    teamfolds,
)
from tocsin.core.facts import Entry
from tocsin.core.incident import (
    Approval,
    ApprovalStatus,
    CriterionState,
    Incident,
    Kept,
    PhaseState,
    Status,
    StepState,
    StepStatus,
)
from tocsin.core.runbook import SET_BACK

Fold = Callable[[Incident, Entry, Any], Incident]
_FOLDS: dict[type[Any], Fold] = {
    **alertfolds.FOLDS, **clockfolds.FOLDS, **teamfolds.FOLDS, **chatfolds.FOLDS, **learningfolds.FOLDS,
    **boxfolds.FOLDS, **assessfolds.FOLDS, **following.FOLDS, **messagefolds.FOLDS,
    **reaching.FOLDS,
}  # fmt: skip


def _folds(kind: type[Any]) -> Callable[[Fold], Fold]:
    def register(fold: Fold) -> Fold:
        _FOLDS[kind] = fold
        return fold

    return register


def evolve(incident: Incident | None, entry: Entry) -> Incident:
    """The incident after one more entry. Total: every fact has a fold; a fact that changes nothing still counts."""
    if incident is None:
        begun = teamfolds.begun(_begin(entry), entry)
        return clockfolds.ALSO[facts.Declared](begun, begun, entry)
    fold, also = _FOLDS.get(type(entry.fact)), clockfolds.ALSO.get(type(entry.fact))
    after = fold(incident, entry, entry.fact) if fold else incident
    after = teamfolds.also(incident, also(incident, after, entry) if also else after, entry)
    return replace(messagefolds.also(learningfolds.also(after, entry), entry), version=entry.seq)


def fold(entries: Iterable[Entry]) -> Incident:
    """The incident that a timeline tells; its first entry must be `Declared`."""
    incident: Incident | None = None
    for entry in entries:
        incident = evolve(incident, entry)
    if incident is None:
        raise ValueError("An incident has at least one entry.")
    return incident


def _begin(entry: Entry) -> Incident:
    made: facts.Declared = entry.fact
    return Incident(
        id=f"INC-{made.number}",
        number=made.number,
        version=entry.seq,
        title=made.title,
        severity=made.severity,
        status="open",
        why=made.why,
        runbook=made.runbook,
        runbook_digest=made.runbook_digest,
        source=made.source,
        scenario=made.scenario,
        scenario_title=made.scenario_title,
        line=made.line,
        drill=made.drill,
        declared_at=entry.at,
        declared_by=entry.by.name,
        detected_at=made.detected_at or entry.at,
        severities=made.severities,
        ladder=made.ladder,
        phases=tuple(PhaseState(id=phase.id, title=phase.title, line=phase.line) for phase in made.phases),
        criteria=tuple(CriterionState(criterion=criterion) for criterion in made.criteria),
        watch_seconds=made.watch_seconds,
        response_seconds=made.response_seconds,
        responses=made.responses,
        group=made.group,
        gathers=made.gathers,
        split_from=made.split_from,
    )


@_folds(facts.Acknowledged)
def _acknowledged(incident: Incident, entry: Entry, _: facts.Acknowledged) -> Incident:
    status: Status = "acknowledged" if incident.status == "open" else incident.status
    return replace(incident, status=status, acknowledged_at=entry.at, acknowledged_by=entry.by.name)


@_folds(facts.Assigned)
def _assigned(incident: Incident, _: Entry, made: facts.Assigned) -> Incident:
    return replace(incident, roles={**incident.roles, made.role: made.person})


@_folds(facts.SeverityChanged)
def _severity(incident: Incident, _: Entry, made: facts.SeverityChanged) -> Incident:
    goal = incident.responses.get(made.after) if incident.responses else incident.response_seconds
    return replace(incident, severity=made.after, response_seconds=goal)


def _phase(incident: Incident, phase_id: str, change: Callable[[PhaseState], PhaseState]) -> Incident:
    return replace(
        incident, phases=tuple(change(phase) if phase.id == phase_id else phase for phase in incident.phases)
    )


@_folds(facts.PhaseReached)
def _phase_reached(incident: Incident, entry: Entry, made: facts.PhaseReached) -> Incident:
    return _phase(incident, made.phase, lambda phase: replace(phase, at=entry.at, by=entry.by.name))


@_folds(facts.PhaseOwned)
def _phase_owned(incident: Incident, _: Entry, made: facts.PhaseOwned) -> Incident:
    return _phase(incident, made.phase, lambda phase: replace(phase, owner=made.owner))


@_folds(facts.Mitigated)
def _mitigated(incident: Incident, entry: Entry, _: facts.Mitigated) -> Incident:
    return replace(incident, status="mitigated", mitigated_at=entry.at)


@_folds(facts.Resolved)
def _resolved(incident: Incident, entry: Entry, _: facts.Resolved) -> Incident:
    return replace(incident, status="resolved", resolved_at=entry.at, mitigated_at=incident.mitigated_at or entry.at)


@_folds(facts.Reopened)
def _reopened(incident: Incident, entry: Entry, made: facts.Reopened) -> Incident:
    if made.anew:
        incident = _unanswered(incident)
    criteria = tuple(replace(state, holds=None, since=None) for state in incident.criteria)
    status: Status = "acknowledged" if incident.acknowledged_at else "open"
    called = tuple(index for index in incident.climbed if not incident.ladder[index].after_seconds)
    return replace(
        incident, status=status, resolved_at=None, mitigated_at=None, reopened_at=entry.at, criteria=criteria,
        climbed=called, repeats=0, called_at=entry.at, held_until=None, ladder_ended=False, duplicate_of="",
        checklist=replace(incident.checklist, closed=None),
    )  # fmt: skip


def _unanswered(incident: Incident) -> Incident:
    """Nobody has taken its return yet; where a reopening has nobody to page, the first calls are made again."""
    told = incident.paged or incident.roles
    return replace(
        incident, acknowledged_at=None, acknowledged_by="", first_acknowledged_at=incident.first_answered_at,
        climbed=incident.climbed if told else (),
    )  # fmt: skip


def _criterion(incident: Incident, index: int, state: CriterionState) -> Incident:
    criteria = (*incident.criteria[:index], state, *incident.criteria[index + 1 :])
    return replace(incident, criteria=criteria)


@_folds(facts.CriterionChanged)
def _criterion_changed(incident: Incident, entry: Entry, made: facts.CriterionChanged) -> Incident:
    before = incident.criteria[made.criterion]
    since = entry.at if made.holds else None
    lost = entry.at if before.holds and made.holds is False else before.lost_at
    after = replace(before, holds=made.holds, since=since, value=made.value, detail=made.detail, lost_at=lost)
    return _criterion(incident, made.criterion, after)


@_folds(facts.CriterionConfirmed)
def _criterion_confirmed(incident: Incident, entry: Entry, made: facts.CriterionConfirmed) -> Incident:
    before = incident.criteria[made.criterion]
    detail = f"{entry.by.name} says so. {made.why}".strip()
    return _criterion(incident, made.criterion, replace(before, holds=True, since=entry.at, detail=detail))


@_folds(facts.Escalated)
def _escalated(incident: Incident, entry: Entry, made: facts.Escalated) -> Incident:
    paged = incident.paged
    if made.person and made.person not in paged:
        paged = (*paged, made.person)
    called = replace(incident, paged=paged, called_at=incident.called_at if made.rung is None else entry.at)
    if made.again:
        return replace(called, repeats=made.again)
    if made.rung is None or made.rung in incident.climbed:
        return called
    return replace(called, climbed=(*incident.climbed, made.rung), repeats=0, ladder_ended=False)


@_folds(facts.EscalationHeld)
def _held(incident: Incident, _: Entry, made: facts.EscalationHeld) -> Incident:
    return replace(incident, held_until=made.until)


@_folds(facts.EscalationEnded)
def _ended(incident: Incident, _: Entry, _made: facts.EscalationEnded) -> Incident:
    return replace(incident, ladder_ended=True)


@_folds(facts.PlaceholderBound)
def _bound(incident: Incident, _: Entry, made: facts.PlaceholderBound) -> Incident:
    return replace(incident, values={**incident.values, made.placeholder: made.value})


@_folds(facts.BranchChosen)
def _branch(incident: Incident, entry: Entry, made: facts.BranchChosen) -> Incident:
    return replace(incident, branch=made.branch, branch_by=entry.by.name, branch_why=made.why, branch_open="")


@_folds(facts.BranchLeftOpen)
def _branch_open(incident: Incident, _: Entry, made: facts.BranchLeftOpen) -> Incident:
    return replace(incident, branch_open=made.why)


def _approval(incident: Incident, approval_id: str, **change: Any) -> Incident:
    after = replace(incident.approvals[approval_id], **change)
    return replace(incident, approvals={**incident.approvals, approval_id: after})


def _step(incident: Incident, step_id: str, state: StepState) -> Incident:
    return replace(incident, steps={**incident.steps, step_id: state})


def _runs(incident: Incident, step_id: str) -> int:
    before = incident.step(step_id)
    return before.runs if before else 0


@_folds(facts.ApprovalRequested)
def _approval_requested(incident: Incident, entry: Entry, made: facts.ApprovalRequested) -> Incident:
    approval = Approval(
        id=made.approval, step=made.step, command=made.command, kind=made.kind, verdict=made.verdict,
        verdict_why=made.verdict_why, target=made.target, sha=made.sha, needs=made.needs,
        self_approve=made.self_approve, asked_by=entry.by.name, asked_at=entry.at, expires_at=made.expires_at,
        policy=made.policy, roles=made.roles, traits=made.traits, members=made.members, go_on=made.go_on,
        undoes=made.undoes,
    )  # fmt: skip
    asked = replace(incident, approvals={**incident.approvals, approval.id: approval})
    for step in approval.steps:
        state = StepState(
            status="awaiting_approval", at=entry.at, by=entry.by.name, approval=made.approval,
            runs=_runs(incident, step), earlier=incident.step(step),
        )  # fmt: skip
        asked = _step(asked, step, state)
    return asked


@_folds(facts.ApprovalGranted)
def _approval_granted(incident: Incident, entry: Entry, made: facts.ApprovalGranted) -> Incident:
    approval = incident.approvals[made.approval]
    granted_by = (*approval.granted_by, entry.by.name)
    status: ApprovalStatus = "granted" if len(granted_by) >= approval.needs else "waiting"
    after = _approval(incident, made.approval, granted_by=granted_by, status=status)
    for member in approval.members if status == "granted" else ():
        after = _step(after, member.step, replace(after.steps[member.step], status="approved", at=entry.at))
    return after


def _approval_over(status: ApprovalStatus) -> Fold:
    """The steps are again what they were before they were asked for."""

    def over(incident: Incident, _: Entry, made: Any) -> Incident:
        return _as_before(_approval(incident, made.approval, status=status), made.approval, made.step)

    return over


def _as_before(incident: Incident, approval_id: str, *more: str) -> Incident:
    """What waited under an approval, for people or for its turn, is what it was before that."""
    waiting = [
        step for step in incident.approvals[approval_id].steps
        if (state := incident.step(step)) and state.approval == approval_id
        and state.status in ("awaiting_approval", "approved")
    ]  # fmt: skip
    steps = dict(incident.steps)
    for step in dict.fromkeys([*waiting, *more]):
        asked = steps.pop(step, None)
        if asked and asked.earlier:
            steps[step] = asked.earlier
    return replace(incident, steps=steps)


_FOLDS[facts.ApprovalDenied] = _approval_over("denied")
_FOLDS[facts.ApprovalExpired] = _approval_over("expired")
_FOLDS[facts.ApprovalWithdrawn] = _approval_over("withdrawn")


@_folds(facts.StepQueued)
def _step_queued(incident: Incident, entry: Entry, made: facts.StepQueued) -> Incident:
    return _step(
        incident,
        made.step,
        StepState(
            status="queued", at=entry.at, by=entry.by.name, run=made.run, approval=made.approval,
            runs=_runs(incident, made.step) + 1,
        ),
    )  # fmt: skip


@_folds(facts.SetStopped)
def _set_stopped(incident: Incident, _: Entry, made: facts.SetStopped) -> Incident:
    return _as_before(_approval(incident, made.approval, stopped=made.why), made.approval)


@_folds(facts.StepStarted)
def _step_started(incident: Incident, entry: Entry, made: facts.StepStarted) -> Incident:
    return _step(incident, made.step, replace(incident.steps[made.step], status="running", at=entry.at, run=made.run))


@_folds(facts.ValueKept)
def _value_kept(incident: Incident, entry: Entry, made: facts.ValueKept) -> Incident:
    """The first value counts until it was set back: a second run finds what the first one made."""
    back = incident.step(SET_BACK + made.step)
    known = incident.kept.get(made.step)
    if known is not None and (back is None or back.status != "succeeded" or back.at < known.at):
        return incident
    kept = Kept(value=made.value, read=made.read, back=made.back, at=entry.at)
    return replace(incident, kept={**incident.kept, made.step: kept})


@_folds(facts.StepFinished)
def _step_finished(incident: Incident, entry: Entry, made: facts.StepFinished) -> Incident:
    after = replace(
        incident.steps[made.step], status=made.status, at=entry.at, run=made.run, exit_code=made.exit_code,
        seconds=made.seconds, excerpt=made.excerpt, note=made.note, files=made.files,
        check=made.check, verifies=made.verifies,
    )  # fmt: skip
    return _step(incident, made.step, after)


@_folds(facts.StepInDoubt)
def _step_in_doubt(incident: Incident, entry: Entry, made: facts.StepInDoubt) -> Incident:
    return _step(incident, made.step, replace(incident.steps[made.step], status="in_doubt", at=entry.at, note=made.why))


@_folds(facts.StepSettled)
def _step_settled(incident: Incident, entry: Entry, made: facts.StepSettled) -> Incident:
    status: StepStatus = "undone" if made.undone else "done" if made.happened else "cancelled"
    after = replace(incident.steps[made.step], status=status, at=entry.at, by=entry.by.name, note=made.why)
    return _step(incident, made.step, after)


@_folds(facts.StepDone)
def _step_done(incident: Incident, entry: Entry, made: facts.StepDone) -> Incident:
    return _step(incident, made.step, StepState(status="done", at=entry.at, by=entry.by.name, note=made.text))


@_folds(facts.StepSkipped)
def _step_skipped(incident: Incident, entry: Entry, made: facts.StepSkipped) -> Incident:
    return _step(incident, made.step, StepState(status="skipped", at=entry.at, by=entry.by.name, note=made.why))


@_folds(facts.ContextTaken)
def _context(incident: Incident, entry: Entry, _: facts.ContextTaken) -> Incident:
    return replace(incident, context_at=entry.at)
