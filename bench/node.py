"""A real Tocsin in a process of its own, over a folder of its own, and a sink that receives its pages."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

TOKEN = "bench-token-0123456789"
RUNBOOK = """# Bench runbook

## Severity Levels

- **P1 (High)**: people notice
- **P2 (Medium)**: machines notice

## Scenario 1: Queue grows

### Symptoms
- Alert: `QueueGrows`

### Diagnosis

```bash
# 1. Which kernel is this
uname -r
```

### Mitigation

**If the consumer hangs:**
```bash
# Write down that it ran
sh mark.sh consumer
```

## Escalation

1. **0-15 min**: On-call engineer
2. **15+ min**: Team lead
"""
CONFIG = """
[defaults]
reopen_within = "0s"
[people.ana]
notify = ["sink"]
url = "{url}"
[roles]
"on-call engineer" = "ana"
"team lead" = "ana"
[notifiers.sink]
kind = "webhook"
allow = ["127.0.0.0/8"]
secret = "whsec_dG9jc2luLWJlbmNoLXNlY3JldC0wMTIz"
[target]
workdir = "."
"""


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(slots=True)
class Sink:
    """Receives pages over HTTP and remembers when each came."""

    server: ThreadingHTTPServer
    got: list[tuple[float, dict[str, Any]]] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where to send to."""
        return f"http://127.0.0.1:{self.server.server_address[1]}/"


@contextmanager
def a_sink() -> Iterator[Sink]:
    """A running sink."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            sink.got.append((time.perf_counter(), json.loads(body)))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: Any) -> None:
            pass  # a node that was killed resets its connections

    server = Server(("127.0.0.1", 0), Handler)
    sink = Sink(server)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield sink
    finally:
        server.shutdown()
        server.server_close()


@dataclass(slots=True)
class Node:
    """A folder with a runbook, a configuration and a database, and the process that serves it."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None
    database: str = ""
    """Its database, where it is not the SQLite file in its folder."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process is not None and self.process.poll() is None:
            self.kill()  # a bench that failed half way leaves nothing running

    def start(self, wait: float = 20.0) -> float:
        """Start ``tocsin up``; seconds until it took alerts."""
        environ = {**os.environ, "TOCSIN_TOKEN": TOKEN}
        if self.database:
            environ["TOCSIN_DATABASE"] = self.database
        command = [
            sys.executable, "-m", "tocsin", "up", str(self.folder / "runbook.md"), "--config",
            str(self.folder / "tocsin.toml"), "--data", str(self.folder), "--port", str(self.port),
        ]  # fmt: skip
        begun = time.perf_counter()
        log = (self.folder / "up.log").open("ab")
        self.process = subprocess.Popen(command, env=environ, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        log.close()
        while time.perf_counter() - begun < wait:
            if self.process.poll() is not None:
                raise RuntimeError((self.folder / "up.log").read_text("utf-8", "replace")[-2000:])
            if self.ready():
                return time.perf_counter() - begun
            time.sleep(0.01)
        raise RuntimeError("It did not get ready in time.")

    def ready(self) -> bool:
        """Whether it takes alerts."""
        try:
            return self.call("GET", "/readyz")[0] == 200
        except OSError:
            return False

    def call(self, method: str, path: str, body: Any = None, timeout: float = 10.0) -> tuple[int, Any]:
        """One request as the admin; status and JSON (or text)."""
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            data = None if body is None else json.dumps(body)
            link.request(method, path, data, {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"})
            answer = link.getresponse()
            text = answer.read()
        except http.client.HTTPException as error:
            raise ConnectionError(str(error)) from error
        finally:
            link.close()
        try:
            return answer.status, json.loads(text) if text else None
        except ValueError:
            return answer.status, text.decode("utf-8", "replace")

    def kill(self) -> None:
        """End it the hard way."""
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()

    def stop(self) -> int:
        """End it politely; its exit code."""
        if self.process is None:
            return 0
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)


def a_node(folder: Path, sink: Sink) -> Node:
    """A node that is not yet started."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "runbook.md").write_text(RUNBOOK, "utf-8")
    (folder / "tocsin.toml").write_text(CONFIG.format(url=sink.url), "utf-8")
    (folder / "mark.sh").write_text('echo "$1 $(date +%s%N)" >> marks.txt\n', "utf-8")
    return Node(folder, free_port())


def an_alert(name: str, number: int) -> dict[str, Any]:
    """One alert as Prometheus posts it."""
    return {"labels": {"alertname": name, "number": str(number)}, "annotations": {"summary": f"number {number}"}}
