"""The document's scale of severities: table rows, sibling headings, or list items that name a level and explain it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from tocsin.core.runbook import Severity
from tocsin.reading.durations import first_span, response_minutes
from tocsin.reading.letters import unaccented
from tocsin.reading.nodes import Block, Line
from tocsin.reading.sections import Section, bold_lead
from tocsin.reading.severitywords import (
    ABOUT,
    CODE,
    FIELD,
    LEVEL_COLUMN,
    META,
    NOT_RESPONSE,
    RESPONSE,
    SHARED,
    SUBJECT,
    TIME_FIRST,
    TIMED,
    is_code,
    level_of,
    plain_lead,
    tags_something,
    time_column,
)
from tocsin.reading.vocabulary import tidy

_SIGNS = re.compile(r"\W")


def severities(root: Section) -> tuple[Severity, ...]:
    """The levels in the order of the document; empty where fewer than two are defined."""
    found = _defined(root)
    merged: dict[str, Severity] = {}
    for one in found:
        key = _key(one.name)
        before = merged.get(key)
        if before is None:
            merged[key] = one
        elif before.response_minutes is None and one.response_minutes is not None:
            merged[key] = replace(before, response_minutes=one.response_minutes)
    for section in root.walk():
        named = level_of(section.title, words=False)
        before = merged.get(_key(named[0])) if named else None
        if before is not None and before.response_minutes is None:
            key = _key(before.name)
            merged[key] = replace(before, response_minutes=_own_time(section))
    _fill_times(merged, _shared_cells(root))
    codes = [one for one in merged.values() if CODE.match(one.name)]
    return tuple(codes if len(codes) >= 2 else merged.values())


def _defined(root: Section) -> list[Severity]:
    """The levels that the document defines: by a table or under a heading about severities, else anywhere."""
    found: list[tuple[bool, Severity]] = []
    for section in root.walk():
        about = _about_something_else(section)
        told = _of_tables(section, strict=about)
        plain = bool(told) or section.meaning == "severity"
        if not told and not about:
            told = _of_headings(section) or _of_items(section) or _of_fences(section) or _of_paragraphs(section)
        if len({one.name.lower() for one in told}) >= 2:
            found += [(plain, one) for one in told]
    known = {_key(one.name) for plain, one in found if plain}
    return [one for plain, one in found if plain or len(known) < 2 or _key(one.name) in known]


def _key(name: str) -> str:
    """A level's name as it is compared: "SEV-1" is "sev1"."""
    return _SIGNS.sub("", name.lower())


def _fill_times(merged: dict[str, Severity], told: Iterator[tuple[str, float]]) -> None:
    """Response times that are told elsewhere go to the levels that have none."""
    if all(one.response_minutes is not None for one in merged.values()):
        return
    for name, minutes in told:
        key = _key(name)
        if key in merged and merged[key].response_minutes is None:
            merged[key] = replace(merged[key], response_minutes=minutes)


def _shared_cells(root: Section) -> Iterator[tuple[str, float]]:
    """The response times of cells that say one for several levels: "15 minutes (P0), 1 hour (P1)", "P0: 15 min"."""
    for section in root.walk():
        for block in section.blocks:
            head = [cell.plain for cell in block.children[0].lines] if block.kind == "table" and block.children else []
            time = time_column(head)
            cells = [row.lines[time].plain for row in block.children[1:] if time < len(row.lines)] if time else []
            for cell in cells:
                for found in SHARED.finditer(cell[:200]):
                    minutes = response_minutes(found.group("before") or found.group("after"))
                    if minutes is not None:
                        yield found.group("name") or found.group("first"), minutes


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


def _of_tables(section: Section, *, strict: bool) -> list[Severity]:
    """The rows of a table with a column of levels; ``strict``: only where another column says the response time."""
    if section.meaning in ("template", "thresholds"):
        return []
    for block in section.blocks:
        if block.kind != "table" or len(block.children) < 2:
            continue
        head = [cell.plain for cell in block.children[0].lines]
        time = time_column(head)
        level = next(
            (index for index, cell in enumerate(head) if LEVEL_COLUMN.search(unaccented(cell)) and index != time), None
        )
        if level is None and (time is not None or section.meaning == "severity"):
            level = _coded_column(block)
        if level is None:
            turned = [] if strict else _turned(block, head, section)
            if turned:
                return turned
            continue
        if (strict and time is None) or any(SUBJECT.match(unaccented(tidy(cell))) for cell in head[:level]):
            continue
        numbered = section.meaning == "severity"
        rows = [row for row in (_row(row, level, time, numbered=numbered) for row in block.children[1:]) if row]
        distinct = len({row.name.lower() for row in rows})
        if distinct >= 2 and len(rows) * 2 > len(block.children[1:]) and distinct * 4 > len(rows) * 3:
            return rows
    return []


def _coded_column(table: Block) -> int | None:
    """The first column, where each of its cells begins with a level's code, whatever its head says."""
    cells = [row.lines[0].plain for row in table.children[1:] if row.lines]
    return 0 if len(cells) >= 2 and all(map(is_code, cells)) else None


def _row(row: Block, level: int, time: int | None, *, numbered: bool) -> Severity | None:
    cells = [cell.plain for cell in row.lines]
    named = level_of(cells[level], numbered=numbered) if level < len(cells) else None
    if named is None:
        return None
    minutes = response_minutes(cells[time]) if time is not None and time < len(cells) else None
    told = [cell for index, cell in enumerate(cells) if index not in (level, time) and cell]
    return Severity(
        name=named[0], title=named[1], description=told[0] if told else "", response_minutes=minutes, line=row.line
    )


def _turned(table: Block, head: list[str], section: Section) -> list[Severity]:
    """A table whose columns are the levels; a row says what they mean, another the response times."""
    named = [level_of(cell, words=section.meaning == "severity") if cell else None for cell in head[1:]]
    if len({one[0].lower() for one in named if one}) < 2 or not all(named):
        return []
    rows = [[cell.plain for cell in row.lines] for row in table.children[1:]]
    timed = next((row for row in rows if row and time_column(row[:1]) is not None), None)
    if timed is None and section.meaning != "severity":
        return []
    means = next((row for row in rows if row is not timed and not all(map(_only_time, row[1:]))), [])
    return [
        Severity(
            name=one[0],
            title=one[1],
            description=means[index] if index < len(means) else "",
            response_minutes=response_minutes(timed[index]) if timed and index < len(timed) else None,
            line=table.line,
        )
        for index, one in enumerate(named, 1)
        if one
    ]


def _only_time(cell: str) -> bool:
    return not cell or (len(cell) < 20 and first_span(cell) is not None)


def _of_fences(section: Section) -> list[Severity]:
    """The lines "CRITICAL: all ovens cold" of a plain fence in a section about severities."""
    if section.meaning != "severity":
        return []
    found = []
    for block in section.blocks:
        fence = block.fence
        if fence is None or fence.language not in ("", "text", "txt"):
            continue
        for number, text in enumerate(fence.body, fence.first):
            label, rest = plain_lead(tidy(text))
            named = level_of(label) if label and rest else None
            if named:
                times = RESPONSE.search(unaccented(rest))
                minutes = response_minutes(times.group("time")) if times else None
                found.append(
                    Severity(name=named[0], title=named[1], description=rest, response_minutes=minutes, line=number)
                )
    return found


def _of_paragraphs(section: Section) -> list[Severity]:
    """The paragraphs "**Sev1** all ovens cold" and "Severity 1: all ovens cold" of a section about severities."""
    if section.meaning != "severity":
        return []
    found = []
    for line in (line for block in section.blocks if block.kind == "paragraph" for line in block.lines[:1]):
        label, rest = plain_lead(line.plain)
        if line.spans[0].strong:
            label, rest = line.spans[0].text, line.plain[len(line.spans[0].text) :].strip(" :：–—-")
        named = level_of(label, words=False) if label and is_code(label) else None
        if named:
            times = RESPONSE.search(unaccented(line.plain))
            minutes = response_minutes(times.group("time")) if times else _in_parentheses(label)
            found.append(
                Severity(name=named[0], title=named[1], description=rest, response_minutes=minutes, line=line.number)
            )
    return found if len({one.name.lower() for one in found}) >= 2 else []


def _of_headings(section: Section) -> list[Severity]:
    """Sibling headings that begin with a level."""
    found: list[Severity] = []
    for child in section.children:
        named = level_of(child.title, words=section.meaning == "severity" and not child.label)
        if named is None or META.fullmatch(tidy(child.title)) or (child.label and not (child.blocks or child.children)):
            continue
        if section.meaning != "severity" and tags_something(child.title):
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
    field = _field(child)
    minutes = response_minutes(field) if field else None
    minutes = minutes if field else _in_parentheses(child.title)
    for line in _texts(child) if field is None else ():
        found = RESPONSE.search(unaccented(line.plain))
        if found and minutes is None and not NOT_RESPONSE.search(unaccented(line.plain[: found.start()])):
            minutes = response_minutes(found.group("time"))
    first = next((line.plain for line in _texts(child) if not RESPONSE.match(unaccented(line.plain))), "")
    label, colon, rest = first.partition(":")
    description = rest.strip() if colon and len(label) < 25 else first
    return Severity(name=named[0], title=named[1], description=description, response_minutes=minutes, line=child.line)


def _in_parentheses(title: str) -> float | None:
    """The response time behind a level's name: "P1 – High (30 min)"."""
    found = re.search(r"[(（]([^()（）]*)[)）]\W*$", title)
    inside = found.group(1) if found else ""
    told = RESPONSE.search(unaccented(inside)) or re.search(r"\d+\s*(?:min|h)", inside)
    return response_minutes(inside) if told and not NOT_RESPONSE.search(unaccented(inside)) else None


def _field(section: Section) -> str | None:
    """What a line "Response time: …" within a section says; it counts more than any other time there."""
    for line in _texts(section):
        found = FIELD.match(unaccented(tidy(line.plain)))
        if found and found.group("time").strip():
            return found.group("time")
    return None


def _own_time(section: Section) -> float | None:
    """The response time that stands as a heading, label or line of its own within what is said about a level."""
    field = _field(section)
    if field is not None:
        return response_minutes(field)
    said = [child.title for child in section.headings()]
    said += [line.plain for line in _texts(section)]
    for text in said:
        found = RESPONSE.match(unaccented(tidy(text)))
        minutes = response_minutes(found.group("time")) if found else None
        if minutes is not None:
            return minutes
    return None


def _texts(section: Section) -> list[Line]:
    """The lines of a section in order; a label and what follows it are one line."""
    lines: list[Line] = []
    for part in section.walk():
        own = [line for block in part.blocks for line in _block_lines(block)]
        if part.label and part is not section and own:
            own[0] = replace(
                own[0], spans=(own[0].spans[0]._replace(text=f"{part.title}: ", code=False), *own[0].spans)
            )
        lines += own
    return lines


def _block_lines(block: Block) -> list[Line]:
    return [*block.lines, *(line for child in block.children for line in _block_lines(child))]


def _of_items(section: Section) -> list[Severity]:
    """List items "**P0 (Critical)**: all is down"; words alone only where the text is about severities."""
    if section.meaning not in ("severity", "overview", "impact", "actions", None):
        return []
    said = ""
    for block in section.blocks:
        if block.kind == "list":
            about = section.meaning == "severity" or (
                said.endswith((":", "：")) and bool(ABOUT.search(unaccented(said[-160:])))
            )
            timed = bool(TIMED.search(unaccented(said[-160:])))
            found = _of_list(block, f"{section.title} {said}", about=about) if about or timed or not said else []
            found = found or _of_list(block, section.title, about=about)
            if found:
                return found
        said = block.plain if block.kind == "paragraph" else ""
    return []


def _of_list(block: Block, title: str, *, about: bool) -> list[Severity]:
    found: list[Severity] = []
    for item in block.children:
        line = item.head.lines[0] if item.head else None
        if line is None or item.checked is not None:
            continue
        lead = bold_lead(line)
        label, rest = (lead[0], lead[1].plain) if lead else plain_lead(item.text)
        timed = _time_first(item, title)
        if timed is not None:
            found.append(timed)
            continue
        if not label and about and item.rest and len(item.text) < 30:
            label = item.text
        named = level_of(label, words=about) if label else None
        if named is not None and (rest or item.rest):
            one = _of_item(item, named, rest, title)
            found.append(
                one if one.response_minutes is not None else replace(one, response_minutes=_in_parentheses(label))
            )
        elif (
            named is None and not rest and (TIMED.search(unaccented(item.text)) or ABOUT.search(unaccented(item.text)))
        ):
            for child in item.rest:
                nested = _of_list(child, item.text, about=True) if child.kind == "list" else []
                if len(nested) >= 2:
                    return nested
    return found if len({one.name.lower() for one in found}) >= 2 else []


def _time_first(item: Block, title: str) -> Severity | None:
    """An item that says the time before the level: "15 minutes for P1"; only where the text is about response."""
    found = TIME_FIRST.match(unaccented(item.text)) if TIMED.search(unaccented(title)) else None
    named = level_of(item.text[found.start("level") :], words=False) if found else None
    if found is None or named is None:
        return None
    minutes = response_minutes(found.group("time"))
    return Severity(name=named[0], title="", description=named[1], response_minutes=minutes, line=item.line)


def _of_item(item: Block, named: tuple[str, str], rest: str, title: str) -> Severity:
    told = " ".join((rest, *(child.text for block in item.rest for child in block.children)))
    found = RESPONSE.search(unaccented(told))
    only_times = TIMED.search(unaccented(title))
    minutes = response_minutes(found.group("time")) if found else response_minutes(rest) if only_times else None
    return Severity(name=named[0], title=named[1], description=rest, response_minutes=minutes, line=item.line)
