"""The edits that Tocsin makes in a runbook: a box, a table's row or cell, a threshold, a contact, the review date.

Each gives the file's new bytes, in which only the bytes of its place differ. Before they are given out they are read
again: an edit that does not show in the new version, or changes anything else there, is refused instead.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from tocsin.core.runbook import Contact, Rule, Runbook
from tocsin.errors import Invalid, NotFound
from tocsin.reading.blocks import parse
from tocsin.reading.decoding import decode
from tocsin.reading.nodes import Block
from tocsin.reading.original import Original, Span, Splice
from tocsin.reading.runbook import read

ContactField = str  # name, chat, email or phone
_BOX = re.compile(r"^[ \t>]*(?:[-*+]|\d{1,9}[.)])[ \t]+\[(?P<mark>[ xX])\]")
_NUMBER = re.compile(r"(?<![\w.])\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\d.]*\w)|(?<![\w.])\d+(?:\.\d+)?(?=\D|$)")
_REVIEWED = re.compile(r"last[\s_-]+(?:review|updat|verif|revis)|\breviewed\b|revisado|überprüft|révis", re.IGNORECASE)
_OF_A_REVIEW = re.compile(r"review|revis|révis|überprüf|verif", re.IGNORECASE)
_VALUE = re.compile(r"[:：]\W*?(?P<value>\w.*?|\[.*?\])?[\s*_|]*$")
_GAP = re.compile(
    r"\[[^\]\n]+\]|<[^>\n]+>|\b(?:TBD|TBA|TODO|N/A)\b|\+?\d*-?[xX]{3,}[-xX\d]*|_{3,}|\?{2,}", re.IGNORECASE
)
_NEAR = 12  # lines below its own that an element may reach over
_MOST_TRIES = 24


def tick(raw: bytes, line: int, *, done: bool = True) -> bytes:
    """The file with the box on a line ticked, or emptied."""
    original = Original(raw)
    found = _BOX.match(original.line(line))
    if found is None:
        raise NotFound(f"There is no box to tick on line {line}.", "A box is a list item that begins with [ ].")
    span = Span(line=line, start=found.start("mark"), end=found.end("mark"))
    return original.splice([Splice(span=span, text="x" if done else " ")])


def change_threshold(raw: bytes, rule: Rule, value: float) -> bytes:
    """The file with another number in an alert rule; the number's own way of writing (thousands) is kept."""
    original, before = Original(raw), read(raw, "")
    if rule not in before.rules:
        raise NotFound(f"The file has no threshold “{rule.metric} {rule.op} {rule.value:g}” on line {rule.line}.")
    wanted = tuple(replace(one, value=value) if one == rule else one for one in before.rules)
    splices = [
        Splice(span=span, text=f"{value:,g}" if "," in text else f"{value:.15g}")
        for span, text in _found(original, rule.line, _NUMBER)
        if float(text.replace(",", "")) in (rule.value, rule.value / 1000, rule.value * 100)
    ]
    return _first(
        original, splices, lambda book: book.rules == wanted, f"The number of line {rule.line} can't be changed alone."
    )


def change_contact(raw: bytes, contact: Contact, field: ContactField, text: str) -> bytes:
    """The file with a contact's name, chat, email or phone filled in or replaced."""
    original, before = Original(raw), read(raw, "")
    if contact not in before.contacts:
        raise NotFound(f"The file has no contact “{contact.role}” on line {contact.line}.")
    if "\n" in text or not text.strip():
        raise Invalid("A contact is one line of text.")
    old: str | None = getattr(contact, field)
    at = before.contacts.index(contact)

    def done(book: Runbook) -> bool:
        others = [*book.contacts[:at], *book.contacts[at + 1 :]]
        if others != [*before.contacts[:at], *before.contacts[at + 1 :]]:
            return False
        new = book.contacts[at]
        kept = all(
            getattr(new, name) == getattr(contact, name)
            for name in ("role", "line", "name", "chat", "email", "phone")
            if name != field and getattr(contact, name) is not None
        )
        return kept and getattr(new, field) == text.strip()

    places = _cells(original, contact.line) if old is None else []
    places += _found(original, contact.line, re.compile(re.escape(old)) if old else _GAP)
    splices = [
        Splice(span=span, text=_padded(original, span, text.strip()))
        for span, there in places
        if old is not None or not there.strip() or _GAP.fullmatch(there.strip())
    ]
    return _first(original, splices, done, f"The {field} of {contact.role} on line {contact.line} can't be set alone.")


def mark_reviewed(raw: bytes, day: str) -> bytes:
    """The file with another date behind "Last reviewed"."""
    original, before = Original(raw), read(raw, "")
    numbers = sorted(range(1, original.count + 1), key=lambda number: not _OF_A_REVIEW.search(original.line(number)))
    splices = [
        Splice(span=Span(line=number, start=found.start("value"), end=found.end("value")), text=day)
        for number in numbers  # "Last updated" only where no line speaks of a review
        if _REVIEWED.search(original.line(number)) and (found := _VALUE.search(original.line(number)))
        if found.group("value")
    ]

    def done(book: Runbook) -> bool:
        return book.review is not None and book.review.last == day and book.rules == before.rules

    return _first(
        original, splices, done, "The document does not say when it was last reviewed.",
        "Add a line such as **Last reviewed:** 2026-01-31.",
    )  # fmt: skip


def change_cell(raw: bytes, line: int, column: str, text: str) -> bytes:
    """The file with another text in a table's cell: the row's line, and the column by the words of its head."""
    original = Original(raw)
    table, row = _row(raw, line)
    head = [cell.plain.casefold() for cell in table.children[0].lines]
    cells = list(_cells(original, line))
    if column.casefold() not in head or row is table.children[0]:
        raise NotFound(f"The table of line {line} has no column “{column}”.", f"It has: {', '.join(head)}.")
    at = head.index(column.casefold())
    if at >= len(cells):
        raise Invalid(f"The row of line {line} has only {len(cells)} cells.", "Write the row out first.")
    span = cells[at][0]
    return original.splice([Splice(span=span, text=_padded(original, span, _in_cell(text)))])


def add_row(raw: bytes, line: int, cells: Sequence[str]) -> bytes:
    """The file with one more row at the end of the table that stands on a line."""
    original = Original(raw)
    table, _ = _row(raw, line)
    width = len(table.children[0].lines)
    if len(cells) != width:
        raise Invalid(f"The table of line {line} has {width} columns, and {len(cells)} cells were given.")
    last = table.children[-1].line if len(table.children) > 1 else table.line + 1
    model = original.line(last)
    lead = model[: len(model) - len(model.lstrip())]
    inner = " | ".join(_in_cell(cell) for cell in cells)
    begin, end = ("| " if model.lstrip().startswith("|") else ""), (" |" if model.rstrip().endswith("|") else "")
    place = Span(line=last, start=len(model), end=len(model))
    return original.splice([Splice(span=place, text=f"{original.line_end}{lead}{begin}{inner}{end}")])


def _row(raw: bytes, line: int) -> tuple[Block, Block]:
    """The table and the row of a line."""
    for table in _tables(parse(decode(raw).text).blocks):
        for row in table.children:
            if row.line == line:
                return table, row
    raise NotFound(f"There is no row of a table on line {line}.")


def _tables(blocks: Sequence[Block]) -> Iterator[Block]:
    for block in blocks:
        if block.kind == "table":
            yield block
        else:
            yield from _tables(block.children)


def _cells(original: Original, line: int) -> list[tuple[Span, str]]:
    """The cells of a table's row, without the blanks around them; nothing for a line without a bar."""
    text = original.line(line)
    bars = [found.start() for found in re.finditer(r"(?<!\\)\|", text)]
    if not bars:
        return []
    edges = [-1, *bars, len(text)]
    cells = [(start + 1, end) for start, end in pairwise(edges)]
    if not text[: bars[0]].strip():
        cells.pop(0)
    if cells and not text[bars[-1] + 1 :].strip():
        cells.pop()
    return [_inner(line, text, start, end) for start, end in cells]


def _inner(line: int, text: str, start: int, end: int) -> tuple[Span, str]:
    inner = text[start:end].strip()
    if not inner:
        return Span(line=line, start=start, end=end), ""
    begin = start + text[start:end].index(inner)
    return Span(line=line, start=begin, end=begin + len(inner)), inner


def _padded(original: Original, span: Span, text: str) -> str:
    """An empty cell is all blank, so the new text brings its own blanks."""
    there = original.line(span.line)[span.start : span.end]
    return text if there.strip() else f" {text} "


def _in_cell(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"(?<!\\)\|", r"\\|", text)).strip()


def _found(original: Original, line: int, pattern: re.Pattern[str]) -> Iterator[tuple[Span, str]]:
    """Every match of a pattern on a line and the few lines below it."""
    for number in range(line, min(line + _NEAR, original.count) + 1):
        for found in pattern.finditer(original.line(number)):
            yield Span(line=number, start=found.start(), end=found.end()), found.group()


def _first(
    original: Original, splices: Sequence[Splice], done: Callable[[Runbook], bool], sorry: str, hint: str = ""
) -> bytes:
    """The first of the possible edits after which the file reads as it should."""
    for splice in splices[:_MOST_TRIES]:
        edited = original.splice([splice])
        if done(read(edited, "")):
            return edited
    raise Invalid(sorry, hint or "Change it by hand.")
