"""Which sections are scenarios: one kind of failure or alert, with guidance of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tocsin.reading.letters import fold
from tocsin.reading.parts import items
from tocsin.reading.sections import Section, bold_lead
from tocsin.reading.vocabulary import (
    PARTS,
    Meaning,
    holds_repairs,
    holds_scenarios,
    is_fact,
    is_phase,
    is_process,
    is_soft,
    meaning,
    prefixed,
    tells_failure,
    tidy,
)

_NEVER: frozenset[Meaning] = frozenset(
    {
        "escalation",
        "contacts",
        "communication",
        "template",
        "postmortem",
        "severity",
        "metrics",
        "thresholds",
        "rotation",
        "channels",
        "access",
        "review",
        "links",
        "commands",
        "checklist",
        "questions",
        "overview",
        "prevention",
        "impact",
        "rollback",
        "verification",
    }
)
# Sections in which no scenario stands.
_CLOSED: frozenset[Meaning] = frozenset(
    {"postmortem", "contacts", "escalation", "severity", "communication", "symptoms", "detection", "causes", "impact"}
)
_OF_A_LEVEL = re.compile(r"(?:P[0-5]|SEV[- ]?\d)\b", re.IGNORECASE)
_RANKED = re.compile(r"\S\s*(?:[(\[（]|[-–—|])\s*(?:P|SEV[- ]?)\d(?!\d)[^()（）]{0,12}[)\]）]?$", re.IGNORECASE)
_PART_LIKE = frozenset({"diagnosis", "mitigation", "resolution", "rollback", "verification", "actions"})
_PART_WORDS = re.compile(
    r"\b(?:detection|diagnos\w+|investigat\w+|mitigat\w+|resolution|recovery|rollback|rolling back|actions?"
    r"|analysis|triage"
    r"|assessment|root|causes?|initial|immediate|containment|verification|verify|checks?|fix(?:es|ing)?|solutions?"
    r"|quick)\b"
)
_GENERIC = re.compile(
    r"^(?:(?:the|our|your|general|standard|incident|incidents|emergency|response|respond|responder|operations?"
    r"|operational|operator"
    r"|ops|production|alert|alerts|alerting|on-?call|sre|devops|security|runbooks?|playbooks?|plan|guide"
    r"|guidelines?|handbook"
    r"|procedures?|process|manual|documentation|docs?|and|&|for|of|to|in|team|system|application|app|platform"
    r"|service"
    r"|monitoring|troubleshooting|management|handling|workflow|steps|quick|reference|overview|first|disaster"
    r"|recovery|critical"
    r"|major|high|priority|engineers?|checklist|p\d|sev-?\d|vorfall|vorfalle|notfall|handbuch|reponse|aux|respuesta"
    r"|resposta|a|gestion|gestao|manejo|traitement|procedures?|procedimi?entos?|procedimento|equipe|equipo|betrieb"
    r"|incidentes"
    r"|incidentes?|de|des|manuel|plano|guia|инцидент\w*+|реагировани\w*+|на|[-–—|:/,.\d()（）]|障害|インシデント|対応"
    r"|手順書?|運用|ランブック|应急|故障|事件|响应|处理|预案|手册|运维|장애|대응|런북|가이드|매뉴얼|절차)\s*)+$"
)


@dataclass(frozen=True, kw_only=True)
class Place:
    """A scenario's section; ``whole``: the document treats one failure, and the parts in ``skip`` aren't its own.

    ``title`` replaces a title that only says what kind of text it is ("Operator Playbook").
    """

    section: Section
    whole: bool = False
    skip: tuple[Section, ...] = ()
    title: str = ""


def find(root: Section) -> tuple[Place, ...]:
    """The scenarios of the document, in order."""
    top = title_section(root)
    found = tuple(_within(top, contained=False))
    if _one_failure(top):
        branches = _branches(top)
        apart = tuple(place for place in found if place.section not in branches)
        if _told_whole(top) or not apart or not any(_strong(place.section) for place in found):
            beside = _told_whole(top) and not _mends_itself(top)
            others = frozenset(place.section for place in apart if beside)
            return (_whole(top, others), *(apart if others else ()))
    if len(found) == 1 and _GENERIC.match(fold(tidy(found[0].section.title))):
        named = not _GENERIC.match(fold(tidy(top.title))) and top.level == 1
        return (Place(section=found[0].section, title=top.title),) if named else ()
    return found


def _whole(top: Section, others: frozenset[Section]) -> Place:
    kept = _NEVER - {"verification", "rollback", "commands", "overview", "impact", "checklist"}
    skip = (child for child in top.children if child.meaning in kept or not others.isdisjoint(child.walk()))
    return Place(section=top, whole=True, skip=tuple(skip))


def _branches(top: Section) -> frozenset[Section]:
    """The sections within a part of the one failure: they are ways of mending it."""
    return frozenset(
        section
        for child in top.children
        if (child.meaning in PARTS and not holds_scenarios(child.title))
        or is_process(child.title)
        or is_phase(child.title)
        for section in child.walk()
        if section is not child
    )


def _told_whole(top: Section) -> bool:
    """Whether the title says that the document is about one failure."""
    named = re.match(r"^\W*(?:incident |alert )?(?:runbook|playbook)\s*[:：]", top.title, re.IGNORECASE)
    return bool(named) and tells_failure(top.title)


def _mends_itself(top: Section) -> bool:
    """Whether the document says at its own level how to look and what to do, beside any collection of causes."""
    told = {child.meaning for child in top.headings() if not holds_scenarios(child.title)}
    return "diagnosis" in told and bool(told & {"mitigation", "resolution", "actions"})


def title_section(root: Section) -> Section:
    """The section of the document's title: its only H1, else the whole document."""
    tops = [child for child in root.children if child.level == 1]
    return tops[0] if len(tops) == 1 and all(child.level == 1 or child.label for child in root.children) else root


def _strong(section: Section) -> bool:
    """Whether a section is not merely named after a cause of the one failure that the document treats."""
    return not re.match(r"^(?:cause|root cause)\b", tidy(section.title), re.IGNORECASE)


def _one_failure(top: Section) -> bool:
    """Whether the parts of a scenario stand at the level of the document itself."""
    names = {child.meaning for child in top.children if not child.label and not holds_scenarios(child.title)}
    named = re.match(r"^\W*(?:incident |alert )?(?:runbook|playbook)\s*[:：]", top.title, re.IGNORECASE)
    told = bool(names & {"symptoms", "detection", "impact"}) or bool(
        named and ("diagnosis" in names or tells_failure(top.title))
    )
    acts = bool(names & {"diagnosis", "mitigation", "resolution", "actions"})
    return top.level == 1 and told and acts and not _GENERIC.match(fold(tidy(top.title)))


def _within(section: Section, *, contained: bool, failures: bool = False) -> Iterator[Place]:
    announced = _announced(section)
    for child in section.children:
        if child.label or child.meaning == "template" or child.conditional:
            continue
        inside = contained and (not failures or tells_failure(child.title))
        if _is_scenario(child, contained=inside or child in announced):
            inner = tuple(_within(child, contained=False)) if not _direct_parts(child) else ()
            yield from inner or (Place(section=child),)
        elif is_process(child.title) or (child.meaning in _CLOSED and not holds_scenarios(child.title)):
            for below in child.headings():
                collects = holds_scenarios(below.title) or _announced(below)
                if collects and not _OF_A_LEVEL.match(tidy(below.title)):
                    yield from _within(below, contained=True)
        else:
            mending = holds_repairs(child.title) and _several_failures(child)
            holds = holds_scenarios(child.title) or mending
            yield from _within(child, contained=holds and child.level >= 2, failures=mending)


def _several_failures(section: Section) -> bool:
    """Whether at least two of the headings below name something gone wrong."""
    return sum(tells_failure(child.title) and child.meaning not in _NEVER for child in section.headings()) >= 2


def _announced(section: Section) -> frozenset[Section]:
    """The headings below that say themselves that they are scenarios, where at least two do.

    By a prefix ("Incident: …", "Case 2: …") or by a severity of their own ("Flour runs out (P1)").
    """
    below = section.headings() if section.level else ()
    named = frozenset(child for child in below if _numbered(child))
    ranked = frozenset(child for child in below if child.meaning is None and _RANKED.search(tidy(child.title)))
    return (named if len(named) >= 2 else frozenset()) | (ranked if len(ranked) >= 2 else frozenset())


def _is_scenario(section: Section, *, contained: bool) -> bool:
    below = section.headings()
    if (
        is_phase(section.title)
        or is_process(section.title)
        or is_fact(section.title)
        or (section.meaning in _NEVER and not contained)
    ):
        return False
    specific = _specific(section)
    if any(_is_scenario(child, contained=False) for child in below if not child.conditional) or (
        holds_scenarios(section.title) and below and not _direct_parts(section) and not specific
    ):
        return False
    if contained:
        asks = tidy(section.title).endswith(("?", "？")) and not tells_failure(section.title)
        return not asks and section.meaning not in _NEVER - {
            "communication",
            "access",
            "prevention",
            "impact",
            "rollback",
            "verification",
            "questions",
        }
    if section.level < 2:
        return False
    if specific or _numbered(section):
        return bool(_direct_parts(section) | _loose_parts(section))
    if section.meaning is None:
        return _guides(_direct_parts(section))
    return _is_object(section) and _tells_all(_direct_parts(section))


def _numbered(section: Section) -> bool:
    """Whether a title says itself that it is a scenario ("Scenario 1: Boarding stops")."""
    return section.meaning is None and prefixed(section.title) and not _OF_A_LEVEL.match(tidy(section.title))


def _is_object(section: Section) -> bool:
    """Whether a title has a word besides those that only name a part ("Scaling the ovens", not "Recovery Steps")."""
    return section.meaning in _PART_LIKE and not _GENERIC.match(_PART_WORDS.sub("", fold(tidy(section.title))) or "-")


def _tells_all(parts: set[Meaning]) -> bool:
    """Whether parts say both when to act and what to do, so that they are more than pieces of one part."""
    return bool(parts & {"symptoms", "detection"}) and bool(
        parts & {"diagnosis", "mitigation", "resolution", "actions"}
    )


def _specific(section: Section) -> bool:
    """Whether a title names one failure and not a part, a collection or a procedure."""
    parts_only = all(child.meaning is not None or is_phase(child.title) for child in section.headings())
    return (
        (parts_only or not holds_scenarios(section.title))
        and section.meaning is None
        and tells_failure(section.title)
        and not _GENERIC.match(fold(tidy(section.title)).replace("security incident", "breach"))
    )


def _guides(parts: set[Meaning]) -> bool:
    """Whether parts are guidance for a failure: how it shows, or both how to look and what to do."""
    acts = bool(parts & {"mitigation", "resolution", "actions"})
    return bool(parts & {"symptoms", "causes"}) or len(parts & {"detection", "diagnosis"}) + acts >= 2


def _direct_parts(section: Section) -> set[Meaning]:
    """What the recognised parts directly under a section are; cause-branches and phases are none."""
    return {
        child.meaning
        for child in section.children
        if child.meaning in PARTS and not is_phase(child.title) and not is_soft(child.title) and _strong(child)
    } - {None}


def _loose_parts(section: Section) -> set[Meaning]:
    """The parts of a failure that are told as numbered steps, as labels below a heading, or as bold list items."""
    titles = [child.title for child in section.children if is_phase(child.title) or is_soft(child.title)]
    titles += [label.title for child in section.headings() for label in child.children if label.label]
    for item in items(section.blocks):
        lead = bold_lead(item.head.lines[0]) if item.head else None
        titles += [lead[0]] if lead else []
    return {word for word in map(meaning, titles) if word in PARTS} - {None}
