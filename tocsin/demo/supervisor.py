"""The demo's processes: started, restarted and ended by their ids; each leads a process group of its own."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from tocsin.demo.interrupts import held
from tocsin.errors import Unavailable
from tocsin.times import SystemClock

START_SECONDS = 15.0
END_SECONDS = 15.0
POLL = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A process to run. ``ready`` answers whether it does its work; it is asked until it says yes."""

    name: str
    argv: Sequence[str]
    cwd: Path
    env: Mapping[str, str] = field(default_factory=dict)
    ready: Callable[[], bool] = lambda: True


@dataclass(slots=True)
class _Running:
    process: subprocess.Popen[bytes]
    since: datetime


class Supervisor:
    """Keeps the demo's services. Safe to call from any thread; one thing at a time."""

    def __init__(self, services: Sequence[Service], logs: Path, pids: Path) -> None:
        self._services = {service.name: service for service in services}
        self._logs, self._pids = logs, pids
        self._running: dict[str, _Running] = {}
        self._lock = threading.RLock()
        self._clock = SystemClock()
        self._ended = False

    @property
    def names(self) -> tuple[str, ...]:
        """The services, in the order in which they start."""
        return tuple(self._services)

    def log_of(self, name: str) -> Path:
        """The file with what a service prints."""
        return self._logs / f"{name}.log"

    def start(self, name: str) -> bool:
        """Start a service and wait until it is ready; False where it runs already. Raises `Unavailable`."""
        with self._lock:
            if self._ended:
                raise Unavailable("The demo is ending.")
            if self._alive(name):
                return False
            self._spawn(self._services[name])
            self._wait_until_ready(self._services[name])
            return True

    def stop(self, name: str) -> bool:
        """End a service; False where it does not run."""
        with self._lock:
            running = self._running.get(name)
            if running is None:
                return False
            with held():  # whoever ends the demo now would have to wait for the same end
                _end(running.process)
                (self._pids / f"{name}.pid").unlink(missing_ok=True)
                del self._running[name]
            return True

    def restart(self, name: str) -> None:
        """End a service and start it again."""
        with self._lock:
            self.stop(name)
            self.start(name)

    def state(self, name: str) -> str:
        """One line: since when it runs, or how it ended."""
        with self._lock:
            running = self._running.get(name)
            if running is None:
                return "Exited"
            code = running.process.poll()
            if code is not None:
                return f"Exited ({code})"
            return f"Up {round((self._clock.now() - running.since).total_seconds())} seconds"

    def stop_all(self) -> None:
        """End everything, the last started first. Nothing starts afterwards."""
        self._ended = True
        with self._lock:
            for name in reversed(self.names):
                self.stop(name)

    def _alive(self, name: str) -> bool:
        running = self._running.get(name)
        if running is None:
            return False
        if running.process.poll() is None:
            return True
        self.stop(name)
        return False

    def _spawn(self, service: Service) -> None:
        with self.log_of(service.name).open("ab") as log, held():  # a process is in the list or there is none
            process = subprocess.Popen(
                service.argv,
                stdin=subprocess.PIPE,  # the lifeline; nothing is ever written to it
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=service.cwd,
                env=dict(service.env),
                start_new_session=True,
            )
            self._running[service.name] = _Running(process, self._clock.now())
            (self._pids / f"{service.name}.pid").write_text(f"{process.pid}\n", "utf-8")

    def _wait_until_ready(self, service: Service) -> None:
        process = self._running[service.name].process
        deadline = self._clock.now() + timedelta(seconds=START_SECONDS)
        while not service.ready():
            with contextlib.suppress(subprocess.TimeoutExpired):
                code = process.wait(POLL)
                raise Unavailable(f"{service.name} ended at once (exit {code}).", f"See {self.log_of(service.name)}.")
            if self._ended:
                raise Unavailable("The demo is ending.")
            if self._clock.now() > deadline:
                raise Unavailable(
                    f"{service.name} is not ready after {START_SECONDS:g} seconds.", f"See {self.log_of(service.name)}."
                )


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask, wait, then insist with the whole group: until it is reaped, its id can't be anybody else's."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(END_SECONDS)
    if process.stdin is not None:
        process.stdin.close()
