"""SIGKILL at random moments during a storm of alerts, moves and runs; then everything that was promised is checked.

Promised: an alert answered 2xx is there; every incident's row is the fold of its timeline; no changing command ran
twice under one approval; every call of the ladder reached the sink.
"""

from __future__ import annotations

import random
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.node import Node, Sink, a_node, a_sink, an_alert

SENDERS = 4


@dataclass(slots=True)
class Promised:
    """What the node has answered 2xx to, over all its lives."""

    alerts: set[int] = field(default_factory=set)
    approved: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)
    number: int = 0


def run(kills: int = 200, seed: int = 7, folder: Path | None = None) -> dict[str, Any]:
    """Kill ``kills`` times; what was found at the end. Empty ``faults``: every promise was kept."""
    chance, begun = random.Random(seed), time.perf_counter()
    promised = Promised()
    with a_sink() as sink, tempfile.TemporaryDirectory() as made, a_node(folder or Path(made), sink) as node:
        for _ in range(kills):
            node.start()
            _storm(node, promised, chance.uniform(0.05, 1.0))
        node.start()
        _settle(node)
        faults, counts = _check(node, sink, promised)
        node.stop()
    seconds = round(time.perf_counter() - begun, 1)
    return {"kills": kills, "seconds": seconds, **counts, "faults": faults}


def _storm(node: Node, promised: Promised, seconds: float) -> None:
    over = threading.Event()
    threads = [threading.Thread(target=_send, args=(node, promised, over)) for _ in range(SENDERS)]
    threads += [threading.Thread(target=_respond, args=(node, promised, over))]
    for thread in threads:
        thread.start()
    time.sleep(seconds)
    node.kill()
    over.set()
    for thread in threads:
        thread.join()


def _send(node: Node, promised: Promised, over: threading.Event) -> None:
    while not over.is_set():
        with promised.lock:
            promised.number += 1
            number = promised.number
        name = "QueueGrows" if number % 3 else f"Unnamed{number % 7}"
        try:
            status, _ = node.call("POST", "/api/v2/alerts", [an_alert(name, number)], timeout=3)
        except OSError:
            continue
        if 200 <= status < 300:
            with promised.lock:
                promised.alerts.add(number)


def _respond(node: Node, promised: Promised, over: threading.Event) -> None:
    """Acknowledge, note, take the branch, approve what waits, tick doubts off, resolve and begin anew."""
    while not over.is_set():
        try:
            _, listed = node.call("GET", "/api/v1/incidents?status=open", timeout=3)
            for summary in _incidents(listed):
                _respond_to(node, promised, summary)
        except OSError:
            continue


def _incidents(listed: Any) -> list[dict[str, Any]]:
    items = listed.get("incidents", listed) if isinstance(listed, dict) else listed
    return [item.get("incident", item) for item in items or ()]


def _respond_to(node: Node, promised: Promised, incident: dict[str, Any]) -> None:
    path = f"/api/v1/incidents/{incident['id']}"
    if not incident.get("acknowledged_at"):
        node.call("POST", f"{path}/acknowledge", {}, timeout=3)
    node.call("POST", f"{path}/note", {"text": "still at it"}, timeout=3)
    for step, state in incident.get("steps", {}).items():
        if state["status"] == "in_doubt":
            node.call("POST", f"{path}/settle_step", {"step": step, "happened": True}, timeout=3)
    if incident.get("scenario"):
        node.call("POST", f"{path}/choose_branch", {"branch": "If the consumer hangs", "why": "bench"}, timeout=3)
    for approval in incident.get("approvals", {}).values():
        if approval["status"] == "waiting":
            status, _ = node.call("POST", f"{path}/approve", {"approval": approval["id"]}, timeout=3)
            if status == 200:
                promised.approved.add(approval["id"])
    if incident["version"] > 60:
        node.call("POST", f"{path}/resolve", {"override": "the bench begins anew"}, timeout=3)


def _settle(node: Node) -> None:
    """Wait until nothing is left to do."""
    from tocsin.store import intake, outbox
    from tocsin.store.db import open_database
    from tocsin.store.intakelog import base_of, waits
    from tocsin.times import SystemClock

    db = open_database(str(node.folder / "tocsin.db"))
    deadline = time.perf_counter() + 120
    try:
        while time.perf_counter() < deadline:
            now = SystemClock().now()
            waiting = db.read(lambda tx, now=now: intake.backlog(tx)[0] + outbox.backlog(tx, now)[0])  # type: ignore[misc]
            waiting += waits(base_of(node.folder / "tocsin.db"), db.read(intake.place))[0]
            if not waiting:
                return
            time.sleep(0.1)
    finally:
        db.close()


def _check(node: Node, sink: Sink, promised: Promised) -> tuple[list[str], dict[str, Any]]:
    from tocsin.core import facts
    from tocsin.store import alerts, incidents, runs
    from tocsin.store.db import open_database

    db = open_database(str(node.folder / "tocsin.db"))
    try:
        refs = db.read(incidents.references)
        faults = [fault for ref in refs for fault in db.read(lambda tx, ref=ref: incidents.verify(tx, ref))]  # type: ignore[misc]
        known = {int(alert.labels.get("number", 0)) for alert in db.read(alerts.listing)}
        faults += [f"alert {number} was answered 2xx and is gone" for number in sorted(promised.alerts - known)][:10]
        calls, ran = set(), Counter[str]()
        started: Counter[str] = Counter()
        for ref in refs:
            for entry in db.read(lambda tx, ref=ref: incidents.timeline(tx, ref)):  # type: ignore[misc]
                if isinstance(entry.fact, facts.Escalated) and entry.fact.person:
                    calls.add(f"{ref}/{entry.seq}/{entry.fact.person}")
                if isinstance(entry.fact, facts.StepStarted):
                    started[entry.fact.run] += 1
            for made in db.read(lambda tx, ref=ref: runs.of_incident(tx, ref)):  # type: ignore[misc]
                if made.verdict != "read":
                    ran[made.status] += 1
                    if started[made.id] > 1:
                        faults.append(f"the changing run {made.id} was started {started[made.id]} times")
        marks = _marks(node.folder / "marks.txt")
        at_most = sum(ran.values())
        if marks > at_most:
            faults.append(f"{at_most} changing runs were ordered, but the command left {marks} marks")
        if marks < ran["succeeded"]:
            faults.append(f"{ran['succeeded']} changing runs succeeded, but the command left {marks} marks")
        arrived = {str(body["id"]) for _, body in sink.got}
        faults += [f"the call {call} never arrived" for call in sorted(calls - arrived)][:10]
        counts = {
            "alerts_answered": len(promised.alerts), "incidents": len(refs), "calls": len(calls),
            "changing_runs": dict(ran), "marks": marks,
        }  # fmt: skip
        return faults, counts
    finally:
        db.close()


def _marks(path: Path) -> int:
    return len(path.read_text("utf-8").splitlines()) if path.exists() else 0
