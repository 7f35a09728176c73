"""Runbook files that can't be read: one sentence that names the file, exit code 2, nothing left behind, no hanging.

| file | what is said |
|---|---|
| missing, dangling link, link to itself, a folder, below a file | what it is instead of a file |
| empty, blanks only, binary | that it says nothing, or is no text |
| more than 1 MiB, 3 GiB | its size and the limit, without reading it |
| a pipe nobody writes to, an endless device | that it is no regular file, at once |
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.bad_input.node import RUNBOOK, assert_refused, node, up
from tests.cli.terminal import tocsin


def write(data: bytes) -> Callable[[Path], object]:
    """How to make a file with this in it."""
    return lambda path: path.write_bytes(data)


def sparse(size: int) -> Callable[[Path], None]:
    """How to make a file of a size that takes no space."""

    def make(path: Path) -> None:
        path.touch()
        os.truncate(path, size)

    return make


BAD: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing": (lambda path: None, "There is no file bad.md."),
    "dangling": (lambda path: path.symlink_to("nowhere.md"), "bad.md points to a file that is not there."),
    "loop": (lambda path: path.symlink_to("bad.md"), "bad.md can't be read: Too many levels of symbolic links."),
    "folder": (lambda path: path.mkdir(), "bad.md is a folder."),
    "pipe": (os.mkfifo, "bad.md is a pipe or a device, not a regular file."),
    "device": (lambda path: path.symlink_to("/dev/zero"), "bad.md is a pipe or a device, not a regular file."),
    "empty": (write(b""), "bad.md can't be read. The file is empty."),
    "blank": (write(b" \t\r\n\n \x0c"), "bad.md can't be read. The file is empty."),
    "marks": (write(b"\xef\xbb\xbf\n"), "bad.md can't be read. The file is empty."),
    "binary": (write(b"\x7fELF\x02\x01\x01" + bytes(range(256)) * 20), "bad.md can't be read. The file is binary"),
    "nul": (write(b"# Runbook\n\n\0\n"), "bad.md can't be read. The file is binary"),
    "large": (sparse(1024 * 1024 + 1), "bad.md has 1,048,577 bytes; at most 1,048,576 are read."),
    "huge": (sparse(3 * 1024**3), "bad.md has 3,221,225,472 bytes; at most 1,048,576 are read."),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_file_that_can_t_be_read_is_one_sentence(kind: str, tmp_path: Path) -> None:
    """`tocsin up` with a good and a bad runbook starts nothing and makes no folder for data."""
    make, sentence = BAD[kind]
    make(tmp_path / "bad.md")
    (tmp_path / "good.md").write_text(RUNBOOK, "utf-8")

    done = up("good.md", "bad.md", cwd=tmp_path, own_process=kind in ("pipe", "device", "huge", "missing"))

    assert_refused(done, 2, sentence)
    assert not (tmp_path / "tocsin-data").exists()


@pytest.mark.parametrize("command", [("runbook", "show", "bad.md"), ("doctor", "bad.md")])
@pytest.mark.parametrize("kind", ["pipe", "huge"])
def test_every_command_that_reads_a_runbook_says_the_same(command: tuple[str, ...], kind: str, tmp_path: Path) -> None:
    """Also those that only look."""
    make, sentence = BAD[kind]
    make(tmp_path / "bad.md")

    assert_refused(tocsin(*command, cwd=tmp_path), 2, sentence)


def test_who_may_not_read_it_is_told_so(tmp_path: Path) -> None:
    """A file without permission."""
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    (tmp_path / "bad.md").write_text(RUNBOOK, "utf-8")
    (tmp_path / "bad.md").chmod(0)

    assert_refused(up("bad.md", cwd=tmp_path), 2, "bad.md can't be read: Permission denied.")


def test_a_runbook_that_vanishes_is_still_followed(tmp_path: Path) -> None:
    """What was loaded stays loaded; only the next start needs the file, and says so."""
    with node(tmp_path) as ours:
        (tmp_path / "tram.md").unlink()
        ours.fire("SwitchStuck")
        assert ours.incident("SwitchStuck")["scenario_title"] == "The switch is stuck"
        ours.is_well()

    assert_refused(up("tram.md", cwd=tmp_path), 2, "There is no file tram.md.")


def test_one_byte_less_than_too_large_is_read(tmp_path: Path) -> None:
    """The limit is where it is said to be."""
    text = RUNBOOK.encode()
    (tmp_path / "good.md").write_bytes(text + b"\n" * (1024 * 1024 - len(text)))
    done = tocsin("runbook", "show", "good.md", "--json", cwd=tmp_path)

    assert (done.code, [each["alerts"] for each in done.json["scenarios"]]) == (0, [["SwitchStuck"]])
