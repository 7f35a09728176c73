"""What waits for people, over all incidents, as everybody who answers must see it; and what has changed since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tocsin.app import App
from tocsin.core.incident import Approval, Incident
from tocsin.core.runbook import Runbook, Step
from tocsin.errors import NotFound, TocsinError
from tocsin.service.act import ready
from tocsin.service.books import whole_book
from tocsin.service.keeping import with_ways_back
from tocsin.store import incidents
from tocsin.store.db import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A command that would now run otherwise than it was asked for. ``problem``: why it can't be made ready at all."""

    step: str
    title: str
    asked: str
    asked_on: str
    now: str = ""
    now_on: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A waiting approval with its incident; ``titles`` and ``lines`` are of its steps, in their order."""

    incident: Incident
    approval: Approval
    titles: tuple[str, ...]
    lines: tuple[int, ...]
    changed: tuple[Changed, ...]


def waiting(app: App, only: Sequence[Incident] | None = None) -> list[Question]:
    """Every question that waits, what expires first coming first; of these incidents, or of all open ones."""

    def read(tx: Tx) -> list[Question]:
        seen = incidents.open_ones(tx) if only is None else only
        found = [_question(app, tx, incident, approval) for incident in seen for approval in incident.waiting_approvals]
        return sorted(found, key=lambda one: (one.approval.expires_at, one.approval.id))

    return app.db.read(read)


def changes(app: App, incident: Incident, runbook: Runbook, approval: Approval) -> tuple[Changed, ...]:
    """What of a waiting question is no longer what was asked for: approving it would be refused."""
    asked = approval.members or (approval,)
    found = (_changed(app, incident, runbook, each.step, (each.command, each.target, each.sha)) for each in asked)
    return tuple(each for each in found if each is not None)


def _question(app: App, tx: Tx, incident: Incident, approval: Approval) -> Question:
    try:
        runbook = with_ways_back(incident, whole_book(app, tx, incident))
    except NotFound:
        return Question(incident=incident, approval=approval, titles=approval.steps, lines=(), changed=())
    steps = [(step_id, runbook.step(step_id)) for step_id in approval.steps]
    return Question(
        incident=incident,
        approval=approval,
        titles=tuple(step.title if step else step_id for step_id, step in steps),
        lines=tuple(step.line if step else 0 for _, step in steps),
        changed=changes(app, incident, runbook, approval),
    )


def _changed(
    app: App, incident: Incident, runbook: Runbook, step_id: str, asked: tuple[str, str, str]
) -> Changed | None:
    command, target, sha = asked
    step: Step | None = runbook.step(step_id)
    title = step.title if step else step_id
    if step is None:
        return Changed(step=step_id, title=title, asked=command, asked_on=target, problem="The runbook lost this step.")
    try:
        request = ready(app, incident, runbook, step)
    except TocsinError as error:
        return Changed(step=step_id, title=title, asked=command, asked_on=target, problem=str(error))
    if request.sha == sha:
        return None
    return Changed(
        step=step_id, title=title, asked=command, asked_on=target, now=request.command,
        now_on=request.target.describe(),
    )  # fmt: skip
