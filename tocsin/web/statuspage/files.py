"""The page as files in a folder."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files below a folder, each whole or not at all, so that a web server never reads half of one."""
    for path in folder.glob("incidents/*.html"):
        ours = path.name.startswith(("pub_", "mnt_"))
        if ours and f"incidents/{path.name}" not in files:
            path.unlink()  # it was taken back
    for name, body in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_file() and path.read_bytes() == body:
            continue
        waiting = path.with_name(f".{path.name}.{os.getpid()}")
        waiting.write_bytes(body)
        waiting.replace(path)
