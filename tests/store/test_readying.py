"""What is tried before an incident, on both databases: questions to workers about their targets."""

from __future__ import annotations

from tests.store.making import NOW, later
from tocsin.store import readying
from tocsin.store.db import Database


def test_one_worker_takes_a_question(db: Database) -> None:
    """With the programs to look for; the second one is told, and an older question is forgotten for a newer one."""
    db.write(lambda tx: readying.want(tx, "pump", ["psql", "pumpctl"], NOW))
    (first,) = db.read(readying.wanted)
    assert (first.target, first.programs, first.at) == ("pump", ("psql", "pumpctl"), NOW)
    db.write(lambda tx: readying.want(tx, "pump", [], later(1)))
    (newer,) = db.read(readying.wanted)
    assert newer.programs == ()
    assert not db.write(lambda tx: readying.take(tx, first, later(2)))
    assert db.write(lambda tx: readying.take(tx, newer, later(2)))
    assert not db.write(lambda tx: readying.take(tx, newer, later(3)))
    assert db.read(readying.wanted) == []


def test_somebody_is_asked_once_in_a_while(db: Database) -> None:
    """By whichever node comes first."""
    assert db.write(lambda tx: readying.ask(tx, "ana", NOW, later(-10)))
    assert not db.write(lambda tx: readying.ask(tx, "ana", later(1), later(-9)))
    assert db.write(lambda tx: readying.ask(tx, "ana", later(20), later(10)))
    assert db.read(readying.asked) == {"ana": later(20)}
