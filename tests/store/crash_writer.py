"""A process that is killed: it writes incidents from several threads and says each one that was acknowledged."""

from __future__ import annotations

import sys
import threading

from tests.store.making import declare, note, record
from tocsin.core.facts import Noted
from tocsin.core.incident import Incident
from tocsin.store import outbox
from tocsin.store.db import Database, Tx, open_database


def _work(db: Database, who: int) -> None:
    ref = db.write(declare).id
    for count in range(100_000):

        def move(tx: Tx, count: int = count) -> Incident:
            after = note(tx, ref, f"{who}/{count} first half")
            after = record(tx, after, Noted(text="second half"))
            outbox.put(tx, _effect(f"{ref}/{after.version}", ref, after))
            return after

        after = db.write(move)
        sys.stdout.write(f"{ref} {after.version}\n")
        sys.stdout.flush()


def _effect(effect_id: str, ref: str, after: Incident) -> outbox.Effect:
    return outbox.Effect(
        id=effect_id, kind="notify", incident=ref, body="{}", due_at=after.declared_at, created_at=after.declared_at
    )


if __name__ == "__main__":
    opened = open_database(sys.argv[1])
    for number in range(4):
        threading.Thread(target=_work, args=(opened, number)).start()
