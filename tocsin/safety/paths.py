"""Paths: which only hold what is read, and which act on being looked at (mounts) or read (pipes, triggers)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tocsin.safety.finding import READ, Finding, unknown
from tocsin.safety.lexer import VARIABLE
from tocsin.safety.quoting import fill, say

_SECRET_FILE = re.compile(
    r"(^|/)\.env($|[./_-])|\.env$|(^|[/._-])(secrets?|credentials?|passwords?|passwd|tokens?|private)($|[/._-])"
    r"|(^|/)(shadow|gshadow|sudoers|\.?netrc|\.pgpass|\.npmrc|\.pypirc|\.git-credentials|\.my\.cnf|kubeconfig|id_[a-z0-9]+)$"
    r"|(^|/)\.(ssh|aws|kube|gnupg|docker)/|\.(pem|key|p12|pfx|jks|kdbx|asc)$|/environ$|(^|/)\.\w+_history$",
    re.IGNORECASE,
)
_PROC = re.compile(
    r"/proc/(cpuinfo|diskstats|interrupts|loadavg|mdstat|meminfo|mounts|partitions|slabinfo|stat|swaps|uptime|version|vmstat|net/\w+"
    r"|sys/[\w/.-]+|pressure/\w+"
    r"|(\d+|x|self)/(cgroup|cmdline|environ|io|limits|maps|mountinfo|net/\w+|oom_score|sched|smaps|stat|statm|status))"
    r"|/sys/(class/(net|thermal|power_supply)/[\w.-]+/[\w/.-]+|fs/cgroup/[\w/.@\\-]+|block/\w+/stat|devices/system/cpu/[\w/]+)"
)
_KERNEL = frozenset({"dev", "sys", "proc"})
_TRIGGER = re.compile(r"/proc/sys(/(vm|fs|dev|fs/binfmt_misc(/.*)?|vm/stat_refresh))?/?")
"""Switches of the kernel that act when they are read, and the folders that hold them, which may be read as a whole."""
_PIPE = re.compile(
    r"fifo[^/]*$|(^|/)initctl$|(^|/)supervise/(control|ok|status)$|(^|/)rw/(.*/)?[^/]*\.cmd$|(^|/)nagios\.cmd$"
    r"|(^|/)postfix/(public|private)/|(^|/)qmail/(.*/)?trigger$|(^|/)lock/trigger$|(^|[/._-])pipe$",
    re.IGNORECASE,
)
_MOUNTS = frozenset({"net", "misc", "afs"})
"""Folders in which a mere look mounts what another machine or a drive offers, as they are called by default."""
_AUTOMOUNTED = ("proc", "sys", "fs", "binfmt_misc")
_BETWEEN = re.compile(r"[=,:@\s\"'()\[\]|;]")


def judge_file(text: str) -> Finding:
    """A file whose content is read."""
    path = re.sub(r"/(\./|/)*", "/", text)
    parts = path.split("/")
    if path in ("-", "/dev/null", "/dev/stdin"):
        return READ
    climbing = ".." in parts
    special = _KERNEL & set(parts if climbing else parts[1:3] if path.startswith("/") else ())
    plain = _PROC.fullmatch(fill(path, "x")) and not climbing and not _TRIGGER.fullmatch(path)
    if special and not plain:
        return unknown(f"`{say(text)}` belongs to a device or the kernel; reading it may act")
    if set(parts) <= {"", "..", "."} and (path.startswith("/") or climbing):
        return unknown(f"`{say(text)}` holds every file of the machine, those of the kernel and of devices too")
    if path.startswith(("/" + VARIABLE, "/inet", "@")) or "/" + VARIABLE + "/" in path or _PIPE.search(path):
        return unknown(f"`{say(text)}` may be more than a file: a device, a queue, a connection or a list of options")
    return Finding("read", traits=("secret",)) if _SECRET_FILE.search(path) else READ


def judge_local_file(text: str) -> Finding:
    """As `judge_file`, for programs that take addresses and engines too (``openssl x509 -in http://…``)."""
    return judge_file(text) if ":" not in text else unknown(f"`{say(text)}` may be an address or load a library")


def mounting(text: str) -> Finding:
    """Whether a word names no place where a mere look mounts something; it may be a path or hold one."""
    if any(_mounts(piece) for piece in _BETWEEN.split(text)):
        return unknown(
            f"`{say(text)}` may mount what another machine or a drive offers, even where it is only looked at"
        )
    return READ


def _mounts(piece: str) -> bool:
    path = piece.lstrip(VARIABLE) if piece.startswith(VARIABLE) else piece
    if not path.startswith("/") and ".." not in path.split("/"):
        return False
    return any(place[0] in _MOUNTS or place[:4] == _AUTOMOUNTED for place in _walked(path))


def _walked(path: str) -> Iterator[tuple[str, ...]]:
    """Each folder that is passed on the way, from the root. ``..`` out of an unknown folder may lead to the root."""
    known, stack = path.startswith("/"), list[str]()
    for part in path.split("/"):
        if part == "..":
            known = known or not stack
            stack = stack[:-1]
        elif part not in ("", "."):
            stack.append(part)
            if known:
                yield tuple(stack)
        if stack[:1] == ["proc"] and len(stack) > 2 and (stack[-1] in ("root", "cwd") or stack[-2] == "fd"):
            stack = []  # a way to some folder of another process, its root perhaps
        if len(stack) == 3 and stack[:2] == ["dev", "fd"]:
            stack = []
