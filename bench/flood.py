"""A storm of 10,000 distinct alerts a minute for five minutes: nothing is lost, the page goes out, clocks run."""

from __future__ import annotations

import sqlite3
import tempfile
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from bench.intake import backlog, load
from bench.node import TOKEN, Node, Sink, a_node, a_sink

MINUTES = 5
A_MINUTE = 10_000
FIRST_PAGE_S, CLOCK_S, MEMORY_MB = 2.0, 1.0, 400.0
OVERFILL = 700_000
"""Alerts as fast as they are taken, to reach the limit at which senders are told to come back."""


def run(minutes: float = MINUTES) -> dict[str, Any]:
    """Whether nothing was lost, when the first page came, how late the clock of an incident was, memory, statuses."""
    with a_sink() as sink, tempfile.TemporaryDirectory() as folder, a_node(Path(folder), sink) as node:
        node.start()
        watch = _Watch(node, sink)
        watch.start()
        count, begun = int(minutes * A_MINUTE), time.perf_counter()
        pace: dict[str, Any] = {"rate": A_MINUTE / 60, "seconds": minutes * 60 + 60, "names": 10**9}
        said = load(node.port, count, token=TOKEN, repeated=0, **pace)
        first = next((at - begun for at, body in sink.got if body["type"] == "tocsin.notice.page"), 999.0)
        while backlog(node):
            time.sleep(0.1)
        watch.over.set()
        watch.join()
        peak, late, known = _memory(node), watch.late, _known(node)
        full = load(node.port, OVERFILL, 64, token=TOKEN, repeated=0, prefix="f", seconds=60)
        statuses = {int(status) for status in full["statuses"]}
        node.stop()
    accepted = said["statuses"].get("200", 0)
    kept = (
        known >= accepted == count and first <= FIRST_PAGE_S and late <= CLOCK_S and peak <= MEMORY_MB
        and statuses <= {200, 503}
    )  # fmt: skip
    return {
        "sent": count, "accepted": accepted, "known": known,
        "first_page_s": round(first, 2),
        "clock_late_s": round(late, 2),
        "peak_mb": round(peak), "statuses": said["statuses"],
        "answer_p99_ms": said["p99_ms"], "at_the_limit": full["statuses"],
        "limits": {"first_page_s": FIRST_PAGE_S, "clock_late_s": CLOCK_S, "peak_mb": MEMORY_MB}, "kept": kept,
    }  # fmt: skip


class _Watch(threading.Thread):
    """Asks for a page of a new incident again and again: from the move to the notice at its receiver."""

    def __init__(self, node: Node, sink: Sink) -> None:
        super().__init__(daemon=True)
        self.late, self.over = 0.0, threading.Event()
        self._node, self._sink = node, sink

    def run(self) -> None:
        """Every five seconds an incident by hand, whose first call is due at once."""
        number = 0
        while not self.over.wait(5.0):
            number += 1
            title = f"by hand {number}"
            begun = time.perf_counter()
            status, _ = self._node.call("POST", "/api/v1/incidents", {"title": title}, timeout=30)
            came = self._came(title, begun + 30) if status == 201 else begun + 99
            self.late = max(self.late, came - begun)

    def _came(self, title: str, over: float) -> float:
        while time.perf_counter() < over:
            for at, body in list(self._sink.got):
                if title in str(body.get("data", body)):
                    return at
            time.sleep(0.005)
        return over


def _known(node: Node) -> int:
    """How many of them the database knows; the API tells those that fire, and the first have ended by now."""
    with closing(sqlite3.connect(f"file:{node.folder}/tocsin.db?mode=ro", uri=True)) as link:
        return int(link.execute("select count(*) from alerts where name like 'Oven%'").fetchone()[0])


def _memory(node: Node) -> float:
    """The most memory that the process had, in megabytes."""
    assert node.process is not None
    text = Path(f"/proc/{node.process.pid}/status").read_text("utf-8")
    return next(int(line.split()[1]) / 1024 for line in text.splitlines() if line.startswith("VmHWM"))
