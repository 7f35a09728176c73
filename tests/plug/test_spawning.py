"""Starting a process without forking: what it gets, and what it does not, by either way of starting it."""

from __future__ import annotations

import fcntl
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tocsin.plug import spawning
from tocsin.plug.spawning import DROP, Streams, spawn

SHELL, ENV = "/bin/sh", {"PATH": "/usr/bin:/bin", "WORD": "ein Wört"}


@pytest.fixture(params=["posix_spawn", "subprocess"], autouse=True)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways keep the same promises."""
    if request.param == "subprocess":
        monkeypatch.setattr(spawning, "_LIBC", None)
    elif spawning._LIBC is None:
        pytest.skip("This C library lacks posix_spawn_file_actions_addclosefrom_np.")
    return str(request.param)


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """Both ends of a pipe."""
    reading, writing = os.pipe()
    yield reading, writing
    os.close(reading)


def said(pipe: tuple[int, int], script: str, workdir: str = "/", *words: str) -> str:
    """What a shell prints that is started so."""
    reading, writing = pipe
    pid = spawn(SHELL, ["sh", "-c", script, "sh", *words], ENV, workdir, Streams(DROP, writing, writing))
    os.close(writing)
    with os.fdopen(os.dup(reading), "rb") as output:
        text = output.read().decode()
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0, text
    return text.strip()


def test_it_leads_a_session_of_its_own_in_its_folder(pipe: tuple[int, int], tmp_path: Path) -> None:
    """No terminal, no way to our process group, and the folder is the one that was told."""
    script = "read -r stat < /proc/self/stat; set -- $stat; echo $$ $5 $6 $7; pwd"
    numbers, folder = said(pipe, script.replace("self", "$$"), str(tmp_path)).splitlines()
    pid, group, session, terminal = numbers.split()
    assert (group, session, terminal) == (pid, pid, "0")
    assert folder == str(tmp_path)


def test_it_inherits_nothing_of_ours(pipe: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither an open file, even one that is marked to be inherited, nor a variable; what it reads is empty."""
    monkeypatch.setenv("TOCSIN_TOKEN", "hidden")
    leak = fcntl.fcntl(pipe[0], fcntl.F_DUPFD, 40)
    os.set_inheritable(leak, True)
    try:
        found = said(pipe, f"cat; [ -e /proc/$$/fd/{leak} ] && echo leaked; env")
    finally:
        os.close(leak)
    assert "leaked" not in found
    assert "hidden" not in found
    assert "WORD=ein Wört" in found


def test_words_arrive_as_they_are(pipe: tuple[int, int]) -> None:
    """Spaces, quotes, other scripts and bytes that are no text at all."""
    word = "a 'b\" $c\n" + b"\xff".decode("utf-8", "surrogateescape")
    reading, writing = pipe
    pid = spawn("/usr/bin/printf", ["printf", "%s", word], ENV, "/", Streams(DROP, writing, DROP))
    os.close(writing)
    assert os.read(reading, 100) == b"a 'b\" $c\n\xff"
    os.waitpid(pid, 0)


def test_a_broken_pipe_ends_it_as_everywhere() -> None:
    """Python ignores SIGPIPE; a program that we start does not."""
    reading, writing = os.pipe()
    os.close(reading)
    pid = spawn("/usr/bin/yes", ["yes"], ENV, "/", Streams(DROP, writing, DROP))
    os.close(writing)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGPIPE


def test_no_signal_is_ignored_because_we_ignore_it(pipe: tuple[int, int], way: str) -> None:
    """A server that was started to outlive its terminal does not make its commands outlive everything."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        ignored = int(said(pipe, "grep SigIgn /proc/self/status").split()[1], 16)
    finally:
        signal.signal(signal.SIGHUP, before)
    # subprocess gives back only what Python itself has taken
    given_back = (signal.SIGPIPE, signal.SIGHUP) if way == "posix_spawn" else (signal.SIGPIPE,)
    assert [number.name for number in given_back if ignored & 1 << (number - 1)] == []


def test_one_start_is_not_mixed_up_with_the_next(tmp_path: Path) -> None:
    """What is kept from start to start differs by folder, by environment and by descriptors."""
    told: list[str] = []
    for number in range(3):
        folder = tmp_path / str(number)
        folder.mkdir()
        reading, writing = os.pipe()
        streams = Streams(DROP, writing, DROP) if number < 2 else Streams(DROP, DROP, writing)
        script = "echo out; echo err >&2; pwd; pwd >&2; echo $N; echo $N >&2"
        pid = spawn(SHELL, ["sh", "-c", script], {**ENV, "N": f"n{number}"}, str(folder), streams)
        os.close(writing)
        with os.fdopen(reading) as output:
            told.append(output.read())
        os.waitpid(pid, 0)
    assert told == [f"out\n{tmp_path}/0\nn0\n", f"out\n{tmp_path}/1\nn1\n", f"err\n{tmp_path}/2\nn2\n"]


@pytest.mark.parametrize(
    ("program", "folder", "named"),
    [("/no/such/program", "/", "/no/such/program"), (SHELL, "/no/such/folder", "/no/such/folder")],
)
def test_what_can_not_be_started_is_said_with_its_name(program: str, folder: str, named: str) -> None:
    """Nothing is left running then."""
    with pytest.raises(OSError, match="No such file") as caught:
        spawn(program, ["x"], ENV, folder, Streams(DROP, DROP, DROP))
    assert caught.value.filename == named


def test_a_word_with_a_nul_is_refused() -> None:
    """It would end there, and something else would run."""
    with pytest.raises(ValueError, match="NUL"):
        spawn(SHELL, ["sh", "-c", "true\0rm"], ENV, "/", Streams(DROP, DROP, DROP))


def test_a_server_without_standard_descriptors_starts_commands_all_the_same() -> None:
    """Its pipes are then called 0, 1 and 2 themselves."""
    child = os.fork()
    if child == 0:
        try:
            for each in (0, 1, 2):
                os.close(each)
            reading, writing = os.pipe()
            pid = spawn(SHELL, ["sh", "-c", "echo out; echo err >&2"], ENV, "/", Streams(DROP, writing, writing))
            os.close(writing)
            os.waitpid(pid, 0)
            os._exit(0 if os.read(reading, 100) == b"out\nerr\n" else 3)
        finally:
            os._exit(4)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
