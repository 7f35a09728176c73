"""Gaps: those that name nothing, those that a shell takes for redirections, those that were never filled in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tocsin.core.runbook import Placeholder, Problem, Step
from tocsin.lint.codes import problem
from tocsin.lint.pipelines import fence_at, shell_of
from tocsin.lint.subject import Check, Subject
from tocsin.reading.shellwords import SHELL, SQL

_UNBINDABLE = re.compile(r"^[\[<{](?:\.{3}|…|\?+|x+)[\]>}]$", re.IGNORECASE)
_NAMELESS = re.compile(r"(?<=\S[ \t])<(?:\.{3}|\?+)>(?=\s|$)")
_LONGEST = 500  # of a line that a person wrote about the document itself
_ANGLED = re.compile(r"<[^<>\n]{1,80}>")
_FILE = re.compile(r"(?:[ \t]|\\\n)*(?P<name>(?:\"[^\"\n]*\"|'[^'\n]*'|[^\s;|&<>()'\"\\])+)")
_MONTHS = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_HALF_DATE = re.compile(
    r"\b20\d\d-(?:\d\d|XX|MM)-(?:XX|DD)\b|\b20\d\d-XX(?:-\d\d)?\b|\b20XX\b|\bXX[/.]XX[/.]20\d\d\b"
    rf"|\b{_MONTHS} XX?,? 20\d\d\b",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"^\s*(?:[-*>]\s*)?[*_]*(?P<label>(?:last|next|document|runbook)?[ -]?"
    r"(?:updated?|reviewed?|review(?: date)?|revised|modified|version|owners?|owner team|authors?|maintainers?"
    r"|maintained by|approved by|reviewed by|effective date|team|company|organi[sz]ation|date|created|status page))"
    r"\s*[*_]*\s*[:：]\s*[*_]*\s*(?P<value>.+?)\s*[*_]*\s*$",
    re.IGNORECASE,
)
_EMPTY = re.compile(
    r"^(?:\[[^\]\d][^\]]*\](?!\()|<[A-Za-z][^>]*>|\{[a-z][^}]*\}|T\.?B\.?[DA]\.?|TO ?DO|XXX+|\?{2,}|YYYY-MM-DD"
    r"|_{3,}|\.{3}|(?:YOUR|your)[_ -].+|N\.?N\.?|to be (?:determined|defined|filled.*|decided|assigned))$"
)  # fmt: skip
_COMPANY = re.compile(
    r"\[(?:your |the )?(?:company|organi[sz]ation|team|product|project|platform|system"
    r"|app(?:lication)?|repo(?:sitory)?|org)(?: name)?\](?!\()",
    re.IGNORECASE,
)
_MISSING_ADDRESS = re.compile(
    r"https?://\S*?(?P<gap>\[(?:org|repo|project|your-[\w-]+|company|team|domain|account)\]|<(?:org|repo|project|your-[\w-]+|company|domain|account)>"
    r"|\{(?:org|repo|company|domain)\}|(?<=[/.@])(?:YOUR|your)[_-][A-Za-z_-]+)",
)
_TODO = re.compile(r"\b(?:TODO|FIXME|TBD)\b\s*[:：]\s*\S[^.\n]{0,50}|(?<=[:：] )TBD\b|\(TBD\)")
_TODO_COMMENT = re.compile(r"^\s*(?:#+|--)\s*(?P<todo>(?:TODO|FIXME|TBD)\b.{0,60})")


@dataclass(frozen=True, slots=True)
class _Paste:
    """What a shell makes of a gap: ``file`` is what it would overwrite, empty where the line is no command at all."""

    gap: str
    line: int
    file: str


def unbindable(subject: Subject) -> Iterator[Problem]:
    """A gap of a command that names nothing: ``<xxx>``, ``<...>``."""
    for step in subject.book.steps():
        command = shell_of(step)
        nameless = _NAMELESS.search(command)
        if nameless:
            line = step.line + command.count("\n", 0, nameless.start())
            yield _names_nothing(nameless.group(), line)
    used = {text for step in subject.book.steps() if step.runnable for text in step.placeholders}
    for placeholder in subject.book.placeholders:
        if placeholder.text in used and _UNBINDABLE.match(placeholder.text):
            yield _names_nothing(placeholder.text, placeholder.places[0].line)


def _names_nothing(gap: str, line: int) -> Problem:
    return problem(
        "unbindable-placeholder",
        line,
        f"{gap} in a command names nothing that could be filled in.",
        "Name what belongs there, for example <pod-name>.",
    )


def shell_gaps(subject: Subject) -> Iterator[Problem]:
    """An unquoted ``<gap>``: harmless in Tocsin, which fills and quotes it, not so for whoever pastes the line.

    One finding for each gap, at its first place, a place where it would write a file before any other.
    """
    found: dict[str, list[_Paste]] = {}
    for step in subject.book.steps():
        for paste in _pastes(step, shell_of(step)):
            found.setdefault(paste.gap, []).append(paste)
    for gap, pastes in found.items():
        worst = min(pastes, key=lambda paste: (not paste.file, paste.line))
        others = len({paste.line for paste in pastes}) - 1
        more = f" (and in {others} more line{'s' if others > 1 else ''})" if others else ""
        name = gap.strip("<>").split()[0]
        does = (
            f"for “read the file {name}, overwrite the file {worst.file}”"
            if worst.file
            else "for a redirection, and fails"
        )
        yield problem(
            "shell-placeholder",
            worst.line,
            f"Whoever pastes {gap} as it stands{more} gives the shell something that it takes {does}.",
            "Tocsin fills the gap before it runs the command; for people, write it in quotes or as $NAME.",
            level=None if worst.file else "note",
        )


def _pastes(step: Step, command: str) -> Iterator[_Paste]:
    known, bare = frozenset(step.placeholders), _unquoted(command)
    for match in _ANGLED.finditer(command):
        if match.group() in known and bare[match.start()]:
            following = _FILE.match(command, match.end())
            line = step.line + command.count("\n", 0, match.start())
            yield _Paste(match.group(), line, following.group("name") if following else "")


def _unquoted(command: str) -> list[bool]:
    """For each place whether it lies outside quotes and before any here-document."""
    places: list[bool] = []
    quote, skip = "", False
    heredoc = command.find("<<")
    for at, char in enumerate(command):
        places.append(not quote and (heredoc < 0 or at < heredoc))
        if skip:
            skip = False
        elif char == "\\" and quote != "'":
            skip = True
        elif quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
    return places


def mixed(subject: Subject) -> Iterator[Problem]:
    """One gap of the commands in several spellings: it is asked for once for each."""
    used = {text for step in subject.book.steps() if step.runnable for text in step.placeholders}
    known: dict[str, list[Placeholder]] = {}
    for placeholder in sorted(subject.book.placeholders, key=lambda one: one.places[0].line):
        name = _name(placeholder.text)
        if placeholder.text in used and len(name) > 1 and not _UNBINDABLE.match(placeholder.text):
            known.setdefault(name, []).append(placeholder)
    for spellings in known.values():
        if len(spellings) > 1:
            first, second = spellings[0], spellings[1]
            yield problem(
                "mixed-placeholders",
                second.places[0].line,
                f"{second.text} here and {first.text} in line {first.places[0].line} look like the same gap, "
                "but each is asked for by itself.",
                "Choose one spelling for the whole document.",
            )


def _name(text: str) -> str:
    bare = re.sub(r"^(?:your|my|the)[-_ ]", "", text.strip("<>[]{}() \t"), flags=re.IGNORECASE)
    return re.sub(r"[\W_]+", "", bare).casefold()


def unfilled_text(subject: Subject) -> Iterator[Problem]:
    """The document's own dates, names and addresses that still are what its template had there, and its own TODOs."""
    skip = _elsewhere(subject)
    for number, line in enumerate(subject.lines, 1):
        fence = fence_at(subject, number)
        if number in skip or line.lstrip().startswith("|") or len(line) > _LONGEST:
            continue
        if fence is None:
            told = _unfilled(line)
        else:
            todo = _TODO_COMMENT.match(line) if fence.language in SHELL | SQL else None
            told = f"“{todo.group('todo').strip()}”" if todo else None
        if told:
            yield problem("unfilled-text", number, f"{told} was never filled in.", "Fill it in, or delete the line.")


def _unfilled(line: str) -> str | None:
    text = re.sub(r"`[^`]*`", "``", line).strip()
    label = _LABEL.match(text)
    value = label.group("value").strip(" *_") if label else ""
    if label and (_EMPTY.match(value) or _HALF_DATE.search(value)):
        return f"“{label.group('label').strip()}: {value}”"
    todo = _TODO.search(text)
    if todo:
        return f"“{todo.group().strip()}”"
    half, company, address = _HALF_DATE.search(text), _COMPANY.search(text), _MISSING_ADDRESS.search(text)
    if half and not re.search(r"INC|example|e\.g|format|#incident|like", text, re.IGNORECASE):
        return f"The date {half.group()}"
    if address:
        return f"The {address.group('gap')} of this address"
    return company.group() if company else None


def _elsewhere(subject: Subject) -> frozenset[int]:
    """The lines of contacts and of templates: their gaps are somebody else's, or are filled during the incident."""
    lines = {contact.line for contact in subject.book.contacts}
    for template in subject.book.templates:
        told = {_bare_words(line) for line in template.text.split("\n")}
        at = template.line + 1
        while at <= len(subject.lines) and at < template.line + 200 and not subject.text(at).startswith("#"):
            if _bare_words(subject.text(at)) in told:
                lines.add(at)
            at += 1
    return frozenset(lines)


def _bare_words(line: str) -> str:
    return re.sub(r"[\W_]+", " ", line).strip()


CHECKS: tuple[Check, ...] = (unbindable, shell_gaps, mixed, unfilled_text)
