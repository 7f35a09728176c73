"""From the alert's POST to the page at its receiver: at rest, and while 2,000 others a second come in.

Each alert declares an incident, which is resolved afterwards so that the next one declares one of its own.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.node import TOKEN, Node, Sink, a_node, a_sink, an_alert

LIMIT_REST_MS, LIMIT_STORM_MS = 25.0, 250.0
A_SECOND = 2_000
PATIENCE_S = 20.0


def run(probes: int = 250) -> dict[str, Any]:
    """Milliseconds from before the POST is written until the page reached the sink, at rest and in a storm."""
    with a_sink() as sink, tempfile.TemporaryDirectory() as folder, a_node(Path(folder), sink) as node:
        node.start()
        rest = _measure(node, sink, range(probes))
        with _storm(node, seconds=60):
            storm = _measure(node, sink, range(probes, 2 * probes))
        node.stop()
    kept = rest["p99_ms"] <= LIMIT_REST_MS and storm["p99_ms"] <= LIMIT_STORM_MS
    limits = {"rest_p99_ms": LIMIT_REST_MS, "storm_p99_ms": LIMIT_STORM_MS}
    return {"probes": probes, "rest": rest, "storm": storm, "others_per_s": A_SECOND, "limits": limits, "kept": kept}


def _measure(node: Node, sink: Sink, numbers: range) -> dict[str, float]:
    measured = [_probe(node, sink, number) for number in numbers]
    took = sorted(page for _, page in measured)
    return {
        "answer_p50_ms": round(statistics.median(answer for answer, _ in measured), 1),
        "p50_ms": round(statistics.median(took), 1), "p99_ms": round(took[int(len(took) * 0.99) - 1], 1),
        "max_ms": round(took[-1], 1),
    }  # fmt: skip


@contextmanager
def _storm(node: Node, seconds: float) -> Iterator[None]:
    """Alerts of other names beside it, nineteen of twenty known already."""
    words = ["--port", str(node.port), "--token", TOKEN, "--rate", str(A_SECOND), "--seconds", str(seconds)]
    words += ["--events", str(int(A_SECOND * seconds)), "--prefix", "storm"]
    process = subprocess.Popen([sys.executable, "-m", "bench.load", *words], stdout=subprocess.DEVNULL)
    try:
        known = len(node.call("GET", "/api/v2/alerts")[1])
        _wait(lambda: len(node.call("GET", "/api/v2/alerts")[1]) > known)  # it has begun
        time.sleep(2.0)
        yield
    finally:
        process.kill()
        process.wait()


def _probe(node: Node, sink: Sink, number: int) -> tuple[float, float]:
    """One alert and its page; then the incident is resolved."""
    sink.got.clear()
    sent = time.perf_counter()
    status, _ = node.call("POST", "/api/v2/alerts", [an_alert("QueueGrows", number)])
    answered = time.perf_counter()
    if status != 200:
        raise RuntimeError(f"The alert was answered {status}.")
    at, ref = _wait(lambda: _page(sink))
    _wait(lambda: node.call("POST", f"/api/v1/incidents/{ref}/resolve", {"override": "the bench goes on"})[0] == 200)
    return (answered - sent) * 1000, (at - sent) * 1000


def _page(sink: Sink) -> tuple[float, str] | None:
    """When the probe's page came, and its incident."""
    for at, body in list(sink.got):
        if body["type"] == "tocsin.notice.page" and "Queue grows" in str(body["data"]):
            return at, str(body["data"]["incident"])
    return None


def _wait(look: Callable[[], Any]) -> Any:
    deadline = time.perf_counter() + PATIENCE_S
    while time.perf_counter() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.001)
    raise RuntimeError(f"It did not happen within {PATIENCE_S:g} s.")
