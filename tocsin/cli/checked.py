"""Documents under `tocsin check`: which files were meant, and what was found in each."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from tocsin.cli.configured import settings_for
from tocsin.cli.named import STDIN, name_of, read_raw
from tocsin.cli.unbound import bindings_of
from tocsin.core.runbook import Level, Problem
from tocsin.errors import Invalid
from tocsin.lint.subject import Repository
from tocsin.reading.decoding import decode
from tocsin.service.books import bare, checked
from tocsin.service.checkout import repository_of
from tocsin.service.placing import on_targets

LEVELS: tuple[Level, ...] = ("error", "warning", "note")
_SKIPPED = frozenset({"node_modules"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One document. ``path`` is what a report names it by: from the repository's root, else as it was given.

    ``error``: why it could not be read. ``in_repository``, ``bound``: whether links and scripts, and the configuration,
    were looked at; ``refused``: there is a configuration, and it can't be used. ``from_pipe``: it came on stdin.
    """

    file: str
    path: str
    title: str = ""
    lines: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    in_repository: bool = False
    bound: bool = False
    refused: bool = False
    from_pipe: bool = False
    error: str = ""

    def count(self, level: Level) -> int:
        """How many findings of a level it has."""
        return sum(problem.level == level for problem in self.problems)

    def text(self, line: int) -> str:
        """A line of the file, by its 1-based number; empty outside."""
        return self.lines[line - 1] if 0 < line <= len(self.lines) else ""


def documents(named: Sequence[Path]) -> Iterator[Path]:
    """The files that were named, and of folders every ``*.md`` below, without folders of dots and packages."""
    for path in named:
        if path == STDIN or not path.is_dir():
            yield path
            continue
        for folder, below, names in os.walk(path):
            below[:] = sorted(name for name in below if not name.startswith(".") and name not in _SKIPPED)
            yield from (Path(folder) / name for name in sorted(names) if name.lower().endswith(".md"))


def check_document(path: Path, *, today: date, config: Path | None, root: Path | None) -> tuple[Checked, str]:
    """What is found in a document, and a sentence about a configuration that was found beside it and can't be used.

    Raises `Invalid` where ``config`` or ``root``, which were named, can't be used.
    """
    name = name_of(path)
    repository = repository_of(Path.cwd() / "stdin" if path == STDIN else path, root)
    where = _reported(path, name, repository)
    settings, complaint = settings_for(path, config)
    try:
        book, raw = read_raw(path, on_targets(settings) if settings else bare)
    except Invalid as error:
        return Checked(file=name, path=where, error=str(error)), ""
    found = checked(
        book, raw, today=today, repository=repository, bindings=bindings_of([book], settings) if settings else None
    )
    return Checked(
        file=name,
        path=where,
        title=book.title,
        lines=tuple(decode(raw).text.split("\n")),
        problems=found.problems,
        in_repository=repository is not None,
        bound=settings is not None,
        refused=bool(complaint),
        from_pipe=path == STDIN,
    ), complaint


def chosen(document: Checked, only: Sequence[str], without: Sequence[str]) -> Checked:
    """The document with the findings that were asked for."""
    kept = tuple(each for each in document.problems if (not only or each.code in only) and each.code not in without)
    return replace(document, problems=kept)


def _reported(path: Path, name: str, repository: Repository | None) -> str:
    if repository is not None and path != STDIN:
        return repository.path
    place = Path(name)
    if place.is_absolute():
        here = Path.cwd()
        return place.relative_to(here).as_posix() if here in place.parents else place.name
    return place.as_posix()
