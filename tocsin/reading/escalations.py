"""Who is drawn in, when, on which condition: from lists, labels, tables, drawings and prose."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from tocsin.core.runbook import Escalation, Text
from tocsin.reading.conditions import is_condition
from tocsin.reading.drawings import of_fence
from tocsin.reading.governed import STEPS, calls_for_help, whom
from tocsin.reading.ladders import of_table
from tocsin.reading.levels import of_levels
from tocsin.reading.mentions import said, to_nobody, unanswered
from tocsin.reading.nodes import Block, Line
from tocsin.reading.openings import SENTENCE, asks_when, last_sentence, names_when, opened, opens_list
from tocsin.reading.repeats import chained, once, without_chains, without_mentions
from tocsin.reading.rosters import of_labels, of_ladder, of_points, of_roster
from tocsin.reading.rungs import Around, of_item, of_sentence, of_value, spare_first
from tocsin.reading.sections import Section, bold_lead
from tocsin.reading.targets import bare_name, hops, is_name, targets
from tocsin.reading.vocabulary import meaning, tidy
from tocsin.reading.waits import entry, waiting
from tocsin.reading.wrapping import sentences, unwrapped

_MAY = re.compile(  # what somebody may do is no condition
    r"^(?:authority|authori[sz]ations?|permissions?|(?:decision )?rights|(?:is |are )?(?:empowered"
    r"|authori[sz]ed|allowed) to|may|can"
    r"|befugnisse|autoridad|autoridade|autorité|权限|権限|권한|полномочия)$",
    re.IGNORECASE,
)
_WHEN = re.compile(r"when|wann|cuándo|quando|quand|когда|коли|何时|什么时候|いつ|언제", re.IGNORECASE)
_LABEL = re.compile(
    r"(?:when to |how to |wann |cuándo |quando |quand )?"
    r"(?:escalat|escalad|escalar|eskal|escalonam|エスカレ|升级|에스컬|эскал)",
    re.IGNORECASE,
)
_PLAIN_LABEL = re.compile(
    r"^(?:escalat(?:ion|e)|escalada|escalación|escalação|escalonamento|escalade|eskalation|escalazione|эскалация"
    r"|ескалація"
    r"|升级|エスカレーション|에스컬레이션)(?:\s*[:：]\s*|\s+[–—-]\s+)",
    re.IGNORECASE,
)
_GOVERNS = re.compile(  # "Immediate — guests are at risk. Page the captain.", "Stuck for 30 minutes? Page the captain."
    r"[?？]\s*$|^\W*(?:immediate(?:ly)?|at once|sofort|inmediat[ao]|imediat[ao]|immédiate?|немедленно|негайно|立即"
    r"|即時|즉시)\s*(?:[—–:：.!-]|$)",
    re.IGNORECASE,
)
_HANDS_OVER = re.compile(  # what to bring along, not whom to call
    r"^\W*(?:please\s+)?(?:information (?:to|for|needed|required)|what to (?:include|provide|say|bring|report)"
    r"|información (?:a|para|que)|informaç(?:ão|ões) (?:a|para|que)|informations? (?:à|pour)|informationen (?:für|zu)"
    r"|данные для|информация для|提供信息|attach|include|provide|have ready|bring|hand over|with the following"
    r"|anhängen|mitgeben"
    r"|beifügen"
    r"|adjuntar|incluir|anexar|joindre|inclure|fournir|приложи\w*|указ\w+|додати|附上|提供|添付"
    r"|첨부)\b[^.]{0,80}[:：]$",
    re.IGNORECASE,
)
_RUNG = re.compile(
    r"^\W*(?:primary|secondary|tertiary|first|second|third|1st|2nd|3rd|(?:level|tier|stage|step|nivel|nível"
    r"|niveau|stufe)\W?\d|L[1-4]\b"
    r"|(?:after|nach|después de|após|après|через)\s+\d|T\s?\+\s?\d|\d+\s*(?:\+|[-–]\s*\d+)?\s*(?:min|h\b|hour"
    r"|分|小时|시간|時間|мин))",
    re.IGNORECASE,
)
_FIRST_TIER = re.compile(r"^\W*(?:L|N|level |tier |nivel |nível |niveau |stufe )1\b", re.IGNORECASE)
_QUIET = frozenset({"contacts", "communication", "rotation", "overview"})
_ROSTERS = frozenset({"contacts", "rotation", "communication"})
_UNDER = frozenset({None, "contacts", "severity", "actions", "detection", "diagnosis", "mitigation", "thresholds"})


def escalations(root: Section) -> tuple[tuple[Escalation, ...], tuple[Text, ...]]:
    """Every escalation in the order of the document; and those whom it names as a chain, the first one first."""
    found: list[tuple[int, Escalation]] = []
    within: set[int] = set()
    used: set[int] = set()
    for section in root.walk():
        if section.meaning == "template" or any("template" in title.lower() for title in section.trail):
            continue
        if section.meaning == "escalation" and section.level != 1:
            within |= {id(section), *(id(below) for below in _below(section))}
        if id(section) in used:
            continue
        about = id(section) in within or section.meaning == "escalation" or calls_for_help(section)
        levels, steps = of_levels(section) if about else ([], frozenset())
        joined, labels = of_labels(section) if section.meaning == "escalation" else ([], frozenset())
        used |= labels | {id(below) for step in section.children if id(step) in steps for below in step.walk()}
        found += [(section.line, one) for one in (*levels, *joined, *_of_section(section, about=about))]
    ordered = sorted(found, key=lambda pair: pair[1].line)
    each_once = without_mentions(once(ordered))
    return tuple(without_chains(each_once)), tuple(chained(each_once))


def _below(section: Section) -> Iterator[Section]:
    """What a heading about escalation governs: what stands below a part about something else isn't."""
    for child in section.children:
        if child.meaning in _UNDER or child.meaning == "escalation":
            yield child
            yield from _below(child)


def _of_section(section: Section, *, about: bool) -> Iterator[Escalation]:
    if _MAY.search(tidy(section.title)):
        return
    for before, block, behind in _neighbours(section.blocks):
        if block.kind == "table":
            yield from of_table(block, section, about=about)
        elif block.kind == "fence" and block.fence is not None and section.meaning != "communication":
            yield from of_fence(block.fence, _above(before, _around(section)), about=about)
        elif block.kind == "list" and (roster := _roster(block, section, about=about)):
            yield from roster
        elif about and block.kind == "list":
            yield from _listed(block, before, section)
        elif about and block.kind == "paragraph":
            yield from () if _leads(block, behind) else _written(block, section)
        elif block.kind in ("paragraph", "list"):
            yield from _outside(before, block, behind, section)


def _outside(before: Block | None, block: Block, behind: Block | None, section: Section) -> Iterator[Escalation]:
    """A paragraph or list where the heading is about something else; "Escalate to the mate if:" governs its list."""
    above = opened(before) if block.kind == "list" else None
    if above:
        yield from _of_list(block, replace(above, severity_of=_timed_title(section)))
    elif block.kind == "paragraph" and behind is not None and behind.kind == "list" and opened(block):
        last = last_sentence(block.plain.rstrip())
        yield from (one for one in _beside(block, section) if not last.endswith(one.when))
    else:
        yield from _beside(block, section)


def _written(block: Block, section: Section) -> Iterator[Escalation]:
    """A paragraph that a heading about escalation governs."""
    if section.meaning == "escalation":
        yield from _of_paragraph(block, section)
    elif section.label and _is_rung(section):
        yield from _of_rung(block, section)
    elif not section.label and waiting(section.title) is not None:
        yield from _timed_above(_of_sentences(block, bare=False), _timed_title(section))
    else:
        yield from _beside(block, section)


def _listed(block: Block, before: Block | None, section: Section) -> Iterator[Escalation]:
    """A list under a heading about escalation, as far as it isn't what one has to bring along."""
    if section.meaning == "contacts" or re.search(r"contact", section.title, re.IGNORECASE):
        yield from _of_arrows(block)
    elif not _HANDS_OVER.match(last_sentence(before.plain.rstrip()) if before else f"{tidy(section.title)}:"):
        yield from _of_list(block, _above(before, _around(section)))


def _beside(block: Block, section: Section) -> Iterator[Escalation]:
    """What is said of escalation where the heading is about something else."""
    people = 2 if section.meaning == "communication" else 0  # else it may be a chain of channels
    calls = list(unanswered(_lines(block), people=people)) if section.meaning in _ROSTERS else []
    if calls:
        told = {one.line for one in calls}
        yield from (*calls, *(one for one in _labelled(block) if one.line not in told))
    else:
        yield from _labelled(block) if section.meaning in _QUIET else _elsewhere(block, section)


def _roster(block: Block, section: Section, *, about: bool) -> list[Escalation]:
    """A list that tells one escalation in two points, or whom to call one after the other."""
    governed = about or any(meaning(title) == "escalation" for title in section.trail[1:])
    if not governed:
        return []
    return (of_points(block) if about else []) or of_roster(block, section.title, about=about)


def _timed_above(found: Iterator[Escalation], title: str) -> Iterator[Escalation]:
    """Those below a heading that says when: "15 minutes without progress"."""
    for one in found:
        above = one.after_minutes is None
        yield entry(one.to, one.when, one.line, above=title) if above else one


def _neighbours(blocks: tuple[Block, ...]) -> Iterator[tuple[Block | None, Block, Block | None]]:
    """Each block with the one before and the one behind it."""
    return zip((None, *blocks), blocks, (*blocks[1:], None), strict=False)


def _leads(block: Block, behind: Block | None) -> bool:
    """Whether a paragraph only opens the list below it: "Escalate to the lead if:"."""
    text = block.plain.rstrip()
    return behind is not None and behind.kind == "list" and text.endswith((":", "：")) and last_sentence(text) == text


def _around(section: Section) -> Around:
    """What the heading says about everything below it."""
    title = _timed_title(section)
    condition = is_condition(title)
    asks = asks_when(title, about=section.meaning == "escalation")
    named = whom(title, asks=asks and bool(_WHEN.match(title)))
    sequence = bool(STEPS.search(title)) and not section.label
    return Around(
        to=named,
        above=title if waiting(title) is not None or section.meaning in (None, "severity") or condition else "",
        leads=condition,
        asks=asks or (section.label and waiting(title) is not None and _asked_above(section)),
        sequence=sequence,
        severity_of=title,
    )


def _timed_title(section: Section) -> str:
    """A heading's words; a number in front is part of them where it is a time: "15 minutes without progress"."""
    title = tidy(section.title)
    return section.title.strip() if waiting(title) is None and waiting(section.title) is not None else title


def _asked_above(section: Section) -> bool:
    above = section.trail[-1] if section.trail else ""
    return names_when(above) and meaning(above) == "escalation"


def _above(before: Block | None, around: Around) -> Around:
    """The same with the condition that stands directly above a block: "If it persists after 30 minutes:"."""
    text = last_sentence(before.plain.rstrip()) if before is not None and before.kind == "paragraph" else ""
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
        if inner and found and found[0].to and opens_list(item.text):
            named_above = Around(to=found[0].to, severity_of=around.severity_of)
            found = [one for child in inner for one in _of_list(child, named_above)] or found
        elif inner and not (found and any(one.to for one in found)):
            head = item.text.rstrip(" :：")
            label = tidy(head)
            named = whom(label, asks=around.asks)
            below = around.under(head, leads=True) if named is None else Around(to=named)
            told = [one for child in inner for one in _of_list(child, below)]
            found = told or found
        own += found
    ranked = any(item.number is not None or _FIRST_TIER.match(item.text) for item in block.children)
    ladder = of_ladder(block) if around.to is None else []
    if len(ladder) > len(own):
        own = ladder
    yield from spare_first(own) if ranked and not around.leads else own


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
            yield from (one for line in item.head.lines for one in _line(line))


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
    above = ""
    for sentence in SENTENCE.split(block.plain):
        found = list(of_sentence(sentence, block.line, bare=bare)) if sentence.strip() else []
        if not found and to_nobody(sentence):
            found = [entry(None, sentence, block.line)]
        yield from _timed_above(iter(found), above) if above else found
        above = sentence.strip() if not found and _GOVERNS.search(sentence) and waiting(sentence) is not None else ""


def _labelled(block: Block) -> Iterator[Escalation]:
    for line in _lines(block):
        lead = bold_lead(line) or _plain_escalation(line)
        if lead and _LABEL.match(lead[0]):
            yield from of_value(lead[1].plain, line.number)


def _elsewhere(block: Block, section: Section) -> Iterator[Escalation]:
    """Outside the sections about escalation only what says "escalate", "page X …", or a list under "Escalate:"."""
    if block.kind == "list":
        for item in block.children:
            inner = [child for child in item.rest if child.kind == "list"]
            head = tidy(item.text)
            if inner and meaning(head) == "escalation" and not targets(head):
                timed = head if waiting(head) is not None else ""
                asked = Around(asks=asks_when(head), leads=is_condition(head), above=timed)
                yield from (one for child in inner for one in _of_list(child, asked))
            elif item.head:
                for line in unwrapped(item.head.lines):
                    yield from _line(line, section)
                yield from (one for child in item.rest for one in _elsewhere(child, section))
        return
    for line in unwrapped(block.lines):
        for sentence in sentences(line):
            yield from _line(sentence, section)
    for child in block.children:
        if child.kind != "table":
            yield from _elsewhere(child, section)


def _line(line: Line, section: Section | None = None) -> Iterator[Escalation]:
    text = line.plain
    lead = bold_lead(line) or _plain_escalation(line)
    if lead and _LABEL.match(lead[0]) and lead[1].plain:
        heading = _timed_title(section) if section else ""
        yield from of_value(lead[1].plain, line.number, severity_of=f"{lead[0]} {heading}")
        return
    yield from said(text, line.number)


def _plain_escalation(line: Line) -> tuple[str, Line] | None:
    found = _PLAIN_LABEL.match(line.plain)
    return ("escalation", line.after(found.end())) if found and line.spans else None


def _lines(block: Block) -> Iterator[Line]:
    yield from block.lines
    for child in block.children:
        if child.kind != "table":
            yield from _lines(child)
