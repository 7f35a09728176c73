"""The repository around a document, on disk: what the checks of `tocsin.lint.repository` ask of it.

Nothing outside of the root is seen, through whatever symbolic link, and no file of more than a megabyte is read.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from tocsin.errors import Invalid
from tocsin.lint.subject import Repository
from tocsin.plug.files import read_regular

LARGEST = 1024 * 1024
_LONGEST = 4096


@dataclass(slots=True)
class Checkout:
    """A folder as `tocsin.lint.subject.Files`; paths are POSIX, from its root. What was read is kept."""

    root: Path
    _known: dict[str, str | None] = field(default_factory=dict)

    def exists(self, path: str) -> bool:
        """Whether a file or a folder lies there, inside the root."""
        return self._inside(path) is not None

    def text(self, path: str) -> str | None:
        """A file's text; None where there is none inside the root, or it is too large, or not UTF-8."""
        if path not in self._known:
            self._known[path] = self._read(path)
        return self._known[path]

    def _read(self, path: str) -> str | None:
        place = self._inside(path)
        if place is None:
            return None
        try:
            return read_regular(place, LARGEST).decode("utf-8-sig")
        except (Invalid, UnicodeDecodeError):
            return None

    def _inside(self, path: str) -> Path | None:
        """The real place of an existing path; None for what lies elsewhere."""
        if len(path) > _LONGEST or "\0" in path:
            return None
        try:
            root = self.root.resolve()
            place = (root / path.lstrip("/")).resolve(strict=True)
        except (OSError, RuntimeError, ValueError):
            return None
        return place if place == root or root in place.parents else None


def repository_of(document: Path, root: Path | None = None) -> Repository | None:
    """The repository that a document lies in: ``root`` where it is named, else the nearest folder above with ``.git``.

    None where there is none. Raises `Invalid` where ``root`` is no folder. A document outside a named root is taken
    to stand in that root.
    """
    if root is not None and not root.is_dir():
        raise Invalid(f"{root} is not a folder.", "Name the root of the checkout with --repository.")
    try:
        place = document.resolve()
        found = root.resolve() if root is not None else _above(place)
    except (OSError, RuntimeError):
        return None
    if found is None:
        return None
    path = place.relative_to(found).as_posix() if found in place.parents else place.name
    return Repository(files=Checkout(found), path=path)


def home_of(document: Path) -> Path | None:
    """The root of the checkout that a document lies in; None where it lies in none."""
    try:
        return _above(document.resolve())
    except (OSError, RuntimeError):
        return None


def _above(place: Path) -> Path | None:
    return next((folder for folder in place.parents if (folder / ".git").exists()), None)
