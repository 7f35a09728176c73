"""From the alert's POST to its page at a real mail server, while hundreds of other alerts a second come in."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from bench.node import RUNBOOK, TOKEN, Node, an_alert, free_port

LIMIT_P99_MS = 1000.0
RATE, SECONDS = 500, 60
PATIENCE_S = 20.0
_LOAD = ("events_per_s", "seconds", "statuses", "p99_ms")
CONFIG = """
[defaults]
reopen_within = "0s"
[people.ana]
notify = ["mail"]
email = "ana@bakery.example"
[people.ben]
notify = ["mail"]
email = "ben@bakery.example"
[roles]
"on-call engineer" = "ana"
"team lead" = "ben"
[notifiers.mail]
kind = "smtp"
host = "127.0.0.1"
port = {port}
security = "none"
sender = "tocsin@bakery.example"
[target]
workdir = "."
"""


def run(seconds: int = SECONDS, rate: int = RATE) -> dict[str, Any]:
    """Milliseconds from before the POST is written until the mail server has the page: p50, p99, max; and the load."""
    with tempfile.TemporaryDirectory() as name, _mailbox() as (port, mails):
        folder = Path(name)
        (folder / "runbook.md").write_text(RUNBOOK, "utf-8")
        (folder / "tocsin.toml").write_text(CONFIG.format(port=port), "utf-8")
        with Node(folder, free_port()) as node:
            node.start()
            _probe(node, mails, 0)  # what is imported late is there now
            with _load(node.port, seconds, rate) as load:
                begun, took = time.monotonic(), [_probe(node, mails, 1)]
                while load.poll() is None and time.monotonic() - begun < seconds:
                    took.append(_probe(node, mails, len(took) + 1))
                told, _ = load.communicate(timeout=60)
            node.stop()
    sent = json.loads(told.splitlines()[-1])
    return _figures(sorted(took), sent, len(mails))


def _figures(took: list[float], sent: dict[str, Any], mails: int) -> dict[str, Any]:
    p99 = took[min(int(len(took) * 0.99), len(took) - 1)]
    return {
        "probes": len(took), "p50_ms": round(statistics.median(took), 1), "p99_ms": round(p99, 1),
        "max_ms": round(took[-1], 1), "mails": mails, "load": {key: sent[key] for key in _LOAD},
        "limit_p99_ms": LIMIT_P99_MS, "kept": p99 < LIMIT_P99_MS,
    }  # fmt: skip


def _probe(node: Node, mails: list[dict[str, Any]], number: int) -> float:
    """One alert that declares an incident of its own, and its page; then the incident is over."""
    begun = time.monotonic()
    status, _ = node.call("POST", "/api/v2/alerts", [an_alert("QueueGrows", number)])
    if status != 200:
        raise RuntimeError(f"The alert was answered {status}.")
    page = _wait(lambda: next((mail for mail in list(mails) if mail["number"] == number), None))
    ref = str(page["subject"]).partition("INC-")[2].split()[0]
    path = f"/api/v1/incidents/INC-{ref}/resolve"
    _wait(lambda: node.call("POST", path, {"override": "the bench goes on"})[0] == 200)
    return (float(page["at"]) - begun) * 1000


def _wait(look: Any) -> Any:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.002)
    raise RuntimeError(f"It did not happen within {PATIENCE_S:g} s.")


@contextmanager
def _mailbox() -> Iterator[tuple[int, list[dict[str, Any]]]]:
    """A mail server: its port, and the mails that it has taken so far."""
    mails: list[dict[str, Any]] = []
    command = [sys.executable, "-m", "bench.mailbox"]
    box = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert box.stdin is not None
    assert box.stdout is not None
    reader = threading.Thread(target=_collect, args=(box.stdout, mails), daemon=True)
    try:
        port = int(json.loads(box.stdout.readline())["port"])
        reader.start()
        yield port, mails
    finally:
        box.stdin.close()
        box.wait(20)
        reader.join(5)


def _load(port: int, seconds: int, rate: int) -> subprocess.Popen[str]:
    """The other alerts: one to a request, nineteen of twenty repeat one that is known."""
    command = [
        sys.executable, "-m", "bench.load", "--port", str(port), "--rate", str(rate), "--events", str(rate * seconds),
        "--seconds", str(seconds + 30), "--token", TOKEN, "--connections", "16",
    ]  # fmt: skip
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=dict(os.environ))


def _collect(lines: IO[str], mails: list[dict[str, Any]]) -> None:
    for line in lines:
        mails.append(json.loads(line))  # noqa: PERF401  each is there as soon as it came
