"""Runbooks as people name them on the command line: a file, or ``-`` for what comes on stdin."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from tocsin import reading
from tocsin.core.runbook import Link, Runbook
from tocsin.errors import Invalid
from tocsin.plug.files import read_regular
from tocsin.reading.decoding import LARGEST
from tocsin.service.books import Ground, bare, checked, judge

STDIN = Path("-")


def name_of(path: Path) -> str:
    """What messages call it."""
    return "stdin" if path == STDIN else str(path)


def read_raw(path: Path, ground: Ground = bare) -> tuple[Runbook, bytes]:
    """The runbook that was named, judged but not checked, and its bytes. A fault names it. Raises `Invalid`."""
    name = name_of(path)
    try:
        if path == STDIN:
            raw = sys.stdin.buffer.read(LARGEST + 1)
        else:
            raw = read_regular(path, LARGEST, "Name the runbook's Markdown file.")
        return judge(reading.read(raw, name), ground), raw
    except Invalid as error:
        if name in error.message:
            raise
        raise Invalid(f"{name} can't be read. {error.message}", error.hint) from None


def read_named(path: Path, ground: Ground = bare) -> Runbook:
    """The runbook that was named, with its findings. Raises `Invalid`."""
    return checked(*read_raw(path, ground))


def with_links_looked_up(book: Runbook, folder: Path) -> Runbook:
    """The runbook, with its links to files looked up beside it."""
    return replace(book, links=tuple(_looked_up(link, folder) for link in book.links))


def _looked_up(link: Link, folder: Path) -> Link:
    """Relative files only: from where an absolute one counts, the document does not say."""
    target = link.target.partition("#")[0].partition("?")[0]
    if link.kind != "file" or link.exists is not None or not target or target.startswith(("/", "~")):
        return link
    try:
        return replace(link, exists=(folder / target).exists())
    except (OSError, ValueError):
        return link
