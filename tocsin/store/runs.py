"""The journal of commands. Every change of a run's status is a compare-and-set: of two that try, one is told False.

A status other than ``queued`` is written before the command starts or after it ended, so after a crash it is known what
may have happened (`tocsin.core.run.after_crash`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from tocsin.core.run import Outcome, Run
from tocsin.errors import Conflict, Invalid
from tocsin.store.db import Row, Tx
from tocsin.wire import decode, encode_text

_ADD = """
insert into runs
  (id, incident, step, kind, command, verdict, target, place, labels, sha, status, queued_at, approval)
values
  (:id, :incident, :step, :kind, :command, :verdict, :target, :place, :labels, :sha, :status, :queued_at, :approval)
on conflict do nothing
"""
_GET = "select * from runs where id = :id"
_GET_LOCKED = "select * from runs where id = :id for update"
_OF_INCIDENT = "select * from runs where incident = :incident order by queued_at, id"
_QUEUED = "select * from runs where status = 'queued' order by queued_at, id limit :limit"
_QUEUED_LABELS = "select distinct labels from runs where status = 'queued'"
_QUEUED_WITH = "select * from runs where status = 'queued' and labels = :labels order by queued_at, id limit :limit"
_OF_NODE = "select * from runs where status = 'running' and node = :node order by started_at, id"
_RUNNING = "select * from runs where status = 'running' order by id"
_STALE = "select * from runs where status = 'running' and heartbeat_at < :older_than order by heartbeat_at, id"
_START = """
update runs set status = 'running', node = :node, started_at = :now, heartbeat_at = :now
where id = :id and status = 'queued'
"""
_HEARTBEAT = "update runs set heartbeat_at = :now where id = :id and status = 'running' and node = :node"
_FINISH = """
update runs set status = :status, outcome = :outcome, finished_at = :now where id = :id and status = 'running'
"""
_LATE = """
update runs set status = :status, outcome = :outcome, finished_at = :now where id = :id and status = 'in_doubt'
"""
_CANCEL = """
update runs set status = 'cancelled', outcome = :outcome, finished_at = :now where id = :id and status = 'queued'
"""
_DOUBT = "update runs set status = 'in_doubt', finished_at = :now where id = :id and status = 'running'"
_REQUEUE = """
update runs set status = 'queued', node = '', started_at = null, heartbeat_at = null
where id = :id and status = 'running' and verdict = 'read'
"""
_EMIT = "insert into run_output (run, seq, at, text) values (:run, :seq, :at, :text) on conflict do nothing"
_OUTPUT = "select seq, at, text from run_output where run = :run and seq > :after order by seq"
_COUNTS = "select status, count(*) as amount from runs group by status"
_PRUNE_OUTPUT = "delete from run_output where at < :before"
_FORGET_OUTPUT = "delete from run_output where run = :run"


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Something that a run printed."""

    seq: int
    at: datetime
    text: str


def add(tx: Tx, run: Run, approval: str = "") -> None:
    """Write the intent. Raises `Conflict` where this id, or a run under this approval, is there already."""
    if run.status != "queued":
        raise Invalid(f"The run {run.id} begins as {run.status}.", "A run begins as queued.")
    added = tx.execute(
        _ADD, id=run.id, incident=run.incident, step=run.step, kind=run.kind, command=run.command, verdict=run.verdict,
        target=run.target, place=run.place, labels=" ".join(run.labels), sha=run.sha, status=run.status,
        queued_at=run.queued_at, approval=approval,
    )  # fmt: skip
    if not added:
        what = f"the approval {approval}" if approval else f"the run {run.id}"
        raise Conflict(f"A command was ordered under {what} already.", "Ask for a new approval to run it again.")


def get(tx: Tx, run_id: str, *, lock: bool = False) -> Run | None:
    """The run with this id. ``lock``: nobody else changes it until this transaction ends."""
    row = tx.one(_GET_LOCKED if lock else _GET, id=run_id)
    return _run(row) if row else None


def approval_of(tx: Tx, run_id: str) -> str:
    """The approval under which a run was ordered; empty for a proven read."""
    row = tx.one(_GET, id=run_id)
    return str(row["approval"]) if row else ""


def _run(row: Row) -> Run:
    return Run(
        id=row["id"], incident=row["incident"], step=row["step"], kind=row["kind"], command=row["command"],
        verdict=row["verdict"], target=row["target"], sha=row["sha"], status=row["status"],
        queued_at=row.time("queued_at"), started_at=row.time_or_none("started_at"),
        finished_at=row.time_or_none("finished_at"), node=row["node"], heartbeat_at=row.time_or_none("heartbeat_at"),
        outcome=None if row["outcome"] is None else decode(Outcome, row["outcome"]), place=row["place"],
        labels=tuple(row["labels"].split()),
    )  # fmt: skip


def of_incident(tx: Tx, incident_id: str) -> list[Run]:
    """Every run of an incident, in the order in which they were ordered."""
    return [_run(row) for row in tx.all(_OF_INCIDENT, incident=incident_id)]


def queued(tx: Tx, limit: int, mine: Callable[[frozenset[str]], bool] | None = None) -> list[Run]:
    """Runs that wait to be started, the oldest first; of ``mine`` those whose labels it says yes to.

    Two nodes may see the same; `start` decides.
    """
    if mine is None:
        return [_run(row) for row in tx.all(_QUEUED, limit=limit)]
    found: list[Run] = []
    for labels in [str(row["labels"]) for row in tx.all(_QUEUED_LABELS)]:
        if mine(frozenset(labels.split())):
            found += [_run(row) for row in tx.all(_QUEUED_WITH, labels=labels, limit=limit)]
    return sorted(found, key=lambda run: (run.queued_at, run.id))[:limit]


def of_node(tx: Tx, node: str) -> list[Run]:
    """Runs that a node has started and not ended: after its crash, those that were interrupted."""
    return [_run(row) for row in tx.all(_OF_NODE, node=node)]


def running(tx: Tx) -> list[Run]:
    """Every run that some node has begun and not ended."""
    return [_run(row) for row in tx.all(_RUNNING)]


def stale(tx: Tx, older_than: datetime) -> list[Run]:
    """Runs whose node has not been heard of since ``older_than``."""
    return [_run(row) for row in tx.all(_STALE, older_than=older_than)]


def counts(tx: Tx) -> dict[str, int]:
    """How many runs there are, by what has become of them."""
    return {str(row["status"]): int(row["amount"]) for row in tx.all(_COUNTS)}


def start(tx: Tx, run_id: str, node: str, now: datetime) -> bool:
    """queued → running. Only who is told True may start the command, after this is committed."""
    return tx.execute(_START, id=run_id, node=node, now=now) == 1


def heartbeat(tx: Tx, run_id: str, node: str, now: datetime) -> bool:
    """The node still works on it. False: it is no longer this node's, so stop."""
    return tx.execute(_HEARTBEAT, id=run_id, node=node, now=now) == 1


def finish(tx: Tx, run_id: str, outcome: Outcome, now: datetime) -> bool:
    """running → the outcome's status. False where it was not running (any more)."""
    if outcome.status in ("queued", "running", "in_doubt"):
        raise Invalid(f"A run can't end as {outcome.status}.")
    return tx.execute(_FINISH, id=run_id, status=outcome.status, outcome=_json(outcome), now=now) == 1


def late(tx: Tx, run_id: str, outcome: Outcome, now: datetime) -> bool:
    """in_doubt → the outcome's status: who carried it out was only thought dead. False where nobody doubts."""
    return tx.execute(_LATE, id=run_id, status=outcome.status, outcome=_json(outcome), now=now) == 1


def cancel(tx: Tx, run_id: str, note: str, now: datetime) -> bool:
    """queued → cancelled, before anything was started. False where it has started or ended."""
    outcome = Outcome(status="cancelled", note=note)
    return tx.execute(_CANCEL, id=run_id, outcome=_json(outcome), now=now) == 1


def doubt(tx: Tx, run_id: str, now: datetime) -> bool:
    """running → in_doubt: nobody knows whether it had its effect."""
    return tx.execute(_DOUBT, id=run_id, now=now) == 1


def requeue(tx: Tx, run_id: str) -> bool:
    """running → queued, with what it printed forgotten; only ever for a command that is proved to read."""
    if tx.execute(_REQUEUE, id=run_id) == 0:
        return False
    tx.execute(_FORGET_OUTPUT, run=run_id)
    return True


def emit(tx: Tx, run_id: str, seq: int, text: str, now: datetime) -> None:
    """Keep a (masked) piece of what a run prints; the same ``seq`` twice is kept once."""
    tx.execute(_EMIT, run=run_id, seq=seq, at=now, text=_storable(text))


def output(tx: Tx, run_id: str, after: int = 0) -> list[Piece]:
    """What a run has printed since the piece ``after``."""
    rows = tx.all(_OUTPUT, run=run_id, after=after)
    return [Piece(seq=row["seq"], at=row.time("at"), text=row["text"]) for row in rows]


def prune_output(tx: Tx, before: datetime) -> int:
    """Forget pieces older than ``before``; the end of what a run printed stands on the timeline for ever."""
    return tx.execute(_PRUNE_OUTPUT, before=before)


def _storable(text: str) -> str:
    """A program may print anything; what no database takes is shown as U+FFFD."""
    return text.encode("utf-8", "replace").decode().replace("\0", "\ufffd")


def _json(outcome: Outcome) -> str:
    try:
        return encode_text(outcome)
    except UnicodeEncodeError:
        raise Invalid("The output holds half of a surrogate pair.", "Decode it with errors='replace'.") from None
