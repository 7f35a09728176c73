"""Workers: who carries out which run, and what becomes of one whose worker dies."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.engine.test_trouble import Hands
from tests.house import ANA, BEN, CONFIG, boarding_stops, open_house
from tocsin.app import App
from tocsin.core.run import Run
from tocsin.engine.lookout import LOOKS
from tocsin.engine.runner import HEARTBEAT, LOST_AFTER, Runner
from tocsin.service import act
from tocsin.service.respond import exists
from tocsin.store import runs, workers

LABELLED = CONFIG + '[targets.quay]\nworkdir = "."\nprograms = ["uname"]\nlabels = ["quay"]\n'
LABELLED += '[targets.gate]\nworkdir = "."\nsteps = ["*/mitigation/*"]\nlabels = ["quay"]\n'


@pytest.fixture
def server(tmp_path: Path, db_url: str) -> Iterator[App]:
    """A server whose configuration gives `uname` and the mitigation to labelled targets."""
    opened = open_house(tmp_path / "house", db_url, config=LABELLED, clock=Hands())
    yield opened
    opened.db.close()


@pytest.fixture
def worker(tmp_path: Path, db_url: str, server: App) -> Iterator[App]:
    """A worker with that label over the same database."""
    opened = open_house(tmp_path / "house", db_url, config=LABELLED, clock=server.clock)
    opened.labels, opened.serves, opened.node = frozenset({"quay"}), False, "work:quay"
    yield opened
    opened.db.close()


def waiting(app: App) -> list[Run]:
    return app.db.read(lambda tx: runs.queued(tx, 100))


def turned(app: App) -> Runner:
    runner = Runner(app)
    runner.turn()
    runner.rest()
    return runner


def test_the_server_and_the_worker_each_take_their_own(server: App, worker: App) -> None:
    """The labelled target is the worker's alone, the other one the server's alone."""
    boarding_stops(server)
    assert {run.place for run in waiting(server)} == {"quay", "local"}
    turned(server).stop(1)
    assert {run.place for run in waiting(server)} == {"quay"}
    turned(server).stop(1)
    assert {run.place for run in waiting(server)} == {"quay"}
    turned(worker).stop(1)
    assert waiting(server) == []
    assert {state.status for state in exists(server, "INC-1").steps.values()} == {"succeeded"}


def test_a_server_with_the_label_needs_no_worker(server: App) -> None:
    """`[server] labels` or `up --labels`."""
    server.labels = frozenset({"quay", "other"})
    boarding_stops(server)
    turned(server).stop(1)
    assert waiting(server) == []


def test_labelled_runs_that_wait_do_not_hold_up_the_others(server: App) -> None:
    """However many wait for a worker, the server sees its own."""
    boarding_stops(server)
    found = server.db.read(lambda tx: runs.queued(tx, 1, lambda labels: not labels))
    assert [run.place for run in found] == ["local"]


@pytest.mark.parametrize("changing", [False, True])
def test_a_worker_that_dies_is_settled_by_the_server(server: App, worker: App, changing: bool) -> None:
    """What reads waits for another worker, what changes is in doubt; nothing runs twice."""
    boarding_stops(server)
    if changing:
        incident = act.choose_branch(server, "INC-1", "If the gate hangs", "it squeaks", ANA)
        (approval,) = incident.waiting_approvals
        act.approve(server, "INC-1", approval.id, approval.sha, BEN)
    (run,) = [each for each in waiting(server) if each.place != "local" and (each.verdict != "read") is changing]
    assert act.started(worker, run)
    clock = server.clock
    assert isinstance(clock, Hands)
    clock.at += LOST_AFTER + timedelta(seconds=1)
    runner = Runner(server)
    for _ in range(LOOKS + 1):
        clock.at += HEARTBEAT
        runner.turn()
    runner.stop(1)
    after = server.db.read(lambda tx: runs.get(tx, run.id))
    assert after is not None
    assert after.status == ("in_doubt" if changing else "queued")


def test_who_is_there_is_on_record_until_it_ends(server: App, worker: App) -> None:
    """By its last word; one that ended by itself is gone at once."""
    one, two = Runner(server), Runner(worker)
    one.report()
    two.report()
    now = server.clock.now()
    there = server.db.read(lambda tx: workers.present(tx, now - timedelta(seconds=1)))
    assert {each.node: (sorted(each.labels), each.serves) for each in there} == {
        server.node: ([], True), "work:quay": (["quay"], False),
    }  # fmt: skip
    assert [each.node for each in there if each.carries(frozenset({"quay"}))] == ["work:quay"]
    two.stop(1)
    one.stop(1)
    assert server.db.read(lambda tx: workers.present(tx, now - timedelta(days=1))) == []
