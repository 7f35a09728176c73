"""One statement on PostgreSQL. Proved reads get a session that can't write; approved ones run once, as their bytes.

A read-only transaction alone proves nothing (a superuser may still write files or end sessions from it), so it stands
behind the verdict on the text. Sources: postgresql.org/docs/current, "SET TRANSACTION", "Client Connection Defaults".
"""

from __future__ import annotations

import contextlib
import select
import time
from datetime import timedelta
from typing import TYPE_CHECKING

from tocsin.core.run import Outcome
from tocsin.errors import Unavailable, Unrunnable
from tocsin.plug.querying import TICK, Querying, Result

if TYPE_CHECKING:
    import psycopg
    from psycopg.pq.abc import PGconn, PGresult

LONGEST_CONNECT = timedelta(seconds=10)
GRACE = 5.0
_NUMBERS = frozenset({20, 21, 23, 26, 700, 701, 790, 1700})
_CANCELLED = b"57014"


def run(querying: Querying, url: str, most: int, lock_timeout: timedelta, *, superuser: bool) -> Outcome:
    """Run the job's statement to its end. Raises `Unrunnable` only where it was certainly not sent."""
    with contextlib.closing(_connect(querying, url)) as connection:
        connection.add_notice_handler(lambda told: querying.say(f"{told.severity}:  {told.message_primary}\n"))
        if querying.job.proved:
            _make_read_only(connection, querying.job.timeout, lock_timeout, superuser=superuser)
        if querying.due:
            return querying.ended(why=querying.due)
        try:
            return _Statement(querying, connection.pgconn, most).run()
        except _Impossible as error:
            return querying.ended(str(error))
        except Exception as error:
            if not querying.job.proved:
                raise  # nobody knows whether it had its effect
            return querying.ended(" ".join(str(error).split()) or type(error).__name__)


class _Impossible(Exception):
    """The statement wants to talk with us; closing the connection undoes what it had begun."""


def _connect(querying: Querying, url: str) -> psycopg.Connection[tuple[object, ...]]:
    try:
        import psycopg
    except ImportError:
        raise Unrunnable("psycopg is not installed.", "Install tocsin[postgres].") from None
    seconds = max(1, int(min(LONGEST_CONNECT, querying.job.timeout).total_seconds()))
    try:
        return psycopg.connect(url, autocommit=True, connect_timeout=seconds, application_name="tocsin")
    except psycopg.Error as error:
        said = " ".join(str(error).split())
        raise Unrunnable(f"The database can't be reached: {said}.", "Check the target's url.") from None


def _make_read_only(
    connection: psycopg.Connection[tuple[object, ...]], limit: timedelta, lock_timeout: timedelta, *, superuser: bool
) -> None:
    """The second wall. The first query in it also keeps the statement from turning it into one that writes."""
    import psycopg

    own = max(1, int(limit / timedelta(milliseconds=1) * 0.9))
    locks = max(1, int(min(lock_timeout, limit) / timedelta(milliseconds=1)))
    try:
        connection.execute("begin transaction read only")
        for name, value in (
            ("statement_timeout", own), ("lock_timeout", locks), ("idle_in_transaction_session_timeout", own),
        ):  # fmt: skip
            connection.execute("select set_config(%s, %s, true)", (name, str(value)))
        found = connection.execute("select current_setting('is_superuser'), current_user").fetchone()
    except psycopg.Error as error:
        raise Unrunnable(f"No read-only session could be had: {' '.join(str(error).split())}.") from None
    if found is not None and found[0] == "on" and not superuser:
        raise Unrunnable(
            f"{found[1]} is a superuser, whom a read-only session does not stop.",
            "Give the target a role without that right, or say superuser = true.",
        )


class _Statement:
    """One statement, sent; its results are taken row by row, so that a large one needs no room."""

    def __init__(self, querying: Querying, connection: PGconn, most: int) -> None:
        self._querying, self._connection, self._most = querying, connection, most
        self._poller = select.poll()
        self._poller.register(connection.socket, select.POLLIN)
        self._result: Result | None = None
        self._cancelled_at = 0.0
        self._why: str = ""

    def run(self) -> Outcome:
        """Send it, show what comes, say how it ended. A connection that breaks meanwhile raises."""
        self._connection.send_query(self._querying.job.command.encode())
        self._connection.set_single_row_mode()
        fault = ""
        while (result := self._next()) is not None:
            fault = self._take(result) or fault
        if self._why in ("cancel", "limit") and fault:
            return self._querying.ended(why="cancel" if self._why == "cancel" else "limit")
        return self._querying.ended("" if self._why == "enough" else fault)

    def _next(self) -> PGresult | None:
        while self._connection.is_busy():
            if self._poller.poll(TICK * 1000):
                self._connection.consume_input()
            self._end_if_due()
        return self._connection.get_result()

    def _end_if_due(self) -> None:
        if not self._why and self._querying.due:
            self._cancel(self._querying.due)
        if self._cancelled_at and time.monotonic() - self._cancelled_at > GRACE:
            raise Unavailable("The database was asked to stop and did not say what became of the statement.")

    def _cancel(self, why: str) -> None:
        self._why, self._cancelled_at = why, time.monotonic()
        with contextlib.suppress(Exception):  # it may be gone; then the wait ends by itself
            self._connection.get_cancel().cancel()

    def _take(self, result: PGresult) -> str:
        """Show one piece; the sentence of the database where it is a fault."""
        from psycopg.pq import DiagnosticField, ExecStatus

        status = ExecStatus(result.status)
        if status in (ExecStatus.SINGLE_TUPLE, ExecStatus.TUPLES_OK):
            self._add(result)
            if status == ExecStatus.TUPLES_OK:
                self._finish_result()
            return ""
        if status == ExecStatus.COMMAND_OK:
            self._querying.say(f"{(result.command_status or b'').decode()}\n")
            return ""
        if status in (ExecStatus.COPY_IN, ExecStatus.COPY_OUT, ExecStatus.COPY_BOTH):
            raise _Impossible("COPY would read from or write to this program, which it can't.")
        self._finish_result()
        stopped = result.error_field(DiagnosticField.SQLSTATE) == _CANCELLED
        if not (stopped and self._why):
            self._querying.say(result.error_message.decode("utf-8", "replace"))
        said = (result.error_field(DiagnosticField.MESSAGE_PRIMARY) or result.error_message).decode("utf-8", "replace")
        return " ".join(said.split()) or "The database failed and did not say why."

    def _add(self, result: PGresult) -> None:
        columns = range(result.nfields)
        if self._result is None:
            names = [(result.fname(at) or b"").decode("utf-8", "replace") for at in columns]
            numeric = [result.ftype(at) in _NUMBERS for at in columns]
            self._result = Result(names, numeric, self._most)
        for line in range(result.ntuples):
            values = [result.get_value(line, at) for at in columns]
            row = [None if value is None else value.decode("utf-8", "replace") for value in values]
            if not self._result.add(row) and self._querying.job.proved and not self._why:
                self._result.cut = True
                self._cancel("enough")

    def _finish_result(self) -> None:
        if self._result is not None:
            self._querying.show(self._result)
            self._result = None
