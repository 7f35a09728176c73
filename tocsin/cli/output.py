"""What commands print: data on stdout, words on stderr, and nothing that could steer the terminal."""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import click

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
"""Gives a command ``--json``, as the argument ``as_json``."""


def visible(text: str) -> str:
    """The text with everything that steers a terminal or hides from the eye written out: ``\\x1b``, ``\\u202e``.

    Line ends and tabs stay.
    """
    if text.isprintable():
        return text
    return "".join(char if _shows(char) else _written(char) for char in text)


def one_line(text: str, longest: int = 0) -> str:
    """The text in one visible line; with ``longest``, cut there."""
    line = visible(" ".join(text.split()))
    return f"{line[: longest - 1]}…" if longest and len(line) > longest else line


def moment(at: datetime | None) -> str:
    """``2026-03-02 03:00:12`` in UTC; a dash for never."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S") if at else "-"


def count(number: int, one: str, many: str = "") -> str:
    """``no steps``, ``1 step``, ``2 steps``."""
    return f"{number or 'no'} {one if number == 1 else many or one + 's'}"


def give(value: Any) -> None:
    """JSON on stdout, in ASCII, so that it is the same under every locale."""
    click.echo(json.dumps(value, indent=2))


def tell(text: str = "") -> None:
    """A line of data on stdout."""
    click.echo(visible(text))


def say(text: str) -> None:
    """Words for a person, on stderr."""
    click.echo(visible(text), err=True)


def heading(text: str) -> None:
    """A line over a part of what follows."""
    click.echo()
    click.secho(visible(text), bold=True)


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Rows under their columns' names: fitted to a terminal, else one line each with nothing cut off."""
    clean = [[one_line(cell) for cell in row] for row in rows]
    if sys.stdout.isatty():
        _fitted(columns, clean)
        return
    lines = [list(columns), *clean]
    widths = [max(len(line[place]) for line in lines) for place in range(len(columns))]
    for line in lines:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def person_there() -> bool:
    """Whether somebody can be asked: both ends are a terminal."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def _fitted(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for column in columns:
        drawn.add_column(column, overflow="fold")
    for row in rows:
        drawn.add_row(*(Text(cell) for cell in row))
    Console().print(drawn)


def _shows(char: str) -> bool:
    return char in "\n\t" or (unicodedata.category(char)[0] != "C" and unicodedata.category(char) not in ("Zl", "Zp"))


def _written(char: str) -> str:
    code = ord(char)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
