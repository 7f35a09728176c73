"""What a document asks to be true before an incident ends: its scenario's criteria, else those of its process."""

from __future__ import annotations

from tocsin.core.runbook import Criterion, Runbook, Scenario

_RESOLVES = ("resolv", "resolution")


def criteria_of(runbook: Runbook, scenario: Scenario | None) -> tuple[Criterion, ...]:
    """The recovery criteria of an incident.

    Where its scenario states none, what the process's own phase of resolving lists to be verified counts: each is for a
    person to say, who has looked at it. Nothing of another phase does: verifying a mitigation is not the end.
    """
    if scenario is not None and scenario.criteria:
        return scenario.criteria
    return tuple(
        Criterion(text=step.title, line=step.line)
        for phase in runbook.phases
        if any(word in phase.title.lower() for word in _RESOLVES)
        for step in phase.steps
        if step.stage == "verification" and step.kind == "manual"
    )
