"""What both databases promise of a transaction."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from tocsin.errors import Conflict, Invalid, Refused, TocsinError, Unavailable
from tocsin.store.db import Database, Tx, file_of, open_database

PUT = "insert into counters (name, value) values (:name, :value)"
ADD = "update counters set value = value + 1 where name = :name"
GET = "select value from counters where name = :name"


def _put(db: Database, name: str, value: int = 0) -> None:
    db.write(lambda tx: tx.execute(PUT, name=name, value=value))


def _get(db: Database, name: str) -> int | None:
    row = db.read(lambda tx: tx.one(GET, name=name))
    return row["value"] if row else None


def test_what_write_returned_is_there(db: Database) -> None:
    """A write gives back what its function returned, and a read sees it."""
    assert db.write(lambda tx: tx.execute(PUT, name="a", value=7)) == 1
    assert _get(db, "a") == 7


def test_a_raised_error_undoes_everything_and_reaches_its_caller(db: Database) -> None:
    """Nothing of a function that raises is stored, and the very error comes out."""

    def fails(tx: Tx) -> None:
        tx.execute(PUT, name="a", value=1)
        raise Refused("No.", "Do it otherwise.")

    with pytest.raises(Refused, match=r"^No\. Do it otherwise\.$"):
        db.write(fails)
    assert _get(db, "a") is None


def test_a_statement_that_failed_dooms_the_transaction_even_when_swallowed(db: Database) -> None:
    """A function can't be told "stored" when the database has given its transaction up."""
    _put(db, "a")

    def swallows(tx: Tx) -> str:
        tx.execute(PUT, name="b", value=1)
        try:
            tx.execute(PUT, name="a", value=1)
        except Conflict:
            return "fine"
        return "impossible"

    with pytest.raises(Conflict):
        db.write(swallows)
    assert _get(db, "b") is None


def test_a_second_row_of_the_same_key_is_a_conflict(db: Database) -> None:
    """Both databases name a broken key Conflict."""
    _put(db, "a")
    with pytest.raises(Conflict, match="stored already"):
        _put(db, "a")


def test_a_missing_value_is_refused_with_a_sentence(db: Database) -> None:
    """A null where none may be is Refused on both."""
    with pytest.raises(Refused, match="The database refuses this"):
        db.write(lambda tx: tx.execute(PUT, name="a", value=None))


def test_reading_can_not_write(db: Database) -> None:
    """A reader that writes is stopped by the database itself."""
    with pytest.raises(Unavailable, match="can't be written"):
        db.read(lambda tx: tx.execute(PUT, name="a", value=1))
    assert _get(db, "a") is None


def test_a_reader_sees_one_moment(db: Database) -> None:
    """Two statements of one read see the same data, although somebody commits in between."""
    _put(db, "a", 1)

    def looks_twice(tx: Tx) -> tuple[int, int]:
        first = tx.one(GET, name="a")
        with ThreadPoolExecutor(1) as other:
            other.submit(db.write, lambda tx: tx.execute(ADD, name="a")).result()
        second = tx.one(GET, name="a")
        assert first is not None
        assert second is not None
        return first["value"], second["value"]

    assert db.read(looks_twice) == (1, 1)
    assert _get(db, "a") == 2


def test_callbacks_run_after_the_commit_and_only_then(db: Database) -> None:
    """A callback sees what was written; a rolled back one is never called; a broken one harms nobody."""
    seen: list[int | None] = []

    def writes(tx: Tx) -> None:
        tx.after_commit(lambda: seen.append(1 // 0))
        tx.after_commit(lambda: seen.append(_get(db, "a")))
        tx.execute(PUT, name="a", value=3)

    def fails(tx: Tx) -> None:
        tx.after_commit(lambda: seen.append(99))
        raise Refused("No.")

    db.write(writes)
    with pytest.raises(Refused):
        db.write(fails)
    assert seen == [3]


def test_many_rows_go_in_with_one_call(db: Database) -> None:
    """`many` runs one statement for each row, also for none."""
    db.write(lambda tx: tx.many(PUT, ({"name": f"n{i}", "value": i} for i in range(500))))
    db.write(lambda tx: tx.many(PUT, []))
    assert db.read(lambda tx: tx.one("select count(*) as n from counters where name like 'n%'"))["n"] == 500  # type: ignore[index]


def test_threads_lose_no_update(db: Database) -> None:
    """32 threads that add at once: every addition counts, and every callback ran."""
    _put(db, "a")
    called: list[int] = []

    def add(i: int) -> None:
        def work(tx: Tx) -> None:
            tx.execute(ADD, name="a")
            tx.after_commit(lambda: called.append(i))

        db.write(work)

    with ThreadPoolExecutor(32) as pool:
        list(pool.map(add, range(640)))
    assert _get(db, "a") == 640
    assert sorted(called) == list(range(640))


def test_a_failing_neighbour_does_not_hurt(db: Database) -> None:
    """Of functions that run together, those that raise are undone and the others are stored."""
    gate = threading.Barrier(32)

    def one(i: int) -> str:
        def work(tx: Tx) -> None:
            tx.execute(PUT, name=f"n{i}", value=i)
            if i % 3 == 0:
                raise Refused(f"not {i}")

        gate.wait(30)
        try:
            db.write(work)
        except Refused as error:
            return str(error)
        return "stored"

    with ThreadPoolExecutor(32) as pool:
        answers = list(pool.map(one, range(32)))
    names = {row["name"] for row in db.read(lambda tx: tx.all("select name from counters"))}
    assert answers == ["stored" if i % 3 else f"not {i}" for i in range(32)]
    assert names == {f"n{i}" for i in range(32) if i % 3 != 0}


def test_text_comes_back_as_it_was(db: Database) -> None:
    """Any text but NUL survives: quotes, percent signs, colons, emoji, right-to-left."""
    hostile = "'); drop table counters; -- %s %(x)s :name \\ \u202e שלום 🚨 \x01"
    _put(db, hostile, 5)
    assert db.read(lambda tx: tx.one("select name from counters"))[0] == hostile  # type: ignore[index]


@pytest.mark.parametrize("name", ["a\0b", "\ud800"])
def test_text_that_can_not_be_kept_is_invalid(db: Database, name: str) -> None:
    """NUL and half a surrogate pair are refused by both databases, and the next write goes on."""
    with pytest.raises(Invalid):
        _put(db, name)
    _put(db, "next")


def test_a_closed_database_says_so(db: Database) -> None:
    """After closing, reading and writing are Unavailable, and closing again does nothing."""
    db.close()
    db.close()
    for ask in (db.write, db.read):
        with pytest.raises(Unavailable, match="is closed"):
            ask(lambda tx: tx.all("select 1"))


def test_closing_finishes_what_was_taken(db: Database, db_url: str) -> None:
    """Whatever was told "stored" before or while closing is there afterwards, and nothing else."""
    begun = threading.Semaphore(0)

    def keep_writing(who: int) -> int:
        for count in range(10_000):
            try:
                db.write(lambda tx: tx.execute(PUT, name=f"{who}-{count}", value=1))  # noqa: B023 -- called at once
            except Unavailable:
                return count
            begun.release()
        return 10_000

    with ThreadPoolExecutor(4) as pool:
        writers = [pool.submit(keep_writing, who) for who in range(4)]
        for _ in range(40):
            assert begun.acquire(timeout=30)
        db.close()
        counts = [writer.result(30) for writer in writers]
    again = open_database(db_url)
    row = again.read(lambda tx: tx.one("select count(*) as n from counters"))
    again.close()
    assert row is not None
    assert row["n"] == sum(counts)


@pytest.mark.parametrize(
    "url",
    ["", "   ", "mysql://root@host/db", "sqlite://", "sqlite:///:memory:", ":memory:", "file:x.db?mode=ro",
     "sqlite:///no/such/folder/t.db", "postgresql://127.0.0.1:1/x", "postgresql://[bad", "sqlite:////", "/tmp/\0"],
)  # fmt: skip
def test_an_address_that_leads_nowhere_is_told_in_a_sentence(url: str) -> None:
    """No kind of address ends in a bare exception."""
    if "postgres" in url:
        pytest.importorskip("psycopg")
    with pytest.raises(TocsinError) as caught:
        open_database(url, patience=timedelta(seconds=1))
    assert caught.value.hint


def test_a_file_is_named_in_every_usual_way(tmp_path: Path) -> None:
    """A URL and a plain path lead to the same file; PostgreSQL has none."""
    file = tmp_path / "tocsin.db"
    assert file_of(f"sqlite://{file}") == file_of(f"sqlite:///{file}") == file_of(str(file)) == file
    assert file_of("postgresql://host/db") is None
