"""References to other places: links, bare addresses, files in inline code, quoted headings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from tocsin.core.runbook import Link
from tocsin.ids import slug
from tocsin.reading.nodes import Line
from tocsin.reading.reviews import review
from tocsin.reading.sections import Section

_URL = re.compile(r"https?://(?:\[[^\]\s]*\]|<[\w -]+>|[^\s<>\"'`()\[\]*|]|\([^()\s]*\))+")
_FILE = re.compile(r"^(?:\.{0,2}/)?(?:[\w.-]+/)*[\w.-]+\.(?:md|mdx|rst|txt|sh|py|js|ts|sql|ya?ml|json|toml|pdf|html)$")
_SEE = re.compile(r"[Ss]ee [\"“]([^\"”]{3,60})[\"”]")
_NO_ANCHOR = re.compile(r"[^\w\s-]")


def links(root: Section) -> tuple[Link, ...]:
    """Every target once, with the first line that names it; anchors are looked up in the document."""
    anchors = {slug(tidy_heading(section.title)) for section in root.walk() if not section.label}
    anchors |= {slug(section.title) for section in root.walk()}
    found: dict[str, Link] = {}
    for section in root.walk():
        for line in [*([section.heading] if section.heading else []), *section.lines]:
            for target in _targets(line):
                kind = _kind(target)
                exists = slug(target.lstrip("#")) in anchors if kind == "anchor" else None
                found.setdefault(target, Link(target=target, kind=kind, exists=exists, line=line.number))
    return tuple(found.values())


def tidy_heading(title: str) -> str:
    """The heading as an anchor names it."""
    return _NO_ANCHOR.sub("", title)


def _targets(line: Line) -> Iterator[str]:
    for span in line.spans:
        if span.target:
            yield span.target
        elif span.code and _FILE.match(span.text.strip()) and "/" in span.text:
            yield span.text.strip()
        elif not span.code and "://" in span.text:
            yield from (url.rstrip(".,;:!?") for url in _URL.findall(span.text[:2000]))
    for quoted in _SEE.findall(line.plain):
        yield f"#{slug(quoted)}"


def _kind(target: str) -> Literal["file", "url", "anchor", "alert"]:
    if target.startswith("#"):
        return "anchor"
    return "url" if re.match(r"[a-z][a-z0-9+.-]*:|//", target, re.IGNORECASE) else "file"


__all__ = ["links", "review", "tidy_heading"]
