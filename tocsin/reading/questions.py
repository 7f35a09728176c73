"""What a document asks whoever assesses an incident, and where it says that only some people may see one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tocsin.core.questions import Question
from tocsin.core.runbook import Text
from tocsin.reading.letters import compiled, unaccented
from tocsin.reading.nodes import Block
from tocsin.reading.sections import Section
from tocsin.reading.vocabulary import tidy

MOST = 60
LONGEST = 300
_ASSESSES = compiled(
    r"\b(?:assess\w*|scope|triage|impact|blast radius|severity|classif\w+|einschatz\w*|bewert\w*|auswirkung\w*"
    r"|evaluaci\w*|evaluar|alcance|avalia\w*|evaluation|evaluer|portee|valutaz\w*|оценк\w*)\b|评估|評価|평가"
)
_ELSEWHERE = frozenset(
    {"symptoms", "causes", "template", "contacts", "review", "metrics", "thresholds", "links", "rotation", "channels"}
)
_AFTER = compiled(r"post-?\s?mortem|post-?incident|retrospective|lessons|review\b|root cause|drill|exercise|faq")
_ASKS = re.compile(r"[?？]\s*(?:[(（][^()（）]{0,200}[)）])?\s*$")
_PRIVATE = compiled(
    r"\b(?:keep|make|mark|treat|handle|declare|open|use|create|restrict)\b[^.;]{0,60}"
    r"\b(?:private(?:ly)?|confidential(?:ly)?|restricted|secret)\b|\bneed[- ]to[- ]know\b"
    r"|\b(?:private|confidential|restricted) (?:incident|channel|room)\b"
    r"|\bvertraulich\b|\bconfidencial\b|\bconfidentiel"
)


def questions(root: Section) -> tuple[Question, ...]:
    """The questions of the sections that assess: below a heading that says so, or that says "Questions"."""
    found: dict[int, Question] = {}
    for section in root.walk():
        if _is_asked(section):
            for text, line in _asked(section.blocks):
                found.setdefault(line, Question(text=text[:LONGEST], group=tidy(section.title), line=line))
    return tuple(found[line] for line in sorted(found))[:MOST]


def confidential(root: Section) -> tuple[Text, ...]:
    """Sentences that let only some people see an incident, each with the condition that stands above it."""
    found: dict[int, Text] = {}
    for section in root.walk():
        if section.meaning in ("template", "links"):
            continue
        condition = f"{tidy(section.title)}: " if section.conditional else ""
        for text, line in _lines(section.blocks):
            if _PRIVATE.search(unaccented(text[:LONGEST])):
                found.setdefault(line, Text(text=f"{condition}{text[:LONGEST]}", line=line))
    return tuple(found[line] for line in sorted(found))[:MOST]


def _is_asked(section: Section) -> bool:
    """Its own title decides; "Questions" anywhere before the end of an incident, the others where they assess."""
    above = " ".join(map(unaccented, section.trail))
    if section.meaning in _ELSEWHERE or _AFTER.search(unaccented(section.title)) or _AFTER.search(above):
        return False
    return section.meaning == "questions" or bool(_ASSESSES.search(unaccented(section.title)))


def _asked(blocks: tuple[Block, ...]) -> Iterator[tuple[str, int]]:
    for text, line in _lines(blocks):
        if _ASKS.search(text) and len(text.split()) > 2:
            yield text, line


def _lines(blocks: tuple[Block, ...]) -> Iterator[tuple[str, int]]:
    """Points and sentences, each with its line; no tables, no fences, no boxes."""
    for block in blocks:
        if block.fence is not None or block.kind == "table":
            continue
        if block.kind == "item" and block.checked is None and block.text.strip():
            yield block.text.strip(), block.line
        elif block.kind == "paragraph" and block.lines:
            for each in block.lines:
                yield each.plain.strip(), each.number
        yield from _lines(block.rest if block.kind == "item" else block.children)
