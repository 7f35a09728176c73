"""Code fences as a human pairs them, which is more forgiving than CommonMark.

A fence may be closed at any indentation, a fence with a language inside an open one means that the closing line was
forgotten, and a fence that never closes ends before the next heading. Each fence is then masked by one marker line, so
that the Markdown parser sees where it stands but not what is in it; the number of lines never changes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from tocsin.core.runbook import Problem
from tocsin.reading.shellwords import SHELL, SQL

_LINE = re.compile(r"^(?P<lead>[ \t]*(?:(?:[-*+]|\d{1,4}[.)])[ \t]+)?)(?P<run>`{3,}|~{3,})[ \t]*(?P<info>[^`]*)$")
_HEADING = re.compile(r"^ {0,3}#{2,6}[ \t]+\S")
# What no line of a shell or of SQL begins with: an item, a bold label, a row of a table.
_MARKDOWN = re.compile(r"^ {0,3}(?:[-*+][ \t]+\S|\d{1,3}[.)][ \t]+\S|\*\*\S|\|.*\|\s*$)")
_PROSE = re.compile(r"^ {0,3}[A-ZÀ-Þ][a-zß-ÿ]+,? [\w`(]")
_HERE = re.compile(r"(?<!<)<<(?!<)-?\s*[\"'\\]?(?P<end>\w+)")
_WORD = re.compile(r"[\w+#-]+")
_MARKER = re.compile(r"^(?:(?:[-*+]|\d{1,4}[.)])\s+)?\ue000(\d+)\ue001$")
MARKDOWN = frozenset({"markdown", "md", "mdx"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Fence:
    """A block of code: ``line`` is its opening line, ``first`` the line of its first text, both 1-based.

    An indented block has no marker lines (``marked`` is false); its ``line`` is the one above it.
    """

    line: int
    end_line: int
    language: str
    indent: int
    body: tuple[str, ...]
    marked: bool = True
    memo: dict[frozenset[str], Any] = field(default_factory=dict, compare=False, repr=False)  # of `commands.told`

    @property
    def first(self) -> int:
        """The line of the first text in the fence."""
        return self.line + 1


@dataclass(slots=True)
class _Open:
    line: int
    run: str
    lead: str
    language: str
    depth: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Masked:
    """The document's text with each fence replaced by a marker line, and the fences in order."""

    text: str
    fences: tuple[Fence, ...]
    problems: tuple[Problem, ...]

    def fence(self, text: str) -> Fence | None:
        """The fence that a marker line stands for."""
        found = _MARKER.match(text.strip())
        number = int(found.group(1)) if found else len(self.fences)
        return self.fences[number] if number < len(self.fences) else None


def mask(text: str) -> Masked:
    """Find the fences of the text and mask them."""
    lines = text.replace("\ue000", "\ufffd").split("\n")
    fences, problems = _find(lines)
    for number, fence in enumerate(fences):
        found = _LINE.match(lines[fence.line - 1])
        lead = found.group("lead") if found else ""
        lines[fence.line - 1] = f"{lead}\ue000{number}\ue001"
        lines[fence.line : fence.end_line] = [""] * (fence.end_line - fence.line)
    return Masked(text="\n".join(lines), fences=tuple(fences), problems=tuple(problems))


def _find(lines: list[str]) -> tuple[list[Fence], list[Problem]]:
    fences: list[Fence] = []
    problems: list[Problem] = []
    opened: _Open | None = None
    for number, line in enumerate(lines, 1):
        found = _LINE.match(line) if "```" in line or "~~~" in line else None
        if found is None:
            continue
        tagged = bool(found.group("info").strip())
        if opened is None:
            opened = _opening(number, found)
        elif opened.run[0] != found.group("run")[0] or len(found.group("run")) < len(opened.run):
            continue
        elif opened.language in MARKDOWN and (tagged or opened.depth):
            opened.depth += 1 if tagged else -1
        elif (begins := _own_text(lines, opened, number, unclosed=tagged)) or tagged:
            problems.append(_forgotten(opened))
            fences += _unclosed(lines, opened, (begins or number) - 1)
            opened = _opening(number, found)
        else:
            fences.append(_closed(lines, opened, number))
            opened = None
    if opened is not None:
        problems.append(_forgotten(opened))
        fences += _runaway(lines, opened)
    return fences, problems


def _opening(number: int, found: re.Match[str]) -> _Open:
    word = _WORD.search(found.group("info"))
    return _Open(
        line=number, run=found.group("run"), lead=found.group("lead"), language=word.group().lower() if word else ""
    )


def _unclosed(lines: list[str], opened: _Open, last: int) -> list[Fence]:
    """The fence up to line ``last``; none where its marker was a stray one in the document's own text."""
    if opened.language:
        return [_closed(lines, opened, last)]
    lines[opened.line - 1] = ""
    return []


def _closed(lines: list[str], opened: _Open, last: int) -> Fence:
    """The fence that ends with line ``last``; its closing line, where there is one, is not part of its body."""
    final = _LINE.match(lines[last - 1]) if last > opened.line else None
    body = lines[opened.line : last - 1 if final else last]
    width = len(opened.lead.expandtabs(4))
    return Fence(
        line=opened.line,
        end_line=last,
        language=opened.language,
        indent=width,
        body=tuple(_outdent(line, width) for line in body),
    )


def _outdent(line: str, width: int) -> str:
    blank = len(line) - len(line.lstrip(" \t"))
    return line[min(width, blank) :]


def _own_text(lines: list[str], opened: _Open, end: int, *, unclosed: bool = False) -> int | None:
    """The line of the heading, before line ``end``, where the document goes on in a fence of shell or SQL.

    The text below it tells: an item or a label is never shell; prose, or nothing, tells it only where the fence is
    known to have no closing line. What a here-document or a quotation holds is the command's own.
    """
    if opened.language not in SHELL and opened.language not in SQL:
        return None
    heading, here, quotes, marks = 0, "", 0, 0
    for number in range(opened.line + 1, end):
        line = lines[number - 1]
        if here:
            here = "" if line.strip() == here else here
        elif not line.strip():
            continue
        elif _HEADING.match(line):
            heading = heading or (number if quotes % 2 == 0 and marks % 2 == 0 else 0)
        elif heading and (_MARKDOWN.match(line) or (unclosed and _PROSE.match(line))):
            return heading
        elif not line.lstrip().startswith(("#", "--")):
            quotes, marks, heading = quotes + line.count('"'), marks + line.count("'"), 0
            found = _HERE.search(line) if "<<" in line else None
            here = found.group("end") if found else ""
        else:
            heading = 0
    return (heading or None) if unclosed else None


def _runaway(lines: list[str], opened: _Open) -> list[Fence]:
    """A fence without an end ends before the next heading; an untagged one that headings follow was a stray marker."""
    begins = _own_text(lines, opened, len(lines) + 1, unclosed=True)
    for number in range(opened.line + 1, len(lines) + 1):
        if number == begins or (_HEADING.match(lines[number - 1]) and not lines[number - 2].strip()):
            if opened.language and opened.language not in MARKDOWN:
                return [_closed(lines, opened, number - 1)]
            break
    else:
        return [_closed(lines, opened, len(lines))]
    lines[opened.line - 1] = ""
    return []


def _forgotten(opened: _Open) -> Problem:
    return Problem(
        line=opened.line,
        code="unclosed-fence",
        level="warning",
        message="This code fence has no closing line, so a strict reader swallows what follows it.",
        hint=f"Close it with {opened.run} on a line of its own.",
    )
