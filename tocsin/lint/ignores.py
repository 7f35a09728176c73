"""``<!-- tocsin: ignore=CODE -->``: the document itself says which findings its people know and accept.

On a line with other text the comment silences that line; alone on a line it silences the block below: a line, a fence,
a table. In a code fence it is an ordinary comment of that language.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from tocsin.core.runbook import Problem
from tocsin.lint.codes import CODES, problem
from tocsin.reading.fences import Fence, mask

_COMMENT = re.compile(r"<!--\s*(?:#\s*)?tocsin:\s*ignore\s*=\s*(?P<codes>[^>]*?)\s*-->")
_IN_CODE = re.compile(r"(?:^|(?<=\s))(?:#|--|//)\s*tocsin:\s*ignore\s*=\s*(?P<codes>[\w, -]*?)\s*$")
_TABLE = re.compile(r"^\s*\|")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignore:
    """A comment on ``line`` that silences some codes in the lines ``first`` to ``last``."""

    line: int
    codes: tuple[str, ...]
    first: int
    last: int


def find(lines: Sequence[str]) -> tuple[Ignore, ...]:
    """Every ignore comment of a document with the lines that it covers."""
    if not any("tocsin:" in line for line in lines):
        return ()
    fences = mask("\n".join(lines)).fences
    return tuple(_find(lines, fences))


def heed(
    problems: Sequence[Problem], ignores: Sequence[Ignore], unchecked: Collection[str] = ()
) -> tuple[Problem, ...]:
    """The problems that nothing silences, and those of the comments themselves.

    A comment is unused only where its code was looked for at all: ``unchecked`` names the codes that were not.
    """
    silenced = {(each, code) for each in ignores for code in each.codes}
    used: set[tuple[Ignore, str]] = set()
    left: list[Problem] = []
    for found in problems:
        by = [(each, code) for each, code in silenced if code == found.code and each.first <= found.line <= each.last]
        used.update(by)
        if not by:
            left.append(found)
    return (*left, *_of_comments(ignores, used, unchecked))


def _find(lines: Sequence[str], fences: Sequence[Fence]) -> Iterator[Ignore]:
    inside = {number: fence for fence in fences for number in range(fence.line + 1, fence.end_line + 1)}
    for number, line in enumerate(lines, 1):
        found = (_IN_CODE if number in inside else _COMMENT).search(line)
        if found is None:
            continue
        codes = tuple(dict.fromkeys(code for code in re.split(r"[\s,]+", found.group("codes")) if code))
        alone = not (line[: found.start()] + line[found.end() :]).strip()
        last = _end_of_block(lines, number, fences) if alone else number
        yield Ignore(line=number, codes=codes, first=number, last=last)


def _end_of_block(lines: Sequence[str], comment: int, fences: Sequence[Fence]) -> int:
    """The last line of the block below a comment that stands alone; further comments between them are passed over."""
    number = comment + 1
    while number <= len(lines) and (not lines[number - 1].strip() or _is_comment(lines[number - 1])):
        number += 1
    if number > len(lines):
        return comment
    opened = next((fence for fence in fences if fence.line == number), None)
    if opened is not None:
        return opened.end_line
    if _TABLE.match(lines[number - 1]):
        while number < len(lines) and _TABLE.match(lines[number]):
            number += 1
    return number


def _is_comment(line: str) -> bool:
    found = _COMMENT.search(line) or _IN_CODE.search(line)
    return found is not None and not (line[: found.start()] + line[found.end() :]).strip()


def _of_comments(
    ignores: Sequence[Ignore], used: Collection[tuple[Ignore, str]], unchecked: Collection[str]
) -> Iterator[Problem]:
    for each in ignores:
        if not each.codes:
            yield problem(
                "unknown-ignore", each.line, "This comment names no code, so it silences nothing.",
                "Write the code of the finding: <!-- tocsin: ignore=dead-link -->.",
            )  # fmt: skip
        for code in each.codes:
            if code not in CODES:
                yield problem(
                    "unknown-ignore", each.line, f"There is no finding with the code “{code}”, so nothing is silenced.",
                    "`tocsin check --explain all` lists the codes.",
                )  # fmt: skip
            elif (each, code) not in used and code not in unchecked:
                where = f"line {each.last} gives" if each.first == each.last else f"lines {each.first}–{each.last} give"
                yield problem(
                    "unused-ignore", each.line, f"Nothing is silenced here: {where} no {code}.",
                    "Take the comment away, or put it directly above the line that it is about.",
                )  # fmt: skip
