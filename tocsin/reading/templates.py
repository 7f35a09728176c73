"""Blocks that are meant to be copied, filled in and sent: messages, incident records, post-mortem documents."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from tocsin.core.runbook import Template
from tocsin.ids import slug
from tocsin.reading.fences import MARKDOWN, Fence
from tocsin.reading.natures import DRAWN, LOGS, TEXTUAL, sample
from tocsin.reading.nodes import Block
from tocsin.reading.placeholders import find_placeholders
from tocsin.reading.sections import Section
from tocsin.reading.vocabulary import tidy
from tocsin.reading.written import is_procedure

TemplateKind = Literal["initial", "update", "resolution", "postmortem", "record", "other"]

_FIELD = re.compile(r"^\s*(?:[-*]\s*)?(?:\*\*)?[A-Z\u00c0-\uffff【][^:：\n]{1,40}(?:\*\*)?\s*[:：]", re.MULTILINE)
_MESSAGE = re.compile(
    r"template|message|communicat|notif|announce|report|status|update|e-?mail|slack|tweet|post-?mortem"
    r"|incident (?:record|document|log)|rca|vorlage|plantilla|模板|通知|报告|anuncio|comunica|document$",
    re.IGNORECASE,
)
_FILTER = re.compile(r"\s*(?:(?:AND|OR|NOT)\s+)?[\w.@-]+\s*(?:[<>!]=|=~|[=<>])\s*\S")
_REQUEST = re.compile(r"(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)\s+(?:/|https?://|\{)|https?://\S+$|/\S+$|$")
_BRANCHES = re.compile(r"^\s*(?:IF (?:YES|NO)\b|(?:→|->|=>)\s)", re.MULTILINE)
_KINDS: tuple[tuple[TemplateKind, str], ...] = (
    ("postmortem", r"post-?mortem|\brca\b|retrospect|\bpir\b|post-?incident|root cause analysis|lessons|复盘"),
    ("resolution", r"resol|recover|restored|all[- ]clear|fixed|closed|解决|behoben|resuelto"),
    ("initial", r"initial|investigating|first|alert|detected|declar|internal|new incident|início|erst"),
    ("update", r"update|progress|status|during|ongoing|external"),
    ("record", r"record|report|incident (?:log|document)|document|ticket|timeline|报告|handover|handoff"),
)
_TITLED = re.compile(r"\btemplate$|\bvorlage$|\bplantilla\b|模板$", re.IGNORECASE)


def is_template(fence: Fence) -> bool:
    """Whether a fence by itself is a message or document to fill in: words with gaps or fields, no code, no drawing."""
    if fence.language not in TEXTUAL:
        return False
    text = sample(fence)
    if not text or (DRAWN.search(text) and not fence.language):
        return False
    if _is_filter(text) or all(map(_REQUEST.match, text.split("\n"))) or len(_BRANCHES.findall(text)) >= 2:
        return False
    gaps = find_placeholders(text)
    fields = len(_FIELD.findall(text))
    if not gaps and is_procedure(fence):
        return False
    if fence.language in MARKDOWN:
        return bool(gaps) or fields >= 2
    return (bool(gaps) and (fields >= 1 or " " in text.strip())) or (fields >= 3 and not LOGS.search(text))


def templates(root: Section, taken: frozenset[int] = frozenset()) -> tuple[Template, ...]:
    """All templates of the document; ``taken`` are the lines of fences that are something else."""
    found: list[Template] = []
    names: dict[str, int] = {}
    for section in root.walk():
        fences = list(_fences(section.blocks))
        for block, item in fences:
            fence = block.fence
            if fence is None or block.line in taken or not (is_template(fence) or _is_announced(fence, section)):
                continue
            found.append(_entry(section, "\n".join(fence.body).strip("\n"), fence.line, names, item))
        if not fences and _unfenced(section):
            text = "\n".join(
                block.plain or "\n".join(item.text for item in block.children) for block in section.everything()
            )
            found.append(_entry(section, text, section.line, names))
    return tuple(found)


def _is_filter(text: str) -> bool:
    """Whether most lines are conditions of a search in logs: ``severity>=ERROR``, ``host="oven-1"``."""
    lines = [line for line in text.split("\n") if line.strip() and not line.lstrip().startswith(("#", "--", "//"))]
    return bool(lines) and 2 * sum(bool(_FILTER.match(line)) for line in lines) > len(lines)


def _fences(blocks: tuple[Block, ...], title: str = "") -> Iterator[tuple[Block, str]]:
    """Every fence with the words of the list item that it stands in."""
    for block in blocks:
        if block.kind == "fence":
            yield block, title
        else:
            yield from _fences(block.children, block.text if block.kind == "item" else title)


def _is_announced(fence: Fence, section: Section) -> bool:
    """Whether a fence is a message because the heading says so."""
    return _is_message(fence) and bool(_MESSAGE.search(" / ".join((*section.trail[-1:], section.title))))


def _is_message(fence: Fence) -> bool:
    """A filled-in sample under a heading that announces a message."""
    text = sample(fence)
    words = len(text.split())
    return fence.language in TEXTUAL and words >= 8 and not DRAWN.search(text) and not LOGS.search(text)


def _unfenced(section: Section) -> bool:
    """A section "… Template" whose text, outside any fence, has gaps to fill."""
    if section.level < 2 or not _TITLED.search(tidy(section.title)):
        return False
    blocks = list(section.everything())
    if any(True for _ in _fences(tuple(blocks))):
        return False
    text = "\n".join(part for block in blocks for part in (block.plain, *(item.text for item in block.children)))
    return len(find_placeholders(text)) >= 2


def _entry(section: Section, text: str, line: int, names: dict[str, int], item: str = "") -> Template:
    title = tidy(item) or tidy(section.title) or "Template"
    name = slug(title) or f"line-{line}"
    names[name] = names.get(name, 0) + 1
    own = name if names[name] == 1 else f"{name}-{names[name]}"
    return Template(
        id=own,
        title=title,
        kind=_kind((item, section.title), section.trail, text),
        text=text,
        fields=find_placeholders(text),
        line=line,
    )


def _kind(titles: tuple[str, ...], trail: tuple[str, ...], text: str) -> TemplateKind:
    first = next((line for line in text.split("\n") if line.strip()), "")
    for words in (*titles, first, *trail[-1:]):
        for kind, pattern in _KINDS:
            if words and re.search(pattern, words, re.IGNORECASE):
                return kind
    return "other"
