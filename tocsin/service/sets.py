"""Asking for several commands at once: which ones, made ready one by one, under one question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tocsin.app import App
from tocsin.core import sets
from tocsin.core.facts import Actor
from tocsin.core.following import own_id
from tocsin.core.incident import Incident
from tocsin.core.instead import must_be_free
from tocsin.core.runbook import Runbook, Scenario, Step
from tocsin.core.undoing import inverse_of
from tocsin.errors import Invalid, Refused
from tocsin.service import causegate
from tocsin.service.act import find, find_step, policy_of, ready
from tocsin.service.commit import commit
from tocsin.service.placing import scenario_of
from tocsin.store.db import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """The steps that somebody wants to run under one question, and how."""

    steps: Sequence[Step]
    go_on: bool = False
    undoes: str = ""
    why: str = ""


def request_set(  # noqa: PLR0913  what is asked for has so many parts
    app: App, ref: str, steps: Sequence[str], branch: str, *, go_on: bool, by: Actor, why: str = ""
) -> Incident:
    """Ask for these steps in this order; without any, for those of a branch, else for the document's rollback."""
    if steps and branch:
        raise Invalid("Steps and a branch are both named.", "Name one of them.")

    def move(tx: Tx) -> Incident:
        incident, runbook = find(app, tx, ref)
        wanted = [find_step(runbook, step) for step in steps] or _default(incident, runbook, branch)
        return _ask(app, tx, incident, runbook, _Wish(steps=wanted, go_on=go_on, why=why), by)

    return app.db.write(move)


def undo_step(app: App, ref: str, step_id: str, steps: Sequence[str], by: Actor, why: str = "") -> Incident:
    """Ask for what undoes a step in doubt: these steps, else the document's own way back."""

    def move(tx: Tx) -> Incident:
        incident, runbook = find(app, tx, ref)
        doubtful = find_step(runbook, step_id)
        state = incident.step(step_id)
        if state is None or state.status != "in_doubt":
            raise Refused(f"{doubtful.title!r} is not in doubt.")
        if incident.undo_of(step_id) is not None:
            raise Refused(f"Undoing {doubtful.title!r} is asked for already.", "Answer that, or withdraw it.")
        wanted = [find_step(runbook, step) for step in steps] or list(ways_back(runbook, doubtful, incident))
        if not wanted:
            raise Refused(
                f"The document names no way back from {doubtful.title!r}.", "Name the steps that undo it, or do it."
            )
        return _ask(app, tx, incident, runbook, _Wish(steps=wanted, undoes=step_id, why=why), by)

    return app.db.write(move)


def ways_back(runbook: Runbook, step: Step, incident: Incident) -> tuple[Step, ...]:
    """What undoes a step, as the document has it: the step that does the opposite, else the rollback's commands."""
    opposite = inverse_of(step, (each for each in runbook.steps() if each.runnable))
    if opposite is not None:
        return (opposite,)
    scenario = scenario_of(runbook, step) or runbook.scenario(incident.scenario)
    found = tuple(each for each in rollback_of(runbook, scenario) if each.id != step.id)
    return () if step.stage == "rollback" else found


def rollback_of(runbook: Runbook, scenario: Scenario | None) -> tuple[Step, ...]:
    """The changing commands of the scenario's rollback; where it has none, those of the document's own procedures."""
    own = _changing(scenario.steps if scenario else (), "rollback")
    steps = [step for part in runbook.procedures for step in part.steps if own_id(step.id) == step.id]
    return own or _changing(steps, "rollback")


def offered(runbook: Runbook, incident: Incident) -> list[tuple[Step, bool]]:
    """What could be asked for at once now, in the document's order, and whether it is unless somebody chooses.

    The changing commands of the scenario and those of the document's rollback; where there is only one, none.
    """
    scenario = runbook.scenario(incident.scenario)
    back = rollback_of(runbook, scenario)
    found = {step.id: step for step in (*_changing(scenario.steps if scenario else ()), *back)}
    free = [step for step in found.values() if _is_free(incident, step)]
    return [(step, step in back) for step in free] if len(free) > 1 else []


def _is_free(incident: Incident, step: Step) -> bool:
    state = incident.step(step.id)
    return state is None or state.status not in ("awaiting_approval", "approved", "queued", "running", "in_doubt")


def _default(incident: Incident, runbook: Runbook, branch: str) -> list[Step]:
    scenario = runbook.scenario(incident.scenario)
    if not branch:
        found = list(rollback_of(runbook, scenario))
        if not found:
            raise Refused("The document has no rollback section with commands.", "Name the steps, or a branch.")
        return found
    inside = [step for step in scenario.steps if step.branch == branch] if scenario else []
    found = list(_changing(inside))
    if not found:
        known = "; ".join(scenario.branches) if scenario else "none"
        raise Invalid(f"{branch!r} is no branch with changing commands.", f"Branches: {known}.")
    return found


def _changing(steps: Sequence[Step], stage: str = "") -> tuple[Step, ...]:
    """Those that may change something; of alternatives the first, because one is done and not both."""
    return tuple(
        step for step in steps
        if step.runnable and step.kind != "set" and step.verdict != "read" and not step.alternative_to
        and (not stage or step.stage == stage)
    )  # fmt: skip


def _ask(app: App, tx: Tx, incident: Incident, runbook: Runbook, wish: _Wish, by: Actor) -> Incident:
    for step in wish.steps:
        must_be_free(incident, runbook, step, wish.why)
    requests = [ready(app, incident, runbook, step) for step in wish.steps]
    asked = [(request, policy_of(app, incident, runbook, request)) for request in requests]
    strict, overruled = causegate.overrule(tx, incident, asked, wish.why)
    new = sets.request_set(incident, strict, app.clock.now(), go_on=wish.go_on, undoes=wish.undoes)
    return commit(app, tx, incident, [*overruled, *new], by)
