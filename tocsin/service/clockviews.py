"""The few clocks that stand beside an incident everywhere: how old, taken or not, who is called next, recovered or not.

`tocsin.core.countdowns` shows all of them.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from tocsin.core.incident import Incident
from tocsin.core.oncall import Directory
from tocsin.core.shown import Clock
from tocsin.core.wake import NEXT_LEVEL, next_due, next_level, why_later
from tocsin.times import say_duration


def clocks(incident: Incident, directory: Directory, now: datetime) -> tuple[Clock, ...]:
    """The clocks that run for an incident, each with its reason."""
    shown = [_elapsed(incident), _acknowledged(incident, now)]
    due = next_due(incident)
    if due is not None:
        role, at = due.rung.to, max(due.at, now)
        if not role:
            found = next_level(incident, directory, at)
            role = found[0] if found else NEXT_LEVEL
        who = directory.find(role, at)
        name = f"{who.name} ({role})" if who else f"nobody ({role})"
        why = f"{incident.severity} {due.rung.clock}, line {due.rung.line}"
        if not due.again and (later := why_later(incident, due.rung)):
            why += f"; {later}"
        label = "Ladder ends in" if due.ends else f"Calls {name} in"
        tone: Literal["bad", "plain"] = "bad" if due.at <= now else "plain"
        shown.append(Clock(name=label, until=due.at, why=why, tone=tone))
    elif incident.open and incident.ladder_ended:
        shown.append(Clock(name="Escalation", text="ended", tone="bad", why="nobody is left to call"))
    outage = incident.clocks.outage
    if outage is not None and outage.lasts and incident.open:
        shown.append(Clock(name="Unavailable", since=outage.since, tone="bad", why=outage.why))
    shown.append(_recovery(incident, now))
    return tuple(shown)


def _elapsed(incident: Incident) -> Clock:
    if incident.resolved_at is not None:
        took = incident.resolved_at - incident.declared_at
        return Clock(name="Duration", text=say_duration(took), tone="good")
    return Clock(name="Elapsed", since=incident.declared_at)


def _acknowledged(incident: Incident, now: datetime) -> Clock:
    goal, due = incident.response_seconds, incident.response_due
    of_goal = f" (goal {say_duration(timedelta(seconds=goal))})" if goal else ""
    if incident.acknowledged_at is not None:
        took = incident.acknowledged_at - incident.unanswered_since
        return Clock(
            name=f"Acknowledged in{of_goal}",
            text=say_duration(took),
            tone="bad" if incident.clocks.response == "missed" else "good",
            why=f"by {incident.acknowledged_by}",
        )
    if due is not None and incident.open:
        return Clock(name="Acknowledge in", until=due, tone="bad" if due < now else "ask", why="response target")
    return Clock(name="Acknowledged", text="not yet" if incident.open else "never", tone="ask")


def _recovery(incident: Incident, now: datetime) -> Clock:
    if not incident.criteria:
        return Clock(name="Recovery", text="no criterion", why="the scenario names none")
    recovered = sum(incident.recovered(state, now) for state in incident.criteria)
    text = f"{recovered} of {len(incident.criteria)} hold"
    return Clock(name="Recovery", text=text, tone="good" if recovered == len(incident.criteria) else "plain")
