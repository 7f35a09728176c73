"""Escalation levels as headings or labels: "Level 2: Harbour Master (after 30 min)", with what stands below each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from tocsin.core.runbook import Escalation
from tocsin.reading.conditions import is_condition, split_condition
from tocsin.reading.parts import items
from tocsin.reading.rungs import bare
from tocsin.reading.sections import Section, bold_lead
from tocsin.reading.targets import bare_name, is_name, targets
from tocsin.reading.vocabulary import meaning, tidy
from tocsin.reading.waits import entry, only_wait, waiting

_LEVEL = re.compile(
    r"^(?:(?:escalation )?(?:level|tier|stage|step|line)|L|T|stufe|ebene|nivel|nível|niveau|palier"
    r"|уровень|レベル|레벨|级别)\s*(?P<rank>\d)"
    r"\s*(?:级|次)?\b\s*(?:[:：–—.-]\s*)?(?P<name>.*)$",
    re.IGNORECASE,
)
_WHEN = re.compile(
    r"when|trigger|escalat|time|after|condition|if\b|wann|cuándo|quando|quand|条件|时间|タイミング|조건|когда",
    re.IGNORECASE,
)
_WHO = re.compile(
    r"^(?:who|contact|role|team|owner|person|primary|responsible|wer|quién|quem|qui|联系人|担当|담당|кто)\b",
    re.IGNORECASE,
)
_NOT_WHO = re.compile(r"\b(?:response|support level|triage|handling)$", re.IGNORECASE)
_LATER = re.compile(
    r"\W*(?:after|>|nach|después|tras|após|depois|après|через|\d+\s*\+|\d+\s*(?:分|小时|시간|時間))", re.IGNORECASE
)
_ONWARD = re.compile(  # a condition that leads on to the next level: "If it lasts, go to level 3"
    r"(?:level|tier|stage|stufe|nivel|nível|niveau|palier|уровень|レベル|레벨)\s?\d|\b(?:next|nächste\w*|siguiente"
    r"|próximo|suivante?|следующ\w+)\b|下一|次の|다음|e[sk][ck]al|升级|エスカレ|에스컬|эскал",
    re.IGNORECASE,
)
_SERVICE = re.compile(r"respon|\back|sla|availab|hours|resol", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Step:
    rank: int
    name: str
    told: str
    onward: str
    section: Section


def of_levels(section: Section) -> tuple[list[Escalation], frozenset[int]]:
    """The rungs that a section's headings "Level 1", "Level 2" … make, and the ids of the sections that they used up.

    A level's own conditions count (one entry for each bare "If …" below it), else what the level before it says about
    going on; the first level without either is where the ladder begins and no escalation.
    """
    steps = [step for child in section.children if (step := _step(child))]
    if len(steps) < 2 or not any(step.name for step in steps):
        return [], frozenset()
    found: list[Escalation] = []
    before = ""
    for index, step in enumerate(steps):
        told = step.told or before
        conditions = list(_conditions(step.section)) if step.name else []
        found += [entry(step.name, text, line, above=step.told) for text, line in conditions]
        if not conditions and step.name and (index or waiting(step.told) is not None):
            one = entry(step.name, told, step.section.line)
            found.append(one if told else replace(one, when=f"after {steps[index - 1].name or f'level {index}'}"))
        before = step.onward
    return found, frozenset(id(step.section) for step in steps if step.name)


def _conditions(section: Section) -> Iterator[tuple[str, int]]:
    """The points directly below a level that are conditions without an action of their own, with their lines."""
    for item in items(section.blocks):
        bare_one = is_condition(item.text) and not split_condition(item.text)[1] and not item.rest
        if bare_one and not _ONWARD.search(item.text) and not targets(item.text):
            yield item.text, item.line


def _step(section: Section) -> _Step | None:
    match = _LEVEL.match(re.sub(r"^[^\w]+", "", tidy(section.title)))
    if match is None:
        return None
    inside = " ".join(re.findall(r"[(（]([^()（）]*)[)）]", section.title))
    told, onward = (inside if waiting(inside) is not None or _WHEN.search(inside) else ""), ""
    name = _named(match.group("name"), inside, told)
    if not is_name(name) or _NOT_WHO.search(name):
        name = _first_below(section) or name
    for label, text, whole in _lines(section):
        if _SERVICE.search(label):
            continue
        going_on = [one for one in targets(whole) if one.escalate] or meaning(label) == "escalation"
        if going_on:
            onward = onward or (text or whole)
        elif label and _WHO.match(label) and not name and is_name(text):
            name = bare_name(text)
        elif label and _WHEN.search(label):
            told = told or text
        elif not label and _LATER.match(whole) and only_wait(whole):
            told = told or whole
    return _Step(int(match.group("rank")), name, told, onward, section)


def _named(title: str, inside: str, told: str) -> str:
    """Whom a level's title names, perhaps in parentheses; empty for nobody."""
    name = next(iter(bare(title)), "") or bare_name(title)
    if not is_name(name):
        name = name if name and not waiting(name) and inside == told and name[:1].isupper() else ""
    return inside if not name and inside and is_name(inside) else name


def _first_below(section: Section) -> str:
    """Who stands first in the list below a level whose title only says what it is for ("First Response")."""
    first = next((block.children[0] for block in section.blocks if block.kind == "list" and block.children), None)
    return bare_name(first.text) if first is not None and is_name(first.text) else ""


def _lines(section: Section) -> Iterator[tuple[str, str, str]]:
    """The lines below a level: each one's label, the text behind it, and the whole."""
    for part in section.walk():
        above = part.title if part.label and part is not section else ""
        for line in part.lines:
            lead = bold_lead(line)
            label, text = (lead[0], lead[1].plain) if lead else _pair(line.plain)
            yield (label, text, line.plain) if label or not above else (above, line.plain, line.plain)


def _pair(text: str) -> tuple[str, str]:
    found = re.match(r"^([^:：]{1,40})[:：]\s*(.*)$", text)
    return (found.group(1), found.group(2)) if found else ("", text)
