"""Runs when something around them fails: the command is neither killed, lost, repeated nor called in doubt for that."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.build import NOW, an_alert
from tests.engine.test_runs import gate
from tests.house import ANA, BEN, boarding_stops, open_house, step_on, until, use
from tests.service.test_merging import make_unreadable
from tocsin.app import App
from tocsin.core.run import Outcome
from tocsin.engine import Engine
from tocsin.engine.runner import HEARTBEAT, LOST_AFTER, Runner
from tocsin.errors import Unavailable
from tocsin.plug.kinds import Emit, Job
from tocsin.service import act, respond
from tocsin.service.respond import Declaration, exists
from tocsin.store import alerts, runs

BOOK = """# Ferry runbook

## Scenario 1: Boarding stops

**Alert**: `BoardingStops`

### Mitigation

**If the gate hangs:**
```bash
# Push the gate
echo begun; sleep 0.2; echo pushed >> gate.txt; echo ended
```
"""
FULL = Unavailable("The disk of the database is full.")


@dataclass
class Hands:
    """A clock that is turned by hand."""

    at: datetime = NOW

    def now(self) -> datetime:
        """Where the hands are."""
        return self.at


@dataclass
class Puppet:
    """An executor that waits for us, and remembers what it was asked to run."""

    let_go: threading.Event = field(default_factory=threading.Event)
    ran: list[str] = field(default_factory=list)
    fault: Exception | None = None
    cancelled: bool = False

    def run(self, job: Job, emit: Emit, cancel: threading.Event) -> Outcome:
        """Begin, print, wait, end."""
        self.ran.append(job.command)
        emit(b"begun\n")
        until(self.let_go.is_set, 20)  # one that gave up in silence would have succeeded before anybody let it
        self.cancelled = cancel.is_set()
        if self.fault:
            raise self.fault
        return Outcome(status="cancelled" if cancel.is_set() else "succeeded", exit_code=0, output="begun\n", size=6)


@pytest.fixture
def app(tmp_path: Path, db_url: str) -> Iterator[App]:
    """One node whose clock is turned by hand; its one command talks before and after it changes something."""
    opened = open_house(tmp_path / "house", db_url, clock=Hands(), runbook=BOOK)
    yield opened
    opened.db.close()


def approved(app: App) -> str:
    """A changing step that has been approved; its id."""
    boarding_stops(app)
    incident = act.choose_branch(app, "INC-1", "If the gate hangs", "it squeaks", ANA)
    (approval,) = incident.waiting_approvals
    act.approve(app, "INC-1", approval.id, approval.sha, BEN)
    return approval.step


def later(app: App, span: timedelta) -> None:
    """Turn the clock forward."""
    assert isinstance(app.clock, Hands)
    app.clock.at += span


def status(app: App, step: str) -> str:
    """What has become of a step."""
    return exists(app, "INC-1").steps[step].status


def fails(times: int, real: Any) -> Any:
    """A function that is told "the disk is full" a few times, and then does what it did."""
    left = [FULL] * times

    def called(*args: Any, **more: Any) -> Any:
        if left:
            raise left.pop()
        return real(*args, **more)

    return called


def test_a_command_goes_on_where_its_output_can_not_be_shown(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk costs the live view, never the half of a migration; what it printed is in the outcome."""
    step = approved(app)
    monkeypatch.setattr("tocsin.store.runs.emit", fails(1000, None))
    runner = Runner(app)
    runner.turn()
    runner.rest()
    runner.stop(1)
    assert (status(app, step), gate(app)) == ("succeeded", ["pushed"])
    assert exists(app, "INC-1").steps[step].excerpt == "begun\nended\n"


def test_an_outcome_is_put_on_record_when_the_database_is_back(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is known is not called doubtful because of a lock."""
    step = approved(app)
    monkeypatch.setattr("tocsin.store.runs.finish", fails(2, runs.finish))
    runner = Runner(app)
    runner.turn()
    runner.rest()
    runner.stop(1)
    assert status(app, step) == "succeeded"
    assert gate(app) == ["pushed"]


def test_a_beat_between_ordering_and_starting_does_not_cancel(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that is about to start is not yet this node's; that is no reason to stop it."""
    step, may_start, real = approved(app), threading.Event(), act.started

    def slowly(*args: Any) -> bool:
        may_start.wait(20)
        return real(*args)

    monkeypatch.setattr("tocsin.service.act.started", slowly)
    runner = Runner(app)
    runner.turn()
    later(app, 2 * HEARTBEAT)
    runner.turn()
    may_start.set()
    runner.rest()
    runner.stop(1)
    assert status(app, step) == "succeeded"


def test_a_drain_keeps_the_heart_beating(app: App) -> None:
    """While a node waits for a change before it ends, no other node takes it for dead."""
    step, puppet = approved(app), Puppet()
    use(app, puppet)
    runner = Runner(app)
    runner.turn()
    until(lambda: puppet.ran)
    before = app.clock.now()
    with ThreadPoolExecutor(1) as pool:
        stopping = pool.submit(runner.stop, 1)
        later(app, LOST_AFTER * 2)

        def beaten() -> bool:
            found = app.db.read(lambda tx: runs.of_incident(tx, "INC-1"))
            return any(run.step == step and run.heartbeat_at and run.heartbeat_at > before for run in found)

        until(beaten, 2 * HEARTBEAT.total_seconds() + 5)
        puppet.let_go.set()
        stopping.result(20)
    assert status(app, step) == "succeeded"


def test_what_fails_before_the_start_is_not_called_in_doubt(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing was started, and that is what the page says."""
    step = approved(app)
    monkeypatch.setattr("tocsin.service.act.plan", fails(1000, None))
    runner = Runner(app)
    runner.turn()
    runner.rest()
    runner.stop(1)
    assert status(app, step) == "unrunnable"
    assert "Nothing was started" in exists(app, "INC-1").steps[step].note
    assert gate(app) == []


def test_an_executor_that_breaks_leaves_a_change_in_doubt_at_once(app: App) -> None:
    """Nobody knows what it did; nobody has to wait a minute to be told so."""
    step = approved(app)
    puppet = Puppet(fault=ZeroDivisionError("a fault of the plugin"))
    use(app, puppet)
    puppet.let_go.set()
    runner = Runner(app)
    runner.turn()
    runner.rest()
    runner.stop(1)
    assert status(app, step) == "in_doubt"


def test_runs_of_an_unreadable_incident_stand_in_nobodys_way(tmp_path: Path, db_url: str) -> None:
    """They are the oldest of the queue, and the others are carried out all the same."""
    app = open_house(tmp_path / "house", db_url, clock=Hands())
    boarding_stops(app)
    make_unreadable(app)
    first = app.db.read(lambda tx: runs.of_incident(tx, "INC-1"))
    assert first
    for number in range(10):
        again = replace(first[0], id=f"run-again-{number}")
        app.db.write(lambda tx, again=again: runs.add(tx, again))
    later(app, timedelta(seconds=1))
    respond.declare_by_hand(app, Declaration(scenario="boarding"), ANA)
    look = step_on(app, "Which system")
    runner = Runner(app)
    for _ in range(20):
        runner.turn()
        runner.rest()
    runner.stop(1)
    assert exists(app, "INC-2").steps[look.id].status == "succeeded"
    app.db.close()


def test_a_broken_incident_does_not_keep_tocsin_from_starting(tmp_path: Path, db_url: str) -> None:
    """What an earlier life left behind can't be settled there; everything else begins."""
    app = open_house(tmp_path / "house", db_url, clock=Hands())
    boarding_stops(app)
    (run, *_) = app.db.read(lambda tx: runs.queued(tx, 10))
    assert act.started(app, run)
    make_unreadable(app)
    engine = Engine(app)
    engine.start()
    engine.stop()
    app.db.close()


def test_a_page_is_due_whatever_else_the_clock_fails_at(app: App) -> None:
    """An incident that can't be read is no reason to call nobody for another."""
    boarding_stops(app)
    respond.declare_by_hand(app, Declaration(title="The ramp"), ANA)
    over = an_alert("Unrelated", ends_at=NOW, starts_at=NOW)
    app.db.write(lambda tx: alerts.upsert(tx, over))
    make_unreadable(app)
    later(app, timedelta(minutes=61))
    engine = Engine(app)
    engine._clocks()
    assert exists(app, "INC-2").repeats == 1
