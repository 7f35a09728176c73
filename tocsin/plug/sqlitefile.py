"""One statement on a SQLite file. Proved reads open it read-only; approved ones run once, as their bytes.

Sources: sqlite.org/uri.html (``mode=ro``), sqlite.org/pragma.html#pragma_query_only.
"""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

from tocsin.core.run import Outcome
from tocsin.errors import Unrunnable
from tocsin.plug.querying import Querying, Result

_STEPS = 2_000
"""Instructions of SQLite's machine between two looks at the clock."""
_WAIT = 3.0


def run(querying: Querying, file: Path, most: int) -> Outcome:
    """Run the job's statement to its end. Raises `Unrunnable` only where certainly nothing was changed."""
    proved = querying.job.proved
    try:
        uri = f"{file.absolute().as_uri()}?mode={'ro' if proved else 'rw'}"
        connection = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=_WAIT)
    except sqlite3.Error as error:
        raise Unrunnable(f"{file} can't be opened: {error}.", "Check the target's url.") from None
    with contextlib.closing(connection):
        if proved:
            connection.execute("pragma query_only = on")
        connection.set_progress_handler(lambda: int(bool(querying.due)), _STEPS)
        try:
            _show(querying, connection.execute(querying.job.command), most)
        except (sqlite3.ProgrammingError, sqlite3.Warning) as error:
            raise Unrunnable(f"The statement can't be started: {error}", "Write one statement.") from None
        except sqlite3.Error as error:
            why = querying.due
            if not why:
                querying.say(f"ERROR:  {error}\n")
            return querying.ended(str(error), why)
    return querying.ended()


def _show(querying: Querying, cursor: sqlite3.Cursor, most: int) -> None:
    if cursor.description is None:
        querying.say(f"{max(cursor.rowcount, 0)} rows changed\n")
        return
    first = cursor.fetchone()
    names = [column[0] for column in cursor.description]
    result = Result(names, [isinstance(value, int | float) for value in first or names], most)
    while first is not None:
        if not result.add([_text(value) for value in first]) and querying.job.proved:
            result.cut = True
            break
        first = cursor.fetchone()
    querying.show(result)


def _text(value: object) -> str | None:
    if isinstance(value, bytes):
        return f"x'{value.hex()}'"
    return None if value is None else str(value)
