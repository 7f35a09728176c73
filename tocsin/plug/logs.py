"""The new lines of a file that another program writes and rotates."""

from __future__ import annotations

import contextlib
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

from tocsin.errors import Unread

MOST_BYTES = 32 * 1024 * 1024
"""Read at once; what was written beyond it since the last time is skipped, the newest bytes are kept."""
LONGEST_LINE = 64 * 1024
_PIECE = 1024 * 1024


@dataclass(slots=True)
class Tail:
    """Where reading stopped. It begins at the end of the file as it is now; raises `Unread` where there is none.

    The open descriptor keeps a renamed file readable to its end; a file that is shorter than what was read of it was
    truncated, and is read from its beginning.
    """

    path: str
    _file: int = -1
    _at: int = 0
    _rest: bytes = b""
    _within: bool = False
    _lines: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._open()
        self._at = os.fstat(self._file).st_size
        # In the middle of a line the rest of it is nobody's: an old error must not count as a new one.
        self._within = bool(self._at) and os.pread(self._file, 1, self._at - 1) != b"\n"

    def lines(self) -> list[bytes]:
        """The whole lines that were written since the last call, those of a rotated file first."""
        self._lines = []
        if self._file < 0:
            self._open()
        self._drain()
        if self._was_renamed():
            self._take(b"\n" if self._rest else b"")
            self._close()
            with contextlib.suppress(Unread):  # between two files there may be none for a moment
                self._open()
                self._drain()
        return self._lines

    def _open(self) -> None:
        try:
            file = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            raise Unread(f"no data: {self.path} can't be read ({error.strerror}).") from None
        if not stat.S_ISREG(os.fstat(file).st_mode):
            os.close(file)
            raise Unread(f"no data: {self.path} is not a file.")
        self._file, self._at, self._rest, self._within = file, 0, b"", False

    def _close(self) -> None:
        os.close(self._file)
        self._file = -1

    def _was_renamed(self) -> bool:
        ours = os.fstat(self._file)
        try:
            there = Path(self.path).stat()
        except OSError:
            return False  # renamed, and no new one yet: what is still written goes to ours
        return (there.st_dev, there.st_ino) != (ours.st_dev, ours.st_ino)

    def _drain(self) -> None:
        size = os.fstat(self._file).st_size
        if size < self._at:
            self._at, self._rest, self._within = 0, b"", False
        if size - self._at > MOST_BYTES:
            self._at, self._rest, self._within = size - MOST_BYTES, b"", True
        while self._at < size:
            piece = os.pread(self._file, min(_PIECE, size - self._at), self._at)
            if not piece:
                break
            self._at += len(piece)
            self._take(piece)

    def _take(self, piece: bytes) -> None:
        *whole, rest = (self._rest + piece).split(b"\n")
        if self._within and whole:
            del whole[0]
            self._within = False
        self._lines += [line[:LONGEST_LINE] for line in whole]
        self._rest = rest[:LONGEST_LINE]

    def __del__(self) -> None:
        if self._file >= 0:
            with contextlib.suppress(OSError):
                os.close(self._file)
