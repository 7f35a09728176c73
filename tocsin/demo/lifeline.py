"""Nothing outlives the demo, however it ends: every child ends when its standard input does.

The demo holds the other end of that pipe and never writes to it. The kernel closes it even after ``SIGKILL``.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence

PATIENCE = 10.0


def watch(end: Callable[[], None]) -> None:
    """Call ``end`` (from a thread of its own) when whoever started this process is gone."""

    def wait() -> None:
        with contextlib.suppress(OSError):
            while os.read(0, 4096):
                pass
        end()

    threading.Thread(target=wait, name="lifeline", daemon=True).start()


def keep(argv: Sequence[str], user: str, folder: str) -> int:
    """Run a PostgreSQL server until it ends, we are asked to end or the lifeline breaks; its exit code.

    SIGINT is PostgreSQL's fast shutdown, SIGQUIT its immediate one. ``user``: as whom it runs (it refuses root; empty:
    as us). ``folder``: what to remove when the lifeline breaks, because then nobody else does (empty: nothing).
    """
    as_user = {"user": user, "group": _group_of(user), "extra_groups": []} if user else {}
    stop, asked = threading.Event(), threading.Event()

    def end(*_: object) -> None:  # in place before there is a server that would be left alone
        asked.set()
        stop.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, lambda *_: None)  # SIG_IGN would be inherited
    server = subprocess.Popen(argv, stdin=subprocess.DEVNULL, **as_user)  # type: ignore[call-overload]
    watch(stop.set)
    threading.Thread(target=_wait_then, args=(server, stop), daemon=True).start()
    stop.wait()
    orphaned = server.poll() is None and not asked.is_set()
    code = _end(server)
    if folder and orphaned:
        shutil.rmtree(folder, ignore_errors=True)
    return code


def _end(server: subprocess.Popen[bytes]) -> int:
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            server.send_signal(number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            return int(server.wait(PATIENCE))
    return 1


def _wait_then(server: subprocess.Popen[bytes], stop: threading.Event) -> None:
    server.wait()
    stop.set()


def _group_of(user: str) -> int:
    import pwd

    return pwd.getpwnam(user).pw_gid


if __name__ == "__main__":
    sys.exit(keep(sys.argv[3:], sys.argv[1], sys.argv[2]))
