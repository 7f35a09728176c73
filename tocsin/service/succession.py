"""What follows on a run that ended inside an approved set: the next command, the end of the set, or of a doubt."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from tocsin.app import App
from tocsin.core import sets
from tocsin.core.facts import ENGINE
from tocsin.core.incident import Approval, Incident
from tocsin.core.moves import Facts
from tocsin.core.run import Outcome, Run
from tocsin.core.runbook import Runbook, Step
from tocsin.core.steps import Request
from tocsin.errors import TocsinError
from tocsin.service.commit import commit
from tocsin.store.db import Tx

log = logging.getLogger("tocsin")
Ready = Callable[[App, Incident, Runbook, Step], Request]


def set_of(incident: Incident, run: Run) -> Approval | None:
    """The approved set in which a run stands; None for any other run. Ask before its end is on record or after."""
    return sets.under_way(incident, run.step, run.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A run of an approved set, and how it ended."""

    run: Run
    approval: Approval
    outcome: Outcome


def after_member(app: App, tx: Tx, incident: Incident, runbook: Runbook, ended: Ended, ready: Ready) -> Incident:
    """Queue the next member where this one's end lets it; else say what ran and what did not. Never raises for that."""
    approval, step = ended.approval, ended.run.step
    why = sets.ends_with(approval, ended.outcome, _title(runbook, step))
    if sets.place_of_next(incident, approval) == len(approval.members):
        return _last(app, tx, incident, approval, why)
    stopped = sets.stop(incident, approval, why) if why else []
    return commit(app, tx, incident, stopped or _next(app, incident, runbook, approval, ready), ENGINE)


def interrupted(app: App, tx: Tx, incident: Incident, runbook: Runbook, run: Run) -> Incident:
    """A member is in doubt: nothing behind it runs."""
    approval = set_of(incident, run)
    if approval is None:
        return incident
    why = f"{_title(runbook, run.step)!r} is in doubt"
    return commit(app, tx, incident, sets.stop(incident, approval, why), ENGINE)


def _next(app: App, incident: Incident, runbook: Runbook, approval: Approval, ready: Ready) -> Facts:
    place = sets.place_of_next(incident, approval)
    step = runbook.step(approval.members[place].step)
    try:
        if step is None:
            return sets.stop(incident, approval, "the runbook has the next step no more")
        return sets.go_on(approval, place, ready(app, incident, runbook, step))
    except TocsinError as error:
        return sets.stop(incident, approval, error.message.rstrip("."))
    except Exception:
        log.exception("%s: the next step of the set %s can't be made ready.", incident.id, approval.id)
        return sets.stop(incident, approval, "the next step can't be made ready; the log says more")


def _last(app: App, tx: Tx, incident: Incident, approval: Approval, why: str) -> Incident:
    if why:
        return commit(app, tx, incident, sets.stop(incident, approval, why), ENGINE)
    settled = sets.undone(incident, approval) if approval.undoes else []
    return commit(app, tx, incident, settled, ENGINE) if settled else incident


def _title(runbook: Runbook, step_id: str) -> str:
    step = runbook.step(step_id)
    return step.title if step else step_id
