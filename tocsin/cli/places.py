"""Where the database is, for the commands that open it themselves."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click

from tocsin.errors import Invalid, NotFound
from tocsin.store.db import Database, file_of, naming, open_database
from tocsin.store.hold import hold
from tocsin.store.migrate import migrate
from tocsin.times import SystemClock

T = TypeVar("T")

DEFAULT_DATA = Path("tocsin-data")
FILE = "tocsin.db"
CONFIG = "tocsin.toml"

data_option = click.option(
    "--data", type=click.Path(path_type=Path), envvar="TOCSIN_DATA", default=DEFAULT_DATA, show_default=True,
    help="The folder of the SQLite database (or TOCSIN_DATA).",
)  # fmt: skip
database_option = click.option(
    "--database", envvar="TOCSIN_DATABASE", default="",
    help="A database instead: postgresql://… or sqlite:///… (or TOCSIN_DATABASE).",
)  # fmt: skip


def database(function: Callable[..., T]) -> Callable[..., T]:
    """Give a command ``--data`` and ``--database``, and the address that they lead to as its first argument."""

    @data_option
    @database_option
    @functools.wraps(function)
    def wrapped(*arguments: Any, data: Path, database: str, **options: Any) -> T:
        return function(address(data, database), *arguments, **options)

    return wrapped


def address(data: Path, database: str) -> str:
    """The database's address: the one that was given, else the file in the data folder."""
    return database or str(data.absolute() / FILE)


def made(folder: Path) -> Path:
    """The folder, made where it is not there; only its owner can look into a new one."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except FileExistsError:
        raise Invalid(f"{folder} is a file.", "Name a folder with --data.") from None
    except OSError as error:
        raise Invalid(f"The folder {folder} can't be made ({error.strerror}).", "Name another with --data.") from None
    return folder


def config_of(config: Path | None, runbooks: tuple[Path, ...]) -> Path | None:
    """The configuration: the one that was named, else ``tocsin.toml`` beside the first runbook, if there is one."""
    if config is not None or not runbooks:
        return config
    beside = runbooks[0].parent / CONFIG
    return beside if beside.exists() else None


@contextmanager
def opened(url: str) -> Iterator[Database]:
    """An existing database with the present schema. Raises `NotFound` rather than make an empty one."""
    file = file_of(url)
    if file is not None and not file.exists():
        raise NotFound(f"There is no database {file}.", "Name its folder with --data, or begin one with `tocsin up`.")
    with naming(url):
        db = open_database(url)
        try:
            migrate(db, SystemClock().now())
        except BaseException:
            db.close()
            raise
    try:
        yield db
    finally:
        db.close()


@contextmanager
def held(url: str) -> Iterator[None]:
    """Nobody else runs Tocsin on this SQLite file meanwhile. PostgreSQL is made for many and needs no such lock."""
    file = file_of(url)
    if file is None:
        yield
        return
    with hold(file.with_name(f"{file.name}.lock")):
        yield
