"""Effects are claimed once, repeated when they failed, and never lost."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from tests.store.making import NOW, later
from tocsin.errors import Refused
from tocsin.store import outbox
from tocsin.store.db import Database, Tx
from tocsin.store.outbox import Delivery, Effect

LEASE = timedelta(seconds=60)


def _effect(number: int, due: float = 0) -> Effect:
    return Effect(
        id=f"ntc_{number:04}", kind="notify", incident="INC-1", body=f'{{"n":{number}}}', due_at=later(due),
        created_at=NOW,
    )  # fmt: skip


def _claim(db: Database, seconds: float, limit: int = 10, node: str = "a") -> list[str]:
    return [one.id for one in db.write(lambda tx: outbox.claim(tx, later(seconds), LEASE, limit, node))]


def test_an_effect_is_put_once(db: Database) -> None:
    """The same id again changes nothing, also after it was done; a rolled back one is not there."""
    assert db.write(lambda tx: outbox.put(tx, _effect(1)))
    assert not db.write(lambda tx: outbox.put(tx, _effect(1, due=50)))

    def fails(tx: Tx) -> None:
        outbox.put(tx, _effect(2))
        raise Refused("no")

    with pytest.raises(Refused):
        db.write(fails)
    assert db.read(lambda tx: outbox.get(tx, "ntc_0001")) == _effect(1)
    assert _claim(db, 0) == ["ntc_0001"]
    assert db.write(lambda tx: outbox.done(tx, "ntc_0001"))
    assert not db.write(lambda tx: outbox.put(tx, _effect(1)))
    assert _claim(db, 9999) == []


def test_effects_are_claimed_when_due_in_order(db: Database) -> None:
    """The most overdue first, none early, at most so many."""
    for number, due in ((1, 30), (2, 10), (3, 20), (4, 99)):
        db.write(lambda tx, number=number, due=due: outbox.put(tx, _effect(number, due)))
    assert db.read(lambda tx: outbox.backlog(tx, later(30))) == (3, later(10))
    assert db.read(lambda tx: outbox.next_due(tx, later(30))) == later(10)
    assert _claim(db, 9) == []
    assert _claim(db, 30, limit=2) == ["ntc_0002", "ntc_0003"]
    assert _claim(db, 30) == ["ntc_0001"]
    assert db.read(lambda tx: outbox.next_due(tx, later(30))) == later(99)


def test_a_lease_that_ends_gives_the_effect_to_another(db: Database) -> None:
    """While leased nobody else has it; afterwards it is claimed again and counted."""
    db.write(lambda tx: outbox.put(tx, _effect(1)))
    assert _claim(db, 0, node="a") == ["ntc_0001"]
    assert _claim(db, 59, node="b") == []
    assert _claim(db, 60, node="b") == ["ntc_0001"]
    assert db.read(lambda tx: outbox.get(tx, "ntc_0001")).attempts == 2  # type: ignore[union-attr]


def test_a_node_that_starts_anew_waits_for_no_lease_of_its_own(db: Database) -> None:
    """Releasing gives back the node's own effects, not those of others."""
    for number in (1, 2):
        db.write(lambda tx, number=number: outbox.put(tx, _effect(number)))
    assert _claim(db, 0, limit=1, node="a") == ["ntc_0001"]
    assert _claim(db, 0, limit=1, node="b") == ["ntc_0002"]
    assert db.write(lambda tx: outbox.release(tx, "a")) == 1
    assert _claim(db, 1, node="a") == ["ntc_0001"]


def test_failures_are_repeated_buried_and_revived(db: Database) -> None:
    """Again means later; dead means visible and no longer claimed, until a human wants it."""
    db.write(lambda tx: outbox.put(tx, _effect(1)))
    _claim(db, 0)
    assert db.write(lambda tx: outbox.again(tx, "ntc_0001", later(30), "connection refused"))
    assert _claim(db, 29) == []
    assert _claim(db, 30) == ["ntc_0001"]
    assert db.write(lambda tx: outbox.bury(tx, "ntc_0001", "no such mailbox"))
    assert _claim(db, 9999) == []
    buried = db.read(outbox.dead)
    assert [(one.state, one.error, one.attempts) for one in buried] == [("dead", "no such mailbox", 2)]
    assert not db.write(lambda tx: outbox.done(tx, "ntc_0001"))
    assert db.write(lambda tx: outbox.revive(tx, "ntc_0001", later(40)))
    assert not db.write(lambda tx: outbox.revive(tx, "ntc_0001", later(40)))
    assert _claim(db, 40) == ["ntc_0001"]


def test_six_workers_claim_each_effect_exactly_once(db: Database) -> None:
    """Nothing twice, nothing forgotten, on both databases."""
    for start in range(0, 600, 100):
        db.write(lambda tx, start=start: [outbox.put(tx, _effect(n, n % 7)) for n in range(start, start + 100)])

    def worker(number: int) -> list[str]:
        taken: list[str] = []
        while mine := _claim(db, 10, limit=5, node=f"n{number}"):
            taken += mine
            db.write(lambda tx, mine=mine: [outbox.done(tx, one) for one in mine])
        return taken

    with ThreadPoolExecutor(6) as pool:
        taken = Counter(one for mine in pool.map(worker, range(6)) for one in mine)
    assert len(taken) == 600
    assert set(taken.values()) == {1}
    assert db.read(lambda tx: outbox.backlog(tx, later(10))) == (0, None)
    assert db.write(lambda tx: outbox.prune(tx, later(100), 500)) == 500


def test_every_attempt_to_tell_somebody_is_on_record(db: Database) -> None:
    """Attempts come back in order for one notice, or the latest of all; an id counts once."""
    for number in range(3):
        one = Delivery(
            id=f"ntc_1#{number}", at=later(number), person="ana", via="email", notice="ntc_1", ok=number == 2,
            detail="" if number == 2 else "timed out",
        )  # fmt: skip
        for _ in range(2):
            db.write(lambda tx, one=one: outbox.record(tx, one))
    found = db.read(lambda tx: outbox.deliveries(tx, "ntc_1"))
    assert [(one.id, one.ok, one.detail) for one in found] == [
        ("ntc_1#0", False, "timed out"), ("ntc_1#1", False, "timed out"), ("ntc_1#2", True, ""),
    ]  # fmt: skip
    assert db.read(lambda tx: outbox.deliveries(tx, limit=1)) == found[2:]
    assert db.read(lambda tx: outbox.deliveries(tx, "ntc_2")) == []
