"""A real database of each kind, migrated and empty, for each test."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.build import NOW
from tests.demands import pytest_terminal_summary  # noqa: F401 -- a hook of the whole run
from tests.servers import PostgresServer, postgres_programs, running_postgres
from tocsin.store.db import Database, open_database
from tocsin.store.migrate import migrate


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A PostgreSQL server for the whole run, with a database ``ready`` that each test finds empty."""
    if importlib.util.find_spec("psycopg") is None:
        pytest.skip("psycopg is not installed")
    programs = postgres_programs()
    if programs is None:
        pytest.skip("no PostgreSQL server programs (initdb, postgres) on this machine")
    with running_postgres(programs) as server:
        server.ready = server.new_database()
        yield server


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def db_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a migrated, empty database."""
    if request.param == "sqlite":
        return _migrated(f"sqlite://{tmp_path}/tocsin.db")
    return request.getfixturevalue("postgres_url")  # type: ignore[no-any-return]


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> str:
    """The address of a migrated, empty database on a real PostgreSQL."""
    postgres_server.clear_database(postgres_server.ready)
    return _migrated(postgres_server.url(postgres_server.ready))


def _migrated(url: str) -> str:
    db = open_database(url)
    migrate(db, NOW)
    db.close()
    return url


@pytest.fixture
def db(db_url: str) -> Iterator[Database]:
    """A migrated, empty database, open."""
    opened = open_database(db_url)
    yield opened
    opened.close()
