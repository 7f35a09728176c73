"""Starts the processes of one pipeline without a shell, and ends them together with all that they started."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

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
        """Signals the processes and whatever else is in their process groups."""
        for process in self._processes[:1] if only_first else self._processes:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(process.pid, number)

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
