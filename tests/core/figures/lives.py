"""Incidents' lives to count: a timeline told in minutes, and rolled-up rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from tests.build import ANA, NOW
from tocsin.core import facts
from tocsin.core.facts import ENGINE, Actor, Entry
from tocsin.core.figures.counting import Asked
from tocsin.core.figures.measuring import Measured, measure

VERSION = "sha256:0"
MONTH = Asked(since=NOW - timedelta(days=15), until=NOW + timedelta(days=15))


def declared(**change: Any) -> facts.Declared:
    """The beginning of INC-1, with a target of five minutes."""
    told: dict[str, Any] = {
        "number": 1, "title": "The oven is cold", "severity": "P1", "why": "an alert", "runbook": "Bakery",
        "runbook_digest": VERSION, "severities": ("P1", "P2"), "response_seconds": 300.0,
        "responses": {"P1": 300.0, "P2": 900.0}, **change,
    }  # fmt: skip
    return facts.Declared(**told)


def rolled(*told: tuple[float, Any] | tuple[float, Any, Actor]) -> Measured:
    """What a life comes to: minutes since `NOW`, the fact, who (people's facts are ana's)."""
    return measure(timeline(told))


def timeline(told: Sequence[Any]) -> list[Entry]:
    """The entries of a life."""
    return [
        Entry(seq=seq, at=NOW + timedelta(minutes=each[0]), by=each[2] if len(each) > 2 else ENGINE, fact=each[1])
        for seq, each in enumerate(told, 1)
    ]


def row(number: int = 1, **change: Any) -> Measured:
    """A rolled-up incident that was taken after a minute and ended after ten."""
    told: dict[str, Any] = {
        "incident": f"INC-{number}", "title": "The oven is cold", "severity": "P1", "status": "resolved",
        "scenario": "", "runbook": "Bakery", "runbook_digest": VERSION, "drill": False, "duplicate_of": "",
        "declared_at": NOW, "resolved_at": NOW + timedelta(minutes=10), "last_at": NOW + timedelta(minutes=10),
        "acknowledge": 60.0, "resolve": 600.0, **change,
    }  # fmt: skip
    return Measured(**told)


__all__ = ["ANA", "MONTH", "NOW", "declared", "rolled", "row", "timeline"]
