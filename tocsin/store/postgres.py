"""PostgreSQL through psycopg 3: a small pool of connections, every function in one transaction of its own.

Writing is READ COMMITTED, and is begun anew after a deadlock or a serialisation failure, so a function must do nothing
but use its transaction. Reading is REPEATABLE READ READ ONLY, which is one snapshot.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any, Literal, TypeVar

import psycopg
from psycopg import errors

from tocsin.errors import Conflict, Invalid, Refused, Unavailable
from tocsin.store.tx import PATIENCE, TIMEOUT, Cursor, Params, Tx, after, bind, for_postgres

T = TypeVar("T")
Connection = psycopg.Connection[tuple[Any, ...]]
POOL = 16
TRIES = 5
LOCK_TIMEOUT = timedelta(seconds=10)
_AGAIN = (errors.SerializationFailure, errors.DeadlockDetected)


class PostgresTx(Tx):
    """A transaction on PostgreSQL."""

    dialect = "postgres"

    def __init__(self, connection: Connection) -> None:
        super().__init__()
        self._connection = connection

    def _run(self, sql: str, params: Params) -> Cursor:
        bound = bind(params)
        return self._guard(lambda: self._connection.execute(for_postgres(sql), bound))

    def many(self, sql: str, rows: Iterable[Params], /) -> None:
        """Run one statement for each of the rows, in one pipeline."""
        bound = [bind(row) for row in rows]

        def run() -> Cursor:
            cursor = self._connection.cursor()
            cursor.executemany(for_postgres(sql), bound)
            return cursor

        self._guard(run).close()

    def script(self, sql: str) -> None:
        """Run several statements without parameters."""
        self._guard(lambda: self._connection.execute(sql.encode())).close()

    def alone(self, name: str) -> None:
        """Take an advisory lock that ends with the transaction, however long that takes."""
        self._run("set local lock_timeout = 0", {}).close()
        self._run("select pg_advisory_xact_lock(hashtext(:name))", {"name": f"tocsin {name}"}).close()

    def _guard(self, statement: Callable[[], Cursor]) -> Cursor:
        try:
            return statement()
        except _AGAIN as error:
            self.failed = error
            raise
        except psycopg.Error as error:
            self.failed = translated(error)
            raise self.failed from error


def translated(error: psycopg.Error) -> Exception:
    """psycopg's error as a sentence of ours; an error in our own SQL stays what it is."""
    said = (error.diag.message_primary or str(error)).strip().splitlines()[0]
    if isinstance(error, errors.UniqueViolation):
        return Conflict(f"This is stored already ({said}).", "Look again and decide anew.")
    if isinstance(error, errors.RaiseException):
        return Refused(said)
    if isinstance(error, errors.DiskFull):
        return Unavailable("The disk of the database is full; nothing of this was stored.", "Free space there.")
    if isinstance(error, (errors.LockNotAvailable, errors.QueryCanceled)):
        return Unavailable("The database is locked by another process.", "Try again.")
    if isinstance(error, errors.ReadOnlySqlTransaction):
        return Unavailable("The database can't be written here.", "Connect to the primary server.")
    if isinstance(error, psycopg.IntegrityError):
        return Refused(f"The database refuses this ({said}).")
    if isinstance(error, (psycopg.DataError, errors.ProgramLimitExceeded)):
        return Invalid(f"The database can't hold this ({said}).", "Send less.")
    if isinstance(error, (psycopg.OperationalError, psycopg.InterfaceError)):
        return Unavailable(f"The database is out of reach ({said}).", "Check that PostgreSQL runs there.")
    return error


class _Pool:
    """At most ``size`` connections; idle ones are kept, broken ones are dropped."""

    def __init__(self, url: str, size: int, patience: timedelta) -> None:
        self._url = url
        self._size = size
        self._patience = patience
        self._slots = threading.Semaphore(size)
        self._lock = threading.Lock()
        self._idle: list[Connection] = []
        self.closed = False

    def begin(self, how: str, timeout: timedelta) -> Connection:
        """A connection inside a new transaction. An idle one whose server went away meanwhile is replaced unseen."""
        if not self._slots.acquire(timeout=timeout.total_seconds()):
            raise Unavailable("Every connection to the database is in use; nothing was stored.", "Try again.")
        try:
            while (connection := self._take()) is not None:
                try:
                    connection.execute(how.encode(), prepare=False)
                except psycopg.Error:
                    connection.close()
                else:
                    return connection
            return self._fresh(how)
        except BaseException:
            self._slots.release()
            raise

    def give_back(self, connection: Connection) -> None:
        """Keep it for the next one if it is sound."""
        with self._lock:
            idle = connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
            keep = not self.closed and not connection.closed and idle
            if keep:
                self._idle.append(connection)
        if not keep:
            connection.close()
        self._slots.release()

    def close(self) -> None:
        """Wait for those in use, then close all."""
        with self._lock:
            if self.closed:
                return
            self.closed = True
        for _ in range(self._size):
            self._slots.acquire()
        while self._idle:
            self._idle.pop().close()
        self._slots.release(self._size)

    def _take(self) -> Connection | None:
        with self._lock:
            if self.closed:
                raise Unavailable("The database is closed, because Tocsin is stopping.", "Try again in a moment.")
            return self._idle.pop() if self._idle else None

    def _fresh(self, how: str) -> Connection:
        wait = max(2, round(self._patience.total_seconds()))
        try:
            connection: Connection = psycopg.connect(
                self._url, autocommit=True, connect_timeout=wait, application_name="tocsin"
            )
        except psycopg.ProgrammingError:
            raise Invalid("The database's address can't be read.", _ADDRESS) from None  # it may hold a password
        except psycopg.Error as error:
            raise translated(error) from error
        try:
            connection.execute(f"SET lock_timeout = {round(LOCK_TIMEOUT.total_seconds() * 1000)}".encode())
            connection.execute(how.encode(), prepare=False)
        except psycopg.Error as error:
            connection.close()
            raise translated(error) from error
        return connection


_ADDRESS = "Write postgresql://user@host/database."


class PostgresDatabase:
    """One database that any number of nodes share. Close it when done."""

    dialect: Literal["sqlite", "postgres"] = "postgres"

    def __init__(self, url: str, patience: timedelta = PATIENCE) -> None:
        self._pool = _Pool(url, POOL, patience)
        self._pool.give_back(_ended(self._pool.begin("BEGIN", patience), "ROLLBACK"))

    def write(self, fn: Callable[[Tx], T], *, timeout: timedelta = TIMEOUT) -> T:
        """Run ``fn`` in one transaction and return after its commit; ``timeout`` bounds the wait for a connection."""
        for _ in range(TRIES):
            try:
                result, callbacks = self._once(fn, "BEGIN ISOLATION LEVEL READ COMMITTED", "COMMIT", timeout)
            except _AGAIN:
                continue
            after(callbacks)
            return result
        raise Unavailable("Others keep changing the same rows; nothing was stored.", "Try again.")

    def read(self, fn: Callable[[Tx], T]) -> T:
        """Run ``fn`` over one snapshot; it can't write."""
        return self._once(fn, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", "ROLLBACK", TIMEOUT)[0]

    def close(self) -> None:
        """Wait for what is under way, then close every connection. Calling it again does nothing."""
        self._pool.close()

    def _once(
        self, fn: Callable[[Tx], T], begin: str, end: str, timeout: timedelta
    ) -> tuple[T, list[Callable[[], None]]]:
        connection = self._pool.begin(begin, timeout)
        try:
            tx = PostgresTx(connection)
            result = tx.perform(fn)
            _ended(connection, end)
        except BaseException:
            _roll_back(connection)
            raise
        finally:
            self._pool.give_back(connection)
        return result, tx.callbacks


def _ended(connection: Connection, how: str) -> Connection:
    try:
        connection.execute(how.encode(), prepare=False)
    except _AGAIN:
        raise
    except psycopg.Error as error:
        raise translated(error) from error
    return connection


def _roll_back(connection: Connection) -> None:
    try:
        connection.execute(b"ROLLBACK", prepare=False)
    except psycopg.Error:
        connection.close()  # the server rolls back what a closed connection left open
