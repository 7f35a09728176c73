"""The demo's private PATH: harmless tools of this machine, and stand-ins for tools that must not act on anything else.

Nothing but this folder is on the PATH of the runbook's commands. A stand-in wins even where the real tool is
installed: a demo restarts no container and rolls back no deployment that is not its own.
"""

from __future__ import annotations

import shlex
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

ALWAYS = ("docker", "docker-compose", "vercel", "open", "xdg-open")
_TOOLS = (
    "bash sh git curl jq grep egrep fgrep sed awk head tail cat wc sort uniq cut tr tee date echo printf test [ sleep",
    "true false env timeout xargs ls diff ps df free uptime du basename dirname seq column nl find hostname uname",
)
HARMLESS = tuple(name for line in _TOOLS for name in line.split())
_SCRIPT = Path(__file__).with_name("answer.py")


def furnish(folder: Path, address: Path, psql: Path | None) -> dict[str, str]:
    """Fill the private PATH; stand-in → why it stands there. ``psql``: the real one that fits the shop's server."""
    reasons: dict[str, str] = {}
    for name in HARMLESS:
        real = shutil.which(name)
        if real is not None:
            (folder / name).symlink_to(real)
    if psql is not None:
        (folder / "psql").symlink_to(psql)
    for name, why in _stand_ins(folder, psql):
        _write(folder / name, name, address)
        reasons[name] = why
    return reasons


def _stand_ins(folder: Path, psql: Path | None) -> Iterator[tuple[str, str]]:
    for name in ALWAYS:
        here = shutil.which(name) is not None
        yield name, "installed, but the real one must not act in a demo" if here else "not installed"
    if psql is None:
        yield "psql", "the shop's data is in SQLite"
    if not (folder / "curl").exists():
        yield "curl", "not installed"


def _write(path: Path, name: str, address: Path) -> None:
    """A launcher: `-I -S` keeps Python's own start short and deaf to the environment."""
    words = shlex.join([sys.executable, "-I", "-S", str(_SCRIPT), name, str(address)])
    path.write_text(f'#!/bin/sh\nexec {words} "$@"\n', "utf-8")
    path.chmod(0o755)
