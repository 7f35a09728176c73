"""Readings of signals, and what they call for; on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.house import ANA, open_house
from tocsin.app import App
from tocsin.errors import Unavailable, Unread
from tocsin.plug.kinds import Reading
from tocsin.service import ingest, respond, views, watch
from tocsin.service.respond import Declaration, exists
from tocsin.settings import Signal
from tocsin.store import signals

BOOK = """# Ferry runbook

## Severity Levels

- **P1 (High)**: nobody crosses
- **P2 (Medium)**: crossings are late

## Scenario 1: Boarding is slow

### Symptoms

- Late boats > 50%
- Late boats > 90%

### Mitigation

- Add a boat

### Resolution

1. Late boats below 20%
"""


@dataclass
class Meter:
    """A probe whose value is set by hand; an exception is raised."""

    value: float | Exception = 0.0
    asked: list[datetime] = field(default_factory=list)
    detail: str = ""

    def read(self, now: datetime, timeout: timedelta) -> Reading:
        """What was set."""
        del timeout
        self.asked.append(now)
        if isinstance(self.value, Exception):
            raise self.value
        return Reading(value=self.value, at=now, detail=self.detail)


@pytest.fixture
def meter() -> Meter:
    """The meter of the boats."""
    return Meter()


@pytest.fixture
def app(tmp_path: Path, db_url: str, meter: Meter) -> Iterator[App]:
    """One node that reads the meter."""
    opened = open_house(tmp_path / "house", db_url, runbook=BOOK)
    opened.settings = replace(
        opened.settings, signals=(Signal(metric="late boats", probe=meter),), secrets=("hunter-two",)
    )
    yield opened
    opened.db.close()


def look(app: App, meter: Meter, value: float | Exception) -> None:
    """Read the meter once and do all that follows."""
    meter.value = value
    (signal,) = app.settings.signals
    watch.heed(app, signal, watch.read_signal(app, signal))
    while ingest.merge_waiting(app):
        pass


def test_the_end_of_a_threshold_is_not_lost_with_the_message_about_it(
    app: App, meter: Meter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is remembered of a threshold and what is told of it are stored together, or neither is."""
    look(app, meter, 60)
    assert exists(app, "INC-1").firing

    def refuses(*_: object) -> None:
        raise Unavailable("The disk is full.")

    with monkeypatch.context() as broken:
        broken.setattr("tocsin.store.intake.append", refuses)
        with pytest.raises(Unavailable):
            look(app, meter, 10)
    look(app, meter, 10)
    assert not exists(app, "INC-1").firing


def test_two_thresholds_of_one_metric_fire_and_end_each_by_itself(app: App, meter: Meter) -> None:
    """Falling below the upper one ends that one only."""
    look(app, meter, 95)
    assert len(exists(app, "INC-1").firing) == 2
    look(app, meter, 60)
    (left,) = exists(app, "INC-1").firing
    assert "> 50" in left.summary


@pytest.mark.parametrize("fault", [Unread("no data"), ZeroDivisionError("a plugin's fault"), float("nan")])
def test_a_meter_that_fails_in_any_way_has_no_reading(app: App, meter: Meter, fault: float | Exception) -> None:
    """A criterion never goes on holding because nobody looks any more."""
    respond.declare_by_hand(app, Declaration(scenario="slow"), ANA)
    look(app, meter, 5)
    assert exists(app, "INC-1").criteria[0].holds is True
    look(app, meter, fault)
    assert exists(app, "INC-1").criteria[0].holds is None


def test_the_reason_of_a_missing_reading_holds_no_secret(app: App, meter: Meter) -> None:
    """What a probe says about its fault stands on the timeline, so it is masked and short before."""
    respond.declare_by_hand(app, Declaration(scenario="slow"), ANA)
    look(app, meter, 5)
    look(app, meter, Unread("https://ferry:hunter-two@meter refuses hunter-two " + "x" * 5000))
    detail = exists(app, "INC-1").criteria[0].detail
    assert "refuses" in detail
    assert "hunter-two" not in detail
    assert len(detail) < 400


def test_an_incident_without_a_scenario_shows_the_documents_general_thresholds(app: App, meter: Meter) -> None:
    """A rule that stands outside of every scenario belongs to the general process; a floor is bad below it."""
    book = app.books[0]
    general = replace(book.rules[0], scenario=None, op="<", value=3.0)
    app.books = (replace(book, rules=(general,), digest="sha256:" + "2" * 64),)
    respond.declare_by_hand(app, Declaration(title="Something is odd"), ANA)
    look(app, meter, 1)
    (shown,) = views.incident_page(app, "INC-1").signals
    assert (shown.value, shown.threshold, shown.bad) == (1.0, 3.0, True)
    assert app.db.read(lambda tx: len(signals.names(tx))) == 1
