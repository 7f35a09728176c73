"""Placeholders (``<pid>``, ``[deployment-url]``) are covered before a text is read: ``<`` is no redirection there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tocsin.safety.lexer import GAP

_ANGLED = re.compile(r"<[A-Za-z][A-Za-z0-9]*(?:[ _-][A-Za-z0-9]+)*>")
_FILE_NEXT = re.compile(r"[ \t]+[A-Za-z0-9./~$\"'_]|[A-Za-z0-9./~$_]")


@dataclass(frozen=True, slots=True)
class Covered:
    """The text with each placeholder as one `GAP`; ``doubt`` says where one may be a redirection instead."""

    text: str
    doubt: str = ""
    origins: tuple[int, ...] | None = None
    """Where each character stood before, and the length at the end; none where nothing was covered."""

    def origin(self, at: int) -> int:
        """Where this place was in the text before."""
        return at if self.origins is None or at < 0 else self.origins[at]


def cover(text: str, placeholders: Sequence[str]) -> Covered:
    """Cover what will be filled in.

    ``sort <a> b`` writes ``b`` unless ``<a>`` is a placeholder: nobody can tell from the text alone.
    """
    before = text
    for placeholder in sorted(filter(None, placeholders), key=len, reverse=True):
        text = text.replace(placeholder, GAP)
    doubt = ""

    def angled(match: re.Match[str]) -> str:
        nonlocal doubt
        if _FILE_NEXT.match(text, match.end()) and not _quoted(text, match.start()):
            doubt = (
                doubt or f"`{match.group()}` is a redirection into a file unless it is a placeholder that gets filled"
            )
        return GAP

    covered = _ANGLED.sub(angled, text)
    return Covered(covered, doubt, _origins(before, covered) if covered != before else None)


def _origins(before: str, covered: str) -> tuple[int, ...]:
    """Each gap took a piece of the text away: what stands between two gaps is found again, in order."""
    origins: list[int] = []
    at = 0
    pieces = covered.split(GAP)
    for number, piece in enumerate(pieces):
        start = (
            at if number == 0 else len(before) - len(piece) if number == len(pieces) - 1 else before.find(piece, at + 1)
        )
        origins += [*([at] if number else []), *range(start, start + len(piece))]
        at = start + len(piece)
    return (*origins, len(before))


def _quoted(text: str, at: int) -> bool:
    """Whether the place lies inside quotes, counted plainly."""
    quote = ""
    for char in text[:at]:
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
    return bool(quote)
