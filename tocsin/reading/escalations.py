"""Who is drawn in, when, on which condition: from lists, labels, tables, drawings and prose."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tocsin.core.runbook import Escalation
from tocsin.reading.conditions import is_condition
from tocsin.reading.drawings import of_fence
from tocsin.reading.ladders import of_table
from tocsin.reading.levels import of_levels
from tocsin.reading.nodes import Block, Line
from tocsin.reading.people import names_people
from tocsin.reading.rungs import Around, of_item, of_sentence, of_value, spare_first
from tocsin.reading.sections import Section, bold_lead
from tocsin.reading.targets import bare_name, hops, is_name, targets
from tocsin.reading.vocabulary import meaning, tidy
from tocsin.reading.waits import entry, waiting
from tocsin.reading.wrapping import sentences, unwrapped

_NAMED = re.compile(
    r"^(?i:escalate|page|call|notify)\s+(?i:immediately\s+)?(?i:to\s+)?(?:the\s+)?(?P<to>[A-Z][^:(（]*?"
    r")(?:\s+(?:if|when))?"
    r"\s*(?:[(（][^()（）]*[)）])?$"
)
_MAY = re.compile(  # what somebody may do is no condition
    r"^(?:authority|authori[sz]ations?|permissions?|(?:decision )?rights|(?:is |are )?(?:empowered"
    r"|authori[sz]ed|allowed) to|may|can"
    r"|befugnisse|autoridad|autoridade|autorité|权限|権限|권한|полномочия)$",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"when (?:to|should)|criteria|escalate (?:immediately )?(?:if|when)|triggers?|conditions?"
    r"|immediate(?:ly)? escalat"
    r"|escalate immediately|page immediately|cuándo|quando|quand|wann|criter|critère|kriteri"
    r"|何时|条件|基準|タイミング|기준|조건|시점"
    r"|когда|критери",
    re.IGNORECASE,
)
_OPENS = re.compile(
    r"(?:\b(?:if|when|wenn|falls|si|se|quand|quando|cuando|если|когда)|^escalate to [^:]*)\s*[:：]$", re.IGNORECASE
)
_LABEL = re.compile(
    r"(?:when to |how to |wann |cuándo |quando |quand )?"
    r"(?:escalat|escalad|escalar|eskal|escalonam|エスカレ|升级|에스컬|эскал)",
    re.IGNORECASE,
)
_STEPS = re.compile(r"\b(?:steps|how to|process|procedure|ablauf|pasos|passos|étapes)\b", re.IGNORECASE)
_ELSEWHERE = re.compile(
    r"\bescalate[sd]?\b|\bescalating\b|\bescal(?:ar|ad[oa]s?|onar)\s+(?:al?|ao|para)\b|\bescalader\s+(?:à|au|vers)"
    r"|\beskalier|エスカレ|에스컬|эскалир"
    r"|升级(?:到|至|给)",
    re.IGNORECASE,
)
_CALLED = re.compile(
    r"\b(?:is|are|gets?|will be|must be)\s+(?:auto(?:matically )?-?)?(?:paged|called|woken)\b", re.IGNORECASE
)
_TO_NOBODY = re.compile(  # "Escalate when in doubt", "If you are stuck, escalate"
    r"^\W*escalate\s+(?:immediately\s+)?(?:if|when|whenever|as soon as|once|after)\b(?!\s+(?:needed|necessary"
    r"|required|appropriate|applicable))"
    r"|\b(?:if|when|whenever)\b[^,;:.]{3,80},\s*(?:just\s+|please\s+"
    r"|immediately\s+)?escalate(?:\s+(?:immediately|early|now))?\s*[.!]?$",
    re.IGNORECASE,
)
_RUNG = re.compile(
    r"^\W*(?:primary|secondary|tertiary|first|second|third|1st|2nd|3rd|(?:level|tier|stage|step|nivel|nível"
    r"|niveau|stufe)\W?\d|L[1-4]\b"
    r"|(?:after|nach|después de|após|après|через)\s+\d|T\s?\+\s?\d|\d+\s*(?:\+|[-–]\s*\d+)?\s*(?:min|h\b|hour"
    r"|分|小时|시간|時間|мин))",
    re.IGNORECASE,
)
_PAGES = re.compile(r"^(?:immediately\s+)?(?:page|wake(?: up)?)\s+(?!\w+ (?:load|view|speed)s?\b)", re.IGNORECASE)
_QUIET = frozenset({"contacts", "communication", "rotation", "overview"})
_UNDER = frozenset({None, "contacts", "severity", "actions", "detection", "diagnosis", "mitigation", "thresholds"})


def escalations(root: Section) -> tuple[Escalation, ...]:
    """Every escalation in the order of the document."""
    found: list[tuple[int, Escalation]] = []
    within: set[int] = set()
    used: set[int] = set()
    for section in root.walk():
        if section.meaning == "template" or any("template" in title.lower() for title in section.trail):
            continue
        if section.meaning == "escalation" and section.level != 1:
            within |= {id(below) for below in section.walk() if below is section or below.meaning in _UNDER}
        if id(section) in used:
            continue
        about = id(section) in within or section.meaning == "escalation"
        levels, steps = of_levels(section) if about else ([], frozenset())
        used |= {id(below) for step in section.children if id(step) in steps for below in step.walk()}
        found += [(section.line, one) for one in (*levels, *_of_section(section, about=about))]
    ordered = sorted(found, key=lambda pair: pair[1].line)
    return tuple(_without_chains(_once(ordered)))


def _of_section(section: Section, *, about: bool) -> Iterator[Escalation]:
    around = _around(section)
    contacts = section.meaning == "contacts" or bool(re.search(r"contact", section.title, re.IGNORECASE))
    if _MAY.search(tidy(section.title)):
        return
    for before, block, behind in _neighbours(section.blocks):
        if block.kind == "table":
            yield from of_table(block, section, about=about)
        elif block.kind == "fence" and block.fence is not None and section.meaning != "communication":
            yield from of_fence(block.fence, _above(before, around), about=about)
        elif about and block.kind == "list" and contacts:
            yield from _of_arrows(block)
        elif about and block.kind == "list":
            yield from _of_list(block, _above(before, around))
        elif about and block.kind == "paragraph" and section.meaning == "escalation":
            yield from () if _leads(block, behind) else _of_paragraph(block, section)
        elif about and block.kind == "paragraph" and section.label and _is_rung(section):
            yield from _of_rung(block, section)
        elif block.kind in ("paragraph", "list"):
            yield from _labelled(block) if section.meaning in _QUIET else _elsewhere(block, around)


def _neighbours(blocks: tuple[Block, ...]) -> Iterator[tuple[Block | None, Block, Block | None]]:
    """Each block with the one before and the one behind it."""
    return zip((None, *blocks), blocks, (*blocks[1:], None), strict=False)


def _leads(block: Block, behind: Block | None) -> bool:
    """Whether a paragraph only opens the list below it: "Escalate to the lead if:"."""
    return behind is not None and behind.kind == "list" and block.plain.rstrip().endswith((":", "："))


def _around(section: Section) -> Around:
    """What the heading says about everything below it."""
    title = tidy(section.title)
    named = _NAMED.match(title)
    condition = is_condition(title)
    sequence = bool(_STEPS.search(title)) and not section.label
    return Around(
        to=named.group("to") if named else None,
        above=title if waiting(title) is not None or section.meaning in (None, "severity") or condition else "",
        leads=condition,
        asks=bool(_ASKS.search(title)) or (section.label and waiting(title) is not None and _asked_above(section)),
        sequence=sequence,
        severity_of=title,
    )


def _asked_above(section: Section) -> bool:
    above = section.trail[-1] if section.trail else ""
    return bool(_ASKS.search(above)) and meaning(above) == "escalation"


def _above(before: Block | None, around: Around) -> Around:
    """The same with the condition that stands directly above a block: "If it persists after 30 minutes:"."""
    text = before.plain.rstrip() if before is not None and before.kind == "paragraph" else ""
    if not text.endswith((":", "：")):
        return around
    named = [one.name for one in targets(text)]
    if named:
        return Around(
            to=named[0], above=text.rstrip(" :：") if waiting(text) is not None else "", severity_of=around.severity_of
        )
    if is_condition(text) or waiting(text) is not None:
        return around.under(text.rstrip(" :："), leads=True)
    return around


def _of_list(block: Block, around: Around) -> Iterator[Escalation]:
    """Bullets under "Escalate to X", "When to escalate", "Escalation"; those below a condition hold under it."""
    own: list[Escalation] = []
    for item in block.children:
        line = item.head.lines[0] if item.head else Line(number=item.line)
        if not item.text:
            continue
        found = of_item(line, item.text, item.line, around)
        inner = [child for child in item.rest if child.kind == "list"]
        if inner and found and found[0].to and _OPENS.search(item.text):
            named_above = Around(to=found[0].to, severity_of=around.severity_of)
            found = [one for child in inner for one in _of_list(child, named_above)] or found
        elif inner and not (found and any(one.to for one in found)):
            head = item.text.rstrip(" :：")
            label = tidy(head)
            named = _NAMED.match(label)
            below = around.under(head, leads=True) if named is None else Around(to=named.group("to"))
            told = [one for child in inner for one in _of_list(child, below)]
            found = told or found
        own += found
    numbered = any(item.number is not None for item in block.children)
    yield from spare_first(own) if numbered and not around.leads else own


def _of_arrows(block: Block) -> Iterator[Escalation]:
    """The points of a contact list that say for what each is called: "Engine faults → the chief engineer"."""
    for item in block.children:
        parts = hops(item.text)
        if len(parts) == 2 and is_name(bare_name(parts[1])) and not is_name(parts[0]):
            yield entry(bare_name(parts[1]), item.text, item.line)
        elif item.head and not targets(item.text):
            for line in item.head.lines:
                lead = bold_lead(line) or _plain_escalation(line)
                if lead and _LABEL.match(lead[0]) and lead[1].plain:
                    yield from of_value(lead[1].plain, line.number)
        elif item.head:
            yield from (one for line in item.head.lines for one in _line(line, Around()))


def _is_rung(section: Section) -> bool:
    """Whether a label below a heading about escalation is one rung of the ladder: "Secondary:", "Level 2:"."""
    above = section.trail[-1] if section.trail else ""
    return meaning(above) == "escalation" and bool(_RUNG.match(tidy(section.title)))


def _of_rung(block: Block, section: Section) -> Iterator[Escalation]:
    """Who stands behind the label of a rung, where that one has a time of its own."""
    label = tidy(section.title)
    for one in of_value(block.plain, section.line, above=label if waiting(label) is not None else "", before=label):
        yield from (one,) if one.to and one.after_minutes is not None else ()


def _of_paragraph(block: Block, section: Section) -> Iterator[Escalation]:
    """A paragraph's sentences; where each of its lines is a rung ("After 15 min → Lead"), line by line."""
    rungs = [line for line in block.lines if _RUNG.match(line.plain)]
    if len(block.lines) < 2 or len(rungs) < len(block.lines):
        yield from _of_sentences(block, bare=section.label)
        return
    yield from spare_first([one for line in rungs for one in of_item(line, line.plain, line.number, Around())])


def _of_sentences(block: Block, *, bare: bool) -> Iterator[Escalation]:
    for line in block.lines:
        lead = bold_lead(line)
        if lead and meaning(lead[0]) == "escalation":
            yield from of_value(lead[1].plain, line.number)
            return
    for sentence in re.split(r"(?<=[.!?])\s+(?=[A-Z])|(?<=[。！？])", block.plain):
        if sentence.strip():
            yield from of_sentence(sentence, block.line, bare=bare)


def _labelled(block: Block) -> Iterator[Escalation]:
    for line in _lines(block):
        lead = bold_lead(line)
        if lead and _LABEL.match(lead[0]):
            yield from of_value(lead[1].plain, line.number)


def _elsewhere(block: Block, around: Around) -> Iterator[Escalation]:
    """Outside the sections about escalation only what says "escalate", "page X …", or a list under "Escalate:"."""
    if block.kind == "list":
        for item in block.children:
            inner = [child for child in item.rest if child.kind == "list"]
            head = tidy(item.text)
            if inner and meaning(head) == "escalation" and not targets(head):
                asked = Around(asks=bool(_ASKS.search(head)), above=head if waiting(head) is not None else "")
                yield from (one for child in inner for one in _of_list(child, asked))
            elif item.head:
                for line in unwrapped(item.head.lines):
                    yield from _line(line, around)
                yield from (one for child in item.rest for one in _elsewhere(child, around))
        return
    for line in unwrapped(block.lines):
        for sentence in sentences(line):
            yield from _line(sentence, around)
    for child in block.children:
        if child.kind != "table":
            yield from _elsewhere(child, around)


def _line(line: Line, around: Around) -> Iterator[Escalation]:
    text = line.plain
    lead = bold_lead(line) or _plain_escalation(line)
    if lead and _LABEL.match(lead[0]) and lead[1].plain:
        yield from of_value(lead[1].plain, line.number, severity_of=f"{lead[0]} {around.severity_of}")
        return
    yield from said(text, line.number)


def _plain_escalation(line: Line) -> tuple[str, Line] | None:
    found = re.match(r"^escalation\s*[:：]\s*", line.plain, re.IGNORECASE)
    return ("escalation", line.after(found.end())) if found and line.spans else None


def said(text: str, number: int) -> Iterator[Escalation]:
    """A sentence outside the sections about escalation."""
    verb = _ELSEWHERE.search(text)
    if text.rstrip().endswith("?"):
        return
    if verb is None and not (_CALLED.search(text) and "escalat" in text.lower()):
        told = targets(text) if _PAGES.match(tidy(text)) else []
        if told and names_people(told[0].name):
            yield entry(told[0].name, text, number)
        return
    told = [one for one in targets(text) if one.escalate]
    told = told or [one for one in targets(text) if _CALLED.search(text) and names_people(one.name)]
    if told:
        yield entry(told[0].name, text, number)
    elif _TO_NOBODY.search(text):
        yield entry(None, text, number)


def _lines(block: Block) -> Iterator[Line]:
    yield from block.lines
    for child in block.children:
        if child.kind != "table":
            yield from _lines(child)


def _once(found: list[tuple[int, Escalation]]) -> list[Escalation]:
    """Each target and condition once, of pairs with the section's line.

    On its line, and elsewhere for the same severities after the same time; rows of one section with conditions of their
    own stay apart.
    """
    told: list[Escalation] = []
    lines: set[tuple[int, str, float | None]] = set()
    scopes: dict[tuple[str, float | None, tuple[str, ...]], tuple[int, set[str]]] = {}
    for section, one in found:
        name = re.sub(r"\W", "", (one.to or "").lower())
        if name and one.severities:
            first, conditions = scopes.setdefault((name, one.after_minutes, one.severities), (section, set()))
            fresh = first == section and one.when not in conditions
            conditions.add(one.when)
        else:
            fresh = (one.line, name, one.after_minutes) not in lines
            lines.add((one.line, name, one.after_minutes))
        told += [one] if fresh else []
    return told


def _without_chains(found: list[Escalation]) -> Iterator[Escalation]:
    """A chain that is spelled out elsewhere counts there."""
    spelled = {(one.to or "").lower() for one in found if not one.when.startswith("after ")}
    begins = {one.when.removeprefix("after ").lower() for one in found if one.when.startswith("after ")}
    begins -= {(one.to or "").lower() for one in found if one.when.startswith("after ")}
    for one in found:
        if one.to and one.when == one.to and one.to.lower() in begins and one.after_minutes is None:
            continue  # where a chain begins
        if not (one.when.startswith("after ") and one.after_minutes is None and (one.to or "").lower() in spelled):
            yield one
