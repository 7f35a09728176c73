"""Follows one job's processes to their end: reads what they print, keeps the time, ends them when that is due."""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import signal
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from tocsin.core.run import Outcome, RunStatus
from tocsin.plug import systemcalls
from tocsin.plug.kinds import Emit, Job
from tocsin.plug.masking import mask_text
from tocsin.plug.printed import Printout
from tocsin.plug.processes import Group, Start

TICK = 0.05
"""Seconds between two looks at the clock, and between two pieces that are passed on."""
_LINGER = 0.25
_DISK_WAIT = 5.0
_READ_SIZE = 256 * 1024
_USUAL_PIPE, _LARGE_PIPE = 64 * 1024, 1024 * 1024

Ending = Literal["itself", "limit", "cancel"]
Sieve = Callable[[bytes], bytes]
"""Takes what was read and gives back what of it was printed by the command itself."""


@dataclass(frozen=True, slots=True)
class _Ask:
    """When to ask which processes to end, and how firmly."""

    at: float
    signal: signal.Signals
    only_first: bool = False


class _Output:
    """The pipe through which all output comes.

    Its writing end stays open here until every process has ended, where that can be watched for: so one wake-up tells
    the end of a quick command, not two.
    """

    def __init__(self, group: Group) -> None:
        self._group = group
        self.reading, self.writing = systemcalls.pipe()
        self._endings: set[int] = set()
        self._poller = select.poll()
        self._grown = self._just_ended = False

    def watch(self) -> None:
        """Be woken when a process of the group ends."""
        os.set_blocking(self.reading, False)
        self._poller.register(self.reading, select.POLLIN)
        self._endings = self._group.endings()
        for each in self._endings:
            self._poller.register(each, select.POLLIN)
        if not self._endings:
            self._let_go()

    def ready(self, seconds: float) -> bool:
        """Waits for something to read or the end of a process; whether it is worth a try to read."""
        readable = False
        for descriptor, _ in self._poller.poll(seconds * 1000):
            if descriptor == self.reading:
                readable = True
            else:
                self._poller.unregister(descriptor)
                self._endings.discard(descriptor)
                systemcalls.close(descriptor)
                if not self._endings:
                    self._group.all_ended()
                    self._let_go()
                    readable = self._just_ended = True
        return readable

    def read(self) -> bytes | None:
        """What there is; empty at the end, None where there is nothing yet."""
        soon, self._just_ended = self._just_ended, False  # most likely there is nothing more, or a little
        try:
            data = systemcalls.read(self.reading) if soon else os.read(self.reading, _READ_SIZE)
        except BlockingIOError:
            return None
        if not self._grown and len(data) >= _USUAL_PIPE:
            self._grown = True
            with contextlib.suppress(OSError, AttributeError):  # a bigger pipe saves wake-ups; not every system has it
                fcntl.fcntl(self.reading, fcntl.F_SETPIPE_SZ, _LARGE_PIPE)
        return data

    def close(self) -> None:
        """Give back every descriptor."""
        self._let_go()
        for each in (*self._endings, self.reading):
            systemcalls.close(each)

    def _let_go(self) -> None:
        if self.writing >= 0:
            systemcalls.close(self.writing)
            self.writing = -1


class Following:
    """One job on its way: its clock, what it printed, how it is being ended, and what is worth a note."""

    def __init__(
        self, job: Job, emit: Emit, cancel: threading.Event, grace: timedelta, sieve: Sieve | None = None
    ) -> None:
        self.job, self.printout = job, Printout(emit, job.secrets, job.keep_bytes)
        self._sieve = sieve
        self.ending: Ending = "itself"
        self.notes: list[str] = []
        self.started = 0
        self._cancel, self._grace = cancel, grace.total_seconds()
        self._started_at = time.monotonic()
        self._deadline = self._started_at + job.timeout.total_seconds()
        self._hopeless_at = 0.0
        self._asks: list[_Ask] = []

    @property
    def seconds(self) -> float:
        """Since it began."""
        return time.monotonic() - self._started_at

    def outcome(self, status: RunStatus, code: int | None) -> Outcome:
        """The end of it, with all that was printed and noted."""
        output = self.printout.finish() if self.printout.size else ""
        seconds = round(time.monotonic() - self._started_at, 3)
        note = mask_text("; ".join(dict.fromkeys(self.notes)), self.job.secrets) if self.notes else ""
        return Outcome(
            status=status, exit_code=code, seconds=seconds, output=output, size=self.printout.size, note=note
        )

    def go(self, starts: Sequence[Start]) -> list[int | None]:
        """Starts one pipeline, follows it to its end and gives back the exit codes."""
        group = Group()
        output = _Output(group)
        try:
            try:
                group.start(starts, self.job.workdir, output.writing)
            finally:
                self.started += group.size
            output.watch()
            self._follow(group, output)
        finally:
            if self.ending != "itself" or group.running():
                group.send(signal.SIGKILL)
            output.close()
            codes = group.reap()
        if None in codes:
            self.notes.append("a process could not be ended and still exists")
        return codes

    def _follow(self, group: Group, output: _Output) -> None:
        """Reads until all have ended and the output is closed; ends them at the limit or when cancelled."""
        is_open, gone_at = True, 0.0
        while True:
            if is_open:
                is_open = self._take_output(output)
            else:
                group.wait(TICK)
            now = time.monotonic()
            self._end_if_due(group, now)
            if group.running():
                if self._asks == [] and self.ending != "itself" and now > self._hopeless_at:
                    return
                continue
            gone_at = gone_at or now
            if not is_open:
                return
            if now - gone_at > (_LINGER if self.ending == "itself" else self._grace):
                self.notes.append("a background process still held the output and was not waited for")
                return

    def _take_output(self, output: _Output) -> bool:
        """Reads for one tick, then passes on what came; False when the output is closed."""
        until = time.monotonic() + TICK
        while (left := until - time.monotonic()) > 0:
            if output.ready(left):
                data = output.read()
                if data:
                    self.printout.feed(self._sieve(data) if self._sieve else data)
                elif data is not None:
                    return False
        self.printout.pass_on()
        return True

    def _end_if_due(self, group: Group, now: float) -> None:
        if self.ending == "itself" and (self._cancel.is_set() or now >= self._deadline):
            self.ending = "cancel" if self._cancel.is_set() else "limit"
            # Where only the first one ends, the filters behind it see the end of their input and print what they hold.
            gently = [_Ask(now, signal.SIGTERM, only_first=True)] if self.job.endless and group.size > 1 else []
            hard = now + self._grace if gently else now
            self._asks = [*gently, _Ask(hard, signal.SIGTERM), _Ask(hard + self._grace, signal.SIGKILL)]
            self._hopeless_at = hard + self._grace + _DISK_WAIT
        while self._asks and self._asks[0].at <= now:
            ask = self._asks.pop(0)
            group.send(ask.signal, ask.only_first)
