"""What is forgotten, and what never is; on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.build import NOW, an_alert
from tests.house import ANA, open_house
from tocsin.app import App
from tocsin.engine import Engine
from tocsin.service import access, ingest, pruning, respond
from tocsin.service.respond import exists
from tocsin.store import alerts, incidents, intake, outbox
from tocsin.store.db import Tx

TOKEN = "0123456789abcdef-ana"


@dataclass
class Hands:
    """A clock that is turned by hand."""

    at: datetime = NOW

    def now(self) -> datetime:
        """Where the hands are."""
        return self.at


@pytest.fixture
def app(tmp_path: Path, db_url: str) -> Iterator[App]:
    """A node with one incident from alert to resolution, and somebody who has logged in."""
    config = f'[people.ana]\n[roles]\n"on-call engineer" = "ana"\n[tokens.ana]\ntoken = "{TOKEN}"\n'
    opened = open_house(tmp_path / "house", db_url, clock=Hands(), config=config)
    ingest.accept(opened, "alertmanager", [an_alert("Storm")])
    ingest.merge_waiting(opened)
    ingest.accept(opened, "alertmanager", [an_alert("Storm", status="resolved", ends_at=NOW)])
    ingest.merge_waiting(opened)
    respond.resolve(opened, "INC-1", "it blew over", "", ANA)
    access.start_session(opened, TOKEN)
    yield opened
    opened.db.close()


def amounts(app: App) -> dict[str, int]:
    """How many rows there are."""

    def read(tx: Tx) -> dict[str, int]:
        tables = ("intake", "outbox", "alerts", "sessions", "incidents")
        return {table: tx.one(f"select count(*) as n from {table}")["n"] for table in tables}  # type: ignore[index]

    return app.db.read(read)


def later(app: App, span: timedelta) -> None:
    """Turn the clock forward."""
    assert isinstance(app.clock, Hands)
    app.clock.at += span


def done(app: App) -> None:
    """Every notice was delivered."""
    for effect in app.db.write(lambda tx: outbox.claim(tx, app.clock.now(), timedelta(seconds=1), 100, "me")):
        app.db.write(lambda tx, effect=effect: outbox.done(tx, effect.id))


def test_what_is_done_and_old_is_forgotten_and_the_incident_is_not(app: App) -> None:
    """A machine that runs for years stays small; what happened can be read for ever."""
    done(app)
    before = amounts(app)
    assert not pruning.prune(app)
    assert amounts(app) == before
    later(app, timedelta(days=8))
    pruning.prune(app)
    assert (amounts(app)["intake"], amounts(app)["sessions"]) == (0, 0)
    later(app, timedelta(days=30))
    pruning.prune(app)
    assert (amounts(app)["outbox"], amounts(app)["alerts"]) == (0, 0)
    assert exists(app, "INC-1").status == "resolved"
    assert app.db.read(lambda tx: incidents.verify(tx, "INC-1")) == []


def test_what_waits_or_failed_is_kept(app: App) -> None:
    """A page that was not delivered and a message that could not be merged are nobody's rubbish."""
    bad = intake.Arrival(id="in_bad", received_at=NOW, source="x", body="[7]")
    app.db.write(lambda tx: intake.append(tx, [bad]))
    ingest.merge_waiting(app)
    app.db.write(lambda tx: alerts.upsert(tx, an_alert("StillFiring")))
    later(app, timedelta(days=400))
    pruning.prune(app)
    assert [arrival.id for arrival in app.db.read(lambda tx: intake.failures(tx, 9))] == ["in_bad"]
    assert amounts(app)["outbox"] > 0
    assert [alert.name for alert in app.db.read(alerts.listing)] == ["StillFiring"]


def test_a_great_many_are_forgotten_in_turns(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """One long deletion would keep everybody waiting, so the engine is told that there is more."""
    monkeypatch.setattr(pruning, "AT_ONCE", 1)
    later(app, timedelta(days=8))
    turns = Engine(app)._prune
    assert turns()
    assert turns()
    assert not turns()
    assert amounts(app)["intake"] == 0
    assert not turns(), "and then not again for an hour"
