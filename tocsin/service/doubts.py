"""What is known of a run that was interrupted, for whoever has to say whether it happened."""

from __future__ import annotations

from tocsin.app import App
from tocsin.core.doubt import Doubt
from tocsin.core.incident import Incident, StepState
from tocsin.core.runbook import Runbook, Step
from tocsin.errors import NotFound
from tocsin.service.books import whole_book
from tocsin.service.placing import scenario_of
from tocsin.service.sets import ways_back
from tocsin.store import incidents, runs
from tocsin.store.db import Tx

MOST_PRINTED = 20_000
MOST_LOOKS = 12
_FIRST = {"verification": 0, "diagnosis": 1}


def doubts(app: App, ref: str) -> list[Doubt]:
    """Every step of an incident that is in doubt, the longest one first; `NotFound` where there is no incident."""

    def read(tx: Tx) -> list[Doubt]:
        incident = incidents.load(tx, ref)
        if incident is None:
            raise NotFound(f"There is no incident {ref}.", "`tocsin incident list` shows them.")
        return of_incident(app, tx, incident)

    return app.db.read(read)


def of_incident(app: App, tx: Tx, incident: Incident) -> list[Doubt]:
    """`doubts`, inside of somebody's transaction."""
    doubtful = [(key, state) for key, state in incident.steps.items() if state.status == "in_doubt"]
    if not doubtful:
        return []
    runbook = whole_book(app, tx, incident)
    found = [_doubt(tx, incident, runbook, step, state) for step, state in doubtful]
    return sorted(found, key=lambda doubt: (doubt.since, doubt.step))


def _doubt(tx: Tx, incident: Incident, runbook: Runbook, step_id: str, state: StepState) -> Doubt:
    run, step = runs.get(tx, state.run), runbook.step(step_id)
    printed = "".join(piece.text for piece in runs.output(tx, state.run))[-MOST_PRINTED:]
    return Doubt(
        step=step_id,
        title=step.title if step else step_id,
        line=step.line if step else 0,
        why=state.note,
        since=state.at,
        command=run.command if run else "",
        target=run.target if run else "",
        verdict=run.verdict if run else "",
        verdict_why=_verdict_why(incident, state, step_id),
        node=run.node if run else "",
        started_at=run.started_at if run else None,
        printed=printed,
        expected=step.expected if step else None,
        looks=_looks(incident, runbook, step) if step else (),
        undo=ways_back(runbook, step, incident) if step else (),
        undoing=incident.undo_of(step_id),
    )


def _verdict_why(incident: Incident, state: StepState, step_id: str) -> str:
    approval = incident.approvals.get(state.approval)
    if approval is None:
        return ""
    own = [member.verdict_why for member in approval.members if member.step == step_id]
    return own[0] if own else approval.verdict_why


def _looks(incident: Incident, runbook: Runbook, step: Step) -> tuple[Step, ...]:
    """The reading steps of its scenario: first those that verify, then those that look for the cause."""
    scenario = scenario_of(runbook, step) or runbook.scenario(incident.scenario)
    reading = [each for each in (scenario.steps if scenario else ()) if each.runnable and each.verdict == "read"]
    return tuple(sorted(reading, key=lambda each: (_FIRST.get(each.stage, 2), each.line))[:MOST_LOOKS])
