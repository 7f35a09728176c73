"""What is kept for a time only: work that was done, alerts that are long over, sessions that have ended.

Timelines, runs with the end of what they printed, reviews and what failed are kept for ever; readings are pruned where
they are read (`tocsin.service.watch`).
"""

from __future__ import annotations

from datetime import timedelta

from tocsin.app import App
from tocsin.service import access, sampling, tracing
from tocsin.store import alertbook, alerts, changes, intake, outbox, people, rooms, runs, secrecy, workers
from tocsin.store.db import Tx

KEEP_INTAKE = timedelta(days=7)
KEEP_NOTICES = timedelta(days=30)
KEEP_ALERTS = timedelta(days=30)
KEEP_OUTPUT = timedelta(days=90)
KEEP_WORKERS = timedelta(days=1)
KEEP_CHANGES = timedelta(days=90)
KEEP_TAKEN = timedelta(days=30)
AT_ONCE = 2_000


def prune(app: App) -> bool:
    """Forget what is older than it is kept, some of it at once; whether there may be more."""
    now = app.clock.now()

    def write(tx: Tx) -> bool:
        people.prune_sessions(tx, now, now - access.IDLE)
        alerts.prune(tx, now - KEEP_ALERTS)
        alertbook.prune(tx, now - KEEP_ALERTS)
        outbox.prune_deliveries(tx, now - KEEP_NOTICES)
        runs.prune_output(tx, now - KEEP_OUTPUT)
        workers.forget(tx, now - KEEP_WORKERS)
        changes.prune(tx, now - KEEP_CHANGES)
        changes.prune_taken(tx, now - KEEP_TAKEN)
        tracing.prune(tx, now)
        rooms.prune(tx, now - KEEP_TAKEN)
        secrecy.prune_answers(tx, now - KEEP_TAKEN)
        events = intake.prune(tx, now - KEEP_INTAKE, AT_ONCE)
        notices = outbox.prune(tx, now - KEEP_NOTICES, AT_ONCE)
        return AT_ONCE in (events, notices)

    sampling.forget(app)
    return app.db.write(write)
