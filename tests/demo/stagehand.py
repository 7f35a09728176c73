"""A real `tocsin demo` in a process of its own, watched from outside."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, Queue
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parents[2]
MODULE = ("-m", "tocsin.cli.demo")
PATIENCE = 80.0


class Demo:
    """A running demo that tells JSON lines. ``started``: all processes seen below it; ``arguments``: their words."""

    def __init__(self, process: subprocess.Popen[bytes], folder: Path) -> None:
        self.process, self.folder = process, folder
        self.events: list[dict[str, Any]] = []
        self.started: dict[int, psutil.Process] = {}
        self.arguments: set[str] = set()
        self.errors = b""
        self._lines: Queue[bytes | None] = Queue()
        self._threads = [threading.Thread(target=self._read), threading.Thread(target=self._read_errors)]
        for thread in self._threads:
            thread.start()

    def until(self, name: str) -> dict[str, Any]:
        """The next event of this name."""
        for event in self.told():
            if event["event"] == name:
                return event
        raise AssertionError(f"the demo ended without {name}: {self.errors.decode(errors='replace')}")

    def told(self) -> Iterator[dict[str, Any]]:
        """Every further event, as it comes, until the demo says no more."""
        while True:
            try:
                line = self._lines.get(timeout=PATIENCE)
            except Empty:
                raise AssertionError(f"nothing more after {self.events[-3:]}") from None
            if line is None:
                self._lines.put(None)
                return
            self._look_for_children()
            self.events.append(json.loads(line))
            yield self.events[-1]

    def end(self, number: signal.Signals | None = None) -> int:
        """Its exit code, after a signal if one is named; everything that it said is in ``events``."""
        if number is not None:
            self.process.send_signal(number)
        list(self.told())
        code = self.process.wait(PATIENCE)
        for thread in self._threads:
            thread.join(PATIENCE)
        for pipe in (self.process.stdout, self.process.stderr):
            if pipe:
                pipe.close()
        return code

    def story(self) -> str:
        """What it told, for a failing test."""
        told = [f"{event['seconds']:7.3f} {event.get('title') or event.get('text')}" for event in self.events]
        return "\n".join([*told, self.errors.decode("utf-8", "replace")])

    def left_running(self, seconds: float = 0.0) -> list[str]:
        """What was started and still runs, after at most so many seconds."""
        _, alive = psutil.wait_procs(list(self.started.values()), timeout=seconds)
        return [f"{process.pid} {name}" for process in alive if (name := _name_if_running(process))]

    def _look_for_children(self) -> None:
        try:
            for child in psutil.Process(self.process.pid).children(recursive=True):
                self.started.setdefault(child.pid, child)
                self.arguments.update(child.cmdline())
        except psutil.NoSuchProcess:
            return

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self._lines.put(line)
        self._lines.put(None)

    def _read_errors(self) -> None:
        assert self.process.stderr
        self.errors = self.process.stderr.read()


def _name_if_running(process: psutil.Process) -> str:
    """Empty for one that has ended, also where whoever has inherited it has not yet asked how."""
    try:
        return "" if process.status() == psutil.STATUS_ZOMBIE else process.name()
    except psutil.NoSuchProcess:
        return ""


@contextmanager
def playing(folder: Path, *options: str, python: Sequence[str] = MODULE) -> Iterator[Demo]:
    """Start `tocsin demo --json` in a folder; whatever the test does, it is gone afterwards."""
    process = subprocess.Popen(
        [sys.executable, *python, "--json", "--dir", str(folder), *options],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT, start_new_session=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error"},
    )  # fmt: skip
    demo = Demo(process, folder)
    try:
        yield demo
    finally:
        demo.end(signal.SIGTERM if process.poll() is None else None)
