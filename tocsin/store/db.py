"""The door to the database: only here (and in `sqlite`, `postgres`, `tx` behind it, and `search`) it is known which."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Literal, Protocol, TypeVar

from tocsin.errors import Invalid, TocsinError
from tocsin.store.sqlite import SqliteDatabase
from tocsin.store.tx import EVERYTHING, PATIENCE, TIMEOUT, Row, Tx

__all__ = ["EVERYTHING", "Database", "Row", "Tx", "file_of", "naming", "open_database"]

T = TypeVar("T")
_POSTGRES = ("postgresql://", "postgres://")
_HOW = "Write sqlite:///path/to/tocsin.db or postgresql://user@host/database."


class Database(Protocol):
    """What keeps everything. Both databases promise the same."""

    dialect: Literal["sqlite", "postgres"]

    def write(self, fn: Callable[[Tx], T], *, timeout: timedelta = TIMEOUT) -> T:
        """Run ``fn`` in one transaction; returned means stored. Raises `Unavailable` where we can't take it now.

        ``fn`` may be run again (PostgreSQL, after a deadlock), so it must do nothing but use its transaction.
        """

    def read(self, fn: Callable[[Tx], T]) -> T:
        """Run ``fn`` over one consistent snapshot; it can't write."""

    def close(self) -> None:
        """Finish what was taken, then let go."""


def open_database(url: str, *, patience: timedelta = PATIENCE) -> Database:
    """Open ``sqlite:///abs/path.db``, a plain path, or ``postgresql://…``; ``patience`` bounds the wait for a lock.

    Raises `Invalid` for an address that can't be one, `Unavailable` where the database does not answer.
    """
    if url.startswith(_POSTGRES):
        return _open_postgres(url, patience)
    path = file_of(url)
    if path is None:
        raise Invalid("The database's address is of no kind we know.", _HOW)
    if not path.parent.is_dir():
        raise Invalid(f"The folder {path.parent} for the database does not exist.", "Make it, or name another.")
    return SqliteDatabase(path, patience)


def file_of(url: str) -> Path | None:
    """The file of a SQLite address; None for PostgreSQL. Its lock for `hold` lies beside it."""
    if url.startswith(_POSTGRES):
        return None
    text = url.removeprefix("sqlite://")
    if not text.strip() or "://" in text or ":memory:" in text or "\0" in text or text.startswith("file:"):
        raise Invalid("The database's address names no file.", _HOW)
    path = Path("/" + text.lstrip("/") if text.startswith("/") else text)
    if path.is_dir():
        raise Invalid(f"{path} is a folder, not a database file.", _HOW)
    return path.absolute()


@contextmanager
def naming(url: str) -> Iterator[None]:
    """A fault within names the SQLite file that it is about; an address may hold a password and is never repeated."""
    file = file_of(url)
    try:
        yield
    except TocsinError as error:
        if file is not None and str(file) not in error.message:
            error.message = f"{file}: {error.message}"
        raise


def _open_postgres(url: str, patience: timedelta) -> Database:
    try:
        from tocsin.store.postgres import PostgresDatabase
    except ImportError:
        raise Invalid("PostgreSQL needs the psycopg library.", "Run: pip install 'tocsin[postgres]'") from None
    return PostgresDatabase(url, patience)
