"""Clocks that are wrong, go back or jump ahead: they start nothing twice and call nobody dead who is alive."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from tests.engine.test_trouble import BOOK, Hands, Puppet, approved, fails, later, status
from tests.house import open_house, until, use
from tocsin.app import App
from tocsin.core import facts
from tocsin.engine.runner import HEARTBEAT, LOST_AFTER, TRY_AGAIN_AFTER, Runner
from tocsin.service import act
from tocsin.service.respond import exists
from tocsin.store import incidents, runs

DAY = timedelta(days=1)
MANY = 24
"""Looks: twice as many as make a heart that stands still a dead one."""


@pytest.fixture
def app(tmp_path: Path, db_url: str) -> Iterator[App]:
    """A node whose clock is turned by hand."""
    opened = open_house(tmp_path / "house", db_url, clock=Hands(), runbook=BOOK)
    yield opened
    opened.db.close()


@pytest.fixture
def puppet(app: App) -> Puppet:
    """What carries its commands out: it waits for us."""
    made = Puppet()
    use(app, made)
    return made


def begun(app: App, puppet: Puppet) -> tuple[str, Runner]:
    """A change that runs, and who carries it out."""
    step, runner = approved(app), Runner(app)
    runner.turn()
    until(lambda: puppet.ran)
    return step, runner


def beat_of(app: App, step: str) -> object:
    """When the run of a step was last heard of."""
    found = app.db.read(lambda tx: runs.of_incident(tx, "INC-1"))
    return next(run.heartbeat_at for run in found if run.step == step)


@pytest.mark.parametrize("jump", [DAY, -DAY])
def test_a_jump_of_ones_own_clock_stops_neither_command_nor_heart(app: App, puppet: Puppet, jump: timedelta) -> None:
    """Its run goes on, is still beaten for, and ends as it ended."""
    step, runner = begun(app, puppet)
    before = beat_of(app, step)
    later(app, jump)
    for _ in range(MANY):
        runner.turn()
        later(app, HEARTBEAT)
    assert beat_of(app, step) != before
    puppet.let_go.set()
    runner.rest()
    runner.stop(1)
    assert (status(app, step), len(puppet.ran), puppet.cancelled) == ("succeeded", 1, False)


@pytest.mark.parametrize("wrong", [DAY, -DAY, 2 * LOST_AFTER])
def test_a_node_whose_clock_is_wrong_calls_nobody_dead(tmp_path: Path, postgres_url: str, wrong: timedelta) -> None:
    """While the other one's heart beats it lives, whatever their clocks say; nobody carries its run out again."""
    ours = open_house(tmp_path / "house", postgres_url, clock=Hands(), runbook=BOOK)
    theirs = open_house(tmp_path / "house", postgres_url, clock=Hands(ours.clock.now() + wrong), runbook=BOOK)
    ours.node, theirs.node = "ours", "theirs"
    puppet = Puppet()
    use(ours, puppet)
    use(theirs, puppet)
    step, runner = begun(ours, puppet)
    watcher = Runner(theirs)
    for _ in range(MANY):
        later(ours, HEARTBEAT)
        later(theirs, HEARTBEAT)
        runner.turn()
        watcher.turn()
    assert status(ours, step) == "running"
    puppet.let_go.set()
    runner.rest()
    for each in (runner, watcher):
        each.stop(1)
    assert (status(ours, step), len(puppet.ran)) == ("succeeded", 1)
    ours.db.close()
    theirs.db.close()


def test_who_was_only_thought_dead_says_how_it_ended(app: App, puppet: Puppet) -> None:
    """A change goes on to its end though somebody called it doubtful, and its outcome ends the doubt."""
    step, runner = begun(app, puppet)
    (run,) = app.db.read(runs.running)
    act.doubted(app, run, "nobody heard of it")
    later(app, 2 * HEARTBEAT)
    runner.turn()
    assert status(app, step) == "in_doubt"
    puppet.let_go.set()
    runner.rest()
    runner.stop(1)
    assert (status(app, step), puppet.cancelled) == ("succeeded", False)
    assert app.db.read(lambda tx: incidents.verify(tx, "INC-1")) == []


def test_a_late_word_does_not_overrule_a_person(app: App, puppet: Puppet) -> None:
    """What somebody has found out stays as they said it."""
    step, runner = begun(app, puppet)
    (run,) = app.db.read(runs.running)
    act.doubted(app, run, "nobody heard of it")

    def settled(incident: object, _: object) -> list[facts.StepSettled]:
        return [facts.StepSettled(step=step, run=run.id, happened=False, why="I looked")]

    act.move_step(app, "INC-1", facts.Actor("person", "ana"), settled)
    puppet.let_go.set()
    runner.rest()
    runner.stop(1)
    assert (status(app, step), exists(app, "INC-1").steps[step].note) == ("cancelled", "I looked")


def test_a_full_disk_while_the_intent_is_written_starts_nothing(
    app: App, puppet: Puppet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without its intent on record no command starts; when there is room again it does, once."""
    step = approved(app)
    puppet.let_go.set()
    monkeypatch.setattr("tocsin.store.runs.start", fails(1, runs.start))
    runner = Runner(app)
    runner.turn()
    runner.rest()
    assert (status(app, step), puppet.ran) == ("queued", [])
    later(app, TRY_AGAIN_AFTER)
    runner.turn()
    runner.rest()
    runner.stop(1)
    assert (status(app, step), len(puppet.ran)) == ("succeeded", 1)


def test_a_drain_waits_for_a_change_while_the_database_is_locked(
    app: App, puppet: Puppet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked to end during a change, it waits; the outcome is written as soon as the lock is gone."""
    step, runner = begun(app, puppet)
    monkeypatch.setattr("tocsin.store.runs.finish", fails(3, runs.finish))
    with ThreadPoolExecutor(1) as pool:
        stopping = pool.submit(runner.stop, 1)
        puppet.let_go.set()
        stopping.result(30)
    assert (status(app, step), puppet.cancelled) == ("succeeded", False)
