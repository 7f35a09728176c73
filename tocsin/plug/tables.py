"""Rows of a database as a text table, as psql prints them."""

from __future__ import annotations

from collections.abc import Sequence

WIDEST = 200
"""Characters of a value that are shown; the rest is counted."""
Row = Sequence[str | None]


def table(names: Sequence[str], rows: Sequence[Row], numeric: Sequence[bool], more: str = "") -> str:
    """The rows under their names, numbers to the right, NULL as nothing, and how many there are (``more``: or that)."""
    cells = [[_shown(value) for value in row] for row in rows]
    heads = [_shown(name) for name in names]
    widths = [max(map(len, column)) for column in zip(heads, *cells, strict=True)]
    lines = ["|".join(f" {head:^{width}} " for head, width in zip(heads, widths, strict=True)).rstrip()]
    lines.append("+".join("-" * (width + 2) for width in widths))
    for row in cells:
        parts = zip(row, widths, numeric, strict=True)
        lines.append("|".join(f" {cell:>{width}} " if right else f" {cell:<{width}} " for cell, width, right in parts))
    count = more or f"({len(rows)} row{'' if len(rows) == 1 else 's'})"
    return "\n".join([*(line.rstrip() for line in lines), count, ""])


def _shown(value: str | None) -> str:
    text = "" if value is None else value.replace("\r\n", "\n").replace("\n", "↵").replace("\t", " ")
    return text if len(text) <= WIDEST else f"{text[:WIDEST]}… ({len(text) - WIDEST} more)"
