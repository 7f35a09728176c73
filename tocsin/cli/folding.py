"""Text in columns of a terminal: measured in cells, folded so that nothing is lost, and never steering the terminal."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import click
from rich.cells import cell_len, chop_cells

from tocsin.cli.output import visible


@dataclass(frozen=True, slots=True)
class Piece:
    """Words in one style; ``style`` are arguments of `click.style`."""

    text: str
    style: tuple[tuple[str, Any], ...] = ()

    def drawn(self, text: str) -> str:
        """Text of this piece, in its style."""
        return click.style(text, **dict(self.style)) if self.style and text else text


def piece(text: str, **style: Any) -> Piece:
    """Words of anybody in one style; what would steer the terminal is written out."""
    return Piece(visible(text), tuple(style.items()))


def printable(line: str) -> str:
    """A line of a document as a terminal may show it, with tabs as spaces."""
    return visible(line.expandtabs(4)).replace("\n", "\\n")


def cells(text: str) -> int:
    """How many cells of a terminal the text takes."""
    return len(text) if text.isascii() else cell_len(text)


def padded(text: str, drawn: str, width: int) -> str:
    """``drawn``, which shows ``text``, filled with spaces up to ``width`` cells."""
    return drawn + " " * max(0, width - cells(text))


def fold(line: str, width: int) -> list[str]:
    """A line in rows of at most ``width`` cells; further rows hang below its first word. Nothing of it is dropped."""
    if len(line) <= width and cells(line) <= width:
        return [line]
    lead = len(line) - len(line.lstrip(" "))
    indent = " " * min(lead + 2, width // 3)
    rows: list[str] = []
    at = 0
    while at < len(line):
        hanging = indent if rows else ""
        row = _row(line, at, width - len(hanging))
        rows.append(hanging + row)
        at += len(row)
    return rows


def _row(line: str, at: int, room: int) -> str:
    """As much as fits, up to a space where one is in the second half; at least one character."""
    row = line[at : at + room]
    if cells(row) > room:
        row = chop_cells(row, room)[0] or row[0]
    if at + len(row) < len(line):
        space = row.rfind(" ")
        if space >= room // 2:
            row = row[: space + 1]
    return row


def flow(pieces: Iterable[Piece], width: int, hanging: int = 2) -> list[tuple[str, str]]:
    """Pieces as running text in rows of at most ``width`` cells: each row as its plain and its drawn text."""
    rows: list[tuple[str, str]] = []
    plain, drawn, used = "", "", 0
    for each in pieces:
        for word in filter(None, re.split(r"[ \t\n]+", each.text)):  # a no-break space keeps its neighbours together
            for part in fold(word, max(1, width - hanging)):
                bare = part.strip(" ")
                size = cells(bare)
                if used and used + 1 + size > width:
                    rows.append((plain, drawn))
                    plain, drawn, used = " " * hanging, " " * hanging, hanging
                    gap = ""
                else:
                    gap = " " if used else ""
                plain, drawn, used = plain + gap + bare, drawn + gap + each.drawn(bare), used + len(gap) + size
    return [*rows, (plain, drawn)] if plain.strip() else rows
