"""Values as they were before a step changed them, and the steps that set them back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tocsin.app import App
from tocsin.core.facts import ENGINE, ValueKept
from tocsin.core.incident import Incident
from tocsin.core.run import Run, Verdict
from tocsin.core.runbook import SET_BACK, Procedure, Runbook, Step
from tocsin.plug.masking import MARK
from tocsin.safety import classify
from tocsin.safety.before import Before, before
from tocsin.service.commit import commit
from tocsin.store import incidents
from tocsin.store.db import Tx


def announced(verdict: Verdict, kind: str, command: str) -> Verdict:
    """The verdict on a change, with the reading before it that people are asked about together with it."""
    known = before(kind, command) if verdict.word != "read" else None
    return verdict if known is None or known.proved else replace(verdict, why=f"{verdict.why} {known.announcement}")


def agreed(kind: str, command: str) -> str:
    """All that a yes to a change is a yes to: its bytes, and those of a reading before it that is not proved."""
    known = before(kind, command)
    return command if known is None or known.proved else f"{known.read}\0{command}"


def may_read(app: App, run: Run, known: Before) -> bool:
    """Whether the value before this run may be read: always by a proved command, else where its approval named it."""
    if known.proved:
        return True
    incident = app.db.read(lambda tx: incidents.load(tx, run.incident))
    state = incident.step(run.step) if incident is not None else None
    asked = incident.approvals.get(state.approval) if incident is not None and state is not None else None
    if asked is None or state is None or state.run != run.id or asked.status != "granted":
        return False
    named = [member.verdict_why for member in asked.members if member.step == run.step] or [asked.verdict_why]
    return any(why.endswith(known.announcement) for why in named)


def keep(app: App, run: Run, known: Before, output: str) -> None:
    """Put the value before a change on record; nothing where the output is no plain value, or holds a secret."""
    value = known.value_in(output)
    if value is None or MARK in value:
        return

    def move(tx: Tx) -> None:
        incident = incidents.load(tx, run.incident, lock=True)
        state = incident.step(run.step) if incident is not None else None
        if incident is None or state is None or state.run != run.id:
            return
        kept = ValueKept(step=run.step, run=run.id, value=value, read=known.read, back=known.set_back(value) or "")
        commit(app, tx, incident, [kept], ENGINE)

    app.db.write(move)


def with_ways_back(incident: Incident, runbook: Runbook) -> Runbook:
    """The runbook with one step more for each value that can be set back; each waits for an approval as any change."""
    steps = tuple(step for step_id in incident.kept if (step := way_back(incident, runbook, step_id)) is not None)
    if not steps:
        return runbook
    line = min(step.line for step in steps)
    added = Procedure(id=SET_BACK.rstrip("/"), title="Set back", steps=steps, line=line)
    return replace(runbook, procedures=(*runbook.procedures, added))


def in_order(runbook: Runbook, steps: Sequence[Step]) -> tuple[Step, ...]:
    """Steps with what sets them back right behind each; what sets back other ones comes last."""
    back = {step.id: step for step in runbook.steps() if step.id.startswith(SET_BACK)}
    beside = [one for step in steps for one in (step, back.pop(SET_BACK + step.id, None)) if one is not None]
    return (*beside, *back.values())


def way_back(incident: Incident, runbook: Runbook, step_id: str) -> Step | None:
    """The step that sets back what this one changed; None before it ran, and where no command does."""
    kept, step, state = incident.kept.get(step_id), runbook.step(step_id), incident.step(step_id)
    if kept is None or not kept.back or step is None or state is None or state.status in ("queued", "running"):
        return None
    verdict = classify(step.kind, kept.back)
    return replace(
        step, id=SET_BACK + step_id, title=f"Set back to {kept.value}: {step.title}", stage="other", command=kept.back,
        verdict=verdict.word, traits=verdict.traits, why=verdict.why, expected=None, placeholders=(), branch=None,
        alternative_to=None,
    )  # fmt: skip
