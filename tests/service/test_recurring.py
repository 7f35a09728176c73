"""An alert that comes back and one that flaps, from the message to the row; on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.build import an_alert
from tests.house import ANA, boarding_stops, open_house, until
from tests.service.test_waking import Hands
from tocsin.app import App
from tocsin.core.facts import Entry
from tocsin.core.run import Run
from tocsin.engine.runner import Runner
from tocsin.service import ingest, recurring, respond
from tocsin.store import incidents, outbox, runs


@pytest.fixture
def app(tmp_path: Path, db_url: str) -> Iterator[App]:
    """One node on a clock that is turned by hand; INC-1 has been declared by its alert."""
    opened = open_house(tmp_path / "house", db_url, clock=Hands())
    boarding_stops(opened)
    yield opened
    opened.db.close()


def later(app: App, minutes: float) -> None:
    """Turn the clock."""
    assert isinstance(app.clock, Hands)
    app.clock.at += timedelta(minutes=minutes)


def says(app: App, status: str, **labels: str) -> None:
    """Monitoring says that boarding stops, or goes on."""
    now = app.clock.now()
    told = an_alert(
        labels={"alertname": "BoardingStops", **labels}, status=status, starts_at=now, updated_at=now,
        ends_at=now if status == "resolved" else None,
    )  # fmt: skip
    ingest.accept(app, "alertmanager", [told])
    while ingest.merge_waiting(app):
        pass


def timeline(app: App) -> list[Entry]:
    """INC-1's."""
    return app.db.read(lambda tx: incidents.timeline(tx, "INC-1"))


def over(app: App) -> None:
    """The alert ends and ana resolves; what ran has ended."""
    finish_runs(app)
    says(app, "resolved")
    respond.resolve(app, "INC-1", "", "the tide", ANA)


def finish_runs(app: App) -> None:
    """What was queued is run."""
    runner = Runner(app)
    until(lambda: not runner.turn() and all(run.status == "succeeded" for run in runs_of(app)))
    runner.stop(5)


def runs_of(app: App) -> list[Run]:
    """INC-1's."""
    return app.db.read(lambda tx: runs.of_incident(tx, "INC-1"))


def test_an_alert_that_comes_back_reopens_pages_and_looks_again(app: App) -> None:
    """Once in the row, on the timeline, in the outbox; and the harmless diagnosis runs once more."""
    over(app)
    ran = len(runs_of(app))
    later(app, 30)
    says(app, "firing", pier="7")
    incident = respond.exists(app, "INC-1")
    assert (incident.status, incident.acknowledged_at) == ("open", None)
    why = next(entry.fact.why for entry in timeline(app) if entry.kind == "Reopened")
    assert why == "The alert BoardingStops fires again, 30 min after INC-1 was resolved"
    assert [alert.labels.get("pier") for alert in incident.firing] == ["7"]
    seq = next(entry.seq for entry in timeline(app) if entry.kind == "Reopened")
    page = app.db.read(lambda tx: outbox.get(tx, f"INC-1/{seq}/ana"))
    assert page is not None
    assert '"kind":"page"' in page.body
    assert len(runs_of(app)) == 2 * ran > 0
    assert app.db.read(lambda tx: incidents.verify(tx, "INC-1")) == []


@pytest.mark.parametrize("within", [timedelta(0), timedelta(minutes=29)])
def test_what_comes_back_too_late_or_where_it_shall_not_is_another_incident(app: App, within: timedelta) -> None:
    """Zero: never."""
    over(app)
    app.settings = replace(app.settings, reopen_within=within)
    later(app, 30)
    says(app, "firing")
    assert respond.exists(app, "INC-2").open
    assert not respond.exists(app, "INC-1").open


def test_a_flapping_alert_is_listed_as_such_until_it_was_quiet(app: App) -> None:
    """The count is taken from the stored timeline."""
    for _ in range(3):
        later(app, 2)
        says(app, "resolved")
        later(app, 2)
        says(app, "firing")
    fingerprint = an_alert("BoardingStops").fingerprint
    assert recurring.flapping_now(app) == {fingerprint}
    assert [entry.fact.fired for entry in timeline(app) if entry.kind == "AlertFlapped"] == [3]
    says(app, "resolved")
    later(app, 29)
    assert recurring.flapping_now(app) == {fingerprint}
    later(app, 2)
    assert recurring.flapping_now(app) == frozenset()
    assert app.db.read(lambda tx: incidents.verify(tx, "INC-1")) == []


def test_reopening_by_hand_forgets_what_ended_meanwhile(app: App) -> None:
    """An alert that was overruled and ended behind the end does not hold the incident open."""
    finish_runs(app)
    respond.resolve(app, "INC-1", "", "the harbour is closed", ANA)
    says(app, "resolved")
    recurring.reopen(app, "INC-1", "it is not", ANA)
    assert respond.exists(app, "INC-1").firing == ()
