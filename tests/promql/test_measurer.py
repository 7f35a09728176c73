"""All queries of one interval in one turn: the same consequences as reading each signal alone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from tests.build import NOW
from tests.house import open_house, until
from tocsin.app import App
from tocsin.engine.engine import Engine
from tocsin.engine.measurer import Measurer, Round
from tocsin.engine.watcher import Watcher
from tocsin.service import ingest, watch
from tocsin.store import incidents, samples, signals

BOOK = """# Ferry runbook

## Severity Levels

- **P1 (High)**: nobody crosses
- **P2 (Medium)**: crossings are late

## Scenario 1: Boarding is slow

### Symptoms

- Late boats > 50%

### Mitigation

- Add a boat

### Resolution

1. Late boats below 20%

## Scenario 2: The queue grows

### Symptoms

- Queue depth > 100
- Waiting cars > 9

### Mitigation

- Open a lane
"""
CONFIG = """
[signals."late boats"]
probe = "promql"
query = "sum(boats{late='yes'}) / sum(boats) * 100"
[signals."queue depth"]
probe = "promql"
query = "max(queue_depth)"
[signals."waiting cars"]
probe = "promql"
query = "cars"
every = "1m"
"""
EVERY = timedelta(seconds=15)


@dataclass
class Clock:
    """Stands still until it is turned."""

    at = NOW

    def now(self) -> object:
        """Where the hands are."""
        return self.at


@pytest.fixture
def app(tmp_path: Path, db_url: str) -> Iterator[App]:
    """One node with three queries, two of which are read every 15 s."""
    opened = open_house(tmp_path / "house", db_url, runbook=BOOK, config=CONFIG, clock=Clock())
    yield opened
    opened.db.close()


def shows(app: App, late: float, depth: float) -> None:
    """One more scrape."""
    values = {
        (("__name__", "boats"), ("late", "no")): 100 - late,
        (("__name__", "boats"), ("late", "yes")): late,
        (("__name__", "queue_depth"),): depth,
    }
    app.clock.at += EVERY  # type: ignore[attr-defined]

    def write(tx: samples.Tx) -> None:
        numbers = samples.intern(tx, list(values))
        samples.append(tx, "ferry", app.clock.now(), dict(zip(numbers, values.values(), strict=True)))

    app.db.write(write)


def merge(app: App) -> list[str]:
    """What is open now."""
    while ingest.merge_waiting(app):
        pass
    return [one.title for one in app.db.read(incidents.open_ones)]


def test_a_turn_watches_every_threshold(app: App) -> None:
    """Each signal of the interval has its reading, its state and its alert; those of another interval wait."""
    turns = Round(app, EVERY)
    shows(app, 10, 50)
    turns.turn()
    assert merge(app) == []
    shows(app, 60, 150)
    turns.turn()
    assert sorted(merge(app)) == ["Boarding is slow", "The queue grows"]
    assert app.db.read(lambda tx: signals.latest(tx, "late-boats")) == (app.clock.now(), 60.0)
    assert app.db.read(signals.names) == ["late-boats", "queue-depth"]


def test_a_turn_has_the_consequences_of_single_readings(tmp_path: Path) -> None:
    """The states that are remembered are equal, value for value, whether the page shows something or not."""
    found = []
    for way in ("together", "alone"):
        app = open_house(tmp_path / way, f"sqlite://{tmp_path}/{way}.db", runbook=BOOK, config=CONFIG, clock=Clock())
        turns = Round(app, EVERY)
        for late, depth in ((10, 50), (55, 101), (30, 101), (10, 99), (0, 0)):
            shows(app, late, depth)
            if way == "together":
                turns.turn()
            else:
                for signal in app.settings.signals[:2]:
                    watch.heed(app, signal, watch.read_signal(app, signal))
        app.clock.at += timedelta(minutes=10)  # type: ignore[attr-defined]
        turns.turn()
        found.append((app.db.read(signals.watches), sorted(merge(app))))
        app.db.close()
    assert found[0] == found[1]
    assert any("no data" in state for state in found[0][0].values())


def test_a_recovery_criterion_is_read_in_a_turn(app: App) -> None:
    """Criteria of open incidents follow the readings."""
    turns = Round(app, EVERY)
    shows(app, 60, 0)
    turns.turn()
    merge(app)
    shows(app, 10, 0)
    turns.turn()
    (incident,) = app.db.read(incidents.open_ones)
    assert [state.holds for state in incident.criteria] == [True]


def test_queries_are_evaluated_by_a_thread_for_each_interval(app: App) -> None:
    """And by no thread of their own; all of them end."""
    measurer = Measurer(app)
    names = {thread.name for thread in measurer._threads}
    assert len(names) == 2
    assert Watcher(app)._threads == []
    shows(app, 70, 5)
    measurer.start()
    until(lambda: app.db.read(lambda tx: signals.latest(tx, "late-boats")))
    measurer.stop()
    measurer.join(5)
    assert not names & {thread.name for thread in threading.enumerate()}


def test_the_engine_evaluates_queries(app: App) -> None:
    """From its start to its stop."""
    shows(app, 70, 5)
    engine = Engine(app)
    engine.start()
    try:
        until(lambda: app.db.read(incidents.open_ones))
    finally:
        engine.stop()
    assert merge(app) == ["Boarding is slow"]
