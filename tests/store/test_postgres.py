"""PostgreSQL's own troubles: deadlocks, lost connections, a server that is not there."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from tests.servers import PostgresServer
from tocsin.errors import Invalid, Unavailable
from tocsin.store.db import Database, Tx, open_database

pytestmark = pytest.mark.postgres

PUT = "insert into counters (name, value) values (:name, 0)"
ADD = "update counters set value = value + 1 where name = :name"
KILL = """
select pg_terminate_backend(pid) from pg_stat_activity
where application_name = 'tocsin' and pid <> pg_backend_pid() and datname = current_database()
"""


@pytest.fixture
def db(postgres_url: str) -> Iterator[Database]:
    opened = open_database(postgres_url)
    yield opened
    opened.close()


def test_of_two_that_wait_for_each_other_both_are_done(db: Database) -> None:
    """A deadlock is broken by beginning one of the two anew; no update is lost and no error is seen."""
    for name in ("a", "b"):
        db.write(lambda tx, name=name: tx.execute(PUT, name=name))
    both_hold_one = threading.Barrier(2)
    tries: list[str] = []

    def add(first: str, second: str) -> None:
        def work(tx: Tx) -> None:
            tries.append(first)
            tx.execute(ADD, name=first)
            if tries.count(first) == 1:
                both_hold_one.wait(30)
            tx.execute(ADD, name=second)

        db.write(work)

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(add, "a", "b"), pool.submit(add, "b", "a")]:
            done.result(60)
    values = db.read(lambda tx: tx.all("select value from counters"))
    assert [row["value"] for row in values] == [2, 2]
    assert len(tries) >= 3, "one of them began anew (and may have met the other once more)"


def test_connections_that_died_while_idle_are_replaced_unseen(db: Database, postgres_url: str) -> None:
    """A restart of the server costs nobody a request."""
    db.write(lambda tx: tx.execute(PUT, name="a"))
    other = open_database(postgres_url)
    assert other.write(lambda tx: len(tx.all(KILL))) >= 1
    other.close()
    db.write(lambda tx: tx.execute(ADD, name="a"))
    assert db.read(lambda tx: tx.one("select value from counters"))[0] == 1  # type: ignore[index]


def test_a_connection_lost_in_the_middle_is_unavailable_and_stores_nothing(db: Database, postgres_url: str) -> None:
    """The caller hears that the database is out of reach, and the next write works."""
    db.write(lambda tx: tx.execute(PUT, name="a"))
    other = open_database(postgres_url)

    def cut(tx: Tx) -> None:
        tx.execute(ADD, name="a")
        other.write(lambda theirs: theirs.all(KILL))
        tx.execute(ADD, name="a")

    with pytest.raises(Unavailable, match="out of reach"):
        db.write(cut)
    other.close()
    db.write(lambda tx: tx.execute(ADD, name="a"))
    assert db.read(lambda tx: tx.one("select value from counters"))[0] == 1  # type: ignore[index]


def test_when_every_connection_is_in_use_we_say_so(db: Database) -> None:
    """The pool is bounded; who waits too long hears a sentence."""
    go, inside = threading.Event(), threading.Semaphore(0)

    def holds(tx: Tx) -> None:
        inside.release()
        assert go.wait(60)

    with ThreadPoolExecutor(16) as pool:
        held = [pool.submit(db.write, holds) for _ in range(16)]
        for _ in held:
            assert inside.acquire(timeout=30)
        with pytest.raises(Unavailable, match="Every connection to the database is in use"):
            db.write(lambda tx: tx.execute(PUT, name="late"), timeout=timedelta(milliseconds=10))
        go.set()
        for one in held:
            one.result(30)
    assert db.read(lambda tx: tx.all("select * from counters")) == []


def test_the_password_is_in_no_error(postgres_server: PostgresServer) -> None:
    """An address that does not work is told without what is secret in it."""
    secret = "s3cr3t-pass"
    for url in (
        f"postgresql://postgres:{secret}@127.0.0.1:1/x",
        f"postgresql://postgres:{secret}@127.0.0.1:{postgres_server.port}/no_such_database",
        f"postgresql://postgres:{secret}%zz@127.0.0.1:1/x",
        f"postgresql://postgres:{secret}@127.0.0.1:1/x?no_such_option={secret}",
    ):
        with pytest.raises((Unavailable, Invalid)) as caught:
            open_database(url, patience=timedelta(seconds=2))
        assert secret not in str(caught.value)
        assert caught.value.hint


def test_without_psycopg_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the library is missing, the sentence says how to get it."""
    monkeypatch.delitem(sys.modules, "tocsin.store.postgres", raising=False)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(Invalid, match=r"pip install 'tocsin\[postgres\]'"):
        open_database("postgresql://postgres@127.0.0.1/x")
