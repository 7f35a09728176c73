"""Files that people name: regular ones only, read whole, up to a size.

A pipe that nobody writes to, a device without an end and a file of gigabytes must not hold up whoever names them.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from tocsin.errors import Invalid, TooLarge


def read_regular(path: Path, largest: int, hint: str = "") -> bytes:
    """What the file at ``path`` holds. Raises `Invalid`, and `TooLarge` over ``largest`` bytes, that name the path."""
    try:
        # Without O_NONBLOCK, opening a pipe waits for its writer; for a regular file it means nothing.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            found = os.fstat(descriptor)
            if stat.S_ISREG(found.st_mode):
                data = file.read(largest + 1)
            elif stat.S_ISDIR(found.st_mode):
                raise Invalid(f"{path} is a folder.", hint)
            else:
                raise Invalid(f"{path} is a pipe or a device, not a regular file.", hint)
    except FileNotFoundError:
        if path.is_symlink():
            raise Invalid(f"{path} points to a file that is not there.", hint) from None
        raise Invalid(f"There is no file {path}.", hint) from None
    except IsADirectoryError:
        raise Invalid(f"{path} is a folder.", hint) from None
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise Invalid(f"{path} can't be read: {why}.", hint) from None
    if len(data) > largest:
        size = max(found.st_size, len(data))
        raise TooLarge(f"{path} has {size:,} bytes; at most {largest:,} are read.", "Split it, or make it smaller.")
    return data
