"""Builders with sane defaults: a runbook, an incident, an alert."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from tocsin.core import moves
from tocsin.core.alert import Alert
from tocsin.core.facts import ENGINE, Actor, Entry
from tocsin.core.fold import evolve
from tocsin.core.incident import Incident
from tocsin.core.oncall import Directory, Person
from tocsin.core.runbook import (
    Criterion,
    Escalation,
    Phase,
    Placeholder,
    Runbook,
    Scenario,
    Severity,
    Step,
    Text,
)

NOW = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
ANA, BEN = Actor("person", "ana"), Actor("person", "ben")
PEOPLE = Directory(
    {name: Person(id=name, name=name.capitalize(), notify=("console",)) for name in ("ana", "ben", "cleo")},
    {"on-call": "ana", "team-lead": "ben", "head-of-engineering": "cleo"},
)


def a_step(step_id: str, **change: Any) -> Step:
    """A shell step of a diagnosis."""
    kept: dict[str, Any] = {
        "kind": "shell", "stage": "diagnosis", "title": step_id.rpartition("/")[2], "command": "uptime",
        "language": "bash", "verdict": "read", "line": 30, "end_line": 30,
    }  # fmt: skip
    return Step(id=step_id, **{**kept, **change})


def a_change(number: int, command: str | None, line: int, **change: Any) -> Step:
    """A step of a mitigation branch that changes something."""
    kept: dict[str, Any] = {
        "stage": "mitigation", "branch": "If a release is to blame", "verdict": "change", "command": command,
        "line": line, "end_line": line,
    }  # fmt: skip
    return a_step(f"checkout-fails/mitigation/{number}", **{**kept, **change})


def a_scenario(**change: Any) -> Scenario:
    """Checkout fails: one look, two branches, one criterion."""
    kept: dict[str, Any] = {
        "id": "checkout-fails",
        "title": "Checkout fails",
        "alerts": ("CheckoutFails",),
        "line": 20,
        "steps": (
            a_step("checkout-fails/diagnosis/1"),
            a_change(1, "systemctl restart shop", 40),
            a_change(2, "systemctl restart cache", 41),
            a_change(3, None, 50, branch="If the bank is down", kind="manual"),
        ),
        "criteria": (
            Criterion(
                text="failed payments stay under 2 %", metric="failed payments", op="<", value=2, unit="%", line=60
            ),
        ),
        "follow_ups": (Text(text="Test the payment path before each release", line=70),),
    }  # fmt: skip
    return Scenario(**{**kept, **change})


def a_runbook(**change: Any) -> Runbook:
    """A runbook with a scale, a process, a ladder and one scenario."""
    kept: dict[str, Any] = {
        "title": "Shop runbook",
        "source": "shop.md",
        "digest": "sha256:" + "0" * 64,
        "severities": (
            Severity(name="P1", title="Down", response_minutes=5, line=3),
            Severity(name="P2", title="Degraded", response_minutes=30, line=4),
        ),
        "phases": (Phase(id="acknowledge", title="Acknowledge", line=6), Phase(id="resolve", title="Resolve", line=7)),
        "escalations": (
            Escalation(to="On-call", after_minutes=0, clock="unresolved", line=10),
            Escalation(to="Team lead", after_minutes=15, clock="unresolved", line=11),
            Escalation(to="Head of engineering", after_minutes=60, clock="unresolved", line=12),
        ),
        "scenarios": (a_scenario(),),
        "placeholders": (Placeholder(text="<pid>", type="integer", places=()),),
    }
    return Runbook(**{**kept, **change})


def an_alert(name: str = "CheckoutFails", **change: Any) -> Alert:
    """A firing alert."""
    kept: dict[str, Any] = {
        "source": "alertmanager", "labels": {"alertname": name}, "starts_at": NOW, "updated_at": NOW,
    }  # fmt: skip
    return Alert(**{**kept, **change})


def an_incident(runbook: Runbook | None = None, *, watch: timedelta = timedelta(0)) -> Incident:
    """INC-1, just declared by the engine, ladder not yet climbed."""
    runbook = runbook or a_runbook()
    scenario = runbook.scenarios[0] if runbook.scenarios else None
    opening = moves.Opening(
        number=1, title="Checkout fails", severity="P1", why="a test says so", scenario=scenario, watch=watch
    )
    return after(None, moves.declare(runbook, opening))


def after(incident: Incident | None, facts: Sequence[Any], by: Actor = ENGINE, at: datetime = NOW) -> Incident:
    """The incident after these facts."""
    for fact in facts:
        incident = evolve(incident, Entry(seq=incident.version + 1 if incident else 1, at=at, by=by, fact=fact))
    if incident is None:
        raise AssertionError("There is nothing to fold.")
    return incident
