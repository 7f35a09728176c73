"""All checks over one document, and what the document's own ignore comments leave of their findings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from tocsin.core.runbook import Problem, Runbook
from tocsin.lint import bindings, commands, gaps, links, people, recovery, repository, thresholds, titles, written
from tocsin.lint.ignores import find, heed
from tocsin.lint.subject import Bindings, Check, Repository, Subject

CHECKS: tuple[Check, ...] = (
    *written.CHECKS,
    *people.CHECKS,
    *thresholds.CHECKS,
    *commands.CHECKS,
    *titles.CHECKS,
    *gaps.CHECKS,
    *recovery.CHECKS,
    *links.CHECKS,
    *repository.CHECKS,
    *bindings.CHECKS,
)
"""Every check there is, family by family."""

OF_REPOSITORY = frozenset({"dead-link", "missing-script", "missing-package-script", "missing-service"})
OF_BINDINGS = frozenset(
    {"unbound-role", "unbound-metric", "unbound-channel", "unbound-placeholder", "unbound-variable", "missing-tool"}
    | {"unbound-severity"}
)


def check(
    book: Runbook,
    lines: Sequence[str],
    *,
    today: date | None = None,
    repository: Repository | None = None,
    bindings: Bindings | None = None,
) -> tuple[Problem, ...]:
    """What the reader and every check found, sorted by line, each (line, code, message) once, ignores applied.

    ``lines`` are those of the decoded file, which ``book`` was read from. Null arguments: see `Subject`.
    """
    subject = Subject(book=book, lines=tuple(lines), today=today, repository=repository, bindings=bindings)
    found = [*book.problems, *(each for one in CHECKS for each in one(subject))]
    return _once_in_order(heed(found, find(subject.lines), _unchecked(subject)))


def _unchecked(subject: Subject) -> frozenset[str]:
    """The codes that can't be found in this subject, because what they are about is not known."""
    return (
        frozenset({"missing-tool"})  # looked for by `tocsin doctor`, where the commands run
        | (OF_REPOSITORY if subject.repository is None else frozenset())
        | (OF_BINDINGS if subject.bindings is None else frozenset())
        | (frozenset({"review-overdue"}) if subject.today is None else frozenset())
    )


def _once_in_order(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    once = {(each.line, each.code, each.message): each for each in problems}
    return tuple(once[key] for key in sorted(once))
