"""Tickets that a document wants at the beginning of an incident: an item of its own, made in the team's tracker, too.

The incident is its own ticket; where a tracker is set up it gets one there. What is to be tracked in the backlog is an
open item behind the incident's end as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tocsin.app import App
from tocsin.core import facts
from tocsin.core.incident import Incident
from tocsin.core.learning import LONGEST_ACTION
from tocsin.ids import new_id
from tocsin.store import issues
from tocsin.store.db import Tx


def begun(app: App, tx: Tx, incident: Incident, new: Sequence[Any]) -> list[Any]:
    """The facts that follow from what begins; none for a drill, and a private incident stays in the house."""
    first = next((each for each in new if isinstance(each, facts.FirstResponseBegun)), None)
    tracker = None if incident.team.private else app.settings.reviewing.tracker
    if first is None or incident.drill or any(each.line == first.line for each in incident.learning.actions.values()):
        return []
    backlog = "backlog" in first.deeds
    if not backlog and not (tracker and "ticket" in first.deeds):
        return []
    now = app.clock.now()
    text = f"{'Backlog' if backlog else 'Investigate'}: {incident.title}"[:LONGEST_ACTION]
    item = facts.ActionAdded(action=new_id("act", now), text=text, line=first.line, evidence=first.words)
    if tracker is None or not issues.want(tx, item.action, incident.id, tracker.name, now):
        return [item]
    return [item, facts.TrackingAsked(actions=(item.action,), tracker=tracker.name)]
