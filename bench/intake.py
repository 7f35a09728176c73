"""Durable intake beside Alertmanager in the same run: accepted a second, what a kill leaves, how fast it is worked off.

Alertmanager keeps alerts in memory, we answer after the disk. Where it is not installed, nothing is compared: the
figures are then for information and the measurement is not kept.
"""

from __future__ import annotations

import http.client
import json
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from bench.node import TOKEN, Node, a_node, a_sink, free_port
from tests.servers import postgres_programs, running_postgres

ROUNDS = 3
EVENTS = {1: 60_000, 64: 200_000}
LEAST_SHARE = 0.5
LEAST_DUPLICATES, LEAST_DISTINCT = 5_000, 1_000
PEER = """
route: {receiver: nobody, group_by: [alertname, bakery], group_wait: 30s, group_interval: 5m}
receivers: [{name: nobody}]
"""
PATIENCE_S = 120.0
_IN_ROWS = "select coalesce(sum(json_array_length(body::json)), 0) from intake where state = 'new'"


def run(rounds: int = ROUNDS) -> dict[str, Any]:
    """Alerts a second at one and at 64 a request, both servers by turns; medians of the rounds."""
    found: dict[str, Any] = {"peer": bool(_peer())}
    shares = []
    for batch, events in EVENTS.items():
        theirs, ours = [], []
        for number in range(rounds):
            if _peer():
                with _alertmanager() as port:
                    theirs.append(load(port, events, batch, seed=number)["events_per_s"])
            ours.append(_ours(events, batch, number))
        rates = sorted(each["events_per_s"] for each in ours)
        middle = rates[len(rates) // 2]
        waits = sorted(each["p99_ms"] for each in ours)
        found[f"at_{batch}"] = {"tocsin": rates, "p99_ms": waits, "peer": sorted(theirs)}
        if theirs:
            shares.append(round(middle / sorted(theirs)[len(theirs) // 2], 2))
    found["times_alertmanager"] = shares
    found["killed"] = _killed()
    found["drained_per_s"] = {"duplicates": _drained(60_000, 0.95), "distinct": _drained(6_000, 0.0)}
    drained = found["drained_per_s"]
    found["limits"] = {"times": LEAST_SHARE, "duplicates": LEAST_DUPLICATES, "distinct": LEAST_DISTINCT}
    found["kept"] = (
        bool(shares) and min(shares) >= LEAST_SHARE and found["killed"]["lost"] == 0
        and drained["duplicates"] >= LEAST_DUPLICATES and drained["distinct"] >= LEAST_DISTINCT
    )  # fmt: skip
    return found


def on_postgres(rounds: int = ROUNDS) -> dict[str, Any]:
    """The same on a PostgreSQL of our own that waits for its disk. For information; nothing answered may be lost."""
    programs = postgres_programs()
    if programs is None:
        return {"skipped": "PostgreSQL is not installed"}
    found: dict[str, Any] = {}
    with running_postgres(programs, durable=True) as server:

        def fresh() -> str:
            return server.url(server.new_database())

        for batch, events in {1: 20_000, 64: 100_000}.items():
            each = sorted((_ours(events, batch, n, fresh) for n in range(rounds)), key=lambda one: one["events_per_s"])
            found[f"at_{batch}"] = {
                "tocsin": [one["events_per_s"] for one in each], "p99_ms": sorted(one["p99_ms"] for one in each)
            }  # fmt: skip
        found["killed"] = _killed(fresh)
        found["drained_per_s"] = {
            "duplicates": _drained(60_000, 0.95, fresh), "distinct": _drained(6_000, 0.0, fresh)
        }  # fmt: skip
    found["kept"] = found["killed"]["lost"] == 0
    return found


def load(port: int, events: int, batch: int = 1, **more: Any) -> dict[str, Any]:
    """What the load generator says, in its own process."""
    words = [sys.executable, "-m", "bench.load", "--port", str(port), "--events", str(events), "--batch", str(batch)]
    words += [word for name, value in more.items() for word in (f"--{name}", str(value))]
    patience = PATIENCE_S + more.get("seconds", PATIENCE_S)
    done = subprocess.run(words, capture_output=True, text=True, timeout=patience, check=True)
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def backlog(node: Node) -> float:
    """How many messages it says that wait."""
    _, text = node.call("GET", "/metrics")
    return next(float(line.split()[1]) for line in text.splitlines() if line.startswith("tocsin_intake_backlog "))


def _file() -> str:
    """No database beside the node's own file."""
    return ""


def _ours(events: int, batch: int, seed: int, database: Callable[[], str] = _file) -> dict[str, Any]:
    with a_sink() as sink, tempfile.TemporaryDirectory() as folder, a_node(Path(folder), sink) as node:
        node.database = database()
        node.start()
        return load(node.port, events, batch, token=TOKEN, seed=seed)


def _killed(database: Callable[[], str] = _file) -> dict[str, Any]:
    """SIGKILL in the middle of the load; every answered alert must be known after the next start."""
    with a_sink() as sink, tempfile.TemporaryDirectory() as folder, a_node(Path(folder), sink) as node:
        node.database = database()
        node.start()
        words = ["--port", str(node.port), "--events", "40000", "--repeated", "0", "--token", TOKEN, "--tell", "1"]
        sending = subprocess.Popen([sys.executable, "-m", "bench.load", *words], stdout=subprocess.PIPE, text=True)
        time.sleep(2.0)
        node.kill()
        said, _ = sending.communicate(timeout=PATIENCE_S)
        answered = set(json.loads(said)["answered"])
        node.start()
        _until_drained(node)
        _, listed = node.call("GET", "/api/v2/alerts", timeout=60)
        names = {int(alert["labels"]["oven"].rpartition("-")[2]) for alert in listed}
        node.stop()
    return {"answered": len(answered), "known": len(names), "lost": len(answered - names)}


def _drained(events: int, repeated: float, database: Callable[[], str] = _file) -> int:
    """Alerts a second that are worked off, of what a stopped node was left with."""
    with a_sink() as sink, tempfile.TemporaryDirectory() as folder, a_node(Path(folder), sink) as node:
        node.database = database()
        node.start()
        load(node.port, events, 64, token=TOKEN, repeated=repeated)
        waiting = _alerts_in_rows(node.database) if node.database else round(backlog(node)) * 64
        begun = time.perf_counter()
        _until_drained(node)
        took = time.perf_counter() - begun
        node.stop()
    return round(waiting / took) if took > 0 else events


def _alerts_in_rows(database: str) -> int:
    """How many alerts wait on PostgreSQL, where one row of the table holds several messages."""
    with psycopg.connect(database) as connection:
        (amount,) = connection.execute(_IN_ROWS).fetchone() or (0,)
    return int(amount)


def _until_drained(node: Node) -> None:
    deadline = time.perf_counter() + PATIENCE_S
    while backlog(node):
        if time.perf_counter() > deadline:
            raise RuntimeError(f"It was not worked off within {PATIENCE_S:g} s.")
        time.sleep(0.02)


def _peer() -> str | None:
    return shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")


@contextmanager
def _alertmanager() -> Iterator[int]:
    """A fresh Alertmanager on a free port, without a cluster."""
    port, program = free_port(), _peer()
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "peer.yml").write_text(PEER, "utf-8")
        words = [
            str(program), f"--config.file={folder}/peer.yml", f"--storage.path={folder}/data", "--log.level=error",
            "--cluster.listen-address=", f"--web.listen-address=127.0.0.1:{port}",
        ]  # fmt: skip
        process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            _wait_for(port)
            yield port
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)


def _wait_for(port: int) -> None:
    deadline = time.perf_counter() + 20
    while time.perf_counter() < deadline:
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
        try:
            link.request("GET", "/-/ready")
            if link.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.02)
        finally:
            link.close()
    raise RuntimeError("Alertmanager did not get ready.")
