"""What was measured of an incident, and the branch that it decides for."""

from __future__ import annotations

from datetime import timedelta

from tocsin.app import App
from tocsin.core import facts
from tocsin.core.branching import Decision, Measured, decide, measured_by, measured_by_signal
from tocsin.core.incident import Incident
from tocsin.core.runbook import Runbook, Scenario
from tocsin.ids import slug
from tocsin.service.thresholds import units
from tocsin.store import signals
from tocsin.store.db import Tx

FRESH = timedelta(minutes=5)
_ENDS = ("queued", "running", "approved")


def measured(app: App, tx: Tx, incident: Incident, runbook: Runbook) -> tuple[Measured, ...]:
    """The numbers that the scenario's diagnosis printed, then the last readings of signals that are fresh."""
    scenario = runbook.scenario(incident.scenario)
    found: list[Measured] = []
    for step in scenario.steps if scenario else ():
        state = incident.step(step.id)
        if step.stage == "diagnosis" and not step.branch and state is not None:
            found += measured_by(step, state)
    known = units(app)
    for signal in app.settings.signals:
        latest = signals.latest(tx, slug(signal.metric))
        if latest is None or app.clock.now() - latest[0] > FRESH:
            continue
        found.append(measured_by_signal(signal.metric, known.get(signal.metric, ""), latest[1], latest[0]))
    return tuple(found)


def measurements(app: App, tx: Tx, incident: Incident, runbook: Runbook) -> tuple[str, ...]:
    """What was measured, in words, where the scenario has branches to choose from."""
    scenario = runbook.scenario(incident.scenario)
    if scenario is None or not scenario.branches:
        return ()
    return tuple(f"{each.amount} ({each.source})" for each in measured(app, tx, incident, runbook))


def decision(app: App, tx: Tx, incident: Incident, runbook: Runbook) -> Decision | None:
    """What the measurements decide; None while something is still being measured, or somebody has chosen."""
    scenario = runbook.scenario(incident.scenario)
    if scenario is None or incident.branch or not incident.open or _still_measures(incident, scenario):
        return None
    return decide(scenario, measured(app, tx, incident, runbook))


def facts_of(incident: Incident, made: Decision) -> list[facts.BranchChosen | facts.BranchLeftOpen]:
    """The decision for the timeline; what is already said there is not said again."""
    why = f"in this drill, {made.why}" if incident.drill else made.why
    if made.branch:
        return [facts.BranchChosen(branch=made.branch, why=why, line=made.line)]
    return [facts.BranchLeftOpen(why=why)] if incident.branch_open != why else []


def _still_measures(incident: Incident, scenario: Scenario) -> bool:
    states = (incident.step(step.id) for step in scenario.steps if step.stage == "diagnosis" and not step.branch)
    return any(state is not None and state.status in _ENDS for state in states)
