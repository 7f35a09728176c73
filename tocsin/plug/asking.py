"""Starts a program to learn something from it: no shell, a clean environment, an end in time, bounded output."""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import signal
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from tocsin.errors import Unread
from tocsin.plug.neutral import clean_environment
from tocsin.plug.processes import Group, Start

LARGEST_OUTPUT = 4 * 1024 * 1024
_READ_SIZE = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """What a program printed on standard output (or the beginning of it), and how it ended."""

    output: bytes
    code: int
    cut: bool = False

    @property
    def text(self) -> str:
        """The output as text; what is not UTF-8 is replaced."""
        return self.output.decode("utf-8", "replace")


def ask(
    argv: Sequence[str],
    path: str,
    env: Mapping[str, str],
    workdir: str,
    timeout: timedelta,
    *,
    joined: bool = False,
) -> Printed:
    """Run it to its end. ``joined``: standard error is read too. Raises `Unread` where it can't start or end in time.

    ``path`` finds the program; the environment is ``env`` and what keeps programs from asking questions.
    """
    program = shutil.which(argv[0], path=path) if argv else None
    if program is None:
        raise Unread(f"There is no program {argv[0] if argv else ''!r} on the PATH {path!r}.")
    reading, writing = os.pipe()
    group = Group()
    try:
        try:
            start = Start(
                program=program, argv=argv, env=clean_environment(path, env), stderr="join" if joined else "drop"
            )
            group.start([start], workdir, writing)
        except (OSError, ValueError) as error:
            raise Unread(f"{argv[0]} can't be started: {error}.") from None
        finally:
            os.close(writing)
        return _followed(group, reading, argv[0], timeout)
    finally:
        os.close(reading)


def _followed(group: Group, reading: int, name: str, timeout: timedelta) -> Printed:
    until, output, cut = time.monotonic() + timeout.total_seconds(), bytearray(), False
    poller = select.poll()
    poller.register(reading, select.POLLIN)
    try:
        while True:
            left = until - time.monotonic()
            if left <= 0:
                raise Unread(f"{name} did not end within {timeout.total_seconds():g} s.")
            if not poller.poll(left * 1000):
                continue
            piece = os.read(reading, _READ_SIZE)
            if not piece:
                break
            cut = cut or len(output) + len(piece) > LARGEST_OUTPUT
            output += piece[: max(0, LARGEST_OUTPUT - len(output))]
        while group.running() and time.monotonic() < until:
            group.wait(0.01)
        if group.running():
            raise Unread(f"{name} closed its output, but did not end within {timeout.total_seconds():g} s.")
    finally:
        with contextlib.suppress(OSError):
            group.send(signal.SIGKILL)
        code = group.reap()[0]
    return Printed(output=bytes(output), code=-1 if code is None else code, cut=cut)
