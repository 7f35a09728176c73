"""Opening the application: database, settings, runbooks, executor."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from tocsin.app import App
from tocsin.errors import Invalid
from tocsin.plug import registry
from tocsin.plug.kinds import Executor
from tocsin.service.books import read_book
from tocsin.settings import read_settings
from tocsin.store.db import open_database
from tocsin.store.migrate import migrate
from tocsin.times import Clock, SystemClock


def open_app(
    *,
    runbooks: Sequence[Path],
    config: Path | None,
    database: str,
    environ: Mapping[str, str] | None = None,
    clock: Clock | None = None,
) -> App:
    """Open everything that the use cases need. Whatever is wrong is said before the database is touched."""
    environ = dict(os.environ) if environ is None else environ
    clock = clock or SystemClock()
    settings = read_settings(config, environ)
    read = [read_book(path) for path in runbooks]
    titles = [book.title for book, _ in read]
    twice = next((title for title in titles if titles.count(title) > 1), None)
    if twice is not None:
        raise Invalid(f"Two runbooks have the title {twice!r}.", "Rename one, so that incidents can name theirs.")
    executor = registry.discover("tocsin.executors", Executor)["local"]()
    db = open_database(database)
    try:
        migrate(db, clock.now())
    except BaseException:
        db.close()
        raise
    return App(
        settings=settings,
        db=db,
        executor=executor,
        books=tuple(book for book, _ in read),
        raw={book.digest: raw for book, raw in read},
        clock=clock,
        environ=environ,
    )
