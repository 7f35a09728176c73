"""A real Tocsin in a process of its own: started, talked to, stopped or killed by its process id."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from tests.web import house

ROOT = Path(__file__).resolve().parents[2]
DEADLINE = 30.0
LOOKS = 40
PROGRAM = """
import sys
from pathlib import Path
from tests.web import house
from tocsin.web import server
app = house.enter(Path(sys.argv[1]))
try:
    server.serve(app, "127.0.0.1", int(sys.argv[2]), announce=lambda url: print(url, flush=True))
finally:
    app.db.close()
print("put away", flush=True)
"""


@dataclass
class Serving:
    """A running server."""

    url: str
    folder: Path
    process: subprocess.Popen[str]

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.url.rpartition(":")[2])

    def get(self, path: str, role: str = "admin") -> Any:
        """What it answers, as JSON."""
        answer = httpx2.get(self.url + path, headers=house.bearer(role), timeout=10)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def text(self, path: str) -> str:
        """What it answers to anybody, as text."""
        return httpx2.get(self.url + path, timeout=10).text

    def post(self, path: str, body: Any, role: str = "admin") -> httpx2.Response:
        """Post JSON."""
        return httpx2.post(self.url + path, json=body, headers=house.bearer(role), timeout=10)

    def stop(self, how: int = signal.SIGTERM) -> tuple[int, str]:
        """End it; its exit code and what it said last."""
        self.process.send_signal(how)
        said, _ = self.process.communicate(timeout=DEADLINE)
        return self.process.returncode, said


@contextmanager
def serving(folder: Path, port: int = 0) -> Iterator[Serving]:
    """Start a server over ``folder`` and wait until it says where it listens; kill it at the end if it still runs."""
    with (folder / "stderr.log").open("ab") as errors:
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(folder), str(port)],
            cwd=folder, stdout=subprocess.PIPE, stderr=errors, text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])},
        )  # fmt: skip
    try:
        url = first_line(process)
        assert url.startswith("http://"), (folder / "stderr.log").read_text()
        yield Serving(url=url, folder=folder, process=process)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait(DEADLINE)
        assert process.stdout is not None
        process.stdout.close()


def first_line(process: subprocess.Popen[str]) -> str:
    """The first line of a process's output; empty when none comes in time."""
    assert process.stdout is not None
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        return process.stdout.readline().strip() if selector.select(DEADLINE) else ""


def eventually(look: Callable[[], Any], what: str, seconds: float = DEADLINE) -> Any:
    """What ``look`` finds, as soon as it finds something; fails with ``what`` when that takes too long."""
    deadline, looks = time.monotonic() + seconds, 0
    while looks < LOOKS or time.monotonic() < deadline:  # a machine that stood still has looked once
        found = look()
        if found:
            return found
        looks += 1
        time.sleep(0.05)
    raise AssertionError(f"{what} did not happen within {seconds:g} s")
