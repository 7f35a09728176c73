"""Whether to go back: a mitigation failed, or what had recovered ceased to hold behind one."""

from __future__ import annotations

from tocsin.core.incident import Incident
from tocsin.core.runbook import Runbook
from tocsin.times import say_time

_FAILED = ("failed", "timed_out")


def reason_to_go_back(incident: Incident, runbook: Runbook) -> str:
    """The reason for offering the document's rollback, as a sentence; empty where there is none.

    A failure counts until the step is run again, a criterion until it holds again, both until a rollback step has run.
    """
    tried = [
        (state, step)
        for step_id, state in incident.steps.items()
        if (step := runbook.step(step_id)) is not None and step.stage == "mitigation" and state.runs
    ]
    went_back = [
        state.at
        for step_id, state in incident.steps.items()
        if (step := runbook.step(step_id)) is not None and step.stage == "rollback" and state.status == "succeeded"
    ]
    last = max(went_back, default=None)
    for state, step in sorted(tried, key=lambda each: each[0].at, reverse=True):
        if state.status in _FAILED and (last is None or state.at > last):
            return f"“{step.title}” {state.status.replace('_', ' ')} at {say_time(state.at)} (line {step.line})."
    for criterion in incident.criteria:
        lost = criterion.lost_at
        behind = [
            step for state, step in tried if state.status == "succeeded" and lost is not None and state.at <= lost
        ]
        if criterion.holds is False and lost is not None and behind and (last is None or lost > last):
            what = f"“{criterion.criterion.text}” held and ceased to at {say_time(lost)}"
            return f"{what}, behind “{behind[-1].title}”: {criterion.detail or criterion.value}."
    return ""
