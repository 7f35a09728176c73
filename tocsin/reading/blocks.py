"""Markdown text → a tree of blocks with the lines of the file. The only module that knows the parser (pyromark)."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field, replace
from typing import Any

import pyromark

from tocsin.reading.fences import Fence, Masked, mask
from tocsin.reading.nodes import Block, BlockKind, Document, Line, Span

_OPTIONS = pyromark.Options.ENABLE_TABLES | pyromark.Options.ENABLE_TASKLISTS | pyromark.Options.ENABLE_STRIKETHROUGH
_FRONT = re.compile(r"\A---[ \t]*\n((?:\w[\w-]*[ \t]*:.*\n|[ \t#-].*\n|\n){1,60}?)(?:---|\.\.\.)[ \t]*(?:\n|\Z)")
_STYLE = re.compile(
    r"</?(?:b|i|u|p|em|strong|kbd|code|sub|sup|span|div|a|summary|details|font|center|img)(?:\s[^>]*)?/?>",
    re.IGNORECASE,
)
_FAR = 4096  # beyond this a column is counted in bytes, so that a line of a megabyte stays cheap
_WIDE = 1000  # what a row has beyond so many cells is one cell
_DEEP = 40  # lists and quotations below this depth are flattened
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_NAMES: dict[str, BlockKind] = {
    "Paragraph": "paragraph",
    "Item": "item",
    "BlockQuote": "quote",
    "HtmlBlock": "html",
    "Table": "table",
    "TableHead": "row",
    "TableRow": "row",
    "TableCell": "cell",
    "List": "list",
    "Heading": "heading",
    "CodeBlock": "fence",
}


@dataclass(slots=True)
class _Frame:
    kind: BlockKind
    line: int
    level: int = 0
    number: int | None = None
    checked: bool | None = None
    language: str = ""
    spans: list[Span] = field(default_factory=list)
    children: list[Block] = field(default_factory=list)


def parse(text: str) -> Document:
    """The document's blocks, in the lines of the file; never raises."""
    found = _FRONT.match(text)
    front = tuple(found.group(1).split("\n")) if found else ()
    body = "\n" * text[: found.end()].count("\n") + text[found.end() :] if found else text
    masked = mask(body)
    folding = _Folding(masked)
    blocks = folding.fold()
    missing = [fence for fence in masked.fences if fence.line not in folding.placed]
    hidden = tuple(fence for fence in missing if fence.line in folding.comments)
    lost = [fence_block(fence) for fence in missing if fence.line not in folding.comments]
    if lost:  # the parser took their markers for something else, such as the row of a table
        blocks = tuple(sorted((*blocks, *lost), key=lambda block: block.line))
    return Document(
        blocks=continued(blocks),
        hidden=hidden,
        front=front,
        lines=tuple(text.split("\n")),
        problems=masked.problems,
    )


class _Folding:
    """Folds the parser's events into blocks."""

    def __init__(self, masked: Masked) -> None:
        self.masked = masked
        self.bytes = masked.text.encode()
        self.ascii = self.bytes.isascii()
        self.starts = [0, *(found.end() for found in re.finditer(b"\n", self.bytes))]
        self.stack = [_Frame(kind="quote", line=1)]
        self.strong = 0
        self.target = ""
        self.placed: set[int] = set()  # the lines of the fences that became blocks
        self.comments: set[int] = set()  # the lines of comments

    def fold(self) -> tuple[Block, ...]:
        """The top-level blocks."""
        for event, place in pyromark.events_with_range(self.masked.text, options=_OPTIONS, merge_text=True):
            self.take(event, place["start"], place["end"])
        return tuple(self.stack[0].children)

    def line(self, offset: int) -> int:
        """The 1-based line of a byte offset."""
        return bisect_right(self.starts, offset)

    def column(self, offset: int, line: int) -> int:
        """The 0-based column, in characters, of a byte offset in a line."""
        begin = self.starts[line - 1]
        if self.ascii:
            return offset - begin
        before = self.bytes[begin:offset]
        far = len(before) > _FAR or before.isascii()
        return len(before) if far else len(before.decode("utf-8", "replace"))

    def take(self, event: Any, start: int, end: int) -> None:
        """One event of the parser."""
        if isinstance(event, str):
            if event in ("SoftBreak", "HardBreak"):
                self.write(" ", start)
            return
        ((name, value),) = event.items()
        if name == "Text":
            self.write(value, start)
        elif name == "Start":
            self.open(value, start)
        elif name == "End":
            self.close(value, end)
        elif name == "Code":
            self.write(value, start, code=True)
        elif name == "TaskListMarker":
            item = next((frame for frame in reversed(self.stack) if frame.kind == "item"), self.stack[-1])
            item.checked = bool(value)
        elif name == "Html" or (name == "InlineHtml" and not value.startswith("<!--")):
            self.write(_without_style(value), start)

    def write(self, text: str, start: int, *, code: bool = False) -> None:
        """Text of the innermost block."""
        line = self.line(start)
        column, strong, spans = self.column(start, line), self.strong > 0, self.stack[-1].spans
        if "\n" not in text:
            spans.append(Span(text, line, column, code, strong, self.target))
            return
        for shift, part in enumerate(text.split("\n")):
            spans.append(Span(part, line + shift, 0 if shift else column, code, strong, self.target))

    def open(self, tag: Any, start: int) -> None:
        """A block or an inline style begins."""
        value: Any
        name, value = (tag, None) if isinstance(tag, str) else next(iter(tag.items()))
        if name == "Strong":
            self.strong += 1
        elif name in ("Link", "Image"):
            self.target = str(value["dest_url"])
        elif name in _NAMES:
            self.flush()
            frame = _Frame(kind=_NAMES[name], line=self.line(start))
            if name == "List":
                frame.number = value
            elif name == "Item":
                parent = self.stack[-1]
                frame.number = None if parent.number is None else parent.number + len(parent.children)
            elif name == "Heading":
                frame.level = int(str(value["level"])[1:])
            elif name == "CodeBlock" and isinstance(value, dict):
                words = re.findall(r"[\w+#-]+", str(value.get("Fenced", "")))
                frame.level, frame.language = 1, words[0].lower() if words else ""
            self.stack.append(frame)

    def flush(self) -> None:
        """Text that stands directly in a list item (a tight list) becomes its paragraph."""
        frame = self.stack[-1]
        if frame.kind in ("item", "quote") and frame.spans:
            frame.children += self.paragraphs(frame.spans)
            frame.spans = []

    def close(self, tag: Any, end: int) -> None:
        """A block or an inline style ends."""
        name = tag if isinstance(tag, str) else next(iter(tag))
        if name == "Strong":
            self.strong = max(0, self.strong - 1)
        elif name in ("Link", "Image"):
            self.target = ""
        elif name in _NAMES:
            self.flush()
            frame = self.stack.pop()
            last = self.line(max(0, end - 1))
            self.stack[-1].children += self.finished(frame, max(last, frame.line))

    def finished(self, frame: _Frame, last: int) -> list[Block]:
        """The blocks that a closed frame stands for."""
        if frame.kind == "paragraph":
            return self.paragraphs(frame.spans)
        if frame.kind == "html":
            comment = bool(frame.spans) and frame.spans[0].text.lstrip().startswith("<!--")
            if comment:
                self.comments.update(range(frame.line, last + 1))
            return self.paragraphs(_uncommented(frame.spans) if comment else frame.spans)
        if frame.kind == "fence":
            return self.code(frame, last)
        if frame.kind == "heading":
            return self.heading(frame, last)
        line = Line(number=frame.line, spans=tuple(frame.spans))
        if frame.kind == "cell":
            return [Block(kind="cell", line=frame.line, end_line=last, lines=(line,))]
        if frame.kind == "row":
            return [Block(kind="row", line=frame.line, end_line=last, lines=_cells(frame))]
        if frame.kind == "quote" and self.stack[-1].kind == "item" and _is_comparison(frame.children):
            return [_with_sign(frame.children[0]), *frame.children[1:]]
        if len(self.stack) > _DEEP:
            return frame.children
        last = max([frame.line, *(child.end_line for child in frame.children)])
        return [
            Block(
                kind=frame.kind,
                line=frame.line,
                end_line=last,
                children=tuple(frame.children),
                number=frame.number,
                checked=frame.checked,
            )
        ]

    def paragraphs(self, spans: list[Span]) -> list[Block]:
        """The lines of a paragraph; the marker lines in it become their fences."""
        lines: dict[int, list[Span]] = {}
        for span in spans:
            if span.line in lines:
                lines[span.line].append(span)
            else:
                lines[span.line] = [span]
        blocks: list[Block] = []
        running: list[Line] = []
        for number, parts in sorted(lines.items()) if len(lines) > 1 else lines.items():
            line = Line(number=number, spans=tuple(parts))
            plain = line.plain
            fence = self.masked.fence(plain)
            if fence:
                blocks += _paragraph(running)
                running = []
                self.placed.add(fence.line)
                blocks.append(fence_block(fence))
            elif plain:
                running.append(line)
        return blocks + _paragraph(running)

    def code(self, frame: _Frame, last: int) -> list[Block]:
        """A code block that the mask left alone: an indented one, or one in a quotation."""
        body = [span.text for span in frame.spans]
        while body and not body[-1].strip():
            body.pop()
        if any(self.masked.fence(line) for line in body):
            return self.paragraphs(frame.spans)
        first = frame.line if frame.level else frame.line - 1
        fence = Fence(
            line=first, end_line=last, language=frame.language, indent=0, body=tuple(body), marked=frame.level > 0
        )
        return [replace(fence_block(fence), line=frame.line)]

    def heading(self, frame: _Frame, last: int) -> list[Block]:
        """A heading; prose over a ``---`` line was meant as prose with a rule below."""
        below = self.starts[frame.line] if frame.line < len(self.starts) else len(self.bytes)
        source = self.bytes[self.starts[frame.line - 1] : below].lstrip()
        if not source.startswith(b"#") and (last - frame.line > 1 or source.startswith((b"**", b"__"))):
            return self.paragraphs(frame.spans)
        line = Line(number=frame.line, spans=tuple(frame.spans))
        return [Block(kind="heading", line=frame.line, end_line=last, lines=(line,), level=frame.level)]


def _cells(row: _Frame) -> tuple[Line, ...]:
    cells = tuple(cell for child in row.children for cell in child.lines)
    if len(cells) <= _WIDE:
        return cells
    rest = tuple(span for cell in cells[_WIDE:] for span in cell.spans)
    return (*cells[:_WIDE], Line(number=row.line, spans=rest))


def _is_comparison(children: list[Block]) -> bool:
    """``- >5% errors`` is a comparison, though Markdown takes the sign for a quotation."""
    return bool(children) and children[0].kind == "paragraph" and bool(re.match(r"=?\s*\$?\d", children[0].plain))


def _with_sign(block: Block) -> Block:
    first = block.lines[0]
    spans = (first.spans[0]._replace(text=">" + first.spans[0].text), *first.spans[1:])
    return replace(block, lines=(replace(first, spans=spans), *block.lines[1:]))


def _paragraph(lines: list[Line]) -> list[Block]:
    if not lines:
        return []
    return [Block(kind="paragraph", line=lines[0].number, end_line=lines[-1].number, lines=tuple(lines))]


def fence_block(fence: Fence) -> Block:
    """A fence as a node of the tree."""
    return Block(kind="fence", line=fence.line, end_line=fence.end_line, fence=fence)


def _uncommented(spans: list[Span]) -> list[Span]:
    """What stands in the lines of a comment after its end: ``<!-- note --> text``."""
    kept: list[Span] = []
    inside = False
    for span in spans:
        text, place = span.text, 0
        while place < len(text):
            mark = text.find("-->" if inside else "<!--", place)
            end = len(text) if mark < 0 else mark
            if not inside and text[place:end].strip():
                kept.append(span._replace(text=text[place:end], column=span.column + place))
            if mark < 0:
                break
            place, inside = mark + (3 if inside else 4), not inside
    return kept


def _without_style(html: str) -> str:
    return _STYLE.sub("", _BREAK.sub(" · ", html)).removesuffix("\n")


def continued(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """A fence or a list at the margin that interrupts a numbered list belongs to the item above it."""
    joined: list[Block] = []
    for index, block in enumerate(blocks):
        last = joined[-1] if joined else None
        if last is None or last.kind != "list" or not last.children:
            joined.append(block)
        elif _goes_on(last, block):
            joined[-1] = replace(last, end_line=block.end_line, children=last.children + block.children)
        elif _belongs(last, block, blocks[index + 1 :]):
            item = last.children[-1]
            item = replace(item, children=(*item.children, block), end_line=block.end_line)
            joined[-1] = replace(last, end_line=block.end_line, children=(*last.children[:-1], item))
        else:
            joined.append(block)
    return tuple(joined)


def _goes_on(above: Block, block: Block) -> bool:
    if block.kind != "list" or above.number is None or block.number is None:
        return False
    return block.number == (above.children[-1].number or 0) + 1


def _belongs(above: Block, block: Block, below: tuple[Block, ...]) -> bool:
    """Whether a block at the margin is part of the last item above it."""
    item = above.children[-1]
    following = next((other for other in below if other.kind != "fence"), None)
    resumes = following is not None and _goes_on(above, following)
    if block.kind == "fence":
        return resumes or (
            item.text.rstrip().endswith((":", "：")) and not any(c.kind == "fence" for c in item.children)
        )
    return block.kind == "list" and block.number is None and above.number is not None and resumes
