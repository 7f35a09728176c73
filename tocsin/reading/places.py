"""Which sections are scenarios: one kind of failure or alert, with guidance of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tocsin.reading.generic import (
    has_object,
    is_general,
    is_generic,
    is_remark,
    is_specific,
    is_work,
    names_response,
)
from tocsin.reading.letters import fold
from tocsin.reading.parts import items
from tocsin.reading.sections import Section, bold_lead
from tocsin.reading.vocabulary import (
    PARTS,
    Meaning,
    bare_title,
    holds_repairs,
    holds_scenarios,
    is_alert_name,
    is_fact,
    is_phase,
    is_process,
    is_soft,
    meaning,
    names_document,
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
_RUNBOOK = re.compile(r"^\W*(?:incident |alert )?(?:runbook|playbook)\s*[:：]", re.IGNORECASE)
_PART_LIKE = frozenset({"diagnosis", "mitigation", "resolution", "rollback", "verification", "actions"})
_CAUSE = re.compile(r"^(?:cause|root cause)\b", re.IGNORECASE)
_KIND = re.compile(r"[\W\d]")  # behind the word that says what kind of section it is
_ENDING = re.compile(r"\s*[(（][^()（）]*[)）]$")


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
    found = _without_index(tuple(_within(top, contained=False, named=_cousins(top))))
    if _one_failure(top):
        branches = _branches(top)
        apart = tuple(place for place in found if place.section not in branches)
        if _told_whole(top) or not apart or not any(_strong(place.section) for place in found):
            beside = _told_whole(top) and not _mends_itself(top)
            others = frozenset(place.section for place in apart if beside)
            return (_whole(top, others), *(apart if others else ()))
    if len(found) == 1 and is_generic(found[0].section.title):
        named = not is_generic(top.title) and top.level == 1
        return (Place(section=found[0].section, title=top.title),) if named else ()
    return found


def _without_index(found: tuple[Place, ...]) -> tuple[Place, ...]:
    """The scenarios without mere entries of a list of them, where another section of the same name has the guidance."""
    guided = {_key(place.section.title) for place in found if _has_guidance(place.section)}
    return tuple(place for place in found if _has_guidance(place.section) or _key(place.section.title) not in guided)


def _key(title: str) -> str:
    """A scenario's name without a remark at its end."""
    return _ENDING.sub("", fold(bare_title(title)))


def _has_guidance(section: Section) -> bool:
    return any(block.kind in ("list", "fence", "table") for block in section.everything())


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
    return names_document(top.title) and tells_failure(top.title)


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
    return not _CAUSE.match(tidy(section.title))


def _one_failure(top: Section) -> bool:
    """Whether the parts of a scenario stand at the level of the document itself."""
    names = {child.meaning for child in top.children if not child.label and not holds_scenarios(child.title)}
    titled = names_document(top.title)
    told = bool(names & {"symptoms", "detection", "impact"}) or bool(
        titled and (tells_failure(top.title) or ("diagnosis" in names and _RUNBOOK.match(top.title)))
    )
    acts = bool(names & {"diagnosis", "mitigation", "resolution", "actions"})
    return top.level == 1 and told and acts and not is_general(top.title)


def _cousins(top: Section) -> frozenset[Section]:
    """The headings of one level that say with one word that they are scenarios ("Scenario: …"), wherever they stand."""
    alike: dict[tuple[int, str], list[Section]] = {}
    for section in top.walk():
        if section.level >= 2 and not section.label and _numbered(section) and _has_guidance(section):
            alike.setdefault((section.level, _KIND.split(tidy(section.title), maxsplit=1)[0]), []).append(section)
    return frozenset(section for found in alike.values() if len(found) >= 2 for section in found)


def _within(
    section: Section, *, contained: bool, failures: bool = False, named: frozenset[Section] = frozenset()
) -> Iterator[Place]:
    announced = _announced(section) | named
    for child in section.children:
        if child.label or child.meaning == "template":
            continue
        if child.conditional and not (contained and tells_failure(child.title)):
            continue
        apart = section.level == 0 and child.level == 1  # one of several documents in one file
        if apart and _specific(child) and _guides(_direct_parts(child)) and not any(map(_plainly, child.headings())):
            yield Place(section=child)
            continue
        inside = contained and (not failures or tells_failure(child.title))
        if _is_scenario(child, contained=inside or child in announced):
            inner = tuple(_within(child, contained=False, named=named)) if not _direct_parts(child) else ()
            yield from inner or (Place(section=child),)
        elif is_process(child.title) or (child.meaning in _CLOSED and not holds_scenarios(child.title)):
            yield from _amid(child, named)
        else:
            mending = (holds_repairs(child.title) and _several_failures(child)) or _sorts_failures(child)
            holds = holds_scenarios(child.title) or mending
            named_only = mending and not _mostly_failures(child)
            yield from _within(child, contained=holds and child.level >= 2, failures=named_only, named=named)


def _amid(section: Section, named: frozenset[Section] = frozenset()) -> Iterator[Place]:
    """The scenarios in the middle of a process or a part: those that name a failure, or that a heading announces."""
    announced = _announced(section) | named
    for below in section.headings():
        if below in announced and tells_failure(below.title):
            yield Place(section=below)
        elif (holds_scenarios(below.title) or _announced(below)) and not _OF_A_LEVEL.match(tidy(below.title)):
            yield from _within(below, contained=True, named=named)
        elif below.meaning not in _CLOSED:
            yield from _amid(below, named)


def _mostly_failures(section: Section) -> bool:
    """Whether nearly all headings below name something gone wrong, and none is a part or a numbered phase."""
    below = section.headings()
    plain = all(child.meaning is None and not is_phase(child.title) for child in below)
    return plain and 3 * sum(tells_failure(child.title) for child in below) >= 2 * len(below)


def _sorts_failures(section: Section) -> bool:
    """Whether a part is divided into failures ("Quick diagnosis": "Oven is cold", "No water")."""
    sorts = section.meaning == "diagnosis" or names_response(section.title)
    return sorts and section.level >= 2 and _several_failures(section) and _mostly_failures(section)


def _plainly(section: Section) -> bool:
    return _is_scenario(section, contained=False)


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
    return (
        (named if len(named) >= 2 else frozenset())
        | (ranked if len(ranked) >= 2 else frozenset())
        | _named_alerts(section.headings())
    )


def _named_alerts(below: tuple[Section, ...]) -> frozenset[Section]:
    """The headings that are names of alerts with guidance, where at least two are and most of them tell a failure."""
    named = [child for child in below if is_alert_name(bare_title(child.title)) and _advises(child)]
    if len(named) < 2 or 2 * sum(tells_failure(child.title) for child in named) < len(named):
        return frozenset()
    if all(_all_code(child) for child in named):
        named += [child for child in below if _all_code(child) and child.meaning is None and _advises(child)]
    return frozenset(named)


def _advises(section: Section) -> bool:
    return bool(_direct_parts(section)) or any(block.kind == "list" for block in section.blocks)


def _all_code(section: Section) -> bool:
    spans = [span for span in section.heading.spans if span.text.strip()] if section.heading else []
    return bool(spans) and all(span.code for span in spans)


def _is_scenario(section: Section, *, contained: bool) -> bool:
    below = section.headings()
    if (
        is_phase(section.title)
        or is_process(section.title)
        or is_fact(section.title)
        or is_remark(section.title)
        or (prefixed(section.title) and meaning(bare_title(section.title)) in ("template", "postmortem", "checklist"))
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
        if _about_itself(section):
            return False
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
        parts = _direct_parts(section)
        return _guides(parts) and ("symptoms" in parts or not is_work(section.title))
    return _is_object(section) and _tells_all(_direct_parts(section))


def _about_itself(section: Section) -> bool:
    """Whether a heading among scenarios is about further ones ("Other incidents")."""
    title = tidy(section.title)
    return holds_scenarios(title) and not tells_failure(title) and not _direct_parts(section)


def _numbered(section: Section) -> bool:
    """Whether a title says itself that it is a scenario ("Scenario 1: Boarding stops")."""
    return section.meaning is None and prefixed(section.title) and not _OF_A_LEVEL.match(tidy(section.title))


def _is_object(section: Section) -> bool:
    """Whether a title has a word besides those that only name a part ("Scaling the ovens", not "Recovery Steps")."""
    return section.meaning in _PART_LIKE and has_object(section.title)


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
        and is_specific(section.title)
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
