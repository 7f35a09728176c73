"""A commit on a branch of its own, made without touching the work tree, the index or what is checked out.

Only git's plumbing is used: the file becomes a blob, an index of our own becomes a tree, and the branch is made last,
so that nothing is there until all of it is.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from tocsin.errors import Conflict, Invalid, Refused

TIMEOUT = timedelta(seconds=30)
_SAFE = ("-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "commit.gpgSign=false")
_NOBODY = "0" * 40


@dataclass(frozen=True, slots=True)
class Place:
    """A file that git knows: the repository's top folder, and the file's path in it."""

    top: Path
    name: str


def place_of(file: Path) -> Place:
    """Where a file is in its repository. Raises `Refused` where it is in none, or not in its last commit."""
    folder = file.resolve().parent
    top = Path(_git(folder, "rev-parse", "--show-toplevel").strip())
    name = file.resolve().relative_to(top.resolve()).as_posix()
    if not _git(top, "ls-tree", "HEAD", "--", name).strip():
        raise Refused(f"{name} is not in the last commit.", "Commit it first, or take --diff.")
    return Place(top, name)


def content(place: Place) -> bytes:
    """The file as it is in the last commit."""
    return _run(place.top, ("cat-file", "blob", f"HEAD:{place.name}"), b"", {})


def commit(place: Place, after: bytes, branch: str, message: str, env: Mapping[str, str] | None = None) -> str:
    """A new branch with one commit behind the checked-out one, in which the file is ``after``; the commit's id.

    Raises `Conflict` where there is such a branch, `Invalid` for what can't be its name.
    """
    given = dict(env or {})
    checked = _run(place.top, ("check-ref-format", "--branch", branch), b"", given, fails=True)
    if checked.decode("utf-8", "replace").strip() != branch or branch.startswith("-"):
        raise Invalid(f"{branch!r} can't be the name of a branch.", "Write for example learn/incidents.")
    ref = f"refs/heads/{branch}"
    if _run(place.top, ("rev-parse", "--verify", "--quiet", ref), b"", given, fails=True):
        raise Conflict(f"There is a branch {branch!r} already.", "Name another one, or delete it first.")
    parent = _git(place.top, "rev-parse", "HEAD").strip()
    mode = _git(place.top, "ls-tree", "HEAD", "--", place.name).split(maxsplit=1)[0]
    blob = _text(_run(place.top, ("hash-object", "-w", "--stdin", "--no-filters"), after, given))
    with tempfile.TemporaryDirectory(prefix="tocsin-index-") as folder:
        own = {**given, "GIT_INDEX_FILE": str(Path(folder) / "index")}
        _run(place.top, ("read-tree", "HEAD"), b"", own)
        _run(place.top, ("update-index", "--add", "--cacheinfo", f"{mode},{blob},{place.name}"), b"", own)
        tree = _text(_run(place.top, ("write-tree",), b"", own))
    made = _text(
        _run(place.top, ("commit-tree", tree, "-p", parent, "-F", "-"), message.encode(), _named(place, given))
    )
    _run(place.top, ("update-ref", ref, made, _NOBODY[: len(made)].ljust(len(made), "0")), b"", given)
    return made


def _named(place: Place, env: Mapping[str, str]) -> dict[str, str]:
    """Who makes the commit: whoever git knows, else Tocsin."""
    if _run(place.top, ("var", "GIT_COMMITTER_IDENT"), b"", env, fails=True):
        return dict(env)
    known = {"NAME": "Tocsin", "EMAIL": "tocsin@localhost"}
    return {**env, **{f"GIT_{who}_{what}": said for who in ("AUTHOR", "COMMITTER") for what, said in known.items()}}


def _git(folder: Path, *words: str) -> str:
    return _text(_run(folder, words, b"", {}), strip=False)


def _text(data: bytes, *, strip: bool = True) -> str:
    text = data.decode("utf-8", "replace")
    return text.strip() if strip else text


def _run(folder: Path, words: tuple[str, ...], data: bytes, env: Mapping[str, str], *, fails: bool = False) -> bytes:
    """What git prints; empty where it may fail and does. Raises `Refused` with its words."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        done = subprocess.run(
            ("git", *_SAFE, "-C", str(folder), *words), input=data, capture_output=True, check=False,
            env={**kept, "LC_ALL": "C", **env}, timeout=TIMEOUT.total_seconds(),
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Refused(f"git could not be asked: {error}.") from None
    if done.returncode and not fails:
        said = " ".join(done.stderr.decode("utf-8", "replace").split())
        raise Refused(f"git refuses in {folder}: {said[:300]}", "Is it a repository, with a commit?")
    return b"" if done.returncode else done.stdout
