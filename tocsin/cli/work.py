"""``tocsin work``: carry out the steps of some targets, over the database of a server that runs elsewhere."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import threading
from pathlib import Path

import click

from tocsin.app import App
from tocsin.cli import collecting, output, places
from tocsin.errors import Invalid, NotFound
from tocsin.service.opening import open_app
from tocsin.settings import Settings, read_settings
from tocsin.settings.targets import labels as labels_of
from tocsin.store.db import file_of
from tocsin.store.workers import carries


@click.command("work", short_help="Carry out the steps of targets that have these labels.")
@click.option("--labels", required=True, metavar="LABEL,...", help="It takes targets whose labels are all among these.")
@click.option("--config", type=click.Path(path_type=Path), default=None,
              help="The configuration, the same as the server's; unless told, tocsin.toml in this folder.")  # fmt: skip
@places.data_option
@places.database_option
@output.as_json
def command(*, labels: str, config: Path | None, data: Path, database: str, as_json: bool) -> None:
    """Carry out the queued steps of targets that have these labels, until SIGTERM or Ctrl-C.

    It opens the server's database itself (PostgreSQL, or the SQLite file of a server on this machine); it serves no
    page and keeps no clock. A target without labels stays the server's.

    \b
    Example:
      tocsin work --labels db,eu --database postgresql://tocsin@db.example.org/tocsin
      tocsin work --labels db --data /var/lib/tocsin
    """
    config = config or (Path(places.CONFIG) if Path(places.CONFIG).exists() else None)
    own = frozenset(labels_of([part.strip() for part in labels.split(",") if part.strip()], "--labels"))
    taken = targets_of(read_settings(config), own)
    url = places.address(data, database)
    file = file_of(url)
    if file is not None and not file.exists():
        raise NotFound(f"There is no database {file}.", "Name the server's folder with --data, or its --database.")
    app = open_app(runbooks=(), config=config, database=url)
    try:
        app.labels, app.serves, app.node = (
            own,
            False,
            f"work:{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}",
        )
        _work(app, taken, as_json)
    finally:
        app.db.close()


def targets_of(settings: Settings, own: frozenset[str]) -> list[str]:
    """The targets that a worker with these labels carries out. Raises `Invalid` where there is none."""
    labelled = [place.target for place in settings.places if place.target.labels]
    taken = [target.name for target in labelled if carries(own, frozenset(target.labels), serves=False)]
    if not taken:
        known = ", ".join(sorted({label for target in labelled for label in target.labels})) or "none"
        said = f"No target has labels that are all among {', '.join(sorted(own)) or 'none'}."
        raise Invalid(said, f"Labels in the configuration: {known}.", where="--labels")
    return taken


def _work(app: App, taken: list[str], as_json: bool) -> None:
    from tocsin.engine.carrier import Carrier

    ending = threading.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, lambda *_: ending.set())
    carrier = Carrier(app)
    collecting.for_long()
    carrier.start()
    try:
        if as_json:
            output.give({"node": app.node, "labels": sorted(app.labels), "targets": taken})
        else:
            output.say(f"Carrying out steps on {', '.join(taken)}, as {app.node}. Stop it with Ctrl-C.")
        ending.wait()
    finally:
        carrier.stop()
