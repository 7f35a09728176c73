"""Opening the application: database, settings, runbooks, executor."""

from __future__ import annotations

import hashlib
import os
import socket
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from tocsin.app import App
from tocsin.core.runbook import Runbook
from tocsin.errors import Invalid
from tocsin.plug.files import read_regular
from tocsin.service import discretion, documents
from tocsin.service.books import read_book
from tocsin.service.placing import on_targets
from tocsin.settings import LARGEST_FILE, Settings, read_settings
from tocsin.settings.approvals import check_severities
from tocsin.settings.chats import check_severities as check_chats
from tocsin.settings.statuspage import check_bindings
from tocsin.settings.telling import check_rules
from tocsin.store.db import naming, open_database
from tocsin.store.migrate import migrate
from tocsin.store.refolding import refold
from tocsin.times import Clock, SystemClock

ONLY_NODE = "local"  # a SQLite file has one node, whose name survives its restarts


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
    settings = discretion.with_all_secrets(read_settings(config, environ), database, environ)
    discretion.watch_logs(settings)
    ground = on_targets(settings)
    read = [read_book(path, ground) for path in runbooks]
    _check_severities(settings, [book for book, _ in read])
    with naming(database):
        db = open_database(database)
        try:
            migrate(db, clock.now())
            refold(db, clock.now())
        except BaseException:
            db.close()
            raise
    return App(
        settings=settings,
        db=db,
        books=_named_apart([book for book, _ in read]),
        raw={book.digest: raw for book, raw in read},
        clock=clock,
        environ=environ,
        labels=frozenset(settings.labels),
        versions={
            **documents.versions([book for book, _ in read]),
            **{Path(book.source).name: book.digest for book, _ in read},
            **_version_of(config),
        },
        node=ONLY_NODE if db.dialect == "sqlite" else f"{socket.gethostname()}:{os.getpid()}",
    )


def _version_of(config: Path | None) -> dict[str, str]:
    if config is None:
        return {}
    return {config.name: f"sha256:{hashlib.sha256(read_regular(config, LARGEST_FILE)).hexdigest()}"}


def _check_severities(settings: Settings, books: Sequence[Runbook]) -> None:
    name, known = (
        settings.default_severity,
        list(dict.fromkeys(level.name for book in books for level in book.severities)),
    )
    if name and known and name not in known:
        raise Invalid(
            f"[defaults] severity: {name!r} is not a severity of any runbook.", f"Use one of: {', '.join(known)}."
        )
    if books and all(book.severities for book in books):  # without a scale, an incident's severity may be any word
        check_severities(settings.approvals, known)
        check_rules(settings.directory, known)
        check_chats(settings.chats, known)
    if books and settings.status is not None:
        scenarios = [word for book in books for each in book.scenarios for word in (each.title, each.id)]
        check_bindings(settings.status, scenarios, known)


def _named_apart(books: Sequence[Runbook]) -> tuple[Runbook, ...]:
    """Runbooks of the same title get their file's name behind it, so that an incident can name its own."""
    titles = [book.title for book in books]
    return tuple(
        replace(book, title=f"{book.title} ({Path(book.source).name})") if titles.count(book.title) > 1 else book
        for book in books
    )
