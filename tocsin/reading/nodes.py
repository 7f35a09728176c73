"""What a document is made of: runs of text, lines, blocks. Every node knows its line of the file.

Nobody changes a node. They aren't frozen dataclasses because these take three times as long to make, and a document
may have a hundred thousand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, NamedTuple, TypeVar, overload

from tocsin.core.runbook import Problem
from tocsin.reading.fences import Fence

Node = TypeVar("Node")
Told = TypeVar("Told")
BlockKind = Literal["heading", "paragraph", "list", "item", "table", "row", "cell", "fence", "quote", "html"]


class kept(Generic[Node, Told]):  # noqa: N801  (a decorator)
    """`functools.cached_property` without the lock that it takes before Python 3.12; nodes are read by one thread."""

    def __init__(self, ask: Callable[[Node], Told]) -> None:
        self.ask, self.name, self.__doc__ = ask, ask.__name__, ask.__doc__

    @overload
    def __get__(self, node: None, owner: type[Node]) -> kept[Node, Told]: ...
    @overload
    def __get__(self, node: Node, owner: type[Node]) -> Told: ...
    def __get__(self, node: Node | None, owner: type[Node]) -> kept[Node, Told] | Told:
        if node is None:
            return self
        answer = node.__dict__[self.name] = self.ask(node)
        return answer


class Span(NamedTuple):
    """A run of inline text in one style. ``column`` is its 0-based place in the line."""

    text: str
    line: int
    column: int = 0
    code: bool = False
    strong: bool = False
    target: str = ""


@dataclass(kw_only=True, eq=False)
class Line:
    """One line of a paragraph, or one cell of a table. What is asked of it again and again is kept."""

    number: int
    spans: tuple[Span, ...] = ()
    memo: dict[str, Any] = field(default_factory=dict, init=False, compare=False, repr=False)  # of `sections.bold_lead`

    @kept
    def plain(self) -> str:
        """The text without any mark-up."""
        return " ".join("".join([span.text for span in self.spans]).split())

    @kept
    def codes(self) -> tuple[Span, ...]:
        """The inline code in it."""
        return tuple([span for span in self.spans if span.code])

    def after(self, count: int) -> Line:
        """The line without its first ``count`` characters."""
        spans: list[Span] = []
        for span in self.spans:
            if count >= len(span.text):
                count -= len(span.text)
                continue
            spans.append(span._replace(text=span.text[count:], column=span.column + count) if count else span)
            count = 0
        return Line(number=self.number, spans=tuple(spans))


@dataclass(kw_only=True, eq=False)
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

    @kept
    def plain(self) -> str:
        """All of its own lines as one text."""
        return " ".join(line.plain for line in self.lines if line.plain)

    @kept
    def head(self) -> Block | None:
        """An item's first paragraph."""
        return (
            next((child for child in self.children if child.kind == "paragraph"), None) if self.kind == "item" else None
        )

    @kept
    def text(self) -> str:
        """For an item the text of its first paragraph, else `plain`."""
        return (self.head.plain if self.head else "") if self.kind == "item" else self.plain

    @kept
    def has_code(self) -> bool:
        """Whether it is a fence or a fence or inline code stands in it; without, it holds no command."""
        return (
            self.kind == "fence"
            or any(line.codes for line in self.lines)
            or any(child.has_code for child in self.children)
        )

    @kept
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
