"""The quick system calls do what Python's own do, also where they fail."""

from __future__ import annotations

import os

import pytest

from tocsin.plug import systemcalls
from tocsin.plug.spawning import DROP, Streams, spawn

ENV = {"PATH": "/usr/bin:/bin"}


def test_a_pipe_carries_bytes_and_is_not_handed_down() -> None:
    """What goes in comes out, NUL bytes too; then nothing yet; then the end."""
    reading, writing = systemcalls.pipe()
    assert not os.get_inheritable(reading)
    assert not os.get_inheritable(writing)
    os.set_blocking(reading, False)
    os.write(writing, b"a\0b")
    assert systemcalls.read(reading) == b"a\0b"
    with pytest.raises(BlockingIOError):
        systemcalls.read(reading)
    systemcalls.close(writing)
    assert systemcalls.read(reading) == b""
    systemcalls.close(reading)


def test_more_than_a_page_comes_in_parts() -> None:
    """Nothing is lost at their border."""
    reading, writing = systemcalls.pipe()
    os.set_blocking(reading, False)
    data = bytes(range(256)) * 40
    os.write(writing, data)
    systemcalls.close(writing)
    found = b""
    while part := systemcalls.read(reading):
        found += part
    systemcalls.close(reading)
    assert found == data


def test_a_descriptor_that_is_closed_can_not_be_closed_again() -> None:
    """It might be another one's by then, so that must not go unnoticed."""
    reading, writing = systemcalls.pipe()
    systemcalls.close(writing)
    systemcalls.close(reading)
    with pytest.raises(OSError, match="Bad file descriptor"):
        systemcalls.close(reading)


def test_a_child_is_collected_once_it_has_ended() -> None:
    """Before that there is nothing to tell, after that it is nobody's child."""
    hold, let_go = os.pipe()
    pid = spawn("/bin/sh", ["sh", "-c", "read -r line; exit 3"], ENV, "/", Streams(hold, DROP, DROP))
    os.close(hold)
    assert systemcalls.collect(pid) == (0, 0)
    os.close(let_go)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    found, status = systemcalls.collect(pid)
    assert (found, os.waitstatus_to_exitcode(status)) == (pid, 3)
    with pytest.raises(ChildProcessError):
        systemcalls.collect(pid)
