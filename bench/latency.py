"""From the alert's POST to the page at its receiver, at rest: each alert declares an incident, resolved afterwards."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.node import Node, Sink, a_node, a_sink, an_alert

LIMIT_P99_MS = 500.0
PATIENCE_S = 10.0


def run(probes: int = 250) -> dict[str, Any]:
    """Milliseconds from before the POST is written until the page reached the sink: p50, p99, max; and the answer's."""
    with a_sink() as sink, tempfile.TemporaryDirectory() as folder, a_node(Path(folder), sink) as node:
        node.start()
        measured = [_probe(node, sink, number) for number in range(probes)]
        node.stop()
    answered = [answer for answer, _ in measured]
    took = sorted(page for _, page in measured)
    p99 = took[int(len(took) * 0.99) - 1]
    return {
        "probes": probes, "answer_p50_ms": round(statistics.median(answered), 1),
        "p50_ms": round(statistics.median(took), 1), "p99_ms": round(p99, 1), "max_ms": round(took[-1], 1),
        "limit_p99_ms": LIMIT_P99_MS, "kept": p99 < LIMIT_P99_MS,
    }  # fmt: skip


def _probe(node: Node, sink: Sink, number: int) -> tuple[float, float]:
    """One alert and its page; then the incident is resolved, so that the next alert declares one of its own."""
    sink.got.clear()
    sent = time.perf_counter()
    status, _ = node.call("POST", "/api/v2/alerts", [an_alert("QueueGrows", number)])
    answered = time.perf_counter()
    if status != 200:
        raise RuntimeError(f"The alert was answered {status}.")
    paged = _wait(lambda: next((at for at, body in list(sink.got) if body["type"] == "tocsin.notice.page"), None))
    ref = f"/api/v1/incidents/INC-{number + 1}/resolve"
    _wait(lambda: node.call("POST", ref, {"override": "the bench goes on"})[0] == 200)
    return (answered - sent) * 1000, (paged - sent) * 1000


def _wait(look: Any) -> Any:
    deadline = time.perf_counter() + PATIENCE_S
    while time.perf_counter() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.001)
    raise RuntimeError(f"It did not happen within {PATIENCE_S:g} s.")
