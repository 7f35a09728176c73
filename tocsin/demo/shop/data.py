"""The shop's own data: orders, and the jobs that each order leaves for the worker. PostgreSQL, or a SQLite file."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Sequence
from typing import Any, Protocol

_TABLES = (
    "CREATE TABLE IF NOT EXISTS orders (id {key}, customer text NOT NULL, cents integer NOT NULL)",
    "CREATE TABLE IF NOT EXISTS jobs (id {key}, order_id integer NOT NULL, state text NOT NULL DEFAULT 'waiting')",
    "CREATE INDEX IF NOT EXISTS jobs_waiting ON jobs (state)",
)
_KEYS = {"postgres": "bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY", "sqlite": "integer PRIMARY KEY"}


class _Connection(Protocol):
    def execute(self, statement: str, values: Sequence[object] = ..., /) -> Any: ...

    def close(self) -> None: ...


class Data:
    """One connection, taken in turns, opened anew after a fault: a database that was restarted heals the shop."""

    def __init__(self, url: str, application: str) -> None:
        self._url, self._application = url, application
        self._lock = threading.Lock()
        self._connection: _Connection | None = None

    @property
    def kind(self) -> str:
        """``postgres`` or ``sqlite``."""
        return "sqlite" if self._url.startswith("sqlite:") else "postgres"

    def prepare(self) -> None:
        """Make the tables."""
        for statement in _TABLES:
            self._run(statement.format(key=_KEYS[self.kind]))

    def order(self, customer: str, cents: int) -> int:
        """Keep an order and leave a job for it; the order's number."""
        [(number,)] = self._run("INSERT INTO orders (customer, cents) VALUES (?, ?) RETURNING id", customer, cents)
        self._run("INSERT INTO jobs (order_id) VALUES (?) RETURNING id", number)
        return int(number)

    def orders(self) -> int:
        """How many orders there are."""
        return int(self._run("SELECT count(*) FROM orders")[0][0])

    def waiting(self) -> int:
        """How many jobs wait for the worker."""
        return int(self._run("SELECT count(*) FROM jobs WHERE state = 'waiting'")[0][0])

    def finish_some(self, most: int) -> int:
        """Do the oldest waiting jobs; how many were done. There is one worker, so nobody else takes them."""
        oldest = "SELECT id FROM jobs WHERE state = 'waiting' ORDER BY id LIMIT ?"
        return len(self._run(f"UPDATE jobs SET state = 'done' WHERE id IN ({oldest}) RETURNING id", most))  # noqa: S608

    def close(self) -> None:
        """Let go of the database."""
        with self._lock:
            self._drop()

    def _run(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """The rows of one statement, committed. Any fault drops the connection, so that the next call starts anew."""
        with self._lock:
            try:
                if self._connection is None:
                    self._connection = self._open()
                text = statement if self.kind == "sqlite" else statement.replace("?", "%s")
                cursor = self._connection.execute(text, values)
                return list(cursor.fetchall()) if cursor.description else []
            except BaseException:
                self._drop()
                raise

    def _open(self) -> _Connection:
        if self.kind == "sqlite":
            path = self._url.removeprefix("sqlite://")
            connection = sqlite3.connect(path, timeout=10, isolation_level=None, check_same_thread=False)
            connection.execute("PRAGMA journal_mode = WAL")
            return connection
        import psycopg

        opened: _Connection = psycopg.connect(
            self._url, autocommit=True, connect_timeout=5, application_name=self._application
        )
        return opened

    def _drop(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(Exception):
                self._connection.close()
            self._connection = None
