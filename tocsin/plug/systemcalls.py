"""System calls that never wait, made without letting other threads run meanwhile.

Python gives the interpreter away around every system call. Where twenty commands start at once, each such call may hand
it to another of them and take it back later, which costs more than the call. These few only touch what the kernel
holds in memory, so nobody is kept waiting by them; whatever may wait (a file system, for one) is not done here.
"""

from __future__ import annotations

import ctypes
import os

_LIBC = ctypes.PyDLL(None, use_errno=True)
_PAGE = 4096
_Page, _Pair = ctypes.c_char * _PAGE, ctypes.c_int * 2


def close(descriptor: int) -> None:
    """As `os.close`, for pipes and descriptors of processes."""
    if _LIBC.close(descriptor):
        raise _error()


def pipe() -> tuple[int, int]:
    """As `os.pipe`: its reading and its writing end, neither of which a new process inherits."""
    if not hasattr(_LIBC, "pipe2"):
        return os.pipe()
    ends = _Pair()
    if _LIBC.pipe2(ends, os.O_CLOEXEC):
        raise _error()
    return ends[0], ends[1]


def read(descriptor: int) -> bytes:
    """As `os.read`, up to a page, from a pipe that is set not to block; raises `BlockingIOError` as that does."""
    page = _Page()
    size: int = _LIBC.read(descriptor, page, _PAGE)
    if size < 0:
        raise _error()
    return page.raw[:size]


def collect(pid: int) -> tuple[int, int]:
    """As `os.waitpid` with ``WNOHANG``: id and status of a child that has ended, zeros where it has not."""
    status = ctypes.c_int()
    found: int = _LIBC.waitpid(pid, ctypes.byref(status), os.WNOHANG)
    if found < 0:
        raise _error()
    return found, status.value


def _error() -> OSError:
    code = ctypes.get_errno()
    return OSError(code, os.strerror(code))
