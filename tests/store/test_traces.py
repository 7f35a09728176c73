"""Runs of the system under care, on both databases."""

from __future__ import annotations

from dataclasses import replace

from tests.store.making import NOW, later
from tocsin.core.trace import Trace
from tocsin.store import traces
from tocsin.store.db import Database


def a_trace(number: int, status: str = "ok") -> Trace:
    """A run of the bakery, so many seconds after the beginning."""
    return Trace(
        source="oven", id=f"run-{number}", name=f"loaf {number}", service="bakery", status=status,  # type: ignore[arg-type]
        started_at=later(number), ended_at=None if status == "running" else later(number + 2),
    )  # fmt: skip


def test_runs_are_listed_counted_and_replaced_by_what_is_told_later(db: Database) -> None:
    """The newest first; the same run of the same teller counts once."""
    db.write(lambda tx: traces.put(tx, [a_trace(1), a_trace(3, "running"), a_trace(2, "error")]))
    assert db.read(traces.listing) == [a_trace(3, "running"), a_trace(2, "error"), a_trace(1)]
    assert db.read(lambda tx: traces.counted(tx, NOW, later(9))) == (3, 1, 2.0)
    assert db.read(lambda tx: traces.counted(tx, later(50), later(99))) == (0, 0, None)
    ended = replace(a_trace(3), name="a%b_c")
    db.write(lambda tx: traces.put(tx, [ended]))
    assert db.read(lambda tx: traces.get(tx, "oven", "run-3")) == ended
    assert db.read(lambda tx: traces.listing(tx, words="A%B_")) == [ended]
    assert db.read(lambda tx: traces.listing(tx, words="a_b")) == []
    assert db.read(traces.services) == ["bakery"]


def test_old_runs_are_forgotten_and_of_too_many_the_oldest(db: Database) -> None:
    """By age first, then by number."""
    db.write(lambda tx: traces.put(tx, [a_trace(number) for number in range(10)]))
    assert db.write(lambda tx: traces.prune(tx, later(3), 100)) == 3
    assert db.write(lambda tx: traces.prune(tx, later(0), 4)) == 2
    assert [each.id for each in db.read(traces.listing)] == ["run-9", "run-8", "run-7", "run-6", "run-5"]
