"""Sentences that an editor wrapped into several lines, as one line again."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tocsin.reading.nodes import Line, Span

_WIDE, _WIDEST = 35, 160  # a line of less isn't full, one of more isn't wrapped
_ENDS = (".", "!", "?", ":", ";", "。", "！", "？", "：", "；")
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-ZÀ-ÞА-Я])|(?<=[。！？])")
_GOES_ON = re.compile(r"[^\W\dA-ZÀ-ÞА-Я]|\d+(?![.)\d])|[(`'\"@%{\[<$→]")


def unwrapped(lines: tuple[Line, ...]) -> Iterator[Line]:
    """The lines of a paragraph, those that a sentence was wrapped into as one line with the first one's number."""
    running: list[Line] = []
    for line in lines:
        if running and not _goes_on(running[-1].plain, line):
            yield _joined(running)
            running = []
        running.append(line)
    if running:
        yield _joined(running)


def _goes_on(above: str, line: Line) -> bool:
    """Whether a sentence that fills a line goes on in the next: it isn't ended, and no new point begins."""
    fills = _WIDE <= len(above) <= _WIDEST and not above.endswith(_ENDS)
    return fills and bool(_GOES_ON.match(line.plain) or (line.spans and line.spans[0].code))


def _joined(lines: list[Line]) -> Line:
    if len(lines) == 1:
        return lines[0]
    spans = [span for line in lines for span in (*line.spans, Span(text=" ", line=line.number))]
    return Line(number=lines[0].number, spans=tuple(spans[:-1]))


def sentences(line: Line) -> Iterator[Line]:
    """The sentences of a line, each with the line's number; a line with code or bold text stays whole."""
    parts = _SENTENCE.split(line.plain)
    if len(parts) < 2 or any(span.code or span.strong for span in line.spans):
        yield line
        return
    yield from (Line(number=line.number, spans=(Span(text=part, line=line.number),)) for part in parts if part)
