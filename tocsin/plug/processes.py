"""Starts the processes of one pipeline without a shell, and ends them together with all that they started."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

_END_WAIT = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """One process to start: its words and whole environment, and where what it prints goes."""

    argv: Sequence[str]
    env: Mapping[str, str]
    stdout: Literal["keep", "drop"] = "keep"
    stderr: Literal["keep", "drop", "join"] = "keep"


class Group:
    """The started processes of one pipeline. Each leads a session of its own: no terminal, and no way to ours."""

    def __init__(self) -> None:
        self._processes: list[subprocess.Popen[bytes]] = []
        self._offspring: set[_Process] = set()

    def start(self, starts: Sequence[Start], workdir: str, output: int) -> None:
        """Starts all, joined by pipes; the last one (and every kept stderr) writes to ``output``.

        Raises `OSError` or `ValueError` if one can't be started; those before it have been ended then.
        """
        stdin = subprocess.DEVNULL
        try:
            for start in starts[:-1]:
                stdin = self._start_into_pipe(start, workdir, stdin, output)
            self._start_one(starts[-1], workdir, stdin, output, output)
        except BaseException:
            self.send(signal.SIGKILL)
            self.reap()
            raise

    @property
    def size(self) -> int:
        """How many processes were started."""
        return len(self._processes)

    def running(self) -> bool:
        """Whether one of them has not ended. Does not reap: until then no stranger can get the id of a group."""
        return any(not _ended(process.pid) for process in self._processes)

    def send(self, number: signal.Signals, only_first: bool = False) -> None:
        """Signals the processes, whatever else is in their process groups, and what left the groups (``setsid``).

        Offspring is remembered from signal to signal: when its parent has ended it can't be found any more.
        """
        ours = [each for each in (self._processes[:1] if only_first else self._processes) if each.returncode is None]
        self._offspring |= _offspring({process.pid for process in ours})
        for process in ours:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, number)
        for child in self._offspring & _processes().keys():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(child.pid, number)

    def reap(self) -> list[int | None]:
        """Exit codes in order (negative: ended by that signal; None: it can't be ended)."""
        return [_reap(process) for process in self._processes]

    def _start_into_pipe(self, start: Start, workdir: str, stdin: int, output: int) -> int:
        """Starts one that writes to the next; gives back what the next reads from."""
        reading, writing = os.pipe()
        try:
            self._start_one(start, workdir, stdin, writing, output)
        except BaseException:
            os.close(reading)
            raise
        finally:
            os.close(writing)
        return reading

    def _start_one(self, start: Start, workdir: str, stdin: int, stdout: int, output: int) -> None:
        """Starts one. ``stdin`` is closed here, whatever happens."""
        stderr = {"keep": output, "drop": subprocess.DEVNULL, "join": subprocess.STDOUT}[start.stderr]
        try:
            process = subprocess.Popen(
                start.argv,
                stdin=stdin,
                stdout=subprocess.DEVNULL if start.stdout == "drop" else stdout,
                stderr=stderr,
                env=start.env,
                cwd=workdir,
                start_new_session=True,
            )
        finally:
            if stdin != subprocess.DEVNULL:
                os.close(stdin)
        self._processes.append(process)


class _Process(NamedTuple):
    """A process that can't be mistaken for another: its id, and when it was started in clock ticks since boot."""

    pid: int
    started: int


def _processes() -> dict[_Process, int]:
    """Every process of this machine and its parent's id; empty where there is no ``/proc`` (see proc_pid_stat(5))."""
    found: dict[_Process, int] = {}
    for file in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            behind_name = file.read_bytes().rpartition(b")")[2].split()
            found[_Process(int(file.parent.name), int(behind_name[19]))] = int(behind_name[1])
    return found


def _offspring(parents: set[int]) -> set[_Process]:
    """What these processes have started, and what that has started, for as long as the chain of parents lives."""
    known, found, fresh = _processes(), set[_Process](), parents
    while fresh:
        children = {child for child, parent in known.items() if parent in fresh} - found
        found |= children
        fresh = {child.pid for child in children}
    return found


def _ended(pid: int) -> bool:
    try:
        return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    except ChildProcessError:
        return True


def _reap(process: subprocess.Popen[bytes]) -> int | None:
    try:
        return process.wait(timeout=_END_WAIT)
    except subprocess.TimeoutExpired:
        return None
