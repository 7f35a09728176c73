"""The log in front of a SQLite database: what came in is appended and on disk before it is answered.

Segments (``tocsin.db.intake-000001.log``, …) lie beside the database. A segment is a row of frames: four letters,
length and CRC-32 of what follows, then records, each behind its length. One frame is one group of requests, one write
and one fdatasync. Who works the records off keeps its `Place` in the database, in the transaction of what it made of
them.
"""

from __future__ import annotations

import errno
import os
import re
import struct
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from tocsin.errors import TocsinError, Unavailable
from tocsin.store.hold import Hold, hold

LARGEST_SEGMENT = 16 * 1024 * 1024
LETTERS = b"TLG1"
AHEAD = 1024 * 1024
"""Zeros that are written ahead of the frames: syncing what lies inside of a file takes half as long as growing it."""
_FRAME = struct.Struct("<4sII")
_RECORD = struct.Struct("<I")
_NUMBER = re.compile(r"-(\d{6,12})\.log")
_FULL = (errno.ENOSPC, errno.EDQUOT)
_RELEASE = "Free space where the database lies."
_MOVED = ("A file of the intake's log was removed or replaced while Tocsin ran.", "Put it back; senders try again.")


class Place(NamedTuple):
    """Where reading goes on: the segment, the byte at which a frame begins, how many of its records are done."""

    segment: int = 0
    offset: int = 0
    record: int = 0


START = Place()


@dataclass(frozen=True, slots=True)
class Frame:
    """One group of records; the next one begins at ``end``."""

    at: Place
    end: Place
    records: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that should be there and can't be read; reading goes on at ``end``."""

    end: Place
    why: str


def base_of(database: Path) -> Path:
    """What the names of the log's files begin with: they lie beside the SQLite file."""
    return database.with_name(f"{database.name}.intake")


class IntakeLog:
    """The log, open for appending by one process and one thread of it. Reading needs no lock.

    ``check`` raises where what lies beside it was taken away: asked before anything is written, and before it counts.
    Raises `Refused` where another process has it, `Unavailable` where its folder can't be written.
    """

    def __init__(
        self,
        base: Path,
        after: Place = START,
        *,
        write: Callable[[int, Any, int], int] = os.pwrite,
        sync: Callable[[int], None] = os.fdatasync,
        check: Callable[[], None] = lambda: None,
        largest_segment: int = LARGEST_SEGMENT,
    ) -> None:
        self.base, self._write, self._sync, self._largest = base, write, sync, largest_segment
        self._check = check
        self._hold: Hold = hold(base.with_name(f"{base.name}.lock"))
        known = segments(base)
        if known:
            _cut_torn_tail(base, known[-1])
        self._segment = max([after.segment, *known])
        self._descriptor = -1
        self._size = self._ahead = 0
        last = _path(base, known[-1]).stat().st_size if known else 0
        self.end = Place(known[-1], last) if known and known[-1] == self._segment else after
        """Up to here everything is on disk."""

    def append(self, records: Sequence[bytes]) -> None:
        """Write records as one frame; returned means on disk. Raises `Unavailable`, and then none of them is there."""
        pieces = [piece for record in records for piece in (_RECORD.pack(len(record)), record)]
        payload = b"".join(pieces)
        frame = _FRAME.pack(LETTERS, len(payload), zlib.crc32(payload)) + payload
        self._check()
        try:
            if self._descriptor < 0 or self._size >= self._largest:
                self._begin_segment()
            self._put(frame)
            self._refuse_when_moved()
        except OSError as error:
            self._give_up_segment()
            raise _unwritable(error) from None
        except TocsinError:
            self._give_up_segment()
            raise
        self._size += len(frame)
        self.end = Place(self._segment, self._size)

    def close(self) -> None:
        """Let go. Calling it again does nothing."""
        self._drop()
        self._hold.release()

    def _put(self, frame: bytes) -> None:
        if self._size + len(frame) > self._ahead:
            self._ahead = self._write_ahead(self._size + len(frame))
        self._write_all(frame, self._size)
        self._sync(self._descriptor)

    def _write_ahead(self, at: int) -> int:
        """How far zeros lie now; on a disk with no room for them this segment does without."""
        try:
            self._write_all(bytes(AHEAD), at)
        except OSError as error:
            if error.errno not in _FULL:
                raise
            os.ftruncate(self._descriptor, self._size)
            return sys.maxsize
        return at + AHEAD

    def _write_all(self, data: bytes, at: int) -> None:
        view = memoryview(data)
        while view:
            written = self._write(self._descriptor, view, at)
            view, at = view[written:], at + written

    def _refuse_when_moved(self) -> None:
        """Nobody finds again what is in a file that has no name any more, or another one."""
        self._check()
        try:
            there = _path(self.base, self._segment).stat()
        except FileNotFoundError:
            raise Unavailable(*_MOVED) from None
        if not os.path.samestat(there, os.fstat(self._descriptor)):
            raise Unavailable(*_MOVED)

    def _begin_segment(self) -> None:
        self._drop()
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        self._descriptor = os.open(_path(self.base, self._segment + 1), flags, 0o600)
        self._segment, self._size, self._ahead = self._segment + 1, 0, 0
        beside = os.open(self.base.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(beside)  # else the file's name could be lost with the power
        finally:
            os.close(beside)

    def _give_up_segment(self) -> None:
        """After a fault nobody knows what of a file is on disk: what was not acknowledged goes, the next one is new."""
        self._drop()  # where cutting it off fails, it is read again and counts; its senders send it once more

    def _drop(self) -> None:
        """Let go of the segment, without the zeros behind its last frame."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            with suppress(OSError):
                os.ftruncate(descriptor, self._size)
            os.close(descriptor)


def segments(base: Path) -> list[int]:
    """The numbers of the segments that are there, in order."""
    try:
        names = [file.name for file in base.parent.iterdir() if file.name.startswith(base.name)]
    except FileNotFoundError:
        return []
    return sorted(int(found[1]) for name in names if (found := _NUMBER.fullmatch(name, len(base.name))))


def read(base: Path, place: Place, until: Place | None = None, most: int = 2**62) -> Iterator[Frame | Gap]:
    """Frames from ``place`` on, of about ``most`` bytes, and what is missing or damaged between them.

    Without ``until``, as far as the files go: an unfinished frame at the very end is not told.
    """
    known = [number for number in segments(base) if until is None or number <= until.segment]
    taken = 0
    for number, missing in _expected(place, known):
        if missing:
            yield Gap(Place(number), missing)
        offset = place.offset if number == place.segment else 0
        last = number == known[-1]
        largest = until.offset if until and number == until.segment else None
        for found in _frames(_path(base, number), number, offset, largest, torn=last and until is None):
            yield found
            taken += found.end.offset - offset if found.end.segment == number else 0
            offset = found.end.offset
            if taken >= most:
                return


def waits(base: Path, place: Place) -> tuple[int, int, list[str]]:
    """How many records wait in a log, their bytes, and what is missing or damaged there."""
    count, size, faults = 0, 0, []
    for found in read(base, place):
        if isinstance(found, Frame):
            begun = place.record if found.at == place._replace(record=0) else 0
            count += len(found.records) - begun
            size += sum(map(len, found.records[begun:]))
        else:
            faults.append(found.why)
    return count, size, faults


def forget(base: Path, before: Place) -> None:
    """Delete the segments that lie wholly before a place."""
    for number in segments(base):
        if number < before.segment:
            _path(base, number).unlink(missing_ok=True)


def _expected(place: Place, known: Sequence[int]) -> Iterator[tuple[int, str]]:
    """The segments from a place on, each with what is missing before it."""
    wanted = place.segment
    for number in known:
        if number < place.segment:
            continue
        lost = f"{wanted:06}" if number == wanted + 1 else f"{wanted:06} to {number - 1:06}"
        gap = f"segment {lost} of the intake's log is missing" if place != START and number > wanted else ""
        yield number, gap
        wanted = number + 1


def _frames(file: Path, number: int, offset: int, largest: int | None, *, torn: bool) -> Iterator[Frame | Gap]:
    try:
        with file.open("rb") as opened:
            size = os.fstat(opened.fileno()).st_size
            if size < offset or (largest is not None and size < largest):
                yield Gap(Place(number + 1), f"segment {number:06} of the intake's log was shortened")
                return
            end = size if largest is None else largest
            while offset < end:
                frame = _frame(opened.fileno(), number, offset, end)
                if frame is not None:
                    yield frame
                    offset = frame.end.offset
                    continue
                found = _next_frame(opened.fileno(), number, offset + 1, end)
                if found == end and torn:
                    return
                bad = f"{found - offset:,} bytes of segment {number:06}"
                why = f"{bad} of the intake's log, from {offset:,}, are damaged"
                yield Gap(Place(number, found), why)
                offset = found
    except FileNotFoundError:
        return  # worked off and deleted meanwhile
    except OSError as error:
        raise Unavailable(f"The intake's log can't be read ({error.strerror}).", "Check its disk.") from None


def _frame(descriptor: int, number: int, offset: int, end: int) -> Frame | None:
    """The frame that begins here; None where there is none that is whole."""
    head = os.pread(descriptor, _FRAME.size, offset)
    if len(head) < _FRAME.size:
        return None
    letters, length, check = _FRAME.unpack(head)
    after = offset + _FRAME.size + length
    if letters != LETTERS or after > end:
        return None
    payload = os.pread(descriptor, length, offset + _FRAME.size)
    if len(payload) < length or zlib.crc32(payload) != check:
        return None
    try:
        records = tuple(_records(payload))
    except struct.error:
        return None
    return Frame(Place(number, offset), Place(number, after), records)


def _records(payload: bytes) -> Iterable[bytes]:
    at = 0
    while at < len(payload):
        (length,) = _RECORD.unpack_from(payload, at)
        at += _RECORD.size
        yield payload[at : at + length]
        at += length


def _next_frame(descriptor: int, number: int, offset: int, end: int) -> int:
    """Where the next whole frame begins; ``end`` where none does."""
    rest = os.pread(descriptor, end - offset, offset)
    at = rest.find(LETTERS)
    while at >= 0:
        if _frame(descriptor, number, offset + at, end) is not None:
            return offset + at
        at = rest.find(LETTERS, at + 1)
    return end


def _cut_torn_tail(base: Path, number: int) -> None:
    """What a process that was killed had begun to write and answered nobody for."""
    file, end = _path(base, number), 0
    for found in _frames(file, number, 0, None, torn=True):
        end = found.end.offset
    if end < file.stat().st_size:
        os.truncate(file, end)


def _path(base: Path, number: int) -> Path:
    return base.with_name(f"{base.name}-{number:06}.log")


def _unwritable(error: OSError) -> TocsinError:
    if error.errno in _FULL:
        return Unavailable("The disk is full; nothing of this was stored.", _RELEASE)
    return Unavailable(f"The intake's log can't be written ({error.strerror}).", "Check its folder and its disk.")
