"""What Tocsin costs at rest: start to serving, ``tocsin --help``, resident memory."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.node import a_node, a_sink

LIMITS = {"start_s": 1.5, "help_ms": 150.0, "rss_mb": 120.0}


def run(times: int = 5) -> dict[str, Any]:
    """Medians over some starts; memory as the kernel counts it (VmRSS), five seconds after the start."""
    with a_sink() as sink, tempfile.TemporaryDirectory() as folder, a_node(Path(folder), sink) as node:
        starts = []
        for _ in range(times):
            starts.append(node.start())
            node.stop()
        node.start()
        time.sleep(5)
        rss = _rss_mb(node.process.pid if node.process else 0)
        node.stop()
    found = {"start_s": round(statistics.median(starts), 2), "help_ms": _help(), "rss_mb": rss}
    return {**found, "limits": LIMITS, "kept": all(found[key] < limit for key, limit in LIMITS.items())}


def _help(times: int = 9) -> float:
    tocsin = Path(sys.executable).with_name("tocsin")
    command = [str(tocsin)] if tocsin.exists() else [sys.executable, "-m", "tocsin"]
    took = []
    for _ in range(times):
        begun = time.perf_counter()
        subprocess.run([*command, "--help"], check=True, stdout=subprocess.DEVNULL)
        took.append((time.perf_counter() - begun) * 1000)
    return round(statistics.median(took), 1)


def _rss_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text("utf-8").splitlines():
        if line.startswith("VmRSS:"):
            return round(int(line.split()[1]) / 1024, 1)
    return 0.0
