"""The document's scale of severities: table rows, sibling headings, or list items that name a level and explain it."""

from __future__ import annotations

import re
from dataclasses import replace

from tocsin.core.runbook import Severity
from tocsin.reading.durations import response_minutes
from tocsin.reading.nodes import Block, Line
from tocsin.reading.parts import items
from tocsin.reading.sections import Section, bold_lead
from tocsin.reading.vocabulary import tidy

_CODE = re.compile(r"^\W*(?P<name>P[0-5]|SEV[ -]?\d|S[1-4]|Sev[ -]?\d|Severity \d|Priority \d)\b", re.IGNORECASE)
_INSIDE = re.compile(r"[(（]\s*(?P<name>P[0-5]|SEV[ -]?\d)\s*[)）]")
_WORD = re.compile(
    r"^\W*(?P<name>Critical|Major|High|Medium|Moderate|Minor|Low|Warning|Info(?:rmational)?|Emergency"
    r"|Kritisch|Hoch|Mittel|Niedrig|Crítico|Crítica|Alto|Alta|Médio|Média|Medio|Media|Baixo|Baixa|Bajo|Baja"
    r"|Critique|Élevée?|Moyenne?|Faible|严重|高|中|低|긴급|심각)\b",
    re.IGNORECASE,
)
_LEVEL_COLUMN = re.compile(
    r"^(?:severity|sev|level|priority|p-level|class|schweregrad|stufe|severidad|nivel|prioridad|gravidade"
    r"|severidade|nível|gravité|niveau|priorité|级别|等级|严重程度|优先级|심각도|등급|重大度|レベル|уровень"
    r"|критичность)",
    re.IGNORECASE,
)
_RESPONSE_COLUMN = re.compile(
    r"respon[sd]|acknowledg|\back\b|antwort|reaktion|respuesta|resposta|réponse|响应|응답|대응|対応|応答"
    r"|^tempo|^time$|реакц|отклик|^sla$",
    re.IGNORECASE,
)
_NOT_RESPONSE = re.compile(
    r"resol(?:ution|ve)|update|escalat|notify|fix|mttr|solution|team|owner|who|lösung", re.IGNORECASE
)
_RESPONSE = re.compile(
    r"(?:respon[sd]e?(?:\s+(?:time|within|sla))?|acknowledg\w*|resposta|respuesta|réponse|reaktionszeit"
    r"|antwortzeit|响应时间?)\s*[:：]?\s*(?P<time>[^;|)）]*)",
    re.IGNORECASE,
)
_META = re.compile(r"severity|priority", re.IGNORECASE)


def severities(root: Section) -> tuple[Severity, ...]:
    """The levels in the order of the document; empty where fewer than two are defined."""
    found: list[Severity] = []
    for section in root.walk():
        told = _of_tables(section) or _of_headings(section) or _of_items(section)
        if len(told) >= 2 and not _about_something_else(section):
            found += told
    merged: dict[str, Severity] = {}
    for one in found:
        key = re.sub(r"\W", "", one.name.lower())
        before = merged.get(key)
        if before is None:
            merged[key] = one
        elif before.response_minutes is None and one.response_minutes is not None:
            merged[key] = replace(before, response_minutes=one.response_minutes)
    codes = [one for one in merged.values() if _CODE.match(one.name)]
    return tuple(codes if len(codes) >= 2 else merged.values())


def _about_something_else(section: Section) -> bool:
    return section.meaning in (
        "escalation",
        "contacts",
        "template",
        "thresholds",
        "channels",
        "rotation",
        "communication",
        "metrics",
    )


def _named(text: str, *, words: bool = True) -> tuple[str, str] | None:
    """The level's name and the words beside it: ``"P0 (Critical)"`` → P0, Critical."""
    plain = tidy(text) or text.strip()
    found = _CODE.match(plain) or _INSIDE.search(plain) or (_WORD.match(plain) if words else None)
    if found is None:
        return None
    rest = plain[: found.start()] + plain[found.end() :]
    rest = re.sub(r"\([^)]*\d+\s*\w+[^)]*\)", "", rest).strip(" :-–—*/,")
    whole = re.fullmatch(r"[(（]([^()（）]*)[)）]", rest)
    return found.group("name").strip(), whole.group(1).strip() if whole else rest


def _of_tables(section: Section) -> list[Severity]:
    for block in section.blocks:
        if block.kind != "table" or len(block.children) < 3:
            continue
        head = [cell.plain for cell in block.children[0].lines]
        level = next((index for index, cell in enumerate(head) if _LEVEL_COLUMN.search(cell)), None)
        if level is None:
            continue
        rows = [row for row in (_row(row, head, level) for row in block.children[1:]) if row]
        if len(rows) >= 2 and len(rows) * 2 > len(block.children[1:]):
            return rows
    return []


def _row(row: Block, head: list[str], level: int) -> Severity | None:
    cells = [cell.plain for cell in row.lines]
    named = _named(cells[level]) if level < len(cells) else None
    if named is None:
        return None
    time = next(
        (index for index, cell in enumerate(head) if _RESPONSE_COLUMN.search(cell) and not _NOT_RESPONSE.search(cell)),
        None,
    )
    minutes = response_minutes(cells[time]) if time is not None and time < len(cells) else None
    told = [cell for index, cell in enumerate(cells) if index not in (level, time) and cell]
    return Severity(
        name=named[0], title=named[1], description=told[0] if told else "", response_minutes=minutes, line=row.line
    )


def _of_headings(section: Section) -> list[Severity]:
    """Sibling headings that begin with a level."""
    found: list[Severity] = []
    for child in section.children:
        named = _named(child.title, words=section.meaning == "severity" and not child.label)
        if (
            named is None
            or _META.fullmatch(tidy(child.title))
            or (child.label and not (child.blocks or child.children))
        ):
            continue
        if child.label and section.meaning not in ("severity", "overview", None):
            continue
        if (
            re.search(r"\balerts?$|runbooks?$|incidents?$", tidy(child.title), re.IGNORECASE)
            and section.meaning != "severity"
        ):
            continue
        found.append(_of_section(child, named))
    distinct = {one.name.lower() for one in found}
    return found if len(distinct) >= 2 else []


def _of_section(child: Section, named: tuple[str, str]) -> Severity:
    minutes = None
    inside = re.search(r"[(（]([^()（）]*)[)）]\s*$", child.title)
    if inside and (_RESPONSE.search(inside.group(1)) or re.search(r"\d+\s*(?:min|h)", inside.group(1))):
        minutes = response_minutes(inside.group(1))
    for line in _texts(child):
        found = _RESPONSE.search(line.plain)
        if found and minutes is None and not _NOT_RESPONSE.search(line.plain[: found.start()]):
            minutes = response_minutes(found.group("time"))
    first = next((line.plain for line in _texts(child) if not _RESPONSE.match(line.plain)), "")
    label, colon, rest = first.partition(":")
    description = rest.strip() if colon and len(label) < 25 else first
    return Severity(name=named[0], title=named[1], description=description, response_minutes=minutes, line=child.line)


def _texts(section: Section) -> list[Line]:
    """The lines of a section in order; a label and what follows it are one line."""
    lines: list[Line] = []
    for part in section.walk():
        own = [line for block in part.blocks for line in _block_lines(block)]
        if part.label and part is not section and own:
            own[0] = replace(
                own[0], spans=(replace(own[0].spans[0], text=f"{part.title}: ", code=False), *own[0].spans)
            )
        lines += own
    return lines


def _block_lines(block: Block) -> list[Line]:
    return [*block.lines, *(line for child in block.children for line in _block_lines(child))]


def _of_items(section: Section) -> list[Severity]:
    """List items "**P0 (Critical)**: all is down"; words alone only where the section is about severities."""
    if section.meaning not in ("severity", "overview", None):
        return []
    found: list[Severity] = []
    for item in items(section.blocks):
        line = item.head.lines[0] if item.head else None
        if line is None or item.checked is not None:
            continue
        lead = bold_lead(line)
        label, rest = (lead[0], lead[1].plain) if lead else _plain_lead(item.text)
        named = _named(label, words=section.meaning == "severity") if label else None
        if named is None or not (rest or item.rest):
            continue
        found.append(_of_item(item, named, rest, section))
    return found if len({one.name for one in found}) >= 2 else []


def _plain_lead(text: str) -> tuple[str, str]:
    found = re.match(r"^([^:：–—-]{1,40}(?:-\d)?[^:：–—-]{0,20})\s*(?:[:：]|\s[–—-]\s)\s*(.*)$", text)
    return (found.group(1), found.group(2)) if found else ("", text)


def _of_item(item: Block, named: tuple[str, str], rest: str, section: Section) -> Severity:
    told = " ".join((rest, *(child.text for block in item.rest for child in block.children)))
    found = _RESPONSE.search(told)
    only_times = re.search(r"respon|antwort|响应|réponse|resposta", section.title, re.IGNORECASE)
    minutes = response_minutes(found.group("time")) if found else response_minutes(rest) if only_times else None
    return Severity(name=named[0], title=named[1], description=rest, response_minutes=minutes, line=item.line)
