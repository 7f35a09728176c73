"""Files that people edit, too: replaced as a whole or not at all, and never over what somebody has just written."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

from tocsin.errors import Invalid, Refused
from tocsin.plug.files import read_regular


def read_if_there(path: Path, largest: int) -> bytes | None:
    """What the file holds; None where there is none. Raises `Invalid` for a symbolic link and anything but a file."""
    if path.is_symlink():
        raise Invalid(f"{path} is a symbolic link.", "Name the file that it leads to.")
    return read_regular(path, largest) if path.exists() else None


def replace_file(path: Path, before: bytes | None, after: bytes) -> None:
    """Put ``after`` where ``before`` stands (None: no file), with the same mode. A reader sees one or the other.

    Raises `Refused` where something else stands there by now, `Invalid` where the folder can't be written to.
    """
    new = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)
        try:
            with os.fdopen(descriptor, "wb") as file:
                if before is not None:
                    os.fchmod(descriptor, path.stat().st_mode & 0o777)
                file.write(after)
                file.flush()
                os.fsync(descriptor)
            if read_if_there(path, len(before or b"") + 1) != before:
                raise Refused(f"{path} was changed meanwhile.", "Run it again.")
            new.replace(path)
        finally:
            with contextlib.suppress(FileNotFoundError):
                new.unlink()
        _sync(path.parent)
    except OSError as error:
        raise Invalid(f"{path} can't be written: {error.strerror}.", "Name another place.") from None


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
