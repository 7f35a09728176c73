"""Who is drawn in, when, on which condition: lists, tables, "Escalate to X:" labels, time bands, sentences, chains."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from tocsin.core.runbook import Escalation, EscalationClock
from tocsin.reading.conditions import is_condition
from tocsin.reading.durations import first_span, is_immediate
from tocsin.reading.nodes import Block, Line
from tocsin.reading.parts import severities_in
from tocsin.reading.sections import Section, bold_lead
from tocsin.reading.vocabulary import tidy

_PEOPLE = (
    r"(?:engineer|engineering|lead|manager|management|team|cto|ceo|coo|cio|ciso|cso|vp|director|head"
    r"|commander|on-?call|sre|dba|admin|administrator|owner|"
    r"support|vendor|security|legal|dpo|executive|officer|founder|devops|ops|infra\w*|responder|architect"
    r"|stakeholder|response|hands|available|primary|secondary|backup|backend|frontend|developer|"
    r"equipo|equipe|équipe|gerente|responsable|chef|leiter|leitung|负责人|经理|팀장|chefe|coordena\w*|дежурн\w*)"
)
_TO = re.compile(
    r"\b(?:escalat(?:e|ed|ing|ion)(?:\s+\w+){0,2}?\s+to|escalate|page(?:s|d)?(?:\s+to)?|paging|engage|involve"
    r"|loop in|bring in|(?<!-)call(?:\s+in)?|contact|notify|alert|inform|invoke|wake(?: up)?|escalar (?:al?"
    r"|para)|escalader (?:à|au|vers)|eskal\w+ an)\s+"
    r"(?!(?:immediately|if|when|to|after|before|within)\b)(?:to\s+)?(?:the\s+|an?\s+|el\s+|la\s+|o\s+|le\s+"
    r"|l['’]|den\s+|die\s+)?(?P<to>[^\s.,;:(→<>—–]+(?:\s+(?!if\b|when\b|for\b|after\b|immediately\b|with\b"
    r"|within\b|via\b|until\b|in\b|on\b|as\b|takes?\b|at\b|while\b|to\b|once\b|regardless\b|directly\b"
    r"|support if\b)[^\s.,;:(→<>—–]+){0,5})",
    re.IGNORECASE,
)
_ONLY_A_NAME = re.compile(
    rf"^(?:the\s+)?(?P<to>(?:[\w/&-]+\s+){{0,3}}?[\w/&-]*{_PEOPLE}[\w/&-]*(?:\s+(?:of|for)\s+[\w/&-]+"
    rf"|\s+[\w/&-]*{_PEOPLE}[\w/&-]*)*)\s*\.?$",
    re.IGNORECASE,
)
_SUBJECT = re.compile(
    rf"^(?P<to>(?:[\w/&-]+\s){{0,3}}?[\w/&-]*{_PEOPLE}(?:[/\w-]*)(?:\s+(?:engineer|lead|manager|team|commander"
    rf"|engineering|support))?)\s+(?:investigat\w*|takes?|joins?|handles?|owns|responds?|leads?|if|when|is\b"
    rf"|\(|$)",
    re.IGNORECASE,
)
_WHEN_COLUMN = re.compile(
    r"\bwhen\b|trigger|condition|escalat\w* (?:time|after|if|when|criteria)|criteria|wann|cuándo|quando|quand"
    r"|时机|条件|시점|escalation time|time|after",
    re.IGNORECASE,
)
_WHO_COLUMN = re.compile(
    r"contact|role|who|team|person|escalate to|notify|target|owner|name|wer|rolle|kontakt|rol|quién|contacto"
    r"|função|papel|quem|联系人|角色|담당|역할|担当",
    re.IGNORECASE,
)
_NOBODY = re.compile(
    r"\b(?:ticket|backlog|queue|log only|none|no one|n/a|slack channel|standup|status update|cadence|nenhuma?"
    r"|keine)\b|^[-–—]*$",
    re.IGNORECASE,
)
_UNRESOLVED = re.compile(
    r"unresolved|not resolved|without (?:resolution|progress)|no progress|persist|sustained|not recover"
    r"|doesn['’]?t recover|continu|still|ongoing|isn['’]?t resolved|nicht gelöst|no resuelto|não resolvido"
    r"|未解决|미해결",
    re.IGNORECASE,
)
_UNAVAILABLE = re.compile(r"\w (?:is )?(?:unavailable|down|offline)\b|\b(?:outage|downtime)\b", re.IGNORECASE)
_UNANSWERED = re.compile(
    r"no (?:response|answer|ack\w*)|not (?:acknowledged|respond\w*|available|reachable)|unacknowledged"
    r"|(?:primary|on-?call|engineer|lead|secondary) (?:is )?(?:unavailable|unreachable|not respond\w*)"
    r"|doesn['’]t (?:answer|respond|ack)",
    re.IGNORECASE,
)
_ESTIMATE = re.compile(r"estimated (?:resolution|time|duration)|\beta\b|twice the estimate", re.IGNORECASE)
_RANK = re.compile(
    r"^(?:(?:L|level|tier|step|stage)?\W*\d|first|second|third|fourth|fifth|1st|2nd|3rd|4th)\b", re.IGNORECASE
)
_LEVEL_ONLY = re.compile(r"^(?:P[0-5]|SEV[- ]?\d|level \d|L\d)$", re.IGNORECASE)


def escalations(root: Section) -> tuple[Escalation, ...]:
    """Every escalation in the order of the document."""
    found: list[Escalation] = []
    for section in root.walk():
        if section.meaning == "template" or any("template" in title.lower() for title in section.trail):
            continue
        found += _of_section(section)
    return tuple(_without_chains(found))


def _of_section(section: Section) -> Iterator[Escalation]:
    about = section.meaning == "escalation"
    named = re.match(
        r"^(?i:escalate|page|call|notify)\s+(?i:immediately\s+)?(?i:to\s+)?(?:the\s+)?(?P<to>[A-Z][^:]*?)(?:"
        r"\s+(?:if|when))?$",
        tidy(section.title),
    )
    steps = re.search(r"\b(?:steps|how to|process|procedure)\b", section.title, re.IGNORECASE) and not section.label
    for block in section.blocks:
        if block.kind == "table":
            yield from _of_table(block, section, about=about)
        elif about and block.kind == "list" and not re.search(r"contact", section.title, re.IGNORECASE):
            yield from _of_list(block, section, named.group("to") if named else None, sequence=bool(steps))
        elif about and block.kind == "paragraph":
            yield from _of_sentences(block, bare=section.label)
        elif block.kind in ("paragraph", "list") and section.meaning not in (
            "contacts",
            "communication",
            "rotation",
            "overview",
        ):
            yield from _elsewhere(block)
        elif block.kind == "list" and section.meaning in ("rotation", "contacts"):
            yield from _chains(block)


def _of_list(block: Block, section: Section, to: str | None, *, sequence: bool) -> Iterator[Escalation]:
    """Bullets under "Escalate to X", "When to escalate", "Escalation"."""
    common = _lead_in(section, block)
    for item in block.children:
        text = item.text
        line = item.head.lines[0] if item.head else Line(number=item.line)
        if not text or item.checked is not None:
            continue
        if to is not None:
            yield _entry(to, text, item.line)
            continue
        found = _of_item(
            line,
            text,
            item.line,
            asks=bool(re.search(r"when to|criteria|escalate (?:if|when)|triggers?", section.title, re.IGNORECASE)),
            sequence=sequence,
            leads=bool(common),
        )
        if found and common and found.after_minutes is None:
            span = first_span(common)
            found = replace(
                found,
                after_minutes=span.low if span else None,
                clock="unresolved" if span else found.clock,
                when=found.when or common.rstrip(":"),
            )
        if found:
            yield found


def _lead_in(section: Section, block: Block) -> str:
    """The condition above a list: "If it persists after 30 minutes:"."""
    above = [other for other in section.blocks if other.kind == "paragraph" and other.end_line < block.line]
    text = above[-1].plain if above else ""
    return text if is_condition(text) and text.rstrip().endswith(":") else ""


def _of_item(
    line: Line, text: str, number: int, *, asks: bool, sequence: bool, leads: bool = False
) -> Escalation | None:
    """One point of a list about escalation; ``leads``: a condition stands above the list and holds for each point."""
    lead = bold_lead(line)
    label, rest = (lead[0], lead[1].plain) if lead else _plain_label(text)
    said = f"{label}: {rest}" if label else text
    timed = first_span(label or text) is not None or is_immediate(text) or first_span(text) is not None
    if sequence and not (timed or is_condition(rest or text)) and not leads:
        return None
    to = (_target(label) if lead else None) or (_target(rest or text) if not (leads and lead) else None)
    if to is None and not leads:
        subject = _ONLY_A_NAME.match(rest or text) or _SUBJECT.match(rest or text)
        to = subject.group("to") if subject else None
    if to is None:
        acts = (
            re.search(r"\b(?:pag(?:e|ing)|escalat(?:e|ing)|declare)\b", text, re.IGNORECASE)
            and timed
            and not sequence
            and not leads
        )
        if _NOBODY.search(rest or text) or not (asks or acts or (label and first_span(label) and not sequence)):
            return None
    elif _LEVEL_ONLY.match(to) is None and _NOBODY.search(to):
        return None
    return _entry(to, said, number)


def _plain_label(text: str) -> tuple[str, str]:
    found = re.match(r"^([^:：]{1,60})[:：]\s+(.*)$", text)
    return (found.group(1), found.group(2)) if found else ("", text)


def _target(text: str) -> str | None:
    """Whom a sentence names: after "escalate to", "page", "engage" …, or behind an arrow."""
    text = text[:600]
    for found in _TO.finditer(text):
        to = found.group("to").strip(" *`\"'")
        if not re.match(
            r"(?:(?:all|affected|impacted|internal|external)\s+)*(?:stakeholders?|users?|customers?|everyone"
            r"|issues?|further)\b",
            to,
            re.IGNORECASE,
        ) and re.search(r"\w{2,}", to):
            return to
    arrow = re.search(r"(?:→|->|➜)\s*(?P<to>[^→(]+)$", text)
    return arrow.group("to").strip() if arrow and re.search(_PEOPLE, arrow.group("to"), re.IGNORECASE) else None


def _of_sentences(block: Block, *, bare: bool) -> Iterator[Escalation]:
    for sentence in re.split(r"(?<=[.!?])\s+(?=[A-Z])", block.plain):
        to = _target(sentence)
        if to and not _NOBODY.search(to) and not re.search(r"@\w+\.\w+", to):
            yield _entry(to, sentence, block.line)
        elif bare and "→" in sentence:
            yield from _chain(sentence, block.line)


def _elsewhere(block: Block) -> Iterator[Escalation]:
    """Outside the sections about escalation only what says "escalate", or "**Escalation:** A → B"."""
    for line in _lines(block):
        text = line.plain
        lead = bold_lead(line)
        if lead and re.match(r"escalat", lead[0], re.IGNORECASE):
            yield from _chain(lead[1].plain, line.number)
        elif re.search(r"\bescalate\b", text, re.IGNORECASE) and not text.rstrip().endswith("?"):
            to = _target(text[re.search(r"\bescalate\b", text, re.IGNORECASE).start() :])  # type: ignore[union-attr]
            if to and (re.search(_PEOPLE, to, re.IGNORECASE) or _LEVEL_ONLY.match(to)):
                yield _entry(to, text, line.number)


def _chains(block: Block) -> Iterator[Escalation]:
    for line in _lines(block):
        lead = bold_lead(line)
        if lead and re.match(r"escalat", lead[0], re.IGNORECASE):
            yield from _chain(lead[1].plain, line.number)


def _chain(text: str, line: int) -> Iterator[Escalation]:
    """``"Lead → CTO → CEO"``: every hop after the first; with a time in its parentheses, each that has one."""
    hops = [hop.strip() for hop in re.split(r"→|->|➜", text) if hop.strip()]
    if len(hops) < 2:
        return
    for index, hop in enumerate(hops):
        inside = re.search(r"\(([^()]*)\)", hop)
        if index or inside:
            name = re.sub(r"\s*\([^()]*\)", "", hop).strip()
            yield replace(
                _entry(name, inside.group(1) if inside else "", line),
                when=inside.group(1) if inside else f"after {re.sub(r' *[(].*', '', hops[index - 1])}",
            )


def _lines(block: Block) -> Iterator[Line]:
    yield from block.lines
    for child in block.children:
        if child.kind != "table":
            yield from _lines(child)


def _of_table(table: Block, section: Section, *, about: bool) -> Iterator[Escalation]:
    head = [cell.plain for cell in table.children[0].lines] if table.children else []
    if not any(head):
        yield from _of_cards(table)
        return
    into = next(
        (
            index
            for index, cell in enumerate(head)
            if re.search(r"^(?:escalat\w*|notify|escalate to|escalonamento|eskalation)(?: to)?$", cell, re.IGNORECASE)
        ),
        None,
    )
    when = next((index for index, cell in enumerate(head) if _WHEN_COLUMN.search(cell) and index != into), None)
    who = next(
        (index for index, cell in enumerate(head) if _WHO_COLUMN.search(cell) and index not in (into, when)), None
    )
    role = next(
        (index for index, cell in enumerate(head) if re.search(r"role|who|team|level|rol", cell, re.IGNORECASE)), None
    )
    levels = section.meaning == "severity" or any(
        re.match(r"severity|priority|level|sev", cell, re.IGNORECASE) for cell in head[:1]
    )
    for row in table.children[1:]:
        cells = [cell.plain for cell in row.lines]
        if into is not None and levels and into < len(cells):
            yield from _of_level_row(cells, into, row.line)
        elif (about or section.meaning == "contacts") and when is not None and who is not None:
            named = role if role is not None and _names_somebody(table, role) else who
            if named < len(cells) and when < len(cells) and cells[named] and cells[when]:
                yield _entry(cells[named], cells[when], row.line, named=True)


def _names_somebody(table: Block, column: int) -> bool:
    """Whether a column names people; one of bare ranks ("L1", "First", "Tier 2") only counts the rows."""
    cells = [row.lines[column].plain for row in table.children[1:] if column < len(row.lines)]
    return any(re.search(_PEOPLE, cell, re.IGNORECASE) for cell in cells) or not all(map(_RANK.match, cells))


def _of_level_row(cells: list[str], into: int, line: int) -> Iterator[Escalation]:
    text = cells[into]
    if not text or _NOBODY.search(text):
        return
    to = _target(text) or re.sub(r"^(?:immediate(?:ly)?)\s*[-–—:,]?\s*", "", text, flags=re.IGNORECASE)
    entry = _entry(to or None, f"{cells[0]}: {text}", line)
    yield replace(entry, after_minutes=0 if is_immediate(text) and first_span(text) is None else entry.after_minutes)


def _of_cards(table: Block) -> Iterator[Escalation]:
    """Key-value cards without a head: the row "Escalation | A (if …) → B (if …)"."""
    for row in table.children[1:]:
        cells = [cell.plain for cell in row.lines]
        if len(cells) > 1 and re.match(r"escalat", cells[0], re.IGNORECASE):
            yield from _chain(cells[1], row.line)


def _entry(to: str | None, text: str, line: int, *, named: bool = False) -> Escalation:
    """One escalation from its words."""
    outside = re.sub(r"\bby \d+(?:\.\d+)?x\b", "", text)
    span = first_span(outside)
    after: float | None = span.low if span else 0 if is_immediate(text) else None
    if named and re.match(r"^(?:any|first|all)\b", text, re.IGNORECASE):
        after = None
    person = tidy(to).strip(" .*") if to else None
    return Escalation(
        to=person or None,
        after_minutes=after,
        severities=severities_in(text),
        when=_when(text, to),
        clock=_clock(text, after),
        line=line,
    )


def _when(text: str, to: str | None) -> str:
    return text if not to else re.sub(r"\s+", " ", text).strip()


def _clock(text: str, after: float | None) -> EscalationClock | None:
    if _ESTIMATE.search(text):
        return "estimate"
    if _UNANSWERED.search(text):
        return "unacknowledged"
    if after is not None and _UNAVAILABLE.search(text) and not _UNRESOLVED.search(text):
        return "unavailable"
    if _UNRESOLVED.search(text) or after:
        return "unresolved"
    return "unresolved" if after == 0 and first_span(text) is not None else None


def _without_chains(found: list[Escalation]) -> Iterator[Escalation]:
    """A chain that is spelled out elsewhere counts there."""
    spelled = {(one.to or "").lower() for one in found if not one.when.startswith("after ")}
    for one in found:
        if not (one.when.startswith("after ") and one.after_minutes is None and (one.to or "").lower() in spelled):
            yield one
