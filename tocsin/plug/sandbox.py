"""The fence around proved reads: bubblewrap, where it is installed and the kernel lets it work.

Inside, the whole machine is read-only, ``/tmp`` is private and empty, and no program gains rights; programs that only
look at files are cut off from the network too. It stands behind the verdict, not in its place. Source: bwrap(1).
"""

from __future__ import annotations

import functools
import shutil
import subprocess
from collections.abc import Iterable, Sequence

from tocsin.plug.neutral import name_of

_PROBE_SECONDS = 5
_BASE = (
    "--ro-bind", "/", "/", "--dev", "/dev", "--tmpfs", "/tmp", "--tmpfs", "/var/tmp",  # noqa: S108  inside the fence
    "--unshare-ipc", "--unshare-uts", "--die-with-parent",
)  # fmt: skip
_PRIVATE = ("/tmp/", "/var/tmp/")  # noqa: S108
_OFFLINE = frozenset(
    {
        "awk",
        "basename",
        "cat",
        "cmp",
        "column",
        "cut",
        "date",
        "diff",
        "dirname",
        "du",
        "egrep",
        "fgrep",
        "file",
        "find",
    }
    | {"grep", "head", "jq", "ls", "md5sum", "nl", "od", "readlink", "realpath", "rev", "sed", "sha1sum", "sha256sum"}
    | {"sort", "stat", "tac", "tail", "test", "tr", "tree", "true", "uniq", "wc", "xxd", "yq", "zcat", "zgrep"}
)
"""Programs that never need the network. Others keep it: `ss` without it would show a machine that nobody talks to."""


@functools.cache
def fault() -> str:
    """Why commands can't be fenced in, in one sentence; empty where they can. Found out once, by really doing it."""
    program = shutil.which("bwrap")
    if program is None:
        return "bubblewrap (bwrap) is not installed"
    try:
        done = subprocess.run(
            [program, *_BASE, "--unshare-net", "--", "true"], stdin=subprocess.DEVNULL, capture_output=True,
            timeout=_PROBE_SECONDS, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"bubblewrap can't be started ({error})"
    said = " ".join(done.stderr.decode("utf-8", "replace").split())
    return "" if done.returncode == 0 else f"the kernel or the container refuses bubblewrap ({said[:200]})"


def sentence(wanted: str) -> str:
    """What to tell the people who run this, where proved reads are not fenced in; empty where all is as wanted."""
    why = fault() if wanted != "off" else ""
    if not why:
        return ""
    if wanted == "on":
        return f"[server] sandbox is on, and {why}: proved reads are not run at all."
    return f"Proved reads run without a sandbox: {why}."


def fenced(
    file: str, argv: Sequence[str], workdir: str, *, network: bool, before: Sequence[str] = ()
) -> tuple[str, list[str]]:
    """The program and words that start a proved process inside the fence; ``before`` stands in front of it there."""
    program = shutil.which("bwrap") or "bwrap"
    own: list[str] = []
    for folder in dict.fromkeys((workdir, file.rpartition("/")[0])):  # else what is private would hide them
        own += ["--ro-bind", folder, folder] if f"{folder}/".startswith(_PRIVATE) else []
    cut = [] if network else ["--unshare-net"]
    return program, [program, *_BASE, *own, *cut, "--chdir", workdir, "--", *before, file, *argv[1:]]


def needs_network(programs: Iterable[str]) -> bool:
    """Whether one of these programs may need the network."""
    return any(name_of(program) not in _OFFLINE for program in programs)
