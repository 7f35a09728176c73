"""Pins: that a team's script still is, byte for byte, what was described when its table was written."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable
from pathlib import Path

from tocsin.errors import Unrunnable

_PIECE = 1024 * 1024
_AGAIN = "Read it, then pin it again: `tocsin classify --pin {}`."


def digest_of(name: str, workdir: str) -> str:
    """The SHA-256 of a script's content; raises `Unrunnable` where it is no plain file that is safe to pin."""
    path = _plain(name, Path(workdir))
    if not path.is_file():  # before it is opened: to open a pipe or a device may act
        raise Unrunnable(f"`{name}` is not a plain file.")
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise Unrunnable(f"`{name}` can't be read: {error.strerror}.") from None
    with os.fdopen(handle, "rb") as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise Unrunnable(f"`{name}` is not a plain file.")
        if found.st_mode & stat.S_IWOTH:
            raise Unrunnable(f"Everybody may write `{name}`, so its content proves nothing.", f"`chmod o-w {name}`.")
        content = hashlib.sha256()
        while piece := file.read(_PIECE):
            content.update(piece)
    return content.hexdigest()


def why_broken(name: str, sha256: str, workdir: str) -> str:
    """The sentence that says why a pin doesn't hold in this folder; empty where it holds."""
    try:
        found = digest_of(name, workdir)
    except (Unrunnable, OSError) as error:
        return (error.message if isinstance(error, Unrunnable) else f"`{name}` can't be looked at: {error}").rstrip(".")
    return "" if found == sha256 else f"`{name}` is not what was pinned: its content has changed"


def verify(pins: Iterable[tuple[str, str]], workdir: str) -> None:
    """Raise `Unrunnable` unless each of these scripts holds exactly what was pinned. Asked right before a start."""
    for name, sha256 in pins:
        why = why_broken(name, sha256, workdir)
        if why:
            raise Unrunnable(f"{why}.", _AGAIN.format(name))


def _plain(name: str, workdir: Path) -> Path:
    """Where the script really lies. No step of the way may be a link, nor a folder that anybody may change."""
    path = workdir / name
    if not (path.exists() or path.is_symlink()):
        raise Unrunnable(f"`{name}` is not in {workdir}.", "Pin it by its path from the target's workdir.")
    base = workdir.resolve()
    if path.resolve() != base / name:
        raise Unrunnable(f"`{name}` is a symbolic link, or lies behind one.", "Pin the file itself.")
    for folder in (base / name).parents:
        mode = folder.stat().st_mode
        if mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
            hint = f"`chmod o-w {folder}`."
            raise Unrunnable(f"Everybody may write the folder of `{name}`, and so replace it.", hint)
        if folder == base:
            break
    return base / name
