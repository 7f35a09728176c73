"""The journal: of many that try, one may."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from tests.store.making import NOW, a_run, later
from tocsin.core.run import Outcome
from tocsin.errors import Conflict, Invalid
from tocsin.store import runs
from tocsin.store.db import Database

GOOD = Outcome(status="succeeded", exit_code=0, seconds=1.5, output="ok\0 ✓\n", size=9, note="")


def test_a_run_is_ordered_started_and_ended(db: Database) -> None:
    """Each step of its life is written with its moment, and reads back whole."""
    run = a_run()
    db.write(lambda tx: runs.add(tx, run, "apr_1"))
    assert db.read(lambda tx: runs.queued(tx, 9)) == [run]
    assert db.read(lambda tx: runs.approval_of(tx, run.id)) == "apr_1"
    assert db.write(lambda tx: runs.start(tx, run.id, "node-a", later(1)))
    assert db.read(lambda tx: runs.queued(tx, 9)) == []
    assert db.write(lambda tx: runs.heartbeat(tx, run.id, "node-a", later(5)))
    assert not db.write(lambda tx: runs.heartbeat(tx, run.id, "node-b", later(6)))
    assert db.write(lambda tx: runs.finish(tx, run.id, GOOD, later(7)))
    ended = replace(
        run, status="succeeded", node="node-a", started_at=later(1), heartbeat_at=later(5), finished_at=later(7),
        outcome=GOOD,
    )  # fmt: skip
    assert db.read(lambda tx: runs.get(tx, run.id)) == ended
    assert db.read(lambda tx: runs.of_incident(tx, "INC-1")) == [ended]
    assert db.read(lambda tx: runs.get(tx, "run_none")) is None


def test_one_approval_orders_one_run(db: Database) -> None:
    """A second run under the same approval is a Conflict; runs that need none don't meet."""
    db.write(lambda tx: runs.add(tx, a_run("run_1"), "apr_1"))
    with pytest.raises(Conflict, match="approval apr_1"):
        db.write(lambda tx: runs.add(tx, a_run("run_2"), "apr_1"))
    with pytest.raises(Conflict, match="run run_1"):
        db.write(lambda tx: runs.add(tx, a_run("run_1")))
    db.write(lambda tx: runs.add(tx, a_run("run_3", "read")))
    db.write(lambda tx: runs.add(tx, a_run("run_4", "read")))
    assert [run.id for run in db.read(lambda tx: runs.queued(tx, 9))] == ["run_1", "run_3", "run_4"]


def test_a_run_begins_queued_and_does_not_end_unended(db: Database) -> None:
    """A status out of order is Invalid before it is written."""
    with pytest.raises(Invalid):
        db.write(lambda tx: runs.add(tx, a_run(status="running")))
    for status in ("queued", "running", "in_doubt"):
        with pytest.raises(Invalid):
            db.write(lambda tx, status=status: runs.finish(tx, "run_1", Outcome(status=status), NOW))


def test_of_fifty_that_start_one_may(db: Database) -> None:
    """Exactly one of fifty threads is told to start the command, on each of five runs."""
    for number in range(5):
        db.write(lambda tx, number=number: runs.add(tx, a_run(f"run_{number}")))

    def start(i: int) -> tuple[str, str, bool]:
        run, node = f"run_{i % 5}", f"node-{i}"
        return run, node, db.write(lambda tx: runs.start(tx, run, node, later(i)))

    with ThreadPoolExecutor(50) as pool:
        tries = list(pool.map(start, range(250)))
    winners = {run: node for run, node, may in tries if may}
    assert len([may for _, _, may in tries if may]) == 5
    assert {run: db.read(lambda tx, run=run: runs.get(tx, run)).node for run in winners} == winners  # type: ignore[union-attr]


def test_of_fifty_that_end_a_run_one_does(db: Database) -> None:
    """The outcome and the doubt race; only one of them is on record."""
    db.write(lambda tx: runs.add(tx, a_run()))
    db.write(lambda tx: runs.start(tx, "run_1", "a", NOW))

    def end(i: int) -> bool:
        if i % 2:
            return db.write(lambda tx: runs.finish(tx, "run_1", GOOD, later(i)))
        return db.write(lambda tx: runs.doubt(tx, "run_1", later(i)))

    with ThreadPoolExecutor(50) as pool:
        assert sum(pool.map(end, range(50))) == 1
    run = db.read(lambda tx: runs.get(tx, "run_1"))
    assert run is not None
    assert (run.outcome == GOOD) is (run.status == "succeeded")
    assert not db.write(lambda tx: runs.finish(tx, "run_1", GOOD, later(99)))


def test_a_change_is_never_queued_again(db: Database) -> None:
    """After an interruption only a proven read goes back, with its output forgotten; a change goes into doubt."""
    for run_id, verdict in (("run_r", "read"), ("run_c", "change"), ("run_u", "unknown")):
        db.write(lambda tx, run_id=run_id, verdict=verdict: runs.add(tx, a_run(run_id, verdict)))
        db.write(lambda tx, run_id=run_id: runs.start(tx, run_id, "node-a", NOW))
        db.write(lambda tx, run_id=run_id: runs.emit(tx, run_id, 1, "begun", NOW))
    assert [run.id for run in db.read(lambda tx: runs.of_node(tx, "node-a"))] == ["run_c", "run_r", "run_u"]
    assert [db.write(lambda tx, i=i: runs.requeue(tx, i)) for i in ("run_r", "run_c", "run_u")] == [True, False, False]
    assert db.read(lambda tx: runs.get(tx, "run_r")) == a_run("run_r", "read")
    assert db.read(lambda tx: runs.output(tx, "run_r")) == []
    assert len(db.read(lambda tx: runs.output(tx, "run_c"))) == 1
    assert db.write(lambda tx: runs.doubt(tx, "run_c", later(9)))
    assert not db.write(lambda tx: runs.start(tx, "run_c", "node-b", later(10)))


def test_a_silent_node_is_noticed(db: Database) -> None:
    """Running runs without a recent heartbeat are stale; queued and ended ones never."""
    for number in range(4):
        db.write(lambda tx, number=number: runs.add(tx, a_run(f"run_{number}")))
    for number in range(3):
        db.write(lambda tx, number=number: runs.start(tx, f"run_{number}", "a", later(number)))
    db.write(lambda tx: runs.finish(tx, "run_0", GOOD, later(5)))
    assert [run.id for run in db.read(lambda tx: runs.stale(tx, later(2)))] == ["run_1"]


def test_a_run_is_cancelled_before_it_starts_only(db: Database) -> None:
    """Cancelling a queued run keeps it from ever starting; a running one is its executor's to stop."""
    db.write(lambda tx: runs.add(tx, a_run()))
    assert db.write(lambda tx: runs.cancel(tx, "run_1", "no longer wanted", later(1)))
    assert not db.write(lambda tx: runs.start(tx, "run_1", "a", later(2)))
    assert not db.write(lambda tx: runs.cancel(tx, "run_1", "", later(3)))
    run = db.read(lambda tx: runs.get(tx, "run_1"))
    assert run is not None
    assert run.outcome == Outcome(status="cancelled", note="no longer wanted")


def test_output_comes_in_pieces(db: Database) -> None:
    """Pieces come back in order from where the reader was; whatever a program prints can be kept."""
    for seq, text in ((2, "two"), (1, "one"), (1, "one again"), (3, "bin\0ary \udcff")):
        db.write(lambda tx, seq=seq, text=text: runs.emit(tx, "run_1", seq, text, later(seq)))
    pieces = db.read(lambda tx: runs.output(tx, "run_1"))
    assert [(piece.seq, piece.text) for piece in pieces] == [(1, "one"), (2, "two"), (3, "bin\ufffdary ?")]
    assert db.read(lambda tx: runs.output(tx, "run_1", after=2)) == pieces[2:]
