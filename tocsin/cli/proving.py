"""The proof of a verdict for people: a table of words, or a caret under the word that decided."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

import click

from tocsin.cli.output import one_line, visible
from tocsin.core.run import Proof, Verdict

COLOURS = {"read": "green", "change": "red", "unknown": "yellow"}
_LONGEST_WORD, _LONGEST_LINE = 40, 200


def as_data(verdict: Verdict) -> list[Mapping[str, Any]]:
    """The proof as JSON has it; ``at`` and ``end`` count characters, and are null where a word has no own place."""
    return [
        {
            "text": part.text,
            "role": part.role,
            "known": part.known,
            "word": part.word,
            "at": part.at if part.at >= 0 else None,
            "end": part.end if part.end >= 0 else None,
            "fix": part.fix,
        }
        for part in verdict.proof
    ]


def show(command: str, verdict: Verdict) -> None:
    """The caret where one word decided against a read, then every word that was looked at."""
    if verdict.deciding is not None:
        _point(command, verdict.deciding)
    _table(verdict.proof)


def _point(command: str, part: Proof) -> None:
    if part.at >= 0:
        start = command.rfind("\n", 0, part.at) + 1
        end = command.find("\n", part.at)
        line = visible(command[start : end if end >= 0 else len(command)])
        before = visible(command[start : part.at])
        under = visible(command[part.at : min(part.end, end if end >= 0 else part.end)])
        if _width(line) <= _LONGEST_LINE:
            click.echo(f"\n  {line.expandtabs()}")
            mark = " " * _width(before.expandtabs()) + "^" * max(1, _width(under))
            click.secho(f"  {mark}", fg=COLOURS[part.word], bold=True)
    if part.fix:
        click.echo(f"  To make it provable, {part.fix}." if part.word == "unknown" else f"  Perhaps {part.fix}.")


def _table(proof: Sequence[Proof]) -> None:
    if not proof:
        return
    rows = [(one_line(part.text, _LONGEST_WORD), part.role, part.word, one_line(part.known)) for part in proof]
    widths = [max(_width(row[column]) for row in rows) for column in range(3)]
    click.echo()
    for row in rows:
        cells = [cell + " " * (width - _width(cell)) for cell, width in zip(row[:3], widths, strict=True)]
        cells[2] = click.style(cells[2], fg=COLOURS[row[2]])
        click.echo(f"  {'  '.join(cells)}  {row[3]}".rstrip())


def _width(text: str) -> int:
    """How many columns of a terminal a text takes."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )
