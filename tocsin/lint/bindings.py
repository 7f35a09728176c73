"""What a runbook needs and its configuration leaves open: roles without a person, metrics without a signal, and so on.

`tocsin check`, `tocsin doctor` and `tocsin up` all say what this module finds, so that they never disagree.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from tocsin.core.policy import fits_any, nearest
from tocsin.core.runbook import Problem, Runbook
from tocsin.lint.codes import problem
from tocsin.lint.needs import TEAM, Need, Needs, needs
from tocsin.lint.subject import Bindings, Check, Subject

Kind = Literal["role", "metric", "channel", "placeholder", "variable", "tool", "severity"]
SERVED = frozenset({"chat", "email", "pager", "phone", "webhook", TEAM})
"""The kinds of channels that a notifier can serve; a dashboard or a status page is looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loose:
    """One thing that is tied to nothing, in the document's words; ``line`` is the first that needs it."""

    kind: Kind
    name: str
    message: str
    hint: str
    line: int


def loose_ends(books: Sequence[Runbook], bindings: Bindings) -> tuple[Loose, ...]:
    """Everything that these runbooks need and that is tied to nothing, each thing once."""
    return (*_loose(needs(books), bindings), *_severities(books, bindings))


def unbound(subject: Subject) -> Iterator[Problem]:
    """The loose ends of one document; a program that is missing is a matter of the machine, not of the document."""
    if subject.bindings is not None:
        for each in loose_ends([subject.book], subject.bindings):
            code = "missing-tool" if each.kind == "tool" else f"unbound-{each.kind}"
            yield problem(code, each.line, each.message, each.hint)


def _loose(wanted: Needs, given: Bindings) -> Iterator[Loose]:
    yield from _people(wanted, given)
    yield from _commands(wanted, given)


def _people(wanted: Needs, given: Bindings) -> Iterator[Loose]:
    for role in wanted.roles:
        if role.called and role.name not in given.roles:
            message = f"Nobody is bound to the role “{role.name}”, so nobody is called there."
            yield _end("role", role, message, "Bind it to a person under [roles].")
    for metric in wanted.metrics:
        if metric.name not in given.metrics:
            hint = "Bind it to a probe under [signals]."
            yield _end("metric", metric, f"No signal measures “{metric.name}”, so it neither alerts nor closes.", hint)
    for channel in wanted.channels:
        if channel.kind in SERVED and channel.name not in given.channels:
            message = f"No notifier serves the channel “{channel.name}”, so nothing is posted there."
            yield _end("channel", channel, message, "Bind it to a notifier under [channels].")


def _commands(wanted: Needs, given: Bindings) -> Iterator[Loose]:
    for gap in wanted.placeholders:
        if gap.lasting and gap.name not in given.placeholders:
            message = f"{gap.name} is the same in every incident, and has to be filled in anew each time."
            yield _end("placeholder", gap, message, "Give it its value under [placeholders].")
    for variable in wanted.variables:
        if variable.name not in given.variables:
            message = f"Commands use ${variable.name}, which is not handed to them."
            yield _end("variable", variable, message, "Name it in `env` under [target].")
    for program in wanted.programs:
        if program.name in given.missing:
            hint = "Install it, or add its folder to `path` under [target]."
            yield _end("tool", program, f"The program {program.name} is not there.", hint)


def _severities(books: Sequence[Runbook], given: Bindings) -> Iterator[Loose]:
    """Rules of approvals for severities that no scale has; without a scale, a severity may be any word."""
    levels = [level for book in books for level in book.severities]
    known = list(dict.fromkeys(level.name for level in levels))
    if not books or not all(book.severities for book in books):
        return
    for word, place in given.severities:
        if not fits_any(word, known):
            message = f"{place} of [[approvals.rules]] is for the severity “{word}”, which is not in this scale."
            yield Loose(kind="severity", name=word, message=message, hint=nearest(word, known), line=levels[0].line)


def _end(kind: Kind, need: Need, message: str, hint: str) -> Loose:
    return Loose(kind=kind, name=need.name, message=message, hint=hint, line=need.line)


CHECKS: tuple[Check, ...] = (unbound,)
