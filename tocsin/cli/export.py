"""``tocsin export``: everything that is stored, one JSON object on each line."""

from __future__ import annotations

import base64
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import click

from tocsin.cli import places
from tocsin.errors import Invalid
from tocsin.store import alerts, changes, incidents, library, runs
from tocsin.store.db import EVERYTHING, Tx
from tocsin.wire import encode

SCHEMA = "tocsin.export/1"


@click.command("export", short_help="Write everything that is stored as JSON lines.")
@click.option("--output", "target", type=click.Path(path_type=Path), help="A file instead of standard output.")
@places.database
def command(database: str, target: Path | None) -> None:
    """Write everything that is stored as JSON lines: runbooks, incidents with their timelines, alerts, silences, runs
    with what they printed, post-mortems, action items, changes. Tokens are left out; other secrets were masked when
    stored.

    Each line is an object with the key "type". The whole is one moment's view, taken while the server goes on.

    \b
    Example:
      tocsin export --data tocsin-data > tocsin.jsonl
    """
    with places.opened(database) as db:
        if target is None:
            db.read(lambda tx: _write(tx, sys.stdout.buffer))
            return
        try:
            with target.open("wb") as file:
                db.read(lambda tx: _write(tx, file))
        except OSError as error:
            raise Invalid(f"{target} can't be written: {error.strerror}.") from None


def _write(tx: Tx, file: IO[bytes]) -> None:
    for line in lines(tx):
        file.write(encode(line) + b"\n")
    file.flush()


def lines(tx: Tx) -> Iterator[dict[str, Any]]:
    """Every object of the export, in an order in which it could be read back: what is referred to comes first."""
    yield {"type": "export", "schema": SCHEMA}
    for book in library.pinned(tx, limit=EVERYTHING):
        text = base64.b64encode(library.raw(tx, book.digest) or b"").decode()
        yield {
            "type": "runbook", "digest": book.digest, "source": book.source, "title": book.title,
            "read_at": book.read_at, "bytes_base64": text,
        }  # fmt: skip
    for ref in incidents.references(tx):
        yield from _incident(tx, ref)
    for alert in alerts.listing(tx):
        yield {"type": "alert", "fingerprint": alert.fingerprint, "alert": alert}
    for silence in alerts.silences(tx):
        yield {"type": "silence", "silence": silence}
    for change in changes.listing(tx):
        yield {"type": "change", "change": change}


def _incident(tx: Tx, ref: str) -> Iterator[dict[str, Any]]:
    yield {"type": "incident", "incident": incidents.load(tx, ref)}
    for entry in incidents.timeline(tx, ref):
        yield {
            "type": "timeline", "incident": ref, "seq": entry.seq, "at": entry.at, "by": entry.by, "kind": entry.kind,
            "fact": entry.fact,
        }  # fmt: skip
    for run in runs.of_incident(tx, ref):
        printed = "".join(piece.text for piece in runs.output(tx, run.id))
        yield {"type": "run", "run": run, "output": printed}
    review = library.review(tx, ref)
    if review is not None:
        yield {"type": "review", "review": review}
    for action in library.actions(tx, incident=ref):
        yield {"type": "action", "action": action}
