"""One engine for one SQLite file: an advisory lock that the kernel opens when its process ends, however it ends."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from tocsin.errors import Invalid, Refused, Unavailable


class Hold:
    """A held lock; leave the ``with`` block or call `release` to let go."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def release(self) -> None:
        """Let go. Calling it again does nothing. The file stays: removing it would let two processes hold two files."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def hold(path: Path) -> Hold:
    """Take the lock file ``path``. Raises `Refused`, naming the process that has it; `Unavailable` on a full disk."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise Invalid(f"The lock file {path} can't be opened ({error.strerror}).", "Check its folder.") from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        owner = os.pread(descriptor, 20, 0).decode("ascii", "replace").strip()
        os.close(descriptor)
        who = f"process {owner}" if owner.isdigit() else "another process"
        raise Refused(
            f"Tocsin is running on this database already ({who} holds {path}).",
            "Stop it first, or let several nodes share a PostgreSQL database.",
        ) from None
    try:
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
    except OSError as error:
        os.close(descriptor)
        hint = "Check its disk and the free space there."
        raise Unavailable(f"The lock file {path} can't be written ({error.strerror}).", hint) from None
    return Hold(descriptor)
