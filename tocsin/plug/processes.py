"""Starts the processes of one pipeline without a shell, and ends them together with all that they started."""

from __future__ import annotations

import contextlib
import os
import signal
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

from tocsin.plug import systemcalls
from tocsin.plug.spawning import DROP, Streams, spawn

_END_WAIT = 2.0
_LOOK_AGAIN = 0.001


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """One process to start: its program, words and whole environment, and where what it prints goes.

    ``given`` is what the first process of a pipeline reads; without any, nothing.
    """

    program: str
    argv: Sequence[str]
    env: Mapping[str, str]
    stdout: Literal["keep", "drop"] = "keep"
    stderr: Literal["keep", "drop", "join"] = "keep"
    given: bytes = b""


@dataclass(slots=True)
class _Started:
    """A process of ours. ``code`` is set when it has been reaped."""

    pid: int
    code: int | None = None
    reaped: bool = False


class Group:
    """The started processes of one pipeline. Each leads a session of its own: no terminal, and no way to ours."""

    def __init__(self) -> None:
        self._processes: list[_Started] = []
        self._offspring: set[_Process] = set()
        self._ended = False

    def start(self, starts: Sequence[Start], workdir: str, output: int) -> None:
        """Starts all, joined by pipes; the last one (and every kept stderr) writes to ``output``.

        Raises `OSError` or `ValueError` if one can't be started; those before it have been ended then.
        """
        stdin = _holding(starts[0].given) if starts[0].given else DROP
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
        return not self._ended and any(not _ended(process.pid) for process in self._processes)

    def all_ended(self) -> None:
        """Take note that every one of them has ended, for who has watched `endings`; nobody need look again."""
        self._ended = True

    def endings(self) -> set[int]:
        """A descriptor for each process that becomes readable when it has ended, to be closed by the caller.

        Empty where that can't be watched for (Linux 5.3 and newer have it).
        """
        found: set[int] = set()
        try:
            for process in self._processes:
                found.add(os.pidfd_open(process.pid))
        except (AttributeError, OSError):
            for each in found:
                systemcalls.close(each)
            return set()
        return found

    def wait(self, seconds: float) -> None:
        """Waits a little, at most until one of them ends."""
        if self.running():
            time.sleep(min(seconds, _LOOK_AGAIN))

    def send(self, number: signal.Signals, only_first: bool = False) -> None:
        """Signals the processes, whatever else is in their process groups, and what left the groups (``setsid``).

        Offspring is remembered from signal to signal: when its parent has ended it can't be found any more.
        """
        ours = [each for each in (self._processes[:1] if only_first else self._processes) if not each.reaped]
        self._offspring |= _offspring({process.pid for process in ours})
        for process in ours:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, number)
        for child in self._offspring & _processes().keys():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(child.pid, number)

    def reap(self) -> list[int | None]:
        """Exit codes in order (negative: ended by that signal; None: it can't be ended)."""
        return [process.code if _reaped(process) else _reap(process) for process in self._processes]

    def _start_into_pipe(self, start: Start, workdir: str, stdin: int, output: int) -> int:
        """Starts one that writes to the next; gives back what the next reads from."""
        reading, writing = systemcalls.pipe()
        try:
            self._start_one(start, workdir, stdin, writing, output)
        except BaseException:
            systemcalls.close(reading)
            raise
        finally:
            systemcalls.close(writing)
        return reading

    def _start_one(self, start: Start, workdir: str, stdin: int, stdout: int, output: int) -> None:
        """Starts one. ``stdin`` is closed here, whatever happens."""
        stdout = DROP if start.stdout == "drop" else stdout
        stderr = {"keep": output, "drop": DROP, "join": stdout}[start.stderr]
        try:
            pid = spawn(start.program, start.argv, start.env, workdir, Streams(stdin, stdout, stderr))
        finally:
            if stdin != DROP:
                os.close(stdin)
        self._processes.append(_Started(pid))


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


def _holding(text: bytes) -> int:
    """A descriptor from which this text is read; it has no name, so nobody else can open it."""
    with tempfile.TemporaryFile() as file:
        file.write(text)
        file.flush()
        file.seek(0)
        return os.dup(file.fileno())


def _ended(pid: int) -> bool:
    try:
        return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    except ChildProcessError:
        return True


def _reap(process: _Started) -> int | None:
    """Its exit code; None where it does not end within a short time, or somebody else has reaped it."""
    until = time.monotonic() + _END_WAIT
    while not _reaped(process) and time.monotonic() < until:
        time.sleep(_LOOK_AGAIN)
    return process.code


def _reaped(process: _Started) -> bool:
    """Whether it has ended, or was taken from us; takes note of its exit code."""
    if process.reaped:
        return True
    try:
        pid, status = systemcalls.collect(process.pid)
    except ChildProcessError:
        process.reaped = True
    else:
        if pid:
            process.code, process.reaped = os.waitstatus_to_exitcode(status), True
    return process.reaped
