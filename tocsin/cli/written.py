"""A text that somebody wrote beforehand: a file, or standard input."""

from __future__ import annotations

import sys
from pathlib import Path

from tocsin.errors import Invalid


def text_of(file: Path, most: int) -> str:
    """What a file holds, or standard input for ``-`` (of that ``most`` bytes and one). Raises `Invalid` for no text."""
    try:
        data = sys.stdin.buffer.read(most + 1) if str(file) == "-" else file.read_bytes()
        text = data.decode("utf-8")
    except OSError as error:
        raise Invalid(f"{file} can't be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise Invalid(f"{file} is not UTF-8 text.", "Save it as UTF-8.") from None
    if not text.strip():
        raise Invalid(f"{'Standard input' if str(file) == '-' else file} holds no text.", "Nothing was changed.")
    return text
