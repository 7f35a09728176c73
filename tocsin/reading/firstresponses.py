"""What happens first at each severity: the line "Action: …" below a level, or the column of that name beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from tocsin.core.runbook import Severity
from tocsin.reading.letters import unaccented
from tocsin.reading.sections import Section
from tocsin.reading.severitywords import LEVEL_COLUMN, level_of
from tocsin.reading.vocabulary import tidy

_SIGNS = re.compile(r"\W")
_LABEL = (
    r"actions?(?: required| to take)?|(?:first|initial|immediate) (?:response|actions?)|what (?:happens|to do|we do)"
    r"|(?:sofort)?ma(?:ß|ss)nahmen?|acci[oó]n(?:es)?|a[cç][oõ]es|a[cç][aã]o|actions? [aà] mener|azion[ei]|действи[ея]"
    r"|措施|対応|조치"
)
_LINE = re.compile(rf"^[\s>*+_-]*(?:\d+[.)]\s+)?[*_]*(?:{_LABEL})[*_]*\s*[:：][*_]*\s*(?P<said>\S.*)$", re.IGNORECASE)
_COLUMN = re.compile(rf"^(?:{_LABEL})$", re.IGNORECASE)
_MOST_LINES = 12
"""So far below a level its action stands."""
_LONGEST = 500


def with_actions(scale: Sequence[Severity], root: Section, lines: Sequence[str]) -> tuple[Severity, ...]:
    """The scale, with what happens first at each level, where the document says it in a line or a cell."""
    found = dict(_of_tables(root))
    ends = [level.line for level in scale]
    for level in scale:
        last = min([line - 1 for line in ends if line > level.line] + [level.line + _MOST_LINES])
        said = _of_lines(lines, level.line, last)
        if said is not None:
            found.setdefault(_key(level.name), said)
    return tuple(
        replace(level, action=found[_key(level.name)][0], action_line=found[_key(level.name)][1])
        if _key(level.name) in found else level
        for level in scale
    )  # fmt: skip


def _key(name: str) -> str:
    return _SIGNS.sub("", name.casefold())


def _of_lines(lines: Sequence[str], begins: int, last: int) -> tuple[str, int] | None:
    """The first line of that kind below a level's own; a heading or a fence ends what is said about it."""
    for number in range(begins + 1, min(last, len(lines)) + 1):
        text = lines[number - 1][:_LONGEST]
        if re.match(r"\s*(?:#|```|~~~)", text):
            return None
        found = _LINE.match(text)
        if found:
            return tidy(text[found.start("said") :]), number
    return None


def _of_tables(root: Section) -> Iterator[tuple[str, tuple[str, int]]]:
    for section in root.walk():
        if section.meaning in ("template", "thresholds", "escalation"):
            continue
        for block in section.blocks:
            if block.kind != "table" or len(block.children) < 2:
                continue
            head = [tidy(cell.plain) for cell in block.children[0].lines]
            level = next((at for at, cell in enumerate(head) if LEVEL_COLUMN.search(unaccented(cell))), None)
            action = next((at for at, cell in enumerate(head) if _COLUMN.match(cell)), None)
            if level is None or action is None:
                continue
            for row in block.children[1:]:
                cells = [cell.plain for cell in row.lines]
                named = level_of(cells[level]) if level < len(cells) else None
                if named is not None and action < len(cells) and cells[action].strip():
                    yield _key(named[0]), (tidy(cells[action])[:_LONGEST], row.line)
