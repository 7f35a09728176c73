"""Where a link inside a Markdown document can lead: headings under GitHub's rule, and anchors written by hand."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import unquote

from tocsin.reading.blocks import parse
from tocsin.reading.nodes import Block, Document

_OWN = re.compile(r"<[a-z][\w-]*\s[^>]*?\b(?:id|name)\s*=\s*[\"']?(?P<name>[^\"'\s>]+)", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"\s*\{#(?P<name>[\w:.-]+)\}\s*$")
_KEPT = ("L", "M", "N")


def heading_slug(text: str) -> str:
    """A heading as GitHub names it: lower case, letters, digits, ``-`` and ``_`` kept, each space a hyphen."""
    kept = (
        char
        for char in text.strip().lower()
        if char in "- _" or unicodedata.category(char)[0] in _KEPT or unicodedata.category(char) == "Pc"
    )
    return "".join(kept).replace(" ", "-")


def anchors(text: str) -> frozenset[str]:
    """Every anchor of a Markdown text, as `wanted` writes them."""
    return anchors_of(parse(text))


def anchors_of(document: Document) -> frozenset[str]:
    """Every anchor of a document. Headings of one name are told apart by ``-1``, ``-2`` in their order."""
    found: set[str] = set()
    times: dict[str, int] = {}
    for title in _headings(document.blocks):
        own = _ATTRIBUTE.search(title)
        if own:
            found.add(wanted(own.group("name")))
        name = first = heading_slug(_ATTRIBUTE.sub("", title))
        while name in times:
            times[first] += 1
            name = f"{first}-{times[first]}"
        times[name] = 0
        found.add(wanted(name))
    for line in document.lines:
        if "<" in line and len(line) < 10_000:
            found.update(wanted(own.group("name")) for own in _OWN.finditer(line))
    return frozenset(found)


def wanted(fragment: str) -> str:
    """A link's fragment in the form in which anchors are compared: decoded, lower case, without invisible marks."""
    plain = unicodedata.normalize("NFC", unquote(fragment.lstrip("#"))).lower()
    return "".join(char for char in plain if not "\ufe00" <= char <= "\ufe0f")


def _headings(blocks: tuple[Block, ...]) -> Iterator[str]:
    for block in blocks:
        if block.kind == "heading":
            yield "".join(span.text for line in block.lines for span in line.spans).strip()
        yield from _headings(block.children)
