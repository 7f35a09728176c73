"""Pins on another machine: the lines of shell that look at a team's scripts there, and what their answer means.

They stand in the script of `tocsin.plug.remote`, in front of the start, so that one connection looks and starts. What
is asked is what `tocsin.plug.pins` asks on this machine; where the other one can't tell, nothing starts.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from pathlib import PurePosixPath

CODE = 123
"""How the script ends where a pin doesn't hold."""
_TOOLS = """\
broken() {{ printf '%s\\n' "{mark}$1"; exit {code}; }}
sum() {{
  if command -v sha256sum >/dev/null 2>&1; then sha256sum; elif command -v shasum >/dev/null 2>&1; then shasum -a 256
  else return 1; fi
}}"""
_LOOK = """\
for part in {parts}; do [ ! -L "$part" ] || broken {number}-link; done
[ -f {file} ] && [ -r {file} ] || broken {number}-missing
open=$(find {file} -prune -perm -0002 -print 2>/dev/null) || broken {number}-untold
[ -z "$open" ] || broken {number}-open
open=$(find {folders} -prune -perm -0002 ! -perm -1000 -print 2>/dev/null) || broken {number}-untold
[ -z "$open" ] || broken {number}-openfolder
found=$(sum <{file} 2>/dev/null) || broken {number}-untold
case "$found" in {sha256}\\ *) ;; *) broken {number}-changed ;; esac"""
_WHY = {
    "link": "`{name}` is a symbolic link on {host}, or lies behind one.",
    "missing": "`{name}` is no file on {host} that can be read.",
    "open": "Everybody may write `{name}` on {host}, so its content proves nothing.",
    "openfolder": "Everybody may write the folder of `{name}` on {host}, and so replace it.",
    "untold": "{host} can't tell what `{name}` holds: it has neither sha256sum nor shasum, or no find.",
    "changed": "`{name}` on {host} is not what was pinned: its content has changed.",
}
_HINTS = {
    "link": "Pin the file itself.",
    "missing": "Put it there, or change the target's workdir.",
    "open": "Take that right away there.",
    "openfolder": "Take that right away there.",
    "untold": "Install coreutils and findutils there.",
    "changed": "Read it there, then pin it again with what `sha256sum` says there.",
}


def lines(pins: Sequence[tuple[str, str]], nonce: str) -> list[str]:
    """The lines that end the script, with a mark, where one of these scripts isn't what was pinned."""
    if not pins:
        return []
    return [
        "(",  # a shell of its own: no name here may reach the command
        _TOOLS.format(mark=_mark(nonce), code=CODE),
        *(_look(number, name, sha256) for number, (name, sha256) in enumerate(pins)),
        f") || exit {CODE}",
    ]


def broken(printed: str, pins: Sequence[tuple[str, str]], nonce: str, host: str) -> tuple[str, str] | None:
    """The sentence and the hint about the pin that doesn't hold, from what was printed; None where none is named."""
    found = re.search(re.escape(_mark(nonce)) + r"(\d{1,3})-([a-z]+)", printed)
    if found is None or int(found[1]) >= len(pins) or found[2] not in _WHY:
        return None
    return _WHY[found[2]].format(name=pins[int(found[1])][0], host=host), _HINTS[found[2]]


def _look(number: int, name: str, sha256: str) -> str:
    path = PurePosixPath(name)
    folders = [str(folder) for folder in reversed(path.parents)]
    steps = [f"./{part}" for part in (*folders[1:], path)]
    return _LOOK.format(
        number=number, sha256=sha256, file=shlex.quote(steps[-1]), parts=" ".join(map(shlex.quote, steps)),
        folders=" ".join(map(shlex.quote, [".", *steps[:-1]])),
    )  # fmt: skip


def _mark(nonce: str) -> str:
    return f"tocsin-{nonce}-pin-"
