"""What may stand in the repository's files."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from project_tree import ROOT, project_files, text_of

# In pieces, so that this file doesn't name them either.
REGISTRIES = tuple(
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("registry", "npmjs"),
        ("npmjs", "com"),
        ("npmjs", "org"),
        ("yarnpkg", "com"),
        ("npmmirror", "com"),
        ("crates", "io"),
        ("proxy", "golang"),
    )
)


def lines_with(pattern: re.Pattern[str]) -> list[str]:
    """Every place in the project's text files that matches."""
    return [
        f"{path.relative_to(ROOT)}:{number}"
        for path in project_files()
        for number, line in enumerate((text_of(path) or "").splitlines(), 1)
        if pattern.search(line)
    ]


def test_no_file_names_a_package_registry() -> None:
    """Lock files hold versions and hashes; where packages come from is the machine's affair."""
    assert lines_with(re.compile("|".join(map(re.escape, REGISTRIES)))) == []


def test_no_file_holds_a_path_of_this_machine() -> None:
    """A path that is true here only is a mistake."""
    here = [path for path in (ROOT, ROOT.parent / "shared", Path(sys.prefix)) if len(path.parts) > 2]
    if not here:
        pytest.skip("this checkout's path is too short to look for")

    assert lines_with(re.compile(rf"(?<![\w.~-])(?:{'|'.join(re.escape(str(path)) for path in here)})(?![\w-])")) == []


def test_no_file_is_vendored_or_huge() -> None:
    """What other people wrote comes through the lock files, and nothing of a megabyte belongs in git."""
    names = [path.relative_to(ROOT).as_posix() for path in project_files() if path.stat().st_size > 1_000_000]
    names += [name for path in project_files() if (name := path.relative_to(ROOT).as_posix()).endswith(".min.js")]

    assert names == []


def test_no_folder_is_a_drawer() -> None:
    """A name says what is inside; these four say nothing."""
    drawers = {"utils", "helpers", "common", "manager"}

    assert [str(path.relative_to(ROOT)) for path in project_files() if drawers & {*path.parent.parts, path.stem}] == []
