"""What the checks ask of a step: the stages of its pipelines, its fence, a short form to quote it by."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import lru_cache

from tocsin.core.runbook import CodeFence, Step
from tocsin.lint.subject import Subject
from tocsin.safety.lexer import show
from tocsin.safety.shell import Chain, Command, Script, parse
from tocsin.safety.shield import cover

_QUOTED = 64
_LONGEST = 4000  # what a person wrote is shorter; what isn't would only keep the patterns busy


def command_of(step: Step) -> str:
    """The command of a step that has one, cut where no person would read on; else an empty text."""
    return (step.command or "")[:_LONGEST] if step.runnable else ""


def shell_of(step: Step) -> str:
    """The command of a shell step, as `command_of` gives it; empty for every other step."""
    return command_of(step) if step.kind == "shell" else ""


def chains(step: Step) -> tuple[Chain, ...]:
    """The pipelines of a shell command that is understood to its end; empty for every other."""
    script = _script(step)
    return () if script is None or script.trouble else script.chains


def written_files(step: Step) -> tuple[str, ...]:
    """The files that ``>`` writes, as far as the command is understood."""
    script = _script(step)
    return script.writes if script else ()


def _script(step: Step) -> Script | None:
    if step.kind != "shell" or not step.command or len(step.command) > _LONGEST:
        return None
    return _parsed(step.command, step.placeholders)


@lru_cache(maxsize=1024)
def _parsed(command: str, gaps: tuple[str, ...]) -> Script:
    """Several findings ask for the same command, and documents repeat theirs."""
    return parse(cover(command, gaps).text)


def words(command: Command) -> tuple[str, ...]:
    """The words of one program's call, a variable as ``$NAME``, a gap as ``<…>``."""
    return tuple(show(word) for word in command.words)


def brief(command: str) -> str:
    """The command on one line, in backquotes, cut where it is long."""
    text = re.sub(r"\s*\\?\n\s*", " ", command.strip()).replace("`", "'")
    return f"`{text}`" if len(text) <= _QUOTED else f"`{text[: _QUOTED - 1]}…`"


def fence_at(subject: Subject, line: int) -> CodeFence | None:
    """The code fence that a line stands in."""
    fences = subject.book.fences
    place = bisect_right(fences, line - 1, key=lambda fence: fence.line) - 1
    return fences[place] if place >= 0 and line <= fences[place].end_line else None
