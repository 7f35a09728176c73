"""The project as the tests of this folder see it: its files, its syntax trees, its documents."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "tocsin"


def modules() -> Iterator[tuple[str, Path]]:
    """Every module of the package, by its path below ``tocsin/``."""
    for path in sorted(PACKAGE.rglob("*.py")):
        yield path.relative_to(PACKAGE).as_posix(), path


@cache
def syntax(path: Path) -> ast.Module:
    """A module's syntax tree."""
    return ast.parse(path.read_text("utf-8"), filename=str(path))


def project_files() -> list[Path]:
    """What git keeps or would keep; skips where this is no checkout."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    try:
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as problem:
        pytest.skip(f"git does not list this folder's files: {problem}")
    return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]


def text_of(path: Path) -> str | None:
    """A file's text, or nothing where it is not text."""
    content = path.read_bytes()
    return None if b"\0" in content else content.decode("utf-8", errors="replace")


def documents() -> list[Path]:
    """The Markdown that people read: at the top, under ``docs/``, and the pages of the findings."""
    return sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(PACKAGE / "lint" / "pages").glob("*.md")])
