"""Runs statements of SQL on a database: PostgreSQL, or a SQLite file."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, ClassVar
from urllib.parse import unquote, urlsplit

from tocsin.core.run import Outcome
from tocsin.errors import Invalid, Unrunnable
from tocsin.plug import postgresql, sqlitefile
from tocsin.plug.kinds import Emit, Example, Job, Secret
from tocsin.plug.querying import Querying

EXAMPLES = (
    Example(settings={"url": "postgresql://reader:not-a-real-one@db.example.org/orders"}),
    Example(settings={"url": "sqlite:////var/lib/bakery/orders.db", "rows": 50}),
)
_FILE = "sqlite://"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sql:
    """Runs statements of SQL on a database of its own, without psql.

    A proved read runs in a read-only transaction with time limits, and never as a superuser unless that is allowed
    here; an approved statement runs once, outside of any transaction, exactly as it was approved. Results are printed
    as psql prints them.
    """

    url: Annotated[Secret, "postgresql://… (needs tocsin[postgres]), or sqlite:///FILE; best `env:NAME`"]
    superuser: Annotated[bool, "Whether proved reads may run as a superuser, whom a read-only session can't stop"] = (
        False
    )
    lock_timeout: Annotated[timedelta, "How long a proved read waits for a lock"] = timedelta(seconds=3)
    rows: Annotated[int, "How many rows of a result are shown"] = 1000
    takes: ClassVar[frozenset[str]] = frozenset({"sql"})

    def __post_init__(self) -> None:
        """Refuse what is no address before an incident does."""
        if not self.url.value.startswith((_FILE, "postgresql://", "postgres://")):
            raise Invalid("The url of a database begins with postgresql:// or sqlite:///.")
        if self.rows < 1:
            raise Invalid("rows must be 1 or more.")

    @property
    def whereabouts(self) -> Mapping[str, str]:
        """The database without its password."""
        if self.url.value.startswith(_FILE):
            return {"file": self.url.value.removeprefix(_FILE)}
        parts = urlsplit(self.url.value)
        query = f"?{parts.query}" if parts.query and "password" not in parts.query.lower() else ""
        hosts = parts.netloc.rpartition("@")[2]
        return {
            "host": hosts or "the local socket",
            "database": unquote(parts.path.lstrip("/")) + query,
            "user": unquote(parts.username or ""),
        }

    def run(self, job: Job, emit: Emit, cancel: threading.Event) -> Outcome:
        """Run to the end, the time limit or ``cancel``; raises `Unrunnable` where certainly nothing was sent."""
        if job.kind != "sql":
            raise Unrunnable(f"A step of kind {job.kind!r} is not a statement of SQL.", "Give it another target.")
        querying = Querying(job, emit, cancel)
        if querying.due:
            return querying.ended(why=querying.due)
        if self.url.value.startswith(_FILE):
            return sqlitefile.run(querying, Path(self.url.value.removeprefix(_FILE)), self.rows)
        return postgresql.run(querying, self.url.value, self.rows, self.lock_timeout, superuser=self.superuser)
