"""Starts a process by posix_spawn(3): the server is never forked, however large it is, and other threads go on.

Python's own `os.posix_spawn` can't change the folder and keeps every other thread waiting until the new program runs;
called through ctypes it does neither. Measured in ``bench/running.py``, decided in ADR 0013. Where the C library lacks
one of the functions (they are in glibc 2.34 and newer), `subprocess` does the same with vfork.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

_SETSIGDEF, _SETSID = 0x04, 0x80
_ROOM = 1024
"""Bytes for the C library's own structures, which are at most 336 bytes long."""
_DEFAULT_AGAIN = (signal.SIGPIPE, signal.SIGXFSZ)
"""What Python ignores, and no program expects to be ignored."""
_NULL = b"/dev/null"
DROP: Literal[-1] = -1
"""Instead of a descriptor: nothing to read, and what is written is thrown away."""


class Streams(NamedTuple):
    """The descriptors that become standard input, output and error; `DROP` is ``/dev/null``."""

    stdin: int
    stdout: int
    stderr: int


def spawn(program: str, argv: Sequence[str], env: Mapping[str, str], workdir: str, streams: Streams) -> int:
    """The id of the new process: the leader of a session of its own, in ``workdir``, with no other descriptors.

    Raises `OSError` where it can't be started, and `ValueError` for words that hold a NUL.
    """
    words = [word.encode("utf-8", "surrogateescape") for word in argv]
    pairs = [f"{name}={value}".encode("utf-8", "surrogateescape") for name, value in env.items()]
    path, folder = os.fsencode(program), os.fsencode(workdir)
    if b"\0" in b" ".join((path, folder, *words, *pairs)):
        raise ValueError("a word holds a NUL character")
    if _LIBC is None:
        return _by_subprocess(program, argv, env, workdir, streams)
    high = [_away_from_standard(each) for each in streams]
    try:
        return _LIBC.spawn(path, words, pairs, folder, Streams(*high))
    finally:
        for given, used in zip(streams, high, strict=True):
            if used != given:
                os.close(used)


class _Libc:
    """The functions of the C library. All but the start itself are too short to let other threads run meanwhile."""

    def __init__(self) -> None:
        quick, slow = ctypes.PyDLL(None), ctypes.CDLL(None)
        self._start = slow.posix_spawn
        self._init, self._destroy = quick.posix_spawn_file_actions_init, quick.posix_spawn_file_actions_destroy
        self._chdir = quick.posix_spawn_file_actions_addchdir_np
        self._dup, self._open = quick.posix_spawn_file_actions_adddup2, quick.posix_spawn_file_actions_addopen
        self._close_from = quick.posix_spawn_file_actions_addclosefrom_np
        self._attributes = _attributes(quick)

    def spawn(self, path: bytes, argv: Sequence[bytes], env: Sequence[bytes], folder: bytes, streams: Streams) -> int:
        """As `spawn`, in bytes."""
        actions, pid = ctypes.create_string_buffer(_ROOM), ctypes.c_int()
        _checked(self._init(actions))
        try:
            for number, each in enumerate(streams):
                how = os.O_RDONLY if number == 0 else os.O_WRONLY
                done = self._open(actions, number, _NULL, how, 0) if each == DROP else self._dup(actions, each, number)
                _checked(done)
            _checked(self._close_from(actions, 3))
            _checked(self._chdir(actions, folder))
            words, pairs = (ctypes.c_char_p * (len(argv) + 1))(*argv), (ctypes.c_char_p * (len(env) + 1))(*env)
            _checked(self._start(ctypes.byref(pid), path, actions, self._attributes, words, pairs), path, folder)
        finally:
            self._destroy(actions)
        return pid.value


def _attributes(libc: ctypes.PyDLL) -> ctypes.Array[ctypes.c_char]:
    """A session of its own, and no signal ignored; made once, and only read after that."""
    made, signals = ctypes.create_string_buffer(_ROOM), ctypes.create_string_buffer(_ROOM)
    _checked(libc.posix_spawnattr_init(made))
    libc.sigemptyset(signals)
    for number in _DEFAULT_AGAIN:
        libc.sigaddset(signals, int(number))
    _checked(libc.posix_spawnattr_setsigdefault(made, signals))
    _checked(libc.posix_spawnattr_setflags(made, ctypes.c_short(_SETSID | _SETSIGDEF)))
    return made


def _checked(code: int, path: bytes = b"", folder: bytes = b"") -> None:
    """These functions return the error instead of setting it."""
    if code:
        name = os.fsdecode(folder if folder and not os.path.isdir(folder) else path)  # noqa: PTH112
        raise OSError(code, os.strerror(code), name)


def _away_from_standard(descriptor: int) -> int:
    """The descriptor, or a copy of it where it stands in the way of the standard ones."""
    return fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 3) if 0 <= descriptor < 3 else descriptor


def _by_subprocess(program: str, argv: Sequence[str], env: Mapping[str, str], workdir: str, streams: Streams) -> int:
    stdin, stdout, stderr = (subprocess.DEVNULL if each == DROP else each for each in streams)
    started = subprocess.Popen(
        argv,
        executable=program,
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        env=env,
        cwd=workdir,
        start_new_session=True,
    )
    started.returncode = 0  # its end is ours to see: else the next Popen would take it from us
    return started.pid


def _libc() -> _Libc | None:
    try:
        return _Libc()
    except (AttributeError, OSError):
        return None


_LIBC = _libc()
