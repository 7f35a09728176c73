"""A hundred thousand open incidents with clocks: how late they strike, what they cost at rest, what a crash does."""

from __future__ import annotations

import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.node import Node, Sink, a_node, a_sink
from tocsin.core import facts, moves
from tocsin.core.facts import ENGINE, Entry
from tocsin.core.figures.measuring import RULES
from tocsin.core.fold import evolve
from tocsin.core.incident import Incident
from tocsin.core.runbook import Runbook
from tocsin.core.wake import next_wake
from tocsin.service.books import pin
from tocsin.service.opening import open_app
from tocsin.store import incidents
from tocsin.store.db import Tx

OPEN = 100_000
STRIKE, BUNCH = 1_200, 200
"""Clocks that strike in the course of a minute, and at one moment while the process is dead."""
AT_ONCE = 2_000
_FOUND = "insert into incident_words values (:incident, :version, '', '', '', '')"
_ROLLED = "insert into incident_figures values (:incident, :version, :rules, 0, 0, '')"
"""As if their words had been kept for the search, and their figures rolled up, when they were declared, one by one."""
LIMITS = {"late_p99_s": 1.0, "core_at_rest": 0.2, "after_kill_s": 5.0}


def run(count: int = OPEN) -> dict[str, Any]:
    """One real process on SQLite. Lateness is from the moment at which a rung is due to the page at its receiver."""
    with a_sink() as sink, tempfile.TemporaryDirectory() as folder, a_node(Path(folder), sink) as node:
        begun = time.perf_counter()
        struck = fill(node, count)
        filled = time.perf_counter() - begun
        node.start(wait=120)
        time.sleep(15)
        rest = _core_at_rest(node)
        late, missed = _lateness(sink, struck["minute"], 150.0)
        node.kill()
        dead_until = struck["bunch_at"] + 10.0
        time.sleep(max(0.0, dead_until - time.time()))
        node.start(wait=120)
        ready = time.time()
        again = _arrived(sink, struck["bunch"], 60.0)
        time.sleep(5)
        twice = [name for name, times in _times(sink).items() if name in struck["bunch"] and len(times) > 1]
        node.stop()
    p99 = sorted(late)[int(len(late) * 0.99)] if late else 999.0
    found = {"late_p99_s": round(p99, 3), "core_at_rest": round(rest, 3), "after_kill_s": round(again - ready, 2)}
    kept = all(found[key] < limit for key, limit in LIMITS.items()) and not missed and not twice
    return {
        "open": count, "struck": len(late), "filled_s": round(filled), **found, "missed": missed, "twice": len(twice),
        "limits": LIMITS, "kept": kept,
    }  # fmt: skip


def fill(node: Node, count: int) -> dict[str, Any]:
    """Store the incidents: most wait for hours, some strike behind the start, some at one later moment."""
    database = f"sqlite:///{node.folder / 'tocsin.db'}"
    app = open_app(
        runbooks=[node.folder / "runbook.md"], config=node.folder / "tocsin.toml", database=database, environ={}
    )
    try:
        app.db.write(lambda tx: pin(app, tx, app.books[0]))
        _store(app, [(n, _waits(n)) for n in range(1, count - STRIKE - BUNCH + 1)])
        now, first = time.time(), count - STRIKE - BUNCH + 1
        begins = now + 60
        minute = {f"INC-{first + n}": begins + 60 * n / STRIKE for n in range(STRIKE)}
        bunch_at = begins + 170
        bunch = {f"INC-{first + STRIKE + n}": bunch_at for n in range(BUNCH)}
        _store(app, [(int(name[4:]), at) for name, at in {**minute, **bunch}.items()])
    finally:
        app.db.close()
    return {"minute": minute, "bunch": set(bunch), "bunch_at": bunch_at}


def _waits(number: int) -> float:
    """When the clock of an incident strikes that is only there: in two to twenty hours."""
    return time.time() + 7200 + number % 64_800


def _store(app: Any, strikes: list[tuple[int, float]]) -> None:
    for start in range(0, len(strikes), AT_ONCE):
        some = strikes[start : start + AT_ONCE]

        def write(tx: Tx, some: list[tuple[int, float]] = some) -> None:
            for number, at in some:
                _store_one(tx, app.books[0], number, datetime.fromtimestamp(at, UTC))

        app.db.write(write)


def _store_one(tx: Tx, book: Runbook, number: int, strikes: datetime) -> None:
    """An incident whose first rung was climbed, and whose second is held until its clock strikes."""
    now = datetime.now(UTC) - timedelta(minutes=20)
    opening = moves.Opening(
        number=number, title="Queue grows", severity="P1", why="a bench", scenario=book.scenarios[0]
    )
    told = [
        *moves.declare(book, opening),
        facts.Escalated(to="On-call engineer", why="it begins", rung=0, person="ana", line=1),
        facts.Acknowledged(),
        facts.EscalationHeld(until=strikes, why="until the bench wants it"),
    ]
    incident: Incident | None = None
    for seq, fact in enumerate(told, 1):
        entry = Entry(seq=seq, at=now, by=ENGINE, fact=fact)
        incident = evolve(incident, entry)
        incidents.append(tx, incident.id, entry)
    if incident is not None:
        incidents.save(tx, incident, next_wake(incident))
        tx.execute(_FOUND, incident=incident.id, version=incident.version)
        tx.execute(_ROLLED, incident=incident.id, version=incident.version, rules=RULES)


def _core_at_rest(node: Node, seconds: float = 20.0) -> float:
    """The share of a core that the process takes while no clock strikes."""
    pid = node.process.pid if node.process else 0
    begun, used = time.perf_counter(), _cpu(pid)
    time.sleep(seconds)
    return (_cpu(pid) - used) / (time.perf_counter() - begun)


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def _times(sink: Sink) -> dict[str, list[float]]:
    """When pages for each incident came, in seconds since 1970."""
    apart = time.time() - time.perf_counter()
    found: dict[str, list[float]] = {}
    for at, body in list(sink.got):
        if body["type"].endswith(".page"):
            found.setdefault(body["data"]["incident"], []).append(at + apart)
    return found


def _lateness(sink: Sink, due: dict[str, float], longest: float) -> tuple[list[float], int]:
    """How late each page was, and how many never came."""
    until = max(due.values()) + longest
    while time.time() < until and not due.keys() <= _times(sink).keys():
        time.sleep(0.5)
    came = _times(sink)
    return [came[name][0] - at for name, at in due.items() if name in came], len(due.keys() - came.keys())


def _arrived(sink: Sink, wanted: set[str], longest: float) -> float:
    """When the last of the pages that were overdue came."""
    until = time.time() + longest
    while time.time() < until and not wanted <= _times(sink).keys():
        time.sleep(0.1)
    came = _times(sink)
    return max((came[name][0] for name in wanted if name in came), default=until) if wanted <= came.keys() else until
