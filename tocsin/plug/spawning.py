"""Starts a process by posix_spawn(3): the server is never forked, however large it is, and other threads go on.

Python's own `os.posix_spawn` can't change the folder and keeps every other thread waiting until the new program runs;
called through ctypes it does neither. What one start has in common with the next is made once: the structures for an
environment, and those for a folder and three descriptors, which recur because the lowest free ones are handed out.
Measured in ``bench/running.py``, decided in ADR 0013. Where the C library lacks one of the functions (they are in
glibc 2.34 and newer), `subprocess` does the same with vfork.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

_SETSIGDEF, _SETSID = 0x04, 0x80
_ROOM = 1024
"""Bytes for the C library's own structures, which are at most 336 bytes long."""
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
    words, pairs = _strings(argv), _environment(tuple(env.items()))
    path, folder = _string(program), _string(workdir)
    if _LIBC is None:
        return _by_subprocess(program, argv, env, workdir, streams)
    stdin, stdout, stderr = streams
    if not (0 <= stdin < 3 or 0 <= stdout < 3 or 0 <= stderr < 3):
        return _LIBC.spawn(path, words, pairs, folder, streams)
    high = Streams(*(each if each == DROP else fcntl.fcntl(each, fcntl.F_DUPFD_CLOEXEC, 3) for each in streams))
    try:  # copies, because the given ones stand in the way of the standard ones
        return _LIBC.spawn(path, words, pairs, folder, high)
    finally:
        for each in high:
            if each != DROP:
                os.close(each)


def _string(text: str) -> bytes:
    data = text.encode("utf-8", "surrogateescape")
    if b"\0" in data:
        raise ValueError("a word holds a NUL character")
    return data


def _strings(texts: Iterable[str]) -> ctypes.Array[ctypes.c_char_p]:
    """As the C library takes them: an array with a null pointer at its end."""
    data = [_string(text) for text in texts]
    return (ctypes.c_char_p * (len(data) + 1))(*data)


@lru_cache(maxsize=16)
def _environment(variables: tuple[tuple[str, str], ...]) -> ctypes.Array[ctypes.c_char_p]:
    """Only ever read, so threads share it."""
    return _strings(f"{name}={value}" for name, value in variables)


class _Actions:
    """What the new process does before it becomes the program; only ever read, so threads share it."""

    def __init__(self, libc: ctypes.PyDLL, streams: Streams, folder: bytes) -> None:
        self.made, self._destroy = ctypes.create_string_buffer(_ROOM), libc.posix_spawn_file_actions_destroy
        _checked(libc.posix_spawn_file_actions_init(self.made))
        for number, each in enumerate(streams):
            how = os.O_RDONLY if number == 0 else os.O_WRONLY
            if each == DROP:
                _checked(libc.posix_spawn_file_actions_addopen(self.made, number, _NULL, how, 0))
            else:
                _checked(libc.posix_spawn_file_actions_adddup2(self.made, each, number))
        _checked(libc.posix_spawn_file_actions_addclosefrom_np(self.made, 3))
        _checked(libc.posix_spawn_file_actions_addchdir_np(self.made, folder))

    def __del__(self) -> None:
        self._destroy(self.made)


class _Libc:
    """The functions of the C library. All but the start itself are too short to let other threads run meanwhile."""

    def __init__(self) -> None:
        quick = ctypes.PyDLL(None)
        self._start = ctypes.CDLL(None).posix_spawn
        self._attributes = _attributes(quick)
        _Actions(quick, Streams(DROP, DROP, DROP), b"/")  # whether it has them all

        @lru_cache(maxsize=128)
        def actions(streams: Streams, folder: bytes) -> _Actions:
            return _Actions(quick, streams, folder)

        self._actions = actions

    def spawn(
        self,
        path: bytes,
        words: ctypes.Array[ctypes.c_char_p],
        pairs: ctypes.Array[ctypes.c_char_p],
        folder: bytes,
        streams: Streams,
    ) -> int:
        """As `spawn`, in bytes."""
        pid, actions = ctypes.c_int(), self._actions(streams, folder)
        code = self._start(ctypes.byref(pid), path, actions.made, self._attributes, words, pairs)
        if code:
            _checked(code, path, folder)
        return pid.value


def _attributes(libc: ctypes.PyDLL) -> ctypes.Array[ctypes.c_char]:
    """A session of its own, and every signal as it is by default; made once, and only read after that.

    To name all of them is quicker than to name those that Python ignores: each of the others is first asked for.
    """
    made, signals = ctypes.create_string_buffer(_ROOM), ctypes.create_string_buffer(_ROOM)
    _checked(libc.posix_spawnattr_init(made))
    libc.sigfillset(signals)
    _checked(libc.posix_spawnattr_setsigdefault(made, signals))
    _checked(libc.posix_spawnattr_setflags(made, ctypes.c_short(_SETSID | _SETSIGDEF)))
    return made


def _checked(code: int, path: bytes = b"", folder: bytes = b"") -> None:
    """These functions return the error instead of setting it."""
    if code:
        name = os.fsdecode(folder if folder and not os.path.isdir(folder) else path)  # noqa: PTH112
        raise OSError(code, os.strerror(code), name)


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
