"""Forward-only, numbered schema changes. Each is one transaction together with its record in ``migrations``.

``NNNN_name.sql`` is for both databases; ``NNNN_name.sqlite.sql`` and ``NNNN_name.postgres.sql`` hold what only one of
them understands and run right after it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from tocsin.errors import Refused
from tocsin.store.db import Database, Tx

FOLDER = Path(__file__).parent / "migrations"

_RECORDS = "create table if not exists migrations (version bigint primary key, name text not null, at bigint not null)"
_NEWEST = "select max(version) as newest from migrations"
_DONE = "select version from migrations where version = :version"
_RECORD = "insert into migrations (version, name, at) values (:version, :name, :at)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """One step of the schema's history: its number, its name, its SQL for each database."""

    version: int
    name: str
    scripts: tuple[str, ...]


def known(dialect: str, folder: Path = FOLDER) -> list[Migration]:
    """Every migration of this program for one database, in order."""
    found: list[Migration] = []
    for file in sorted(folder.glob("[0-9][0-9][0-9][0-9]_*.sql")):
        number, _, name = file.stem.partition("_")
        if "." in name:
            continue
        parts = (file, file.with_suffix(f".{dialect}.sql"))
        scripts = tuple(part.read_text(encoding="utf-8") for part in parts if part.exists())
        found.append(Migration(version=int(number), name=name, scripts=scripts))
    return found


def migrate(db: Database, now: datetime, folder: Path = FOLDER) -> list[str]:
    """Bring the schema up to this program's; returns the names of the steps taken, none where it was up to date.

    Raises `Refused` for a database that a newer Tocsin has written. Several nodes may do this at once.
    """
    steps = known(db.dialect, folder)
    newest = steps[-1].version if steps else 0
    return [step.name for step in steps if db.write(partial(_apply, step=step, newest=newest, now=now))]


def _apply(tx: Tx, step: Migration, newest: int, now: datetime) -> bool:
    tx.alone("migrations")
    tx.script(_RECORDS)
    found = tx.one(_NEWEST)
    if found is not None and found["newest"] is not None and found["newest"] > newest:
        raise Refused(
            f"The database was written by a newer Tocsin (schema {found['newest']}; this program knows {newest}).",
            "Install that release here, or name another database.",
        )
    if tx.one(_DONE, version=step.version) is not None:
        return False
    for script in step.scripts:
        tx.script(script)
    tx.execute(_RECORD, version=step.version, name=step.name, at=now)
    return True
