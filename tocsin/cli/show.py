"""A runbook line for line in the terminal: as it was written, and beside it what was understood."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import click

from tocsin.cli.folding import Piece, cells, flow, fold, padded, piece, printable
from tocsin.cli.output import count, one_line
from tocsin.core.marks import Mark, Tone
from tocsin.core.runbook import Level, Problem, Runbook
from tocsin.core.understood import Line, headline

WIDE = 100
"""From so many columns on, what was understood stands beside the document, else below its line."""
_WIDEST_TEXT = 96
_WIDEST_MARKS = 84
_PIPED_TEXT = 72
_TONES: dict[Tone, dict[str, Any]] = {
    "quiet": {"dim": True}, "plain": {}, "accent": {"fg": "cyan"}, "good": {"fg": "green"},
    "ask": {"fg": "yellow"}, "bad": {"fg": "red"},
}  # fmt: skip
_ORDER: tuple[Tone, ...] = ("bad", "ask", "good", "accent", "plain", "quiet")
_LOOKS: dict[str, dict[str, Any]] = {"heading": {"bold": True}, "code": {"fg": "blue"}, "text": {}}
_LEVELS: dict[Level, tuple[str, dict[str, Any]]] = {
    "error": ("✖ error", {"fg": "red", "bold": True}),
    "warning": ("▲ warning", {"fg": "yellow", "bold": True}),
    "note": ("• note", {"fg": "cyan"}),
}
_BAR = "▎"
_UNIT = re.compile(r"(?<=\d) (?=(?:min|ms|[hds%])(?!\w))")
_RULE = click.style("│", dim=True)


def drawn(book: Runbook, lines: Sequence[Line], width: int) -> Iterator[str]:
    """The lines for a terminal of this width, row by row; no row is wider than it."""
    yield from _head(book, width)
    digits = len(str(lines[-1].number if lines else 0))
    gutter = max(4, digits + 1)
    room = max(12, width - gutter - 2)
    longest = max((min(cells(line.text), _WIDEST_TEXT) for line in lines), default=0)
    left = min(longest, room * 11 // 20) if width >= WIDE else 0
    if left:
        yield from _two_columns(lines, gutter, left, room - left - 3)
        return
    for line in lines:
        yield from _below(line, gutter, room)
        yield from _findings(line, gutter, room)


def piped(book: Runbook, lines: Sequence[Line]) -> Iterator[str]:
    """The lines for other programs: rows ``NUMBER | text | understood`` and ``NUMBER ! level code: finding``."""
    yield one_line(f"{book.title}  {book.source}  {book.digest[:19]}")
    yield ", ".join(headline(book))
    digits = max(4, len(str(lines[-1].number if lines else 0)))
    texts = [printable(line.text) for line in lines]
    left = max((size for size in map(cells, texts) if size <= _PIPED_TEXT), default=0)
    for line, text in zip(lines, texts, strict=True):
        marks = "; ".join(in_one_line(mark) for mark in line.own)
        yield (
            f"{line.number:>{digits}} | {padded(text, text, left)} | {marks}".rstrip(" ")
            if marks
            else (f"{line.number:>{digits}} | {text}".rstrip(" "))
        )
        for problem in line.problems:
            yield f"{line.number:>{digits}} ! {problem.level} {problem.code}: " + one_line(_sentence(problem))


def in_one_line(mark: Mark) -> str:
    """``read-only: Look at the log · diagnosis [endless] (why)``."""
    says = " · ".join(part for part in (mark.text, *mark.facts) if part)
    traits = f" [{', '.join(mark.traits)}]" if mark.traits else ""
    return one_line(mark.label + (f": {says}" if says else "") + traits + (f" ({mark.why})" if mark.why else ""))


def _head(book: Runbook, width: int) -> Iterator[str]:
    levels = Counter(problem.level for problem in book.problems)
    found = [count(levels[level], level) for level in _LEVELS if levels[level]]
    rows = (
        [piece(book.title, bold=True)],
        [piece(f"{book.source}  {book.digest[:19]}", dim=True)],
        [piece(" · ".join((*headline(book), *found)), dim=True)],
    )
    for row in rows:
        yield from (shown for _, shown in flow(row, width))
    yield ""


def _two_columns(lines: Sequence[Line], gutter: int, left: int, right: int) -> Iterator[str]:
    """The folded lines, and beside them their marks; what is said of several lines may go on beside further ones."""
    carried: list[tuple[str, str]] = []
    for at, line in enumerate(lines):
        texts, marks = _text(line, left), [*carried, *_marks(line, min(right, _WIDEST_MARKS))]
        goes_on = not line.problems and at + 1 < len(lines) and any(mark.end_line > line.number for mark in line.marks)
        height = len(texts) if goes_on else max(len(texts), len(marks))
        carried = marks[height:]
        for row in range(height):
            text = texts[row] if row < len(texts) else ""
            shown = _gutter(line, gutter, first=row == 0) + padded(text, _styled(line, text), left)
            yield f"{shown} {_RULE} {marks[row][1]}" if row < len(marks) else shown.rstrip(" ")
        yield from _findings(line, gutter, min(left + 3 + right, _WIDEST_TEXT + _WIDEST_MARKS))


def _below(line: Line, gutter: int, room: int) -> Iterator[str]:
    """One column: the folded line, and its marks below it, or at the line's end where they fit."""
    texts, marks = _text(line, room), _marks(line, room - 2)
    behind = ""
    if len(marks) == 1 and (space := room - cells(texts[-1]) - cells(marks[0][0])) >= 2:
        behind, marks = " " * space + marks[0][1], []
    for at, text in enumerate(texts):
        row = _gutter(line, gutter, first=at == 0) + _styled(line, text)
        yield row + behind if at == len(texts) - 1 else row
    for _, shown in marks:
        yield _gutter(line, gutter, first=False) + "  " + shown


def _marks(line: Line, width: int) -> list[tuple[str, str]]:
    """The marks of a line in rows, each as its plain and its drawn text; short ones share a row."""
    rows: list[tuple[str, str]] = []
    shared = False
    for mark in line.own:
        said = flow(_words(mark), width)
        short = len(said) == 1 and not mark.why
        if shared and short and cells(rows[-1][0]) + 3 + cells(said[0][0]) <= width:
            rows[-1] = (f"{rows[-1][0]}   {said[0][0]}", f"{rows[-1][1]}   {said[0][1]}")
        else:
            rows += said
        shared = short
        reason = flow([piece(mark.why, dim=True)], max(1, width - 2), hanging=0)
        rows += [(f"  {plain}", f"  {drawn}") for plain, drawn in reason]
    return rows


def _text(line: Line, width: int) -> list[str]:
    return fold(printable(line.text), width)


def _styled(line: Line, text: str) -> str:
    style = _LOOKS[line.look]
    return click.style(text, **style) if style and text else text


def _gutter(line: Line, width: int, *, first: bool) -> str:
    number = click.style(f"{line.number:>{width}}", dim=True) if first else " " * width
    tone = next((tone for tone in _ORDER if any(mark.tone == tone for mark in line.marks)), None)
    bar = {"dim": True} if tone == "plain" else _TONES[tone] if tone else None
    return f"{number} {click.style(_BAR, **bar) if bar else ' '}"


def _words(mark: Mark) -> Iterator[Piece]:
    """A mark in the styles of a terminal: its label in its tone, what is secondary dimmed."""
    yield piece(mark.label, **{**_TONES[mark.tone], "bold": mark.tone not in ("quiet", "plain")})
    yield piece(_UNIT.sub("\u00a0", mark.text), dim=mark.tone == "quiet")
    for fact in mark.facts:
        missing = mark.tone == "bad" and mark.kind in ("contact", "link")
        yield piece("·\u00a0" + _UNIT.sub("\u00a0", fact), **({"fg": "red"} if missing else {"dim": True}))
    for trait in mark.traits:
        yield piece(f"[{trait}]", fg="magenta")


def _findings(line: Line, gutter: int, width: int) -> Iterator[str]:
    for problem in line.problems:
        yield from (" " * (gutter + 2) + shown for _, shown in flow(_finding(problem), width))


def _finding(problem: Problem) -> Iterator[Piece]:
    sign, style = _LEVELS[problem.level]
    yield piece(sign, **style)
    yield piece(problem.message)
    yield piece(f"{problem.hint} {problem.code}", dim=True)


def _sentence(problem: Problem) -> str:
    return f"{problem.message} {problem.hint}".strip()
