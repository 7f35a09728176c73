"""Checklists (boxes outside fences) and the limits within which something must be done."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tocsin.core.runbook import Checklist, Deadline, Text
from tocsin.reading.durations import first_span, window
from tocsin.reading.nodes import Block, Line
from tocsin.reading.sections import Section
from tocsin.reading.vocabulary import tidy

_WITHIN = re.compile(
    r"\b(?:within|in under|no later than|innerhalb von|binnen|dentro de|en menos de|em até"
    r"|dans les)\s+(?:the\s+)?(?:first\s+|next\s+)?(?P<span>\d[\d.,\s–-]*(?:-\s*)?[a-zA-Z]+(?:\s+days?)?)"
    r"|(?P<han>\d+\s*(?:小时|分钟|天)(?:之?内|以内))",
    re.IGNORECASE,
)
_AFTER_TIME = re.compile(r"^(?:within|after|first|t\+)", re.IGNORECASE)
_LEVEL = re.compile(r"^\W*(?:P[0-5]|SEV[- ]?\d|L\d|tier \d|level \d)\b", re.IGNORECASE)
_NOT = re.compile(
    r"\b(?:every|last|past|previous|response time|update frequency|auto-?\w+|retention|rto|rpo|sla\b)", re.IGNORECASE
)
_SKIP = frozenset(
    {
        "template",
        "severity",
        "escalation",
        "thresholds",
        "metrics",
        "rotation",
        "overview",
        "symptoms",
        "detection",
        "contacts",
        "channels",
        "causes",
        "impact",
    }
)


def checklists(root: Section) -> tuple[Checklist, ...]:
    """The boxes of each section."""
    found: list[Checklist] = []
    for section in root.walk():
        boxes = tuple(_boxes(section.blocks))
        if boxes:
            limit = _limit(section)
            found.append(
                Checklist(
                    title=tidy(section.title) or "Checklist", items=boxes, deadline_hours=limit, line=section.line
                )
            )
    return tuple(found)


def _boxes(blocks: tuple[Block, ...]) -> Iterator[Text]:
    for block in blocks:
        if block.kind == "item" and block.checked is not None:
            yield Text(text=block.text, line=block.line)
        yield from _boxes(block.children)


def _limit(section: Section) -> float | None:
    for title in (section.title, *reversed(section.trail)):
        found = _heading_hours(title)
        if found is not None:
            return found
    return None


def _heading_hours(title: str) -> float | None:
    plain = tidy(title)
    frame = window(title)
    if frame is None and re.match(r"^(?:within|first|innerhalb|dentro de)\b", plain, re.IGNORECASE):
        span = first_span(plain)
        return _hours(span.high) if span else None
    return _hours(frame[1]) if frame else None


def deadlines(root: Section) -> tuple[Deadline, ...]:
    """Every limit, in the order of the document: windows of phases, "within 48 hours", "Within 24 hours:" headings."""
    found: list[Deadline] = []
    for section in root.walk():
        skipped = section.meaning in _SKIP or any(
            "template" in title.lower() or "escalation" in title.lower() for title in section.trail[1:]
        )
        hours = _heading_hours(section.title)
        if hours is not None and not _LEVEL.match(section.title) and not skipped and _has_tasks(section):
            found.append(Deadline(what=_what(section), hours=hours, line=section.line))
        if re.match(r"^time\b", tidy(section.title), re.IGNORECASE) and section.label:
            span = first_span(section.title) or first_span(section.text)
            if span and span.low != span.high:
                found.append(
                    Deadline(
                        what=section.trail[-1] if section.trail else "Phase", hours=_hours(span.high), line=section.line
                    )
                )
        if not skipped:
            found += _of_blocks(section.blocks)
    return tuple(found)


def _has_tasks(section: Section) -> bool:
    return any(block.kind in ("list", "fence", "table") for block in section.everything()) or bool(section.children)


def _what(section: Section) -> str:
    title = re.sub(r"\s*[(（][^()（）]*[)）]\s*$", "", tidy(section.title))
    title = re.sub(r"^(?:step|phase|stage)\s*\d+\w?\s*[:：.–—-]\s*(?=\S)", "", title, flags=re.IGNORECASE)
    if _AFTER_TIME.match(title) and section.trail:
        return f"{tidy(section.trail[-1])}: {title}"
    return title


def _of_blocks(blocks: tuple[Block, ...]) -> Iterator[Deadline]:
    for block in blocks:
        for line in block.lines if block.kind in ("paragraph", "row") else ():
            yield from _of_line(line)
        if block.kind == "item" and block.rest and block.head:
            lead = block.head.lines[0]
            frame = window(lead.plain) if any(span.strong for span in lead.spans) and _opens_bold(lead) else None
            if frame and any(child.kind == "list" for child in block.rest) and not _LEVEL.match(lead.plain):
                yield Deadline(what=re.sub(r"\s*[(（].*$", "", lead.plain), hours=_hours(frame[1]), line=block.line)
        yield from _of_blocks(block.children)


def _opens_bold(line: Line) -> bool:
    """Whether a line is a bold title with its window: ``**Immediate** (< 5 minutes)``."""
    return bool(line.spans and line.spans[0].strong)


def _of_line(line: Line) -> Iterator[Deadline]:
    text = line.plain
    found = _WITHIN.search(text)
    if found is None or _NOT.search(text[max(0, found.start() - 30) : found.end()]) or _LEVEL.match(text):
        return
    span = first_span(found.group("span") or found.group("han") or "")
    if (
        span
        and span.high >= 1
        and not re.search(
            r"\b(?:if|when|unless|closes?|recover\w*|response|respond)\b[^.]*$", text[: found.start()], re.IGNORECASE
        )
    ):
        what = text[: found.start()].strip(" (-–—,:") or text
        yield Deadline(what=what, hours=_hours(span.high), line=line.number)


def _hours(minutes: float) -> float:
    hours = round(minutes / 60, 3)
    return int(hours) if hours == int(hours) else hours
