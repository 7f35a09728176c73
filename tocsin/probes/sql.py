"""Reads one number from a database: PostgreSQL, or a SQLite file."""

from __future__ import annotations

import contextlib
import math
import sqlite3
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from tocsin.errors import Unread
from tocsin.plug.addresses import check_networks
from tocsin.plug.kinds import Example, Reading, Secret

EXAMPLES = (
    Example(
        settings={
            "url": "postgresql://reader:not-a-real-one@db.example.org/orders",
            "query": "select count(*) from orders where state = 'baking' and begun_at < now() - interval '5 minutes'",
        }
    ),
    Example(
        settings={
            "url": "sqlite:////var/lib/bakery/orders.db",
            "query": "select id, begun_at from orders where state = 'baking'",
            "measure": "rows",
        }
    ),
)

_FILE = "sqlite://"
_STEPS = 2_000
_MOST_ROWS = 1_000_000
_SHOWN_ROWS = 5
_Rows = tuple[int, list[Sequence[Any]]]
"""How many rows there were, and the first of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sql:
    """The number that a query yields in the first column of its only row, or how many rows it yields.

    Further columns, or the first rows, are shown beside the number: which jobs are stuck, not only how many.
    The query must be proved to read, and runs in a read-only transaction with a time limit; never as a superuser,
    whom such a transaction can't stop, unless that is allowed here.
    """

    url: Annotated[Secret, "postgresql://… (needs tocsin[postgres]), or sqlite:///FILE; best `env:NAME`"]
    query: Annotated[str, "One statement that only reads"]
    measure: Annotated[Literal["value", "rows"], "The number in the first row, or how many rows there are"] = "value"
    scale: Annotated[float, "What the value is multiplied by"] = 1.0
    superuser: Annotated[bool, "Whether the role may be a superuser"] = False
    allow: Annotated[bool | tuple[str, ...], "Whether private addresses may be asked, or which networks"] = True

    def __post_init__(self) -> None:
        from tocsin.safety.verdict import classify

        check_networks(() if isinstance(self.allow, bool) else self.allow)
        if not self.url.value.startswith((_FILE, "postgresql://", "postgres://")):
            raise ValueError("The url of a database begins with postgresql:// or sqlite:///.")
        if self.url.value.startswith(_FILE):  # its functions are its own, and a file opened for reading stays as it is
            if (self.query.split(None, 1) or [""])[0].lower() not in ("select", "with", "values"):
                raise ValueError("the query of a SQLite file begins with select or with.")
            return
        verdict = classify("sql", self.query)
        if verdict.word != "read":
            raise ValueError(f"the query is not proved to read: {verdict.why}")

    def read(self, now: datetime, timeout: timedelta) -> Reading:
        """The number; raises `Unread` for none, for NULL, for several, and for every fault of the database."""
        try:
            count, rows = self._file(timeout) if self.url.value.startswith(_FILE) else self._server(timeout)
        except sqlite3.Error as error:
            raise Unread(f"The database says: {error}.") from None
        if self.measure == "rows":
            shown = "; ".join(", ".join(str(value) for value in row) for row in rows)
            return Reading(value=float(count), at=now, detail=shown[:300])
        if not count:
            raise Unread("no data: the query yields no row.")
        if count > 1:
            raise Unread(f"The query yields {count} rows, not one.", 'Ask for one number, or say measure = "rows".')
        first, *others = rows[0]
        detail = ", ".join(str(value) for value in others if value is not None)
        return Reading(value=_number(first) * self.scale, at=now, detail=detail[:300])

    def _file(self, timeout: timedelta) -> _Rows:
        until = time.monotonic() + timeout.total_seconds()
        file = Path(self.url.value.removeprefix(_FILE))
        if not file.exists():
            raise Unread(f"There is no file {file}, which is what stands behind sqlite://.", "Write the whole path.")
        uri = f"{file.absolute().as_uri()}?mode=ro"
        with contextlib.closing(sqlite3.connect(uri, uri=True, timeout=timeout.total_seconds())) as connection:
            connection.execute("pragma query_only = on")
            connection.set_progress_handler(lambda: int(time.monotonic() > until), _STEPS)
            return _taken(connection.execute(self.query))

    def _server(self, timeout: timedelta) -> _Rows:
        try:
            import psycopg
        except ImportError:
            raise Unread("psycopg is not installed.", "Install tocsin[postgres].") from None
        try:
            with contextlib.closing(self._connected(timeout)) as connection:
                if connection.info.parameter_status("is_superuser") == "on" and not self.superuser:
                    hint = "Give the signal a role without that right, or say superuser = true."
                    raise Unread("The role is a superuser, whom a read-only session does not stop.", hint)
                connection.read_only = True
                with connection.transaction(), connection.cursor() as cursor:
                    return _taken(cursor.execute(self.query.encode()))
        except psycopg.Error as error:
            raise Unread(f"The database says: {' '.join(str(error).split())}.") from None

    def _connected(self, timeout: timedelta) -> Any:
        """A connection to numbers that passed the guard, with every limit that the server and the network know."""
        import psycopg
        from psycopg.conninfo import conninfo_to_dict

        milliseconds = max(1, int(timeout / timedelta(milliseconds=1)))
        found = conninfo_to_dict(self.url.value)
        if found.get("service"):
            raise Unread("The url names a service file, which could lead anywhere.", "Write the address itself.")
        hosts = str(found.get("hostaddr") or found.get("host") or "")
        limits = {"statement_timeout": milliseconds, "lock_timeout": milliseconds // 2 + 1}
        options = " ".join(f"-c {name}={value}" for name, value in limits.items())
        given: dict[str, Any] = {
            "application_name": "tocsin",
            **found,
            **_numbers(hosts, self.allow),
            "options": f"{found.get('options') or ''} -c default_transaction_read_only=on {options}".strip(),
            "tcp_user_timeout": milliseconds,
            "connect_timeout": max(2, milliseconds // 1000),
        }
        return psycopg.connect(**given)


def _numbers(hosts: str, allow: bool | tuple[str, ...]) -> dict[str, str]:
    """The parameter ``hostaddr`` for hosts over the network: libpq connects there and resolves nothing itself."""
    from tocsin.plug.reaching import Forbidden, Unreachable, resolved

    names = [name for name in hosts.split(",") if name]
    if not names or any(name.startswith(("/", "@")) for name in names):
        return {}
    try:
        return {"hostaddr": ",".join(resolved(name, 5432, allow)[0] for name in names)}
    except (Forbidden, Unreachable) as error:
        raise Unread(error.message, error.hint) from None


def _taken(cursor: Any) -> _Rows:
    """Rows are counted one by one, so that a large result needs no room here."""
    kept: list[Sequence[Any]] = []
    count = 0
    for row in cursor:
        count += 1
        if len(kept) < _SHOWN_ROWS:
            kept.append(row)
        if count >= _MOST_ROWS:
            break
    return count, kept


def _number(value: Any) -> float:
    if value is None:
        raise Unread("no data: the query yields NULL.")
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise Unread(f"The query yields {str(value)[:60]!r}, which is no number.") from None
    if not math.isfinite(number):
        raise Unread(f"no data: the query yields {number}.")
    return number
