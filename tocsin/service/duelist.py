"""What documents want done in time, over all incidents: whose it is, until when, and what is overdue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tocsin.app import App
from tocsin.core.clocks import task_due
from tocsin.core.clockstate import TaskState
from tocsin.core.incident import Incident
from tocsin.service import access
from tocsin.service.access import Caller
from tocsin.store import incidents
from tocsin.store.db import Tx

LOOKED_AT = 300
"""So many of the newest incidents are looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """Something that is to be done in time. ``boxes``: how many stand under it, ``left`` how many of them are open."""

    incident: str
    title: str
    severity: str
    id: str
    what: str
    due_at: datetime
    overdue: bool
    owner: str = ""
    line: int = 0
    boxes: int = 0
    left: int = 0


def listing(app: App, caller: Caller, *, owner: str = "") -> list[Due]:
    """What is to be done and its time runs, what is due first coming first; with ``owner`` only theirs."""

    def read(tx: Tx) -> list[Incident]:
        return [each for each in incidents.listing(tx, limit=LOOKED_AT) if each.checklist.closed is None]

    now = app.clock.now()
    seen = access.only_in_reach(app, caller, app.db.read(read))
    found = [due for incident in seen for due in _of(incident, now) if owner in ("", due.owner)]
    return sorted(found, key=lambda due: (due.due_at, due.incident))


def _of(incident: Incident, now: datetime) -> list[Due]:
    found = []
    for task in incident.clocks.timetable.tasks:
        due, state = task_due(incident, task), incident.clocks.tasks.get(task.id, TaskState())
        if due is None or state.met_at is not None:
            continue
        ticked = [incident.checklist.boxes.get(box) for box in task.boxes]
        found.append(
            Due(
                incident=incident.id, title=incident.title, severity=incident.severity, id=task.id, what=task.what,
                due_at=due, overdue=due <= now, owner=state.owner, line=task.line, boxes=len(task.boxes),
                left=sum(not (box is not None and box.ticked) for box in ticked),
            )
        )  # fmt: skip
    return found
