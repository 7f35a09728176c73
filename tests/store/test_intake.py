"""The inbox that is written before it is answered."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.store.making import NOW, later
from tocsin.errors import Refused
from tocsin.store import intake
from tocsin.store.db import Database, Tx
from tocsin.store.intake import Arrival


def _arrivals(count: int) -> list[Arrival]:
    return [
        Arrival(id=f"in_{i:04}", received_at=later(i), source="alertmanager", body=f'[{i}, "ü%s"]')
        for i in range(count)
    ]


def test_events_are_worked_off_in_the_order_they_came(db: Database) -> None:
    """Claimed oldest first, done for good; what is there twice is there once."""
    told = _arrivals(5)
    db.write(lambda tx: intake.append(tx, reversed(told)))
    db.write(lambda tx: intake.append(tx, told[:2]))
    assert db.read(intake.backlog) == (5, NOW)

    def work(tx: Tx) -> list[Arrival]:
        mine = intake.claim(tx, 3)
        intake.done(tx, [one.id for one in mine])
        return mine

    assert db.write(work) == told[:3]
    assert db.write(work) == told[3:]
    assert db.write(work) == []
    assert db.read(intake.backlog) == (0, None)


def test_what_failed_is_there_again_and_poison_is_set_aside(db: Database) -> None:
    """A failing transaction gives its events back; after three failures the event no longer stops the others."""
    db.write(lambda tx: intake.append(tx, _arrivals(2)))

    def chokes(tx: Tx) -> None:
        intake.done(tx, [one.id for one in intake.claim(tx, 10)])
        raise Refused("can't")

    for attempt in range(3):
        with pytest.raises(Refused):
            db.write(chokes)
        waiting = db.write(lambda tx: intake.claim(tx, 10))
        assert (waiting[0].id, waiting[0].attempts) == ("in_0000", attempt)
        db.write(lambda tx: intake.failed(tx, "in_0000", "can't read this"))
    assert [one.id for one in db.write(lambda tx: intake.claim(tx, 10))] == ["in_0001"]
    assert [(one.id, one.error, one.attempts) for one in db.read(lambda tx: intake.failures(tx, 10))] == [
        ("in_0000", "can't read this", 3)
    ]
    assert db.write(lambda tx: intake.again(tx, "in_0000"))
    assert not db.write(lambda tx: intake.again(tx, "in_0000"))
    assert db.read(intake.backlog)[0] == 2


def test_six_workers_take_each_event_once(db: Database) -> None:
    """Claim and done in one transaction: nothing twice, nothing left."""
    db.write(lambda tx: intake.append(tx, _arrivals(300)))

    def worker(_: int) -> list[str]:
        def work(tx: Tx) -> list[str]:
            mine = [one.id for one in intake.claim(tx, 7)]
            intake.done(tx, mine)
            return mine

        taken: list[str] = []
        while mine := db.write(work):
            taken += mine
        return taken

    with ThreadPoolExecutor(6) as pool:
        taken = Counter(one for mine in pool.map(worker, range(6)) for one in mine)
    assert len(taken) == 300
    assert set(taken.values()) == {1}


def test_only_what_is_done_and_old_is_forgotten(db: Database) -> None:
    """Pruning is bounded and never touches what waits."""
    db.write(lambda tx: intake.append(tx, _arrivals(10)))
    db.write(lambda tx: intake.done(tx, [f"in_{i:04}" for i in range(6)]))
    assert db.write(lambda tx: intake.prune(tx, later(5), 3)) == 3
    assert db.write(lambda tx: intake.prune(tx, later(5), 3)) == 2
    assert db.write(lambda tx: intake.prune(tx, later(5), 3)) == 0
    assert db.read(intake.backlog)[0] == 4
