"""The audit of the clocks over what is stored; on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.house import ANA, open_house
from tests.service.test_waking import Hands, a_while_later
from tocsin.app import App
from tocsin.engine.auditor import EVERY, Auditor
from tocsin.service import audit, clocks, deadman, respond
from tocsin.service.respond import Declaration

LOSE = "update incidents set wake_at = null where id = 'INC-2'"


@pytest.fixture
def app(tmp_path: Path, db_url: str) -> Iterator[App]:
    """One node with three open incidents."""
    opened = open_house(tmp_path / "house", db_url, clock=Hands())
    for title in ("The gate", "The ramp", "The horn"):
        respond.declare_by_hand(opened, Declaration(title=title), ANA)
    yield opened
    opened.db.close()


def later(app: App, span: timedelta) -> None:
    """The clock goes on."""
    assert isinstance(app.clock, Hands)
    app.clock.at += span


def test_clocks_that_strike_in_time_are_no_news(app: App) -> None:
    """All is well as long as somebody wakes them."""
    a_while_later(app)
    clocks.wake_due(app)
    assert audit.everything(app) == ()


def test_what_nobody_wakes_is_told_by_name(app: App) -> None:
    """The sentence says which call should have been made when."""
    a_while_later(app)
    told = " ".join(audit.everything(app))
    assert "INC-1 was to be looked at 5 min ago" in told
    assert "INC-3: the call of Team lead" in told


def test_a_wake_time_that_was_lost_is_found_before_anything_is_late(app: App) -> None:
    """The second rung is due in a quarter of an hour, and nothing would have climbed it."""
    app.db.write(lambda tx: tx.execute(LOSE))
    (told,) = audit.everything(app)
    assert told.startswith("INC-2: the call of Team lead")
    assert told.endswith("its clock is set to never.")


def test_every_open_incident_is_looked_at_in_pieces(app: App) -> None:
    """A look goes on behind the number at which the last one stopped."""
    app.db.write(lambda tx: tx.execute(LOSE.replace("INC-2", "INC-3")))
    first = app.db.read(lambda tx: audit.look(tx, app.clock.now(), most=2))
    assert (first.faults, first.last) == ((), 2)
    second = app.db.read(lambda tx: audit.look(tx, app.clock.now(), after=first.last, most=2))
    assert len(second.faults) == 1
    assert second.last == 0


def test_the_engine_looks_each_minute_and_keeps_the_word_from_leaving(app: App) -> None:
    """What is late stands on the application, and whoever watches outside hears nothing good until it is well."""
    auditor = Auditor(app)
    a_while_later(app)
    auditor.turn()
    assert app.late
    assert set(app.late) <= set(deadman.problems_of(app, []))
    clocks.wake_due(app)
    auditor.turn()
    assert app.late, "less than a minute has passed"
    later(app, EVERY)
    auditor.turn()
    assert app.late == ()
