"""Which sections are scenarios: one kind of failure or alert, with guidance of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tocsin.reading.sections import Section
from tocsin.reading.vocabulary import PARTS, Meaning, holds_scenarios, is_phase, is_process, tidy

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
_GENERIC = re.compile(
    r"^(?:(?:the|our|general|incident|incidents|emergency|response|operations?|operational|production|alert"
    r"|on-?call|sre|security|runbooks?|playbooks?|plan|guide|handbook|procedures?|process|manual"
    r"|documentation|"
    r"and|&|for|of|team|system|application|app|platform|monitoring|troubleshooting|management|disaster"
    r"|recovery|[-–—|:])\s*)+$",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class Place:
    """A scenario's section; ``whole``: the document treats one failure, and the parts in ``skip`` aren't its own."""

    section: Section
    whole: bool = False
    skip: tuple[Section, ...] = ()


def find(root: Section) -> tuple[Place, ...]:
    """The scenarios of the document, in order."""
    top = title_section(root)
    found = tuple(_within(top, contained=False))
    if any(_strong(place.section) for place in found) or (found and not _one_failure(top)):
        return found
    if _one_failure(top):
        skip = tuple(
            child
            for child in top.children
            if child.meaning in _NEVER - {"verification", "rollback", "commands", "overview", "impact", "checklist"}
        )
        return (Place(section=top, whole=True, skip=skip),)
    return found


def title_section(root: Section) -> Section:
    """The section of the document's title: its only H1, else the whole document."""
    tops = [child for child in root.children if child.level == 1]
    return tops[0] if len(tops) == 1 and all(child.level == 1 or child.label for child in root.children) else root


def _strong(section: Section) -> bool:
    """Whether a section is not merely named after a cause of the one failure that the document treats."""
    return not re.match(r"^(?:cause|root cause)\b", tidy(section.title), re.IGNORECASE)


def _one_failure(top: Section) -> bool:
    """Whether the parts of a scenario stand at the level of the document itself."""
    names = {child.meaning for child in top.children if not child.label}
    told = bool(names & {"symptoms", "detection", "impact"}) or bool(
        re.match(r"^\W*(?:incident |alert )?(?:runbook|playbook)\s*[:：]", top.title, re.IGNORECASE)
    )
    acts = bool(names & {"diagnosis", "mitigation", "resolution", "actions"})
    return top.level == 1 and told and acts and not _GENERIC.match(tidy(top.title))


def _within(section: Section, *, contained: bool) -> Iterator[Place]:
    for child in section.children:
        if child.label or child.meaning == "template" or child.conditional:
            continue
        if _is_scenario(child, contained=contained):
            inner = tuple(_within(child, contained=False)) if not _direct_parts(child) else ()
            yield from inner or (Place(section=child),)
        elif is_process(child.title) or child.meaning in (
            "postmortem",
            "contacts",
            "escalation",
            "severity",
            "communication",
        ):
            continue
        else:
            yield from _within(child, contained=holds_scenarios(child.title) and child.level >= 2)


def _is_scenario(section: Section, *, contained: bool) -> bool:
    below = section.headings()
    if is_phase(section.title) or is_process(section.title) or (section.meaning in _NEVER and not contained):
        return False
    if any(_is_scenario(child, contained=False) for child in below if not child.conditional) or (
        holds_scenarios(section.title) and below and not _direct_parts(section)
    ):
        return False
    if contained:
        return section.meaning not in _NEVER - {
            "communication",
            "access",
            "prevention",
            "impact",
            "rollback",
            "verification",
            "questions",
        }
    return _guides(_direct_parts(section)) and section.meaning is None and section.level >= 2


def _guides(parts: set[Meaning]) -> bool:
    """Whether parts are guidance for a failure: how it shows, or both how to look and what to do."""
    return bool(parts & {"symptoms", "detection", "causes"}) or (
        "diagnosis" in parts and bool(parts & {"mitigation", "resolution", "actions"})
    )


def _direct_parts(section: Section) -> set[Meaning]:
    """What the recognised parts directly under a section are; cause-branches and phases are none."""
    return {
        child.meaning
        for child in section.children
        if child.meaning in PARTS and not is_phase(child.title) and _strong(child)
    } - {None}
