"""Steps that are not done, or not done by us: alternatives to what was done, and commands that wait for a person."""

from __future__ import annotations

from tocsin.core.incident import Incident
from tocsin.core.run import Verdict
from tocsin.core.runbook import Runbook, Step
from tocsin.errors import Refused

_TAKEN = frozenset({"succeeded", "done", "queued", "running", "approved", "awaiting_approval", "in_doubt"})


def done_instead(incident: Incident, runbook: Runbook, step: Step) -> Step | None:
    """The step that was done, or is under way, in place of this one: the document says "or", so one is done, not both.

    One that failed, was skipped or was undone leaves the other free.
    """
    others = (
        each for each in runbook.steps()
        if each.id == step.alternative_to or (each.alternative_to == step.id and each.id != step.id)
    )  # fmt: skip
    return next((each for each in others if _taken(incident, each.id)), None)


def must_be_free(incident: Incident, runbook: Runbook, step: Step, why: str) -> None:
    """Refuse a step whose alternative was done; a reason overrules that, and stays on record."""
    other = None if why.strip() else done_instead(incident, runbook, step)
    if other is not None:
        raise Refused(
            f"{other.title!r} (line {other.line}) is done or under way instead of this: one of them, not both.",
            "Give a reason to do it all the same.",
        )


def waits_for_a_person(verdict: Verdict) -> bool:
    """Whether a command only makes sense before somebody's eyes: it opens a screen, an editor or a session.

    One that changes something is asked for all the same; it is started where nothing can be typed.
    """
    return "interactive" in verdict.traits and verdict.word != "change"


def _taken(incident: Incident, step_id: str) -> bool:
    state = incident.step(step_id)
    return state is not None and state.status in _TAKEN
