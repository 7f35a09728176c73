"""The text of a configuration, parsed, with ``env:NAME`` and ``file:PATH`` replaced by what they refer to."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tocsin.errors import Invalid
from tocsin.plug.files import read_regular

LARGEST_FILE = 1024 * 1024


def load(path: Path) -> dict[str, Any]:
    """The tables of a file; raises `Invalid`, with the line where there is one."""
    return parse(read_regular(path, LARGEST_FILE, "Name an existing file with --config."), path)


def text_of(path: Path | None) -> str:
    """What stands in a file that `load` has read; nothing without one."""
    return read_regular(path, LARGEST_FILE).decode("utf-8", "replace") if path else ""


def parse(text: bytes, path: Path) -> dict[str, Any]:
    """The tables of a text; ``path`` is for the sentences."""
    try:
        return tomllib.loads(text.decode("utf-8"))
    except UnicodeDecodeError as error:
        line = text.count(b"\n", 0, error.start) + 1
        raise Invalid(f"{path} is not UTF-8 text (line {line}).", "Save it as UTF-8.") from None
    except tomllib.TOMLDecodeError as error:
        lines = len(text.rstrip().splitlines())
        said = str(error).replace("at end of document", f"at the end of the file, line {lines}")
        raise Invalid(f"{said}.", "Mend the TOML there.", where=str(path)) from None
    except (RecursionError, ValueError) as error:
        raise Invalid(f"{path} can't be read as TOML: {error}.", "Mend the TOML.") from None


def resolve(value: Any, environ: Mapping[str, str], folder: Path, where: str) -> Any:
    """Replace ``env:NAME`` and ``file:PATH`` by what they refer to; paths begin at ``folder``."""
    if isinstance(value, dict):
        return {key: resolve(item, environ, folder, f"{where}: {key}") for key, item in value.items()}
    if isinstance(value, list):
        return [resolve(item, environ, folder, where) for item in value]
    if isinstance(value, str) and value.startswith("env:"):
        name = value.removeprefix("env:")
        if name not in environ:
            raise Invalid(f"The environment has no variable {name}.", f"Set it, or change {value!r}.", where=where)
        return environ[name]
    if isinstance(value, str) and value.startswith("file:"):
        try:
            return read_regular(folder / value.removeprefix("file:"), LARGEST_FILE).decode("utf-8").strip()
        except (Invalid, UnicodeDecodeError) as error:
            why = error.message if isinstance(error, Invalid) else "The secret is not UTF-8 text."
            raise Invalid(why, f"Mend {value!r} there, or that file.", where=where) from None
    return value
