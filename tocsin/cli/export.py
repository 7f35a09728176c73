"""``tocsin export``: everything that is stored, one JSON object on each line."""

from __future__ import annotations

import base64
import sys
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import IO, Any

import click

from tocsin.cli import output, places
from tocsin.errors import Invalid
from tocsin.service.alerting import turns_in_sight
from tocsin.service.claiming import records
from tocsin.store import alertbook, alerts, changes, duties, incidents, intake, library, readying, runs, secrecy
from tocsin.store.db import EVERYTHING, Tx, file_of
from tocsin.store.intakelog import base_of
from tocsin.store.parcels import alert_of
from tocsin.times import EPOCH, from_micros
from tocsin.wire import encode

SCHEMA = "tocsin.export/1"


@click.command("export", short_help="Write everything that is stored as JSON lines.")
@click.option("--output", "target", type=click.Path(path_type=Path), help="A file instead of standard output.")
@click.option("--private", "with_private", is_flag=True, help="Private incidents, too; without it they are left out.")
@places.database
def command(database: str, target: Path | None, with_private: bool) -> None:
    """Write everything that is stored as JSON lines: runbooks, incidents with their timelines, alerts, silences, runs
    with what they printed, post-mortems, action items, changes, overrides and swaps, what people said of their access.
    Tokens are left out; other secrets were masked when stored.

    Each line is an object with the key "type". The whole is one moment's view, taken while the server goes on.

    \b
    Example:
      tocsin export --data tocsin-data > tocsin.jsonl
    """
    with places.opened(database) as db:
        log = file_of(database)
        if target is None:
            left_out = db.read(lambda tx: _write(tx, log, sys.stdout.buffer, with_private))
            _say(left_out)
            return
        try:
            with target.open("wb") as file:
                _say(db.read(lambda tx: _write(tx, log, file, with_private)))
        except OSError as error:
            raise Invalid(f"{target} can't be written: {error.strerror}.") from None


def _say(left_out: int) -> None:
    if left_out:
        output.say(f"{output.count(left_out, 'private incident')} left out; --private writes them, too.")


def _write(tx: Tx, log: Path | None, file: IO[bytes], with_private: bool) -> int:
    """Write it all; how many private incidents were left out."""
    hidden = frozenset() if with_private else secrecy.private(tx)
    for line in chain(lines(tx, hidden), _waiting(tx, log) if log else ()):
        file.write(encode(line) + b"\n")
    file.flush()
    return len(hidden)


def lines(tx: Tx, hidden: frozenset[str] = frozenset()) -> Iterator[dict[str, Any]]:
    """Every object of the export but the incidents that are hidden, in an order in which it could be read back: what is
    referred to comes first."""
    yield {"type": "export", "schema": SCHEMA}
    for book in library.pinned(tx, limit=EVERYTHING):
        text = base64.b64encode(library.raw(tx, book.digest) or b"").decode()
        yield {
            "type": "runbook", "digest": book.digest, "source": book.source, "title": book.title,
            "read_at": book.read_at, "bytes_base64": text,
        }  # fmt: skip
    for ref in incidents.references(tx):
        if ref not in hidden:
            yield from _incident(tx, ref)
    for each in alerts.listing(tx):
        alert = replace(each, incident=None) if each.incident in hidden else each
        turns = turns_in_sight(alertbook.turns(tx, alert.fingerprint), hidden)
        yield {"type": "alert", "fingerprint": alert.fingerprint, "alert": alert, "history": turns}
    for silence in alerts.silences(tx):
        yield {"type": "silence", "silence": silence}
    for change in changes.listing(tx):
        yield {"type": "change", "change": change}
    for kept in duties.since(tx, EPOCH):
        yield {"type": "on_call_change", "on_call_change": kept}
    for said in readying.said(tx):
        yield {"type": "access", "access": said}


def _waiting(tx: Tx, database: Path) -> Iterator[dict[str, Any]]:
    """What was accepted into the log before the database and is not merged yet."""
    for piece in records(base_of(database), intake.place(tx)):
        alerts = [alert_of(word) for word in piece.words]
        if alerts:
            moment = from_micros(piece.received_at)
            yield {"type": "waiting", "source": piece.source, "received_at": moment, "alerts": alerts}


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
