"""One transaction: one SQL text for both databases, named parameters, rows by name or place.

SQL is written in PostgreSQL's words with ``:name`` parameters. ``for update`` and ``for update skip locked`` are left
out for SQLite, whose single writer needs neither.
"""

from __future__ import annotations

import logging
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, ClassVar, Literal, Protocol, TypeVar

from tocsin.errors import Invalid
from tocsin.times import from_micros, to_micros

T = TypeVar("T")
Params = Mapping[str, object]
LARGEST_INTEGER = 2**63 - 1
EVERYTHING = 2**62
"""A limit that limits nothing; both databases take it, unlike null."""
PATIENCE = timedelta(seconds=5)
"""How long a database that is locked or does not answer is waited for."""
TIMEOUT = timedelta(seconds=30)
"""How long a write waits for its turn."""

log = logging.getLogger("tocsin.store")

_TOKEN = re.compile(
    r"""'(?:[^']|'')*' | "(?:[^"]|"")*" | --[^\n]* | /\*.*?\*/ | ::
    | :(?P<name>[A-Za-z_]\w*) | (?P<percent>%) | (?P<lock>\bfor\s+update(?:\s+skip\s+locked)?\b)""",
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)


@lru_cache(maxsize=1024)
def for_postgres(sql: str) -> str:
    """``:name`` → ``%(name)s`` and ``%`` → ``%%``; casts, comments, literals and quoted names keep their text."""
    return _TOKEN.sub(_psycopg_token, sql)


@lru_cache(maxsize=1024)
def for_sqlite(sql: str) -> str:
    """The text without row locks."""
    return _TOKEN.sub(lambda part: "" if part["lock"] else part[0], sql)


def _psycopg_token(part: re.Match[str]) -> str:
    if part["name"]:
        return f"%({part['name']})s"
    return part[0].replace("%", "%%")


def bind(params: Params) -> dict[str, object]:
    """Values as both databases store them: moments in microseconds, truth as 0 or 1.

    Raises `Invalid` for text that one of the two could not give back: a NUL character or half a surrogate pair.
    """
    return {name: _bound(name, value) for name, value in params.items()}


def _bound(name: str, value: object) -> object:
    if isinstance(value, str):
        if "\0" in value:
            raise Invalid(f"The {name} holds a NUL character, which can't be stored.", "Leave it out.")
        if not value.isascii():
            _refuse_half_pairs(name, value)
        return value
    if isinstance(value, datetime):
        return to_micros(value)
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int) and not -LARGEST_INTEGER <= value <= LARGEST_INTEGER:
        raise Invalid(f"The {name} is larger than a database's integer.", "Use a smaller number.")
    return value


def _refuse_half_pairs(name: str, value: str) -> None:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise Invalid(f"The {name} holds half of a surrogate pair, which can't be stored.", "Send UTF-8.") from None


class Row:
    """One row of a result: ``row["title"]`` or ``row[0]``."""

    __slots__ = ("_places", "_values")

    def __init__(self, places: Mapping[str, int], values: tuple[Any, ...]) -> None:
        self._places = places
        self._values = values

    def __getitem__(self, key: str | int) -> Any:
        return self._values[key if isinstance(key, int) else self._places[key]]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def keys(self) -> tuple[str, ...]:
        """The columns' names; with this, ``dict(row)`` works."""
        return tuple(self._places)

    def time(self, key: str) -> datetime:
        """A column that always holds a moment."""
        return from_micros(self[key])

    def time_or_none(self, key: str) -> datetime | None:
        """A column that may hold a moment."""
        value = self[key]
        return None if value is None else from_micros(value)

    def __repr__(self) -> str:
        return f"Row({dict(zip(self._places, self._values, strict=True))!r})"


class Cursor(Protocol):
    """What sqlite3's and psycopg's cursors have in common."""

    @property
    def description(self) -> Any: ...
    @property
    def rowcount(self) -> int: ...
    def fetchone(self) -> Any: ...
    def fetchall(self) -> list[Any]: ...
    def close(self) -> None: ...


class Tx(ABC):
    """What a function that reads or writes the database is given.

    A statement that failed dooms the transaction, even where the function swallows the error: PostgreSQL would
    otherwise turn the commit into a silent rollback, and SQLite must not be kinder than that.
    """

    dialect: ClassVar[Literal["sqlite", "postgres"]]
    """Which of the two it is, for the few statements that have no common words (`tocsin.store.search`)."""

    def __init__(self) -> None:
        self.failed: Exception | None = None
        self.callbacks: list[Callable[[], None]] = []

    def perform(self, fn: Callable[[Tx], T]) -> T:
        """Run a function in here; raises what it raised, or the failure of a statement that it swallowed."""
        result = fn(self)
        if self.failed is not None:
            raise self.failed
        return result

    def execute(self, sql: str, /, **params: object) -> int:
        """Run a statement and return how many rows it changed."""
        cursor = self._run(sql, params)
        changed = cursor.rowcount
        cursor.close()
        return changed

    def one(self, sql: str, /, **params: object) -> Row | None:
        """The first row of the result; None where there is none."""
        cursor = self._run(sql, params)
        values, places = cursor.fetchone(), _places(cursor)
        cursor.close()
        return None if values is None else Row(places, values)

    def all(self, sql: str, /, **params: object) -> list[Row]:
        """Every row of the result."""
        cursor = self._run(sql, params)
        places = _places(cursor)
        rows = [Row(places, values) for values in cursor.fetchall()]
        cursor.close()
        return rows

    @abstractmethod
    def many(self, sql: str, rows: Iterable[Params], /) -> None:
        """Run one statement for each of the rows."""

    @abstractmethod
    def script(self, sql: str) -> None:
        """Run several statements without parameters (migrations)."""

    @abstractmethod
    def alone(self, name: str) -> None:
        """Wait until no other transaction is in a part of this name, and keep the others out until the commit."""

    def after_commit(self, callback: Callable[[], None]) -> None:
        """Call this when the commit is on disk, outside the transaction; never when it was rolled back."""
        self.callbacks.append(callback)

    @abstractmethod
    def _run(self, sql: str, params: Params) -> Cursor: ...


def _places(cursor: Cursor) -> dict[str, int]:
    return {column[0]: place for place, column in enumerate(cursor.description or ())}


def after(callbacks: Iterable[Callable[[], None]]) -> None:
    """Run what was to happen after the commit; a fault in one of them can't undo the commit, so it is only logged."""
    for callback in callbacks:
        try:
            callback()
        except Exception:
            log.exception("Something that was to happen after a commit failed.")
