"""Watched thresholds over an installation's life: several severities, starts, texts that change, missing data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.house import ANA, open_house
from tests.service.test_signals import Meter, look
from tests.stories.devices import HandClock
from tocsin.app import App
from tocsin.core.facts import AlertCleared, Noted, SeverityChanged
from tocsin.core.watching import Terms
from tocsin.engine.watcher import Watcher
from tocsin.errors import Unread
from tocsin.plug.kinds import Reading
from tocsin.probes.heartbeat import Heartbeat
from tocsin.service import ingest, respond, watch
from tocsin.service.respond import Declaration, exists
from tocsin.service.resuming import resume_watching
from tocsin.settings import Signal
from tocsin.store import alerts, heartbeats, incidents, signals

BOOK = """# Ferry runbook

## Severity Levels

- **P0 (Critical)**: nobody crosses
- **P1 (High)**: few cross
- **P2 (Medium)**: crossings are late

## Scenario 1: Boarding is slow

### Symptoms

- Late boats > 50% for 10 minutes

### Mitigation

- Add a boat

### Resolution

1. Late boats below 20% for 10 minutes
"""


@pytest.fixture
def clock() -> HandClock:
    """A clock that is turned by hand."""
    return HandClock()


@pytest.fixture
def boats() -> Meter:
    """How many boats are late."""
    return Meter()


@pytest.fixture
def berths() -> Meter:
    """How many berths are empty."""
    return Meter()


@pytest.fixture
def app(tmp_path: Path, db_url: str, clock: HandClock, boats: Meter, berths: Meter) -> Iterator[App]:
    """One node that reads both."""
    opened = open_house(tmp_path / "house", db_url, runbook=BOOK)
    opened.clock = clock
    opened.settings = replace(
        opened.settings,
        signals=(Signal(metric="late boats", probe=boats), Signal(metric="empty berths", probe=berths)),
    )
    yield opened
    opened.db.close()


def read(app: App, meter: Meter, value: float | Exception) -> None:
    """Read one of the meters and do all that follows."""
    signals_before = app.settings.signals
    app.settings = replace(app.settings, signals=tuple(each for each in signals_before if each.probe is meter))
    look(app, meter, value)
    app.settings = replace(app.settings, signals=signals_before)


def told(app: App, kind: type, ref: str = "INC-1") -> list[object]:
    """The facts of a kind on a timeline."""
    return [entry.fact for entry in app.db.read(lambda tx: incidents.timeline(tx, ref)) if isinstance(entry.fact, kind)]


@pytest.fixture
def three(app: App) -> App:
    """Thresholds for P2, P1 and P0 over empty berths, beside the document's own."""
    (book,) = app.books
    late = [each for each in book.rules if "boats" in each.metric.lower()]
    assert late, "the document states a threshold for late boats"
    base = replace(late[0], metric="empty berths", unit=None, scenario=None, for_minutes=None)
    made = [replace(base, severity=name, value=value) for name, value in (("P2", 10.0), ("P1", 20.0), ("P0", 40.0))]
    app.books = (replace(book, rules=(*late, *made)),)
    return app


def test_one_reading_beyond_several_thresholds_begins_at_the_worst(three: App, berths: Meter) -> None:
    """One incident, at once at the worst severity, without a change."""
    read(three, berths, 50)
    incident = exists(three, "INC-1")
    assert (incident.severity, len(incident.firing)) == ("P0", 3)
    assert told(three, SeverityChanged) == []


def test_the_worst_threshold_decides_in_a_scenario_too(three: App, berths: Meter) -> None:
    """The first threshold that stands in a scenario does not set the severity of the one that was crossed."""
    (book,) = three.books
    scenario = book.scenarios[0].id
    three.books = (replace(book, rules=tuple(replace(each, scenario=scenario) for each in book.rules)),)
    read(three, berths, 50)
    incident = exists(three, "INC-1")
    assert (incident.severity, incident.scenario) == ("P0", scenario)
    assert told(three, SeverityChanged) == []


def test_worse_is_followed_and_better_is_only_proposed(three: App, berths: Meter) -> None:
    """A threshold that is crossed later raises the severity; one that ends lowers nothing, but it is said."""
    for value, severity in ((15, "P2"), (25, "P1"), (45, "P0"), (25, "P0")):
        read(three, berths, value)
        assert exists(three, "INC-1").severity == severity
    (noted,) = told(three, Noted)
    assert isinstance(noted, Noted)
    assert "no longer crosses the threshold for P0; the worst that still fires says P1" in noted.text
    read(three, berths, 0)
    assert not exists(three, "INC-1").firing
    assert len(told(three, Noted)) == 1, "a fall below all of them proposes nothing"


def test_waiting_does_not_go_on_while_nobody_looks(app: App, clock: HandClock, boats: Meter) -> None:
    """Eight minutes above, twenty minutes off: two more are missing when Tocsin is back."""
    read(app, boats, 60)
    clock.at += timedelta(minutes=8)
    read(app, boats, 60)
    clock.at += timedelta(minutes=20)
    resume_watching(app)
    read(app, boats, 60)
    assert not app.db.read(incidents.references)
    clock.at += timedelta(minutes=1.5)
    read(app, boats, 60)
    assert not app.db.read(incidents.references)
    clock.at += timedelta(minutes=1)
    read(app, boats, 60)
    assert exists(app, "INC-1").scenario_title


def test_recovery_is_not_watched_while_nobody_looks(app: App, clock: HandClock, boats: Meter) -> None:
    """After an absence the watch of a criterion begins anew; after a short one it goes on."""
    respond.declare_by_hand(app, Declaration(scenario="slow"), ANA)
    read(app, boats, 5)
    begun = exists(app, "INC-1").criteria[0].since
    clock.at += timedelta(seconds=30)
    resume_watching(app)
    assert exists(app, "INC-1").criteria[0].since == begun
    clock.at += timedelta(minutes=20)
    resume_watching(app)
    state = exists(app, "INC-1").criteria[0]
    assert state.holds is None
    assert "begins anew" in state.detail
    read(app, boats, 5)
    assert exists(app, "INC-1").criteria[0].since == clock.at


@pytest.mark.parametrize(("change", "why"), [("text", "no runbook states"), ("settings", "no signal measures")])
def test_what_nothing_could_end_any_more_is_ended_at_the_start(
    three: App, berths: Meter, change: str, why: str
) -> None:
    """An alert whose threshold or whose signal is gone ends with that reason; its incident is left to people."""
    read(three, berths, 15)
    if change == "text":
        three.books = (replace(three.books[0], rules=()),)
    else:
        three.settings = replace(three.settings, signals=())
    resume_watching(three)
    merge(three)
    (cleared,) = told(three, AlertCleared)
    assert isinstance(cleared, AlertCleared)
    assert why in cleared.why
    assert exists(three, "INC-1").open
    assert not three.db.read(lambda tx: alerts.listing(tx, firing_at=three.clock.now()))
    assert not three.db.read(signals.watches)
    resume_watching(three)
    merge(three)
    assert len(told(three, AlertCleared)) == 1


def test_what_still_fires_goes_on_over_a_start(three: App, clock: HandClock, berths: Meter) -> None:
    """A start alone ends nothing and begins nothing."""
    read(three, berths, 15)
    clock.at += timedelta(hours=5)
    resume_watching(three)
    merge(three)
    assert len(exists(three, "INC-1").firing) == 1
    read(three, berths, 5)
    assert not exists(three, "INC-1").firing


def test_the_watcher_settles_an_absence_before_it_reads(three: App, berths: Meter) -> None:
    """A start of the engine does all that, without being asked to."""
    read(three, berths, 15)
    three.settings = replace(three.settings, signals=())
    watcher = Watcher(three)
    watcher.start()
    watcher.stop()
    watcher.join(5)
    merge(three)
    assert not exists(three, "INC-1").firing


def test_what_a_value_is_made_of_is_told_without_secrets(three: App, boats: Meter, berths: Meter) -> None:
    """The probe's words stand in the alert, masked and short."""
    three.settings = replace(three.settings, secrets=("hunter-two-0",))
    berths.detail = "hunter-two-0 says 15 of 90\n" + "x" * 500
    read(three, berths, 15)
    (alert,) = exists(three, "INC-1").firing
    assert "says 15 of 90 x" in alert.summary
    assert "hunter-two-0" not in alert.summary
    assert len(alert.summary) < 300


def test_missing_data_can_be_an_alert_of_its_own(app: App, clock: HandClock, boats: Meter) -> None:
    """With `say`, after its time; the thresholds stay as they are."""
    terms = Terms(no_data="say", no_data_after=timedelta(minutes=3))
    app.settings = replace(app.settings, signals=(Signal(metric="late boats", probe=boats, terms=terms),))
    read(app, boats, Unread("the meter is gone"))
    clock.at += timedelta(minutes=3)
    read(app, boats, Unread("the meter is gone"))
    (alert,) = exists(app, "INC-1").firing
    assert (alert.name, "the meter is gone" in alert.summary) == ("NoData", True)
    read(app, boats, 1)
    assert not exists(app, "INC-1").firing


def test_a_heartbeat_is_read_from_when_it_was_last_called(app: App, clock: HandClock) -> None:
    """Never called has no value; then the seconds grow, also over a start."""
    signal = Signal(metric="backup age", probe=Heartbeat(name="backup"))
    assert isinstance(watch.read_signal(app, signal), str)
    app.db.write(lambda tx: heartbeats.put(tx, "backup", clock.at))
    clock.at += timedelta(seconds=90)
    reading = watch.read_signal(app, signal)
    assert isinstance(reading, Reading)
    assert reading.value == 90
    app.db.write(lambda tx: heartbeats.put(tx, "backup", clock.at - timedelta(hours=1)))
    assert app.db.read(lambda tx: heartbeats.last(tx, "backup")) == clock.at - timedelta(seconds=90)


def merge(app: App) -> None:
    """Merge what was told."""
    while ingest.merge_waiting(app):
        pass
