"""Comments in a fence that carry more than words: ``# Or …`` between alternatives, a command that is commented out."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tocsin import safety
from tocsin.core.runbook import CodeFence, Problem
from tocsin.lint.codes import problem
from tocsin.lint.pipelines import brief, fence_at
from tocsin.lint.subject import Check, Subject
from tocsin.reading.placeholders import find_placeholders
from tocsin.reading.shellwords import SHELL, SQL, executable, knows, sql_starts

_MARKS = {mark: re.compile(rf"^\s*{mark}+\s?(?P<text>.*)$") for mark in ("#", "[#-]")}
_LONGEST = 500  # of a comment that is looked at
_LEAD = re.compile(r"^(?:run|use|example|e\.g\.?|command|then run|or run|or)\s*[:：]\s*|^[$>]\s+", re.IGNORECASE)
_PROSE = re.compile(
    r"\b(?:the|to|is|are|was|if|when|needed|needs|with|your|should|will|must|that|this|because|instead|not|from a|only"
    r"|manually|via|using|and then|for the|all|any|may|can|has)\b|[.:…]$|\.\.\.",
    re.IGNORECASE,
)
_MARKED = re.compile(r"(?:^|\s)--?[a-zA-Z]|[|$/]|https?://|=")
_ENGLISH_WORDS = """
at cat cut date dig drop echo exit export find flush for free head host hey id if install join kill last less link ls
make more mount nice node open ping python read route run screen service set sort source split start stat stop strings
tail tar test time timeout top touch tree uptime use vault wait watch which while who
"""
_ENGLISH = frozenset(_ENGLISH_WORDS.split())
"""Programs whose names begin sentences: for these a word is not enough."""


def alternatives_in_fence(subject: Subject) -> Iterator[Problem]:
    """Commands of one fence of which only one is to be done."""
    told: set[tuple[int, str]] = set()
    for part in subject.parts:
        first = {step.id: step for step in part.steps}
        for step in part.steps:
            other = first.get(step.alternative_to or "")
            fence = fence_at(subject, step.line)
            if other is None or fence is None or fence != fence_at(subject, other.line):
                continue
            if (fence.line, other.id) in told:
                continue
            told.add((fence.line, other.id))
            yield problem(
                "alternatives-in-fence",
                _comment_above(subject, step.line),
                f"This fence holds alternatives: from here on instead of line {other.line}, not after it.",
                "Give each way a fence of its own; whoever copies the whole fence does both.",
            )


def _comment_above(subject: Subject, line: int) -> int:
    """The first line of the comment that stands over a command."""
    while _MARKS["[#-]"].match(subject.text(line - 1)):
        line -= 1
    return line


def hidden_commands(subject: Subject) -> Iterator[Problem]:
    """A whole statement or command in a comment: people overlook it and nothing can run it."""
    for fence in subject.book.fences:
        if not _of_commands(fence):
            continue
        found = list(_in_comments(subject, fence))
        if found and _root_prompt(subject, fence, len(found)):
            line, text = found[0]
            yield problem(
                "hidden-command",
                line,
                f"`#` before {brief(text)} is a prompt for people and a comment for all else: nothing here can run.",
                "Leave the prompt out, and write `sudo` where it takes root.",
            )
            continue
        for line, text in found:
            yield problem(
                "hidden-command",
                line,
                f"{brief(text)} stands only in a comment, so it is neither checked nor offered as a step.",
                "Write it as a command of its own (SQL in a ```sql fence), or delete it.",
            )


def _in_comments(subject: Subject, fence: CodeFence) -> Iterator[tuple[int, str]]:
    mark = _MARKS["[#-]" if fence.language in SQL else "#"]
    for line in range(fence.line + 1, fence.end_line + 1):
        found = mark.match(subject.text(line)[:_LONGEST])
        text = _LEAD.sub("", found.group("text").strip()) if found else ""
        if text and _is_command(text):
            yield line, text


def _root_prompt(subject: Subject, fence: CodeFence, commands: int) -> bool:
    """Whether every ``#`` of a fence stands before a command: then it is the prompt of root, not a comment."""
    marked = [line for line in range(fence.line + 1, fence.end_line) if _MARKS["#"].match(subject.text(line))]
    return (
        fence.language not in SQL
        and commands == len(marked)
        and not any(knows(subject.text(line).strip()) for line in range(fence.line + 1, fence.end_line))
    )


def _of_commands(fence: CodeFence) -> bool:
    return fence.language in SHELL | SQL or any(part.role == "command" for part in fence.parts)


def _is_command(text: str) -> bool:
    if sql_starts(text):
        return text.endswith(";")
    word = executable(text)
    if len(text.split()) < 2 or not re.fullmatch(r"[a-z][\w.-]*", word) or not knows(text) or _PROSE.search(text):
        return False
    if word in _ENGLISH and not re.search(r"\s--?[a-zA-Z]|\|", text):
        return False
    gaps = find_placeholders(text, command=True)
    return safety.classify("shell", text, placeholders=gaps).word != "unknown" or bool(_MARKED.search(text))


CHECKS: tuple[Check, ...] = (alternatives_in_fence, hidden_commands)
