"""Placeholders (``<pid>``, ``[deployment-url]``) are covered before a text is read: ``<`` is no redirection there."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tocsin.safety.lexer import GAP

_ANGLED = re.compile(r"<[A-Za-z][A-Za-z0-9]*(?:[ _-][A-Za-z0-9]+)*>")
_FILE_NEXT = re.compile(r"[ \t]+[A-Za-z0-9./~$\"'_]|[A-Za-z0-9./~$_]")


def cover(text: str, placeholders: Sequence[str]) -> tuple[str, str]:
    """The text with each placeholder as one `GAP`, and a sentence where an unlisted one may be a redirection instead.

    ``sort <a> b`` writes ``b`` unless ``<a>`` is a placeholder: nobody can tell from the text alone.
    """
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
    return covered, doubt


def _quoted(text: str, at: int) -> bool:
    """Whether the place lies inside quotes, counted plainly."""
    quote = ""
    for char in text[:at]:
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
    return bool(quote)
