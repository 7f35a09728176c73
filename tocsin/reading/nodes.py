"""What a document is made of: runs of text, lines, blocks. Every node knows its line of the file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

from tocsin.core.runbook import Problem
from tocsin.reading.fences import Fence

BlockKind = Literal["heading", "paragraph", "list", "item", "table", "row", "cell", "fence", "quote", "html"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A run of inline text in one style. ``column`` is its 0-based place in the line."""

    text: str
    line: int
    column: int = 0
    code: bool = False
    strong: bool = False
    target: str = ""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of a paragraph, or one cell of a table. What is asked of it again and again is kept."""

    number: int
    spans: tuple[Span, ...] = ()
    memo: dict[str, Any] = field(default_factory=dict, init=False, compare=False, repr=False)  # of `sections.bold_lead`

    @cached_property
    def plain(self) -> str:
        """The text without any mark-up."""
        return " ".join("".join([span.text for span in self.spans]).split())

    @cached_property
    def codes(self) -> tuple[Span, ...]:
        """The inline code in it."""
        return tuple(span for span in self.spans if span.code)

    def after(self, count: int) -> Line:
        """The line without its first ``count`` characters."""
        spans: list[Span] = []
        for span in self.spans:
            if count >= len(span.text):
                count -= len(span.text)
                continue
            spans.append(replace(span, text=span.text[count:], column=span.column + count) if count else span)
            count = 0
        return Line(number=self.number, spans=tuple(spans))


@dataclass(frozen=True, kw_only=True)
class Block:
    """A node of the document. A table's children are rows (the first is the head); a row's lines are its cells."""

    kind: BlockKind
    line: int
    end_line: int
    lines: tuple[Line, ...] = ()
    children: tuple[Block, ...] = ()
    level: int = 0
    number: int | None = None
    checked: bool | None = None
    fence: Fence | None = None

    @cached_property
    def plain(self) -> str:
        """All of its own lines as one text."""
        return " ".join(line.plain for line in self.lines if line.plain)

    @cached_property
    def head(self) -> Block | None:
        """An item's first paragraph."""
        return (
            next((child for child in self.children if child.kind == "paragraph"), None) if self.kind == "item" else None
        )

    @cached_property
    def text(self) -> str:
        """For an item the text of its first paragraph, else `plain`."""
        return (self.head.plain if self.head else "") if self.kind == "item" else self.plain

    @cached_property
    def rest(self) -> tuple[Block, ...]:
        """An item's children after its first paragraph."""
        head = self.head
        return tuple(child for child in self.children if child is not head)


def lines_of(blocks: Iterable[Block]) -> Iterator[Line]:
    """Every line of text in the blocks, cells and list items included, fences excluded."""
    for block in blocks:
        yield from block.lines
        if block.children:
            yield from lines_of(block.children)


def fences_of(blocks: Iterable[Block]) -> Iterator[Block]:
    """The blocks that are fences, however deep, in order."""
    for block in blocks:
        if block.kind == "fence":
            yield block
        elif block.children:
            yield from fences_of(block.children)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """The blocks of a document, with what the tolerant reading had to mend; ``hidden`` fences are commented out."""

    blocks: tuple[Block, ...]
    hidden: tuple[Fence, ...] = ()
    front: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
