"""The schema's history."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.servers import PostgresServer
from tests.store.making import NOW
from tocsin.errors import Refused, TocsinError
from tocsin.store.db import Database, open_database
from tocsin.store.migrate import known, migrate


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without a schema."""
    if request.param == "sqlite":
        yield f"sqlite://{tmp_path}/tocsin.db"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    name = server.new_database()
    yield server.url(name)
    server.drop_database(name)


def test_every_step_runs_once(empty_url: str) -> None:
    """The first start takes every step, the second none, and each is on record."""
    db = open_database(empty_url)
    names = [step.name for step in known(db.dialect)]
    assert migrate(db, NOW) == names
    assert migrate(db, NOW) == []
    records = db.read(lambda tx: tx.all("select version, name, at from migrations order by version"))
    db.close()
    assert [(row["version"], row["name"], row.time("at")) for row in records] == [
        (version, name, NOW) for version, name in enumerate(names, 1)
    ]


def test_two_nodes_may_start_at_once(empty_url: str) -> None:
    """Of six that migrate at the same moment, each step is taken by exactly one and none fails."""
    nodes = [open_database(empty_url) for _ in range(6)]
    gate = threading.Barrier(6)

    def start(db: Database) -> list[str]:
        gate.wait(30)
        return migrate(db, NOW)

    with ThreadPoolExecutor(6) as pool:
        taken = [name for names in pool.map(start, nodes) for name in names]
    assert sorted(taken) == sorted(step.name for step in known(nodes[0].dialect))
    for node in nodes:
        node.close()


def test_a_newer_database_is_refused(empty_url: str) -> None:
    """A program that does not know the schema leaves it alone and says which release is needed."""
    db = open_database(empty_url)
    migrate(db, NOW)
    db.write(lambda tx: tx.execute("insert into migrations (version, name, at) values (999, 'future', 0)"))
    with pytest.raises(Refused, match=r"newer Tocsin \(schema 999; this program knows \d+\)"):
        migrate(db, NOW)
    db.close()


def test_a_step_that_fails_leaves_nothing_behind(empty_url: str, tmp_path: Path) -> None:
    """A migration is one transaction with its record: half of it is never there, and it can be tried again."""
    folder = tmp_path / "steps"
    folder.mkdir()
    (folder / "0001_first.sql").write_text("create table one (id bigint);")
    (folder / "0002_second.sql").write_text("create table two (id bigint);\ninsert into two values (1), (null);\n")
    broken = "create unique index alone on two ((1));\n"
    for dialect in ("sqlite", "postgres"):
        (folder / f"0002_second.{dialect}.sql").write_text(broken)
    db = open_database(empty_url)
    with pytest.raises(TocsinError):
        migrate(db, NOW, folder)
    assert [row["name"] for row in db.read(lambda tx: tx.all("select name from migrations"))] == ["first"]
    for dialect in ("sqlite", "postgres"):
        (folder / f"0002_second.{dialect}.sql").write_text("create index alone on two (id);")
    assert migrate(db, NOW, folder) == ["second"]
    db.close()
