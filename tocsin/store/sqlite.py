"""SQLite: one writer thread with group commit, and readers beside it that see a snapshot.

Functions that wait together share one ``BEGIN IMMEDIATE … COMMIT`` and so one fsync; each runs in a savepoint of its
own and is answered only after the commit. Source of the settings: sqlite.org/wal.html, sqlite.org/pragma.html.
"""

from __future__ import annotations

import os
import queue
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import suppress
from copy import copy
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any, Literal, TypeVar

from tocsin.errors import Conflict, Invalid, Refused, TocsinError, Unavailable
from tocsin.store.tx import PATIENCE, TIMEOUT, Cursor, Params, Tx, after, bind, for_sqlite

T = TypeVar("T")
LARGEST_GROUP = 64
LONGEST_GROUP = 0.05
IDLE_READERS = 8

_WRITER = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "recursive_triggers=ON",  # else INSERT OR REPLACE would delete past the timeline's triggers
    "trusted_schema=OFF",
    "journal_size_limit=67108864",  # bytes that the log keeps after a storm
)
_READER = ("query_only=ON", "trusted_schema=OFF")
_MOVED = ("The database's file was removed or replaced while Tocsin ran.", "Stop Tocsin, put the file back, start it.")


class SqliteTx(Tx):
    """A transaction on SQLite."""

    dialect = "sqlite"

    def __init__(self, connection: sqlite3.Connection) -> None:
        super().__init__()
        self._connection = connection

    def _run(self, sql: str, params: Params) -> Cursor:
        return self._guard(lambda: self._connection.execute(for_sqlite(sql), bind(params)))

    def many(self, sql: str, rows: Iterable[Params], /) -> None:
        """Run one statement for each of the rows."""
        self._guard(lambda: self._connection.executemany(for_sqlite(sql), [bind(row) for row in rows])).close()

    def script(self, sql: str) -> None:
        """Run several statements; sqlite3's own ``executescript`` would commit first."""
        for statement in _statements(sql):
            self._guard(partial(self._connection.execute, statement)).close()

    def alone(self, name: str) -> None:
        """Nothing to wait for: a transaction that writes is alone on SQLite."""

    def _guard(self, statement: Callable[[], sqlite3.Cursor]) -> Cursor:
        if self.failed is not None and not self._connection.in_transaction:
            raise self.failed  # SQLite has rolled back by itself; another statement would commit by itself
        try:
            return statement()
        except sqlite3.Error as error:
            self.failed = translated(error)
            raise self.failed from error


def _statements(sql: str) -> Iterator[str]:
    gathered = ""
    for line in sql.splitlines(keepends=True):
        gathered += line
        if sqlite3.complete_statement(gathered):
            yield gathered
            gathered = ""
    if gathered.strip():
        yield gathered


_SENTENCES = {
    sqlite3.SQLITE_FULL: ("The disk is full; nothing of this was stored.", "Free space where the database lies."),
    sqlite3.SQLITE_BUSY: ("The database is locked by another process.", "Stop the other process, or try again."),
    sqlite3.SQLITE_LOCKED: ("The database is locked by another reader.", "Try again."),
    sqlite3.SQLITE_READONLY: ("The database can't be written here.", "Check the owner and permissions of its file."),
    sqlite3.SQLITE_CANTOPEN: ("The database file can't be opened.", "Check that its folder exists and is writable."),
    sqlite3.SQLITE_CORRUPT: ("The database file is damaged.", "Restore it from a backup."),
    sqlite3.SQLITE_IOERR: ("The disk failed to read or write the database.", "Check the disk and its free space."),
}


def translated(error: sqlite3.Error) -> Exception:
    """sqlite3's error as a sentence of ours; an error in our own SQL stays what it is."""
    code = getattr(error, "sqlite_errorcode", 0)
    if code in (sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, sqlite3.SQLITE_CONSTRAINT_UNIQUE):
        return Conflict(f"This is stored already ({error}).", "Look again and decide anew.")
    if code == sqlite3.SQLITE_CONSTRAINT_TRIGGER:
        return Refused(f"{error}")
    if code & 0xFF == sqlite3.SQLITE_CONSTRAINT:
        return Refused(f"The database refuses this ({error}).")
    if code & 0xFF in (sqlite3.SQLITE_TOOBIG, sqlite3.SQLITE_MISMATCH):
        return Invalid(f"The database can't hold this ({error}).", "Send less.")
    if code & 0xFF == sqlite3.SQLITE_NOTADB:
        return Invalid("The database file is not a SQLite database.", "Restore it from a backup, or name another file.")
    if code & 0xFF in _SENTENCES:
        return Unavailable(*_SENTENCES[code & 0xFF])
    return error


@dataclass(slots=True)
class _Job:
    work: Callable[[Tx], Any]
    answer: Future[tuple[Any, list[Callable[[], None]]]]


class SqliteDatabase:
    """One file, one writer thread. Close it when done; everything that was taken is written first."""

    dialect: Literal["sqlite", "postgres"] = "sqlite"

    def __init__(self, path: Path, patience: timedelta = PATIENCE) -> None:
        self.path = path
        self._patience = patience.total_seconds()
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._gate = threading.Lock()
        self._closed = False
        self._idle: list[sqlite3.Connection] = []
        with suppress(FileExistsError, OSError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))  # -wal and -shm copy its permissions
        self._writer = self._connect(_WRITER)
        self._file = self._found()
        self._thread = threading.Thread(target=self._work, name="tocsin-writer", daemon=True)
        self._thread.start()

    def write(self, fn: Callable[[Tx], T], *, timeout: timedelta = TIMEOUT) -> T:
        """Run ``fn`` in one transaction and return after its commit is on disk.

        ``timeout`` bounds the wait for its turn; once it has begun it is waited for, so the answer is never "perhaps".
        """
        if threading.current_thread() is self._thread:
            raise RuntimeError("A write inside a write would wait for itself; pass the transaction on instead.")
        job = _Job(fn, Future())
        with self._gate:
            self._refuse_when_closed()
            self._jobs.put(job)
        try:
            result, callbacks = job.answer.result(timeout.total_seconds())
        except TimeoutError:
            if job.answer.cancel():
                raise Unavailable("The database is too busy; nothing was stored.", "Try again.") from None
            result, callbacks = job.answer.result()
        after(callbacks)
        return result  # type: ignore[no-any-return]

    def read(self, fn: Callable[[Tx], T]) -> T:
        """Run ``fn`` over one snapshot; it can't write."""
        connection = self._reader()
        try:
            connection.execute("BEGIN")
            return SqliteTx(connection).perform(fn)
        except sqlite3.Error as error:
            raise translated(error) from error
        finally:
            self._give_back(connection)

    def close(self) -> None:
        """Write what waits, then let go of the file. Calling it again does nothing."""
        with self._gate:
            if self._closed:
                return
            self._closed = True
            self._jobs.put(None)
        self._thread.join()
        with self._gate:
            while self._idle:
                self._idle.pop().close()
        self._writer.close()

    def _refuse_when_closed(self) -> None:
        if self._closed:
            raise Unavailable("The database is closed, because Tocsin is stopping.", "Try again in a moment.")

    def _found(self) -> tuple[int, int] | None:
        """Which file lies at the path now."""
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino

    def refuse_when_moved(self) -> None:
        """Raise `Unavailable` then: what is written to a file that has no name any more is lost at the end."""
        if self._found() != self._file:
            raise Unavailable(*_MOVED)

    def _connect(self, pragmas: tuple[str, ...]) -> sqlite3.Connection:
        connection = None
        try:
            connection = sqlite3.connect(
                f"{self.path.absolute().as_uri()}?mode=rw", uri=True, timeout=self._patience, isolation_level=None,
                check_same_thread=False, cached_statements=256,
            )  # fmt: skip
            for pragma in pragmas:
                connection.execute(f"PRAGMA {pragma}").close()
        except sqlite3.Error as error:
            if connection is not None:
                connection.close()
            raise translated(error) from error
        return connection

    def _reader(self) -> sqlite3.Connection:
        with self._gate:
            self._refuse_when_closed()
            self.refuse_when_moved()
            if self._idle:
                return self._idle.pop()
        return self._connect(_READER)

    def _give_back(self, connection: sqlite3.Connection) -> None:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        with self._gate:
            if not self._closed and len(self._idle) < IDLE_READERS:
                self._idle.append(connection)
                return
        connection.close()

    # --- the writer thread -----------------------------------------------------------------------------------------

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            self._group(job)

    def _group(self, first: _Job) -> None:
        done: list[tuple[_Job, Any, list[Callable[[], None]]]] = []
        try:
            self._writer.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            _fail([first, *self._waiting()], translated(error))
            return
        try:
            for job in self._together(first):
                if job.answer.set_running_or_notify_cancel():
                    done += self._one(job)
            self.refuse_when_moved()
            self._writer.execute("COMMIT")
        except Exception as error:  # noqa: BLE001 -- whatever it is, the callers wait for an answer
            if self._writer.in_transaction:
                self._writer.execute("ROLLBACK")
            reason = translated(error) if isinstance(error, sqlite3.Error) else error
            _fail([job for job, _, _ in done], reason)
            return
        for job, result, callbacks in done:
            job.answer.set_result((result, callbacks))

    def _one(self, job: _Job) -> list[tuple[_Job, Any, list[Callable[[], None]]]]:
        """Run one function in its savepoint. Raises only where the whole group is lost."""
        tx = SqliteTx(self._writer)
        try:
            self._writer.execute("SAVEPOINT one")
            result = tx.perform(job.work)
            self._writer.execute("RELEASE one")
        except BaseException as error:
            job.answer.set_exception(translated(error) if isinstance(error, sqlite3.Error) else error)
            if not self._writer.in_transaction:  # a full or broken disk makes SQLite give up the whole transaction
                raise _lost(tx.failed or error) from error
            self._writer.execute("ROLLBACK TO one")
            self._writer.execute("RELEASE one")
            return []
        return [(job, result, tx.callbacks)]

    def _together(self, first: _Job) -> Iterator[_Job]:
        yield first
        began, count = monotonic(), 1
        while count < LARGEST_GROUP and monotonic() - began < LONGEST_GROUP:
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                return
            if job is None:
                self._jobs.put(None)  # closing: this is the last group
                return
            count += 1
            yield job

    def _waiting(self) -> list[_Job]:
        """What queued up behind a lock that did not open has waited long enough as well."""
        found: list[_Job] = []
        while True:
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                return found
            if job is None:
                self._jobs.put(None)
                return found
            found.append(job)


def _fail(jobs: list[_Job], reason: BaseException) -> None:
    for job in jobs:
        if job.answer.running() or job.answer.set_running_or_notify_cancel():
            job.answer.set_exception(copy(reason))  # one each: a traceback belongs to one thread


def _lost(error: BaseException) -> TocsinError:
    if isinstance(error, Unavailable):
        return error
    return Unavailable(f"The database gave up the transaction ({error}); nothing of this was stored.", "Try again.")
