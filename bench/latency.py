"""From the alert's POST to the page leaving, at rest: each alert its own incident, 50 ms apart."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.node import a_node, a_sink, an_alert

LIMIT_P99_MS = 500.0


def run(probes: int = 250, gap: float = 0.05) -> dict[str, Any]:
    """Milliseconds from before the POST is written until the page reached the sink: p50, p99, max; and the answer's."""
    with a_sink() as sink, tempfile.TemporaryDirectory() as folder:
        node = a_node(Path(folder), sink)
        node.start()
        sent: dict[str, float] = {}
        answered = []
        for number in range(probes):
            name = f"Probe{number}"
            sent[name] = time.perf_counter()
            status, _ = node.call("POST", "/api/v2/alerts", [an_alert(name, number)])
            answered.append((time.perf_counter() - sent[name]) * 1000)
            if status != 200:
                raise RuntimeError(f"The alert was answered {status}.")
            time.sleep(gap)
        deadline = time.perf_counter() + 30
        while len(sink.got) < probes and time.perf_counter() < deadline:
            time.sleep(0.01)
        node.stop()
        took = sorted(_latencies(sink.got, sent))
    return {
        "probes": probes, "paged": len(took), "answer_p50_ms": round(statistics.median(answered), 1),
        "p50_ms": round(statistics.median(took), 1), "p99_ms": round(took[int(len(took) * 0.99) - 1], 1),
        "max_ms": round(took[-1], 1), "limit_p99_ms": LIMIT_P99_MS,
        "kept": len(took) == probes and took[int(len(took) * 0.99) - 1] < LIMIT_P99_MS,
    }  # fmt: skip


def _latencies(got: list[tuple[float, dict[str, Any]]], sent: dict[str, float]) -> list[float]:
    took = []
    for at, body in got:
        name = str(body["data"]["subject"]).rpartition(" ")[2]
        if name in sent:
            took.append((at - sent.pop(name)) * 1000)
    return took
