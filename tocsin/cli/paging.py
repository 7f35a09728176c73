"""Long answers go through the pager ($PAGER, else ``less -R``) where somebody sits before a terminal."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections.abc import Iterable, Iterator
from itertools import chain, islice

import click

_AT_ONCE = 400


def paged(rows: Iterable[str], *, wanted: bool = True) -> None:
    """Print the rows as they come; on a terminal through the pager once they are more than a screen."""
    coming = iter(rows)
    if not (wanted and sys.stdout.isatty() and sys.stdin.isatty() and _pager()):
        _print(coming)
        return
    screen = shutil.get_terminal_size().lines - 1
    first = list(islice(coming, screen))
    if len(first) < screen:
        _print(iter(first))
        return
    click.echo_via_pager(_batches(chain(first, coming)), color=None if _coloured() else False)


def _print(rows: Iterator[str]) -> None:
    """To the stream itself: it writes out what its encoding can't hold, which `click.echo` would not heed."""
    coloured = _coloured()
    for batch in _batches(rows):
        sys.stdout.write(batch if coloured else click.unstyle(batch))


def _coloured() -> bool:
    return sys.stdout.isatty() and click.get_current_context().color is not False


def _batches(rows: Iterator[str]) -> Iterator[str]:
    """Many rows at once, because each piece is flushed."""
    while batch := list(islice(rows, _AT_ONCE)):
        yield "\n".join(batch) + "\n"


def _pager() -> str | None:
    """The pager's program, where there is one."""
    try:
        words = shlex.split(os.environ.get("PAGER", "")) or ["less"]
    except ValueError:  # a quotation without an end
        return None
    return shutil.which(words[0])
