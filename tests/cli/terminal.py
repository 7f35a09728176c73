"""The command line as a person or a script uses it: real processes, a real server, a real terminal."""

from __future__ import annotations

import contextlib
import io
import json
import os
import pty
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from tocsin.cli import main

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "correct-horse-battery"
PATIENCE = 20

RUNBOOK = """\
# Incidents of the ticket shop

## Severities

| Severity | Meaning | Response time |
|---|---|---|
| P1 | Nobody can buy | 5 minutes |
| P2 | Some can't buy | 30 minutes |

## Checkout fails

**Severity:** P1
**Alert:** `CheckoutFails`

**Symptoms:**
- failed payments > 5 %

### Diagnosis
1. How full is the disk? `df -h`
2. Is the release there? `ls missing-release`

### Mitigation
**If a release is to blame:**
- Mark the release: `touch marked-one`
- Mark it again: `touch marked-two`

**If the bank is down:**
- Call the bank

## Escalation
- If unresolved after 15 minutes, page the team lead
"""


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it printed, read as JSON."""
        return json.loads(self.out)


def environment(**more: str) -> dict[str, str]:
    """This environment without anybody's settings for Tocsin, and with those that are given."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("TOCSIN_")}
    return {**plain, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error", **more}


def tocsin(*arguments: str, cwd: Path, text: str = "", **variables: str) -> Done:
    """Run a command line to its end, without a terminal."""
    done = subprocess.run(
        [sys.executable, "-m", "tocsin", *arguments], cwd=cwd, env=environment(**variables), input=text,
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    return Done(done.returncode, done.stdout, done.stderr)


def here(*arguments: str, cwd: Path, text: str = "", **variables: str) -> Done:
    """Run a command line in this process, which saves its start; everything else is as in a process of its own."""
    streams = [io.TextIOWrapper(io.BytesIO(data), "utf-8", newline="") for data in (text.encode(), b"", b"")]
    before = sys.stdin, sys.stdout, sys.stderr
    with mock.patch.dict(os.environ, environment(**variables), clear=True), contextlib.chdir(cwd):
        sys.stdin, sys.stdout, sys.stderr = streams
        try:
            code = main.run(arguments)
        finally:
            sys.stdin, sys.stdout, sys.stderr = before
    _, out, err = (stream.detach().getvalue().decode() for stream in streams if not stream.flush())
    return Done(code, out, err)


def at_a_terminal(*arguments: str, types: str, after: str, cwd: Path, **variables: str) -> Done:
    """Run a command line whose input and errors are a terminal, and type something once ``after`` stands there."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "tocsin", *arguments], cwd=cwd, env=environment(**variables), stdin=theirs,
        stdout=subprocess.PIPE, stderr=theirs, start_new_session=True,
    )  # fmt: skip
    os.close(theirs)
    seen = b""
    typed = False
    with os.fdopen(ours, "r+b", buffering=0) as screen:
        while select.select([screen], [], [], PATIENCE)[0]:
            try:
                piece = screen.read(4096)
            except OSError:  # the other side is closed: how a terminal says that it is over
                break
            if not piece:
                break
            seen += piece
            if not typed and after.encode() in seen:
                screen.write(types.encode())
                typed = True
        out, _ = process.communicate(timeout=PATIENCE)
    return Done(process.returncode, out.decode(), seen.decode())


@dataclass
class Server:
    """A running ``tocsin up``."""

    url: str
    folder: Path
    process: subprocess.Popen[str]
    token: str = TOKEN

    @property
    def words(self) -> str:
        """What it said on standard error so far."""
        return (self.folder / "words").read_text()

    def __call__(self, *arguments: str, text: str = "", **variables: str) -> Done:
        """Run a command line that asks this server, in this process."""
        return here(*arguments, cwd=self.folder, text=text, **{**self.variables(), **variables})

    def variables(self) -> dict[str, str]:
        """What leads a command line here."""
        return {"TOCSIN_URL": self.url, "TOCSIN_TOKEN": self.token}

    def declare(self, *arguments: str) -> str:
        """Begin an incident and let its diagnosis end, which nothing else may disturb; its name."""
        ref = str(self("incident", "declare", *(arguments or ("--scenario", "checkout")), "--json").json["id"])
        for _ in range(1000):
            steps = self("incident", "show", ref, "--json").json["incident"]["steps"]
            if not {"queued", "running"} & {state["status"] for state in steps.values()}:
                return ref
        raise AssertionError(f"The diagnosis of {ref} does not end.")

    def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Send the signal and wait for the end."""
        self.process.send_signal(how)
        return self.process.wait(PATIENCE)


@contextmanager
def running(folder: Path, *arguments: str, **variables: str) -> Iterator[Server]:
    """``tocsin up`` on a free port, until the end of the block at the latest."""
    given = {"TOCSIN_TOKEN": TOKEN, **variables}
    command = [sys.executable, "-m", "tocsin", "up", *(arguments or ("shop.md",)), "--port", "0"]
    with (folder / "words").open("w") as words:
        process = subprocess.Popen(
            command, cwd=folder, env=environment(**given), stdout=subprocess.PIPE, stderr=words, text=True
        )  # fmt: skip
    assert process.stdout is not None
    try:
        url = process.stdout.readline().strip()
        if not url:
            raise AssertionError(f"It did not start: {(folder / 'words').read_text()}")
        yield Server(url, folder, process)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(PATIENCE)
        process.stdout.close()


def folder_with_runbook(folder: Path, text: str = RUNBOOK, config: str = "") -> Path:
    """A folder with ``shop.md`` and, where one is given, ``tocsin.toml``."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "shop.md").write_text(text, "utf-8")
    if config:
        (folder / "tocsin.toml").write_text(config, "utf-8")
    return folder
