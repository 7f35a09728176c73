"""How well a runbook is kept: what counts for whom, and what asks for its review."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.house import ANA, BEN, RUNBOOK, open_house
from tests.service.test_reporting import MONDAY, Hand, outbox_rows
from tocsin.app import App
from tocsin.service import bookhealth, catalogue, figuring, reporting, respond, reviewreminder
from tocsin.service.access import Caller
from tocsin.service.respond import Declaration
from tocsin.store import figures
from tocsin.wire import convert

STEPLESS = RUNBOOK.replace("### Diagnosis", "### Background").replace("```bash", "```text")
LISTED = STEPLESS.replace("# Ferry runbook\n", "# Ferry runbook\n\n**Update Triggers:**\n- After major incidents\n")


@pytest.fixture
def house(tmp_path: Path, db_url: str) -> Iterator[tuple[App, Hand]]:
    """One node, and a clock that is turned by hand."""
    clock = Hand(MONDAY)
    app = open_house(tmp_path / "a", db_url, runbook=LISTED, clock=clock)
    yield app, clock
    app.db.close()


def end(app: App, ref: str) -> None:
    """Over, whatever still fires."""
    wanted = catalogue.CATALOGUE["resolve"].request
    catalogue.make(app, "resolve", ref, convert(wanted, {"override": "a test"}), ANA, "admin")


def test_a_private_incident_counts_for_nobody_else(house: tuple[App, Hand]) -> None:
    """Not its number, and not when it was; what is learned leaves it out for everybody."""
    app, _ = house
    respond.declare_by_hand(app, Declaration(scenario="boarding", severity="P1", private=True), ANA)
    seen = [bookhealth.health(app, app.books[0], Caller(name, "admin", ())) for name in ("ana", "ben")]
    assert [(each.incidents, each.last_used is None) for each in seen] == [(1, False), (0, True)]
    assert [each.scenarios[0].incidents for each in seen] == [1, 0]


def test_a_major_incident_asks_for_a_review_once_and_names_itself(house: tuple[App, Hand]) -> None:
    """On the day behind its end; a drill, a private one and a duplicate ask for nothing."""
    app, clock = house
    book = app.books[0]
    respond.declare_by_hand(app, Declaration(title="Practice", severity="P1", drill=True), ANA)
    respond.declare_by_hand(app, Declaration(title="Keys were lost", severity="P1", private=True), ANA)
    respond.declare_by_hand(app, Declaration(title="Doubled", severity="P1"), ANA)
    respond.declare_by_hand(app, Declaration(scenario="boarding", severity="P1"), BEN)
    merge = catalogue.CATALOGUE["merge"].request
    catalogue.make(app, "merge", "INC-3", convert(merge, {"into": "INC-4", "why": "one"}), ANA, "admin")
    for ref in ("INC-1", "INC-2"):
        end(app, ref)
    clock.at += timedelta(days=2)
    assert not bookhealth.health(app, book, reporting.NOBODY).review.overdue
    assert reviewreminder.remind(app) == 0

    end(app, "INC-4")
    assert not bookhealth.health(app, book, reporting.NOBODY).review.overdue
    clock.at += timedelta(days=1)
    review = bookhealth.health(app, book, reporting.NOBODY).review
    assert (review.overdue, review.line) == (True, 4)
    assert review.from_what == "“After major incidents”: INC-4 (P1) ended on 2026-03-04"
    assert (reviewreminder.remind(app), reviewreminder.remind(app)) == (1, 0)
    bodies = [str(row["body"]) for row in app.db.read(outbox_rows) if "Review due" in str(row["body"])]
    assert len(bodies) == 1 and "INC-4" in bodies[0]


def test_of_many_incidents_only_those_that_changed_are_counted_anew(
    house: tuple[App, Hand], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their rows are read one by one, the others stay as they are; the figures are those of all."""
    app, clock = house
    for number in range(4):
        respond.declare_by_hand(app, Declaration(title=f"Boat {number}", severity="P2"), ANA)
        clock.at += timedelta(minutes=1)
    asked = figuring.asked_for(clock.at - timedelta(days=1), clock.at + timedelta(days=1), "severity", "UTC")
    figuring.of_period(app, reporting.NOBODY, asked)
    assert app.rolled is not None
    before = {row.incident: row for row in app.rolled[2]}
    monkeypatch.setattr(figures, "touched", None)

    catalogue.make(app, "acknowledge", "INC-2", catalogue.Nothing(), ANA, "admin")
    told = figuring.of_period(app, reporting.NOBODY, asked)

    after = {row.incident: row for row in app.rolled[2]}
    assert (told.whole.incidents, told.whole.times["acknowledge"].values) == (4, (180.0,))
    assert [name for name in after if after[name] is not before[name]] == ["INC-2"]
    assert list(after) == ["INC-1", "INC-2", "INC-3", "INC-4"]
