"""A document as the checks see it: read, judged, and in a little world of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from tocsin import reading
from tocsin.core.runbook import Problem
from tocsin.lint.subject import Bindings, Repository
from tocsin.service.books import checked, judge


@dataclass(frozen=True)
class Tree:
    """A repository as plain texts; a folder is there where a file lies in it."""

    files: Mapping[str, str] = field(default_factory=dict)

    def exists(self, path: str) -> bool:
        """Whether a file or a folder lies there."""
        return path in self.files or any(name.startswith(f"{path}/") for name in self.files) or path == ""

    def text(self, path: str) -> str | None:
        """A file's text."""
        return self.files.get(path)


def problems(
    text: str | bytes,
    *,
    today: date | None = None,
    files: Mapping[str, str] | None = None,
    path: str = "docs/ferry.md",
    bindings: Bindings | None = None,
) -> list[Problem]:
    """Every finding; with ``files`` the document lies at ``path`` of a repository that has those."""
    raw = text.encode() if isinstance(text, str) else text
    repository = Repository(files=Tree(files), path=path) if files is not None else None
    book = judge(reading.read(raw, "ferry.md"))
    return list(checked(book, raw, today=today, repository=repository, bindings=bindings).problems)


def codes(text: str, **world: object) -> list[tuple[int, str]]:
    """Line and code of every finding but that there is no scenario, which most of our examples are too short for."""
    found = problems(text, **world)  # type: ignore[arg-type]
    return [(each.line, each.code) for each in found if each.code != "no-scenario"]
