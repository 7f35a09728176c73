"""Small readings that several elements share: the items of a section, its key-value lines, the severities in a text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from tocsin.core.runbook import Text
from tocsin.reading.nodes import Block
from tocsin.reading.sections import Section

_CODE = re.compile(r"\b(?:P[0-5]|SEV[- ]?\d|S[1-4](?!\w)|Sev[- ]?\d)\b")


def texts(section: Section) -> tuple[Text, ...]:
    """The points of a section: top-level list items, rows of a table, else one paragraph, else one fenced sample."""
    points = tuple(
        Text(text=item.text or _sample(item), line=item.line)
        for item in items(section.blocks)
        if item.text or item.rest
    )
    if points:
        return points
    for block in section.blocks:
        if block.kind == "table":
            rows = (
                Text(text=" | ".join(cell.plain for cell in row.lines if cell.plain), line=row.line)
                for row in block.children[1:]
            )
            return tuple(row for row in rows if row.text)
        if block.kind == "paragraph" and block.plain:
            return (Text(text=block.plain, line=block.line),)
        if block.kind == "fence" and block.fence and "".join(block.fence.body).strip():
            return (Text(text="\n".join(block.fence.body).strip(), line=block.fence.first),)
    return ()


def _sample(item: Block) -> str:
    return next(("\n".join(child.fence.body) for child in item.rest if child.fence), "")


def items(blocks: Iterable[Block]) -> Iterator[Block]:
    """The items of the lists that stand directly among the blocks."""
    for block in blocks:
        if block.kind == "list":
            yield from block.children


@lru_cache(maxsize=4096)
def severities_in(text: str, known: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """The severity codes in a text, as written: ``"P0/P1 unresolved"`` → P0, P1; ``P1+`` means P1."""
    found = list(_CODE.findall(text))
    words = [
        name
        for name in known
        if not _CODE.fullmatch(name) and re.search(rf"\b{re.escape(name)}\b", text, re.IGNORECASE)
    ]
    return tuple(dict.fromkeys([*found, *words]))


def find_section(root: Section, *meanings: str) -> Iterator[Section]:
    """The sections with one of the meanings, in order."""
    return (section for section in root.walk() if section.meaning in meanings)
