"""Changes of schedules, secret addresses and copies of calendars, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.store.making import NOW, later
from tocsin.core.schedules import Change
from tocsin.errors import Conflict
from tocsin.store import duties
from tocsin.store.db import Database

CHANGE = Change(
    id="duty_1", schedule="primary", kind="temporary", begins=later(10), ends=later(20), people=("ana", "ben"),
    made_at=NOW, made_by="mara", instead_of="zoe", every=timedelta(days=1), why="the fair",
)  # fmt: skip
KEPT = duties.Kept(change=CHANGE, state="counts")
SWAP = duties.Kept(
    change=replace(CHANGE, id="duty_2", kind="swap", people=("ana",), every=None), state="offered",
    back=(later(30), later(40)),
)  # fmt: skip
FEED = duties.Feed(id="feed_1", hash="abc", schedule="primary", made_by="mara", made_at=NOW)


def test_a_change_comes_back_as_it_was_kept(db: Database) -> None:
    """Whole; listed as long as any part of it is not over, and those that count apart."""
    db.write(lambda tx: [duties.add(tx, each) for each in (SWAP, KEPT)])
    assert db.read(lambda tx: duties.since(tx, later(5))) == [KEPT, SWAP]
    assert db.read(lambda tx: duties.since(tx, later(20))) == [SWAP]
    assert db.read(lambda tx: duties.counting(tx, later(5))) == [KEPT]
    assert db.read(lambda tx: duties.since(tx, later(40))) == []


def test_only_one_settles_a_change(db: Database) -> None:
    """Of many at the same moment one wins, the others are told; nobody is forgotten."""
    db.write(lambda tx: duties.add(tx, SWAP))
    times = [(later(10), later(15)), (later(30), later(35))]

    def settle(number: int) -> int:
        try:
            db.write(lambda tx: duties.settle(tx, SWAP, "accepted", times, f"p{number}", later(1)))
        except Conflict:
            return 0
        return 1

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(settle, range(16))) == 1
    kept = db.write(lambda tx: duties.get(tx, "duty_2"))
    assert kept is not None
    assert (kept.state, kept.change.ends, kept.back, kept.settled_at) == (
        "accepted", later(15), (later(30), later(35)), later(1),
    )  # fmt: skip
    assert kept.settled_by.startswith("p")


def test_an_address_is_known_by_its_hash_until_it_is_revoked(db: Database) -> None:
    """Once revoked it is gone for good, and a hash is there once."""
    db.write(lambda tx: duties.add_feed(tx, FEED))
    db.write(lambda tx: duties.feed_was_read(tx, "abc", later(3)))
    assert db.read(lambda tx: duties.feed(tx, "abc")) == replace(FEED, read_at=later(3))
    assert db.read(lambda tx: duties.feed(tx, "abd")) is None
    assert db.write(lambda tx: duties.revoke_feed(tx, "feed_1", "mara", later(4)))
    assert not db.write(lambda tx: duties.revoke_feed(tx, "feed_1", "mara", later(4)))
    assert db.read(duties.feeds) == []
    with pytest.raises(Exception, match=r"(?i)unique|duplicate"):
        db.write(lambda tx: duties.add_feed(tx, replace(FEED, id="feed_2")))


def test_a_calendar_that_can_t_be_read_leaves_its_last_copy(db: Database) -> None:
    """With the reason, until it is read again."""
    db.write(lambda tx: duties.put_problem(tx, "vendor", "it is down", NOW))
    assert db.read(lambda tx: duties.copy(tx, "vendor")) == duties.Copy(
        body="", fetched_at=None, tried_at=NOW, problem="it is down"
    )
    db.write(lambda tx: duties.put_copy(tx, "vendor", "BEGIN", later(1)))
    db.write(lambda tx: duties.put_problem(tx, "vendor", "it is down again", later(2)))
    kept = db.read(lambda tx: duties.copy(tx, "vendor"))
    assert kept == duties.Copy(body="BEGIN", fetched_at=later(1), tried_at=later(2), problem="it is down again")
    db.write(lambda tx: duties.put_copy(tx, "vendor", "MORE", later(3)))
    kept = db.read(lambda tx: duties.copy(tx, "vendor"))
    assert kept == duties.Copy(body="MORE", fetched_at=later(3), tried_at=later(3))
