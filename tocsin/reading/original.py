"""A runbook file as its bytes, line by line: what is edited here changes exactly the bytes of its place."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from tocsin.errors import Invalid
from tocsin.reading.decoding import encoding_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A place in a line: 1-based line, 0-based columns in characters, ``end`` exclusive."""

    line: int
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Splice:
    """A new text for a place. An empty place inserts, an empty text deletes."""

    span: Span
    text: str


class Original:
    """The file as it stands on disk: no repair, its own line ends, its byte order mark.

    Raises `Invalid` where some bytes are no text in the file's own encoding, since they could not be written back.
    """

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.encoding = encoding_of(raw)
        body = raw[self.encoding.mark :]
        self.text = body.decode(self.encoding.codec, "replace")
        if self._encoded(self.text) != body:
            raise Invalid("Some bytes of the file are no text, so it is not edited.", "Save it as UTF-8 first.")
        end = "\n" if "\n" in self.text or "\r" not in self.text else "\r"
        self._starts = [0, *(found.end() for found in re.finditer(end, self.text))]

    @property
    def count(self) -> int:
        """How many lines there are; what stands after the last line end is one, even if empty."""
        return len(self._starts)

    @property
    def line_end(self) -> str:
        """The line end of the file's first line; ``\\n`` where there is none."""
        found = re.search(r"\r*\n|\r", self.text)
        return found.group() if found else "\n"

    def line(self, number: int) -> str:
        """A line's text without its end, counted as the reader counts; empty for a number outside the file."""
        if not 1 <= number <= self.count:
            return ""
        end = self._starts[number] if number < self.count else len(self.text)
        return self.text[self._starts[number - 1] : end].rstrip("\r\n")

    def end_of(self, number: int) -> str:
        """What ends a line; as the file's first line ends where it has no end, or there is no such line."""
        if not 1 <= number < self.count:
            return self.line_end
        whole = self.text[self._starts[number - 1] : self._starts[number]]
        return whole[len(whole.rstrip("\r\n")) :] or self.line_end

    def splice(self, splices: Iterable[Splice]) -> bytes:
        """The file's bytes with new texts in some places. Raises `Invalid` for a text that its encoding lacks."""
        pieces: list[bytes] = []
        done = 0
        for each in sorted(splices, key=lambda one: (one.span.line, one.span.start)):
            pieces += [self.raw[done : self._offset(each.span.line, each.span.start)], self._encoded(each.text)]
            done = self._offset(each.span.line, each.span.end)
        return b"".join([*pieces, self.raw[done:]])

    def _offset(self, line: int, column: int) -> int:
        """The byte where a character begins."""
        return self.encoding.mark + len(self._encoded(self.text[: self._starts[line - 1] + column]))

    def _encoded(self, text: str) -> bytes:
        try:
            return text.encode(self.encoding.codec)
        except UnicodeEncodeError as error:
            char = text[error.start]
            if char == "\ufffd":  # what stands for bytes that are no text
                return b""
            raise Invalid(
                f"The file's encoding, {self.encoding.codec}, has no {char!r}.", "Save it as UTF-8."
            ) from None
