"""What stands in a runbook and is tied to nothing yet: roles without a person, metrics without a signal, and so on."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tocsin.core.runbook import Link, Runbook
from tocsin.errors import Invalid
from tocsin.reading.shellwords import executable
from tocsin.service.books import read_book
from tocsin.settings import Settings

_WORDS = """. : [ [[ alias bg break case cd command continue do done echo else eval exec exit export false fg fi for
function getopts hash if in jobs kill let local printf pwd read readonly return set shift source test then time trap
true type ulimit umask unalias unset until wait while { }"""
_BUILT_IN = frozenset(_WORDS.split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Loose:
    """One thing that is tied to nothing. ``kind``: role, metric, variable, tool or reach."""

    kind: str
    name: str
    message: str
    hint: str
    line: int = 0


def loose_ends(books: Sequence[Runbook], settings: Settings) -> list[Loose]:
    """Everything about these runbooks that would be missing in an incident, each name once."""
    found: dict[tuple[str, str], Loose] = {}
    for book in books:
        for each in (*_roles(book, settings), *_metrics(book, settings), *_variables(book, settings)):
            found.setdefault((each.kind, each.name.casefold()), each)
    return list(found.values())


def missing_tools(books: Iterable[Runbook], settings: Settings) -> list[Loose]:
    """The programs that the runbooks' commands begin with and that the target's PATH does not have."""
    lines: dict[str, int] = {}
    for book in books:
        for step in book.steps():
            if step.kind == "shell" and step.command:
                for program in _programs(step.command):
                    lines.setdefault(program, step.line)
    folder = Path(settings.target.workdir)
    return [
        Loose(
            kind="tool", name=program, line=line,
            message=f"The program {program} is not there (line {line}).",
            hint="Install it, or add its folder to `path` under [target].",
        )
        for program, line in lines.items()
        if not _there(program, settings.target.path, folder)
    ]  # fmt: skip


def read_named(path: Path) -> Runbook:
    """The runbook in a file; a fault names the file. Raises `Invalid`."""
    try:
        return read_book(path)[0]
    except Invalid as error:
        if str(path) in error.message:
            raise
        raise Invalid(f"{path} can't be read. {error.message}", error.hint) from None


def with_links_looked_up(book: Runbook, folder: Path) -> Runbook:
    """The runbook, with its links to files looked up beside it."""
    return replace(book, links=tuple(_looked_up(link, folder) for link in book.links))


def _roles(book: Runbook, settings: Settings) -> Iterator[Loose]:
    for rung in book.escalations:
        if rung.to and settings.directory.find(rung.to) is None:
            yield Loose(
                kind="role", name=rung.to, line=rung.line,
                message=f"Nobody is bound to the role “{rung.to}” (line {rung.line}), so nobody is called there.",
                hint="Bind it to a person under [roles].",
            )  # fmt: skip


def _metrics(book: Runbook, settings: Settings) -> Iterator[Loose]:
    criteria = [criterion for scenario in book.scenarios for criterion in scenario.criteria]
    metrics: list[tuple[str, int]] = [(rule.metric, rule.line) for rule in book.rules]
    metrics += [(criterion.metric, criterion.line) for criterion in criteria if criterion.metric]
    for metric, line in metrics:
        if settings.signal(metric) is None:
            yield Loose(
                kind="metric", name=metric, line=line,
                message=f"No signal measures “{metric}” (line {line}).",
                hint="Bind it to a probe under [signals].",
            )  # fmt: skip


def _variables(book: Runbook, settings: Settings) -> Iterator[Loose]:
    given = {*settings.target.env_names, "HOME", "PATH", "PWD", "USER"}
    for name in book.env_vars:
        if name not in given:
            yield Loose(
                kind="variable", name=name,
                message=f"Commands use ${name}, which is not handed to them.",
                hint="Name it in `env` under [target].",
            )  # fmt: skip


def _programs(command: str) -> Iterator[str]:
    for line in command.splitlines():
        word = executable(line).strip("\"'()`;")
        plain = word.replace("-", "").replace("_", "").replace(".", "").replace("/", "")
        if word and plain.isalnum() and word not in _BUILT_IN:
            yield word
        return  # the lines below the first one may be data: a heredoc, a statement of SQL


def _there(program: str, path: str, folder: Path) -> bool:
    if "/" in program:
        return (folder / program).exists()
    return shutil.which(program, path=path) is not None


def _looked_up(link: Link, folder: Path) -> Link:
    """Relative files only: from where an absolute one counts, the document does not say."""
    target = link.target.partition("#")[0].partition("?")[0]
    if link.kind != "file" or link.exists is not None or not target or target.startswith(("/", "~")):
        return link
    try:
        return replace(link, exists=(folder / target).exists())
    except (OSError, ValueError):
        return link
