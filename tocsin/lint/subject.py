"""What is checked: a runbook with its verdicts, the lines of its text, and what is known of the world around it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from tocsin.core.runbook import Phase, Problem, Procedure, Runbook, Scenario


class Files(Protocol):
    """The files of a repository, by their POSIX paths from its root; what lies outside is not there."""

    def exists(self, path: str) -> bool:
        """Whether a file or a folder lies there."""

    def text(self, path: str) -> str | None:
        """A file's text; None where there is none, or it is too large or no text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """The repository around a document; ``path`` is the document's own place in it (``docs/incidents.md``)."""

    files: Files
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bindings:
    """What of a document's needs a configuration answers, each name as the document writes it.

    ``missing``: the programs that the target does not have; nobody else is asked about those. ``severities``: the
    conditions of the rules of approvals that speak of a severity, each with the place of its rule.
    """

    roles: frozenset[str] = frozenset()
    metrics: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()
    placeholders: frozenset[str] = frozenset()
    variables: frozenset[str] = frozenset()
    missing: frozenset[str] = frozenset()
    severities: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One document under the eye of the checks.

    What is null is not checked: ``today`` (in the zone of whoever asks) the review date, ``repository`` links and
    scripts, ``bindings`` what the configuration leaves open.
    """

    book: Runbook
    lines: tuple[str, ...]
    today: date | None = None
    repository: Repository | None = None
    bindings: Bindings | None = None

    @property
    def parts(self) -> tuple[Scenario | Phase | Procedure, ...]:
        """Everything that has steps, in the order scenarios, phases, procedures."""
        return (*self.book.scenarios, *self.book.phases, *self.book.procedures)

    def text(self, line: int) -> str:
        """A line of the file, by its 1-based number; empty outside."""
        return self.lines[line - 1] if 0 < line <= len(self.lines) else ""


Check = Callable[[Subject], Iterator[Problem]]
"""One kind of remark; it yields a problem for each place."""
