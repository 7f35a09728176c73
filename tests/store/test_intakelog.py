"""The log in front of the database: what is in it after every kind of end."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tocsin.errors import Refused, Unavailable
from tocsin.store.intakelog import Frame, Gap, IntakeLog, Place, base_of, forget, read, segments


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """What the log's files are called by."""
    return base_of(tmp_path / "tocsin.db")


def file_of(base: Path, number: int) -> Path:
    """A segment's file."""
    return base.with_name(f"{base.name}-{number:06}.log")


def records(base: Path, place: Place = Place()) -> list[bytes]:  # noqa: B008
    """All that can be read from a place on; fails where anything is missing."""
    frames = list(read(base, place))
    assert [frame for frame in frames if isinstance(frame, Gap)] == []
    return [record for frame in frames if isinstance(frame, Frame) for record in frame.records]


def filled(base: Path, *groups: list[bytes], **more: Any) -> Place:
    """A log that was written and closed; its end."""
    log = IntakeLog(base, **more)
    for group in groups:
        log.append(group)
    log.close()
    return log.end


def test_what_was_appended_is_read_in_its_order(base: Path) -> None:
    """Group by group, and from any place on; nobody else may read it."""
    log = IntakeLog(base)
    log.append([b"one", b""])
    middle = log.end
    log.append([b"three"])

    assert records(base) == [b"one", b"", b"three"]
    assert records(base, middle) == [b"three"]
    assert [frame.end for frame in read(base, Place(), middle)] == [middle]
    assert stat.S_IMODE(file_of(base, 1).stat().st_mode) == 0o600
    log.close()


def test_each_start_and_each_full_segment_begins_a_new_file(base: Path) -> None:
    """The files are as long as what is in them, and those before the place can go."""
    end = filled(base, [b"a"], [b"b"], largest_segment=1)
    later = filled(base, [b"c"])

    assert segments(base) == [1, 2, 3]
    assert records(base, end) == [b"c"]
    assert file_of(base, 1).stat().st_size == 12 + 4 + 1
    forget(base, later)
    assert segments(base) == [3]
    assert records(base, end._replace(segment=3, offset=0)) == [b"c"]


@pytest.mark.parametrize("cut", range(1, 20))
def test_a_torn_tail_is_cut_off(base: Path, cut: int) -> None:
    """Whatever was on disk of a group that nobody was answered for; what was answered stays."""
    end = filled(base, [b"kept"], [b"torn"])
    file = file_of(base, 1)
    os.truncate(file, end.offset - cut)

    assert records(base) == [b"kept"]
    log = IntakeLog(base)
    log.append([b"new"])
    assert file.stat().st_size == 20
    assert records(base) == [b"kept", b"new"]
    log.close()


def test_zeros_that_were_written_ahead_are_no_damage(base: Path) -> None:
    """A process that is killed leaves them behind its last frame."""
    log = IntakeLog(base)
    log.append([b"kept"])
    log._hold.release()  # as the kernel does it

    assert file_of(base, 1).stat().st_size > 1_000_000
    assert records(base) == [b"kept"]
    again = IntakeLog(base)
    assert file_of(base, 1).stat().st_size == 20
    assert again.end == Place(1, 20)
    again.close()
    log.close()


def test_damage_in_the_middle_is_said_and_what_follows_is_read(base: Path) -> None:
    """One turned bit costs its frame and nothing else; it is never passed over in silence."""
    filled(base, [b"first"], [b"second"], [b"third"])
    file = file_of(base, 1)
    data = bytearray(file.read_bytes())
    data[data.index(b"second")] ^= 1
    file.write_bytes(data)
    IntakeLog(base).close()  # a start cuts off only what is torn at the end
    found = list(read(base, Place()))

    assert [each.records for each in found if isinstance(each, Frame)] == [(b"first",), (b"third",)]
    (gap,) = [each for each in found if isinstance(each, Gap)]
    assert "22 bytes of segment 000001" in gap.why


def test_a_missing_or_shortened_segment_is_said(base: Path) -> None:
    """Whoever deletes files by hand is told what is lost."""
    first = filled(base, [b"a"])
    filled(base, [b"b"])
    filled(base, [b"c"])
    file_of(base, 2).unlink()

    assert [str(getattr(each, "why", "")) for each in read(base, first)] == [
        "segment 000002 of the intake's log is missing", ""
    ]  # fmt: skip
    os.truncate(file_of(base, 1), 3)
    assert "000001 of the intake's log was shortened" in str(next(read(base, first)))


def test_a_disk_without_room_for_zeros_ahead_still_takes_what_it_has_room_for(base: Path) -> None:
    """The zeros are there for speed only; what was written of them is given back."""

    def write(descriptor: int, data: Any, at: int) -> int:
        if len(data) > 1000:
            os.pwrite(descriptor, bytes(500), at)
            raise OSError(errno.ENOSPC, "full")
        return os.pwrite(descriptor, data, at)

    log = IntakeLog(base, write=write)
    log.append([b"one"])
    log.append([b"two"])

    assert records(base) == [b"one", b"two"]
    assert (segments(base), file_of(base, 1).stat().st_size) == ([1], log.end.offset)
    log.close()


@pytest.mark.parametrize("how", ["removed", "replaced"])
def test_nothing_is_promised_in_a_segment_that_was_taken_away(base: Path, how: str) -> None:
    """Whoever sends then is refused; the next one is stored in a new file."""
    log = IntakeLog(base)
    log.append([b"one"])
    file_of(base, 1).unlink()
    if how == "replaced":
        file_of(base, 1).write_bytes(b"")
    with pytest.raises(Unavailable, match="removed or replaced while Tocsin ran"):
        log.append([b"two"])
    log.append([b"three"])

    assert records(base) == [b"three"]
    assert segments(base)[-1] == 2
    log.close()


def test_nothing_is_promised_where_the_database_was_taken_away(base: Path) -> None:
    """It is asked before anything is written, and again before what was written counts."""
    answers = iter([True, True, False, True, False])

    def check() -> None:
        if not next(answers):
            raise Unavailable("It is gone.")

    log = IntakeLog(base, check=check)
    log.append([b"one"])
    for _ in range(2):
        with pytest.raises(Unavailable, match="gone"):
            log.append([b"two"])

    assert records(base) == [b"one"]
    log.close()


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
def test_a_fault_stores_nothing_and_the_next_one_begins_anew(base: Path, code: int) -> None:
    """Half a frame was written when the disk was full: that group is refused in a sentence, and is not in the log."""
    broken = False

    def write(descriptor: int, data: Any, at: int) -> int:
        if broken and len(data) < 1000:
            os.pwrite(descriptor, bytes(data)[:7], at)
            raise OSError(code, "broken")
        return os.pwrite(descriptor, data, at)

    log = IntakeLog(base, write=write)
    log.append([b"one"])
    broken = True
    with pytest.raises(Unavailable, match="disk is full" if code == errno.ENOSPC else "can't be written"):
        log.append([b"two"])
    broken = False
    log.append([b"three"])

    assert records(base) == [b"one", b"three"]
    assert log.end.segment == 2
    log.close()


def test_a_sync_that_failed_is_not_tried_again_on_the_same_file(base: Path) -> None:
    """What the kernel dropped it would call written the second time."""
    faults = [OSError(errno.EIO, "broken")]

    def sync(descriptor: int) -> None:
        if faults:
            raise faults.pop()
        os.fdatasync(descriptor)

    log = IntakeLog(base, sync=sync)
    with pytest.raises(Unavailable):
        log.append([b"one"])
    log.append([b"two"])

    assert records(base) == [b"two"]
    assert segments(base) == [1, 2]
    log.close()


def test_two_processes_cannot_have_it(base: Path) -> None:
    """The second one is told who has it; after the first one is gone it is free."""
    program = (
        "import sys; from pathlib import Path; from tocsin.store.intakelog import IntakeLog\n"
        "log = IntakeLog(Path(sys.argv[1])); print('has it', flush=True); sys.stdin.read()"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", program, str(base)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    with other:
        assert other.stdout
        assert other.stdout.readline() == "has it\n"
        with pytest.raises(Refused, match=f"process {other.pid}"):
            IntakeLog(base)
        other.kill()
    IntakeLog(base).close()


def test_a_database_that_lost_its_log_does_not_reuse_a_number(base: Path) -> None:
    """What is appended after the base was lost lies behind the place that the database has."""
    place = Place(7, 100)
    log = IntakeLog(base, place)
    assert list(read(base, place, log.end)) == []
    log.append([b"new"])

    found = list(read(base, place, log.end))
    assert [type(each) for each in found] == [Gap, Frame]
    assert segments(base) == [8]
    log.close()
