"""Clocks of many incidents: each is woken by itself; on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.build import NOW
from tests.house import ANA, open_house
from tests.service.test_merging import make_unreadable
from tocsin.app import App
from tocsin.errors import Invalid
from tocsin.service import clocks, respond
from tocsin.service.respond import Declaration, exists


@dataclass
class Hands:
    """A clock that is turned by hand."""

    at: datetime = NOW

    def now(self) -> datetime:
        """Where the hands are."""
        return self.at


@pytest.fixture
def app(tmp_path: Path, db_url: str) -> Iterator[App]:
    """One node with two open incidents."""
    opened = open_house(tmp_path / "house", db_url, clock=Hands())
    for title in ("The gate", "The ramp"):
        respond.declare_by_hand(opened, Declaration(title=title), ANA)
    yield opened
    opened.db.close()


def a_while_later(app: App) -> None:
    """The second rung of every ladder is due."""
    assert isinstance(app.clock, Hands)
    app.clock.at += timedelta(minutes=20)


def test_an_incident_that_can_not_be_read_stops_no_other_clock(app: App) -> None:
    """The most overdue one is broken, and the page of the next is sent all the same; the fault is told."""
    make_unreadable(app)
    a_while_later(app)
    told: list[str] = []
    clocks.wake_due(app, complain=lambda ref, _: told.append(ref))
    assert exists(app, "INC-2").paged == ("ana", "ben")
    assert told == ["INC-1"]


def test_without_anybody_to_tell_the_fault_is_raised_when_the_others_are_done(app: App) -> None:
    """Nothing is swallowed."""
    make_unreadable(app)
    a_while_later(app)
    with pytest.raises(Invalid, match="FactOfALaterRelease"):
        clocks.wake_due(app)
    assert exists(app, "INC-2").paged == ("ana", "ben")


def test_an_incident_is_woken_once_by_many(app: App) -> None:
    """Whoever comes second finds nothing to do."""
    a_while_later(app)
    assert clocks.wake_due(app) == ["INC-1", "INC-2"]
    version = exists(app, "INC-1").version
    assert clocks.wake_due(app) == []
    assert exists(app, "INC-1").version == version
