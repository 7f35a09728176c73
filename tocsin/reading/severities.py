"""The document's scale of severities: table rows, sibling headings, or list items that name a level and explain it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from tocsin.core.runbook import Severity
from tocsin.reading.durations import response_minutes
from tocsin.reading.letters import compiled, unaccented
from tocsin.reading.nodes import Block, Line
from tocsin.reading.sections import Section, bold_lead
from tocsin.reading.vocabulary import tidy

_CODE = compiled(
    r"^\W*(?P<name>P[0-5](?:/[0-5])?|SEV[ -]?\d(?:/\d)?|S[0-5](?:/[0-5])?"
    r"|(?:Severity|Priority|Prioridad|Prioridade|Priorität|Priorité|Severidad"
    r"|Severidade|Sévérité|Gravité|Schweregrad|Приоритет) ?\d)(?!\w|[.,]\d)"
)
_TIME_FIRST = compiled(
    r"^\W*(?P<time>(?:within |under |innerhalb |dentro de |sous )?[<≤]?\s*\d[^:;.]{0,40}?|immediate\w*|at once"
    r"|sofort)\W+"
    r"(?:for|für|bei|on|in case of|para|pour|en|em|для|при)\s+(?:an? |all |any |alle |todos os |les? )?(?P<level>.*)$"
)
_INSIDE = re.compile(r"[(（]\s*(?P<name>P[0-5]|SEV[ -]?\d)\s*[)）]")
_WORD = compiled(
    r"^\W*(?P<name>Critical|Blocker|Severe|Major|High|Medium|Moderate|Normal|Minor|Low|Warning|Trivial"
    r"|Info(?:rmational)?|Emergency"
    r"|Kritisch|Schwerwiegend|Hoch|Mittel|Niedrig|Gering|Crítico|Crítica|Alto|Alta|Médio|Média|Medio|Media|Baixo"
    r"|Baixa|Bajo|Baja|Grave|Leve|Critique|Majeure?|Mineure?|Élevée?|Moyenne?|Faible|Haute?|Basse?"
    r"|Критическ\w+|Критичн\w+|Высок\w+|Средн\w+|Низк\w+|Срочн\w+)(?!\w)"
    r"|^\W*(?P<han>特别重大|重大|紧急|严重|较大|一般|轻微|高|中|低|緊急|軽微|긴급|치명적|심각|높음|중간|보통|낮음"
    r"|경미)(?!\w)"
)
_LEVEL_COLUMN = compiled(
    r"^(?:incident |alert )?(?:severity|severities|sev|levels?|priority|p-level|class|urgency|schweregrad|stufe"
    r"|priorität|severidad"
    r"|nivel|prioridad|prioridade|gravedad|gravidade|severidade|nível|gravité|sévérité|niveau|priorité|criticité"
    r"|级别|等级"
    r"|严重(?:程度|级别|性)|优先级|事件级别|심각도|등급|우선순위|중요도|레벨|重大度|深刻度|重要度|優先度|緊急度"
    r"|レベル|уровень|критичность|приоритет)"
)
_RESPONSE_COLUMN = compiled(
    r"respon[sd]|acknowledg|\back\b|antwort|reaktion|respuesta|resposta|réponse|réaction|prise en charge|atención"
    r"|响应|응답|대응"
    r"|対応|応答|初動|^tempo|^time$|^zeit$|^tiempo|^délai|^plazo|^prazo|реакц|реагир|отклик|ответ|^время|^sla$"
)
_NOT_RESPONSE = compiled(
    r"resol(?:ution|ve|uci|uç)|update|escalat|notify|\bfix|mttr|solution|team|owner|who|lösung|behebung|résolution"
    r"|解决|恢复|복구|해결|復旧|解決|решен|восстан|устран|responsib|responsable|who responds"
)
_RESPONSE = compiled(
    r"(?:respon(?:se|d)\b(?:\s+(?:time|within|sla|target))?|acknowledg\w*(?:\s+within)?|tempo de resposta|resposta"
    r"|tiempo de respuesta|respuesta|temps de réponse|réponse|prise en charge|reaktionszeit|antwortzeit|reaktion"
    r"|响应时间?|응답 ?시간|대응 ?시간|応答時間|対応時間|初動|время (?:реакции|реагирования|ответа|отклика)|реакция)"
    r"\s*[:：=]?(?!\s*>)\s*(?P<time>[^;|)）]*)"
)
_ABOUT = compiled(
    r"severit|priorit|urgen|schwere|dringlich|severidad|gravedad|prioridad|gravidade|gravité|sévérité|критичн"
    r"|приоритет|серьезн|级别|严重|优先|심각도|우선순위|등급|重大度|優先度|緊急度"
)
_TIMED = compiled(
    r"respon|reakti|antwort|respuesta|resposta|réponse|réaction|响应|응답|対応|応答|реагир|реакц"
    r"|отклик"
)
_SUBJECT = compiled(
    r"^(?:alerts?|alert name|scenarios?|incidents?|services?|issues?|errors?|metrics?|symptoms?|rules?|components?"
    r"|events?|systems?"
    r"|alarm|dienst|störung|alerta|servicio|serviço|incidente|alerte|告警|服务|故障|알림|서비스|アラート|サービス"
    r"|障害|алерт|сервис)(?: \w+)?$"
)
_SHARED = re.compile(
    r"(?P<before>[^,;/()（）]{2,30})[(（]\s*(?P<name>P[0-5]|SEV[ -]?\d)\s*[)）]"
    r"|\b(?P<first>P[0-5]|SEV[ -]?\d)\s*[:：=]\s*(?P<after>[^,;/()（）]{2,30})",
    re.IGNORECASE,
)
_META = compiled(r"severity|priority")
_SIGN = re.compile(r"[:：]|\s[–—-]\s")
_LEAD = re.compile(r"^([^:：–—-]{1,40}(?:-\d)?[^:：–—-]{0,20})\s*(?:[:：]|\s[–—-]\s)\s*(.*)$")


def severities(root: Section) -> tuple[Severity, ...]:
    """The levels in the order of the document; empty where fewer than two are defined."""
    found: list[Severity] = []
    for section in root.walk():
        about = _about_something_else(section)
        told = _of_tables(section, strict=about)
        if not told and not about:
            told = _of_headings(section) or _of_items(section) or _of_fences(section)
        if len({one.name.lower() for one in told}) >= 2:
            found += told
    merged: dict[str, Severity] = {}
    for one in found:
        key = re.sub(r"\W", "", one.name.lower())
        before = merged.get(key)
        if before is None:
            merged[key] = one
        elif before.response_minutes is None and one.response_minutes is not None:
            merged[key] = replace(before, response_minutes=one.response_minutes)
    for section in root.walk():
        named = _named(section.title, words=False)
        before = merged.get(re.sub(r"\W", "", named[0].lower())) if named else None
        if before is not None and before.response_minutes is None:
            key = re.sub(r"\W", "", before.name.lower())
            merged[key] = replace(before, response_minutes=_own_time(section))
    _fill_times(merged, _shared_cells(root))
    codes = [one for one in merged.values() if _CODE.match(one.name)]
    return tuple(codes if len(codes) >= 2 else merged.values())


def _fill_times(merged: dict[str, Severity], told: Iterator[tuple[str, float]]) -> None:
    """Response times that are told elsewhere go to the levels that have none."""
    if all(one.response_minutes is not None for one in merged.values()):
        return
    for name, minutes in told:
        key = re.sub(r"\W", "", name.lower())
        if key in merged and merged[key].response_minutes is None:
            merged[key] = replace(merged[key], response_minutes=minutes)


def _shared_cells(root: Section) -> Iterator[tuple[str, float]]:
    """The response times of cells that say one for several levels: "15 minutes (P0), 1 hour (P1)", "P0: 15 min"."""
    for section in root.walk():
        for block in section.blocks:
            head = [cell.plain for cell in block.children[0].lines] if block.kind == "table" and block.children else []
            time = _time_column(head)
            cells = [row.lines[time].plain for row in block.children[1:] if time < len(row.lines)] if time else []
            for cell in cells:
                for found in _SHARED.finditer(cell[:200]):
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


def _named(text: str, *, words: bool = True) -> tuple[str, str] | None:
    """The level's name and the words beside it: ``"P0 (Critical)"`` → P0, Critical."""
    plain = tidy(text) or text.strip()
    bare = unaccented(plain)
    found = _CODE.match(bare) or _INSIDE.search(bare) or (_WORD.match(bare) if words else None)
    if found is None:
        return None
    group = next(name for name, text in found.groupdict().items() if text)
    name = plain[found.start(group) : found.end(group)]
    rest = plain[: found.start()] + plain[found.end() :]
    rest = re.sub(r"\([^)]*\d+\s*\w+[^)]*\)", "", rest).strip(" :-–—*/,")
    whole = re.fullmatch(r"[(（]([^()（）]*)[)）]", rest)
    return name.strip(), whole.group(1).strip() if whole else rest


def _of_tables(section: Section, *, strict: bool) -> list[Severity]:
    """The rows of a table with a column of levels; ``strict``: only where another column says the response time."""
    if section.meaning in ("template", "thresholds"):
        return []
    for block in section.blocks:
        if block.kind != "table" or len(block.children) < 2:
            continue
        head = [cell.plain for cell in block.children[0].lines]
        time = _time_column(head)
        level = next(
            (index for index, cell in enumerate(head) if _LEVEL_COLUMN.search(unaccented(cell)) and index != time), None
        )
        if level is None:
            turned = [] if strict else _turned(block, head, section)
            if turned:
                return turned
            continue
        if (strict and time is None) or any(_SUBJECT.match(unaccented(tidy(cell))) for cell in head[:level]):
            continue
        rows = [row for row in (_row(row, level, time) for row in block.children[1:]) if row]
        distinct = len({row.name.lower() for row in rows})
        if distinct >= 2 and len(rows) * 2 > len(block.children[1:]) and distinct * 4 > len(rows) * 3:
            return rows
    return []


def _time_column(head: list[str]) -> int | None:
    return next(
        (
            index
            for index, cell in enumerate(head)
            if _RESPONSE_COLUMN.search(unaccented(cell)) and not _NOT_RESPONSE.search(unaccented(cell))
        ),
        None,
    )


def _row(row: Block, level: int, time: int | None) -> Severity | None:
    cells = [cell.plain for cell in row.lines]
    named = _named(cells[level]) if level < len(cells) else None
    if named is None:
        return None
    minutes = response_minutes(cells[time]) if time is not None and time < len(cells) else None
    told = [cell for index, cell in enumerate(cells) if index not in (level, time) and cell]
    return Severity(
        name=named[0], title=named[1], description=told[0] if told else "", response_minutes=minutes, line=row.line
    )


def _turned(table: Block, head: list[str], section: Section) -> list[Severity]:
    """A table whose columns are the levels; a row says what they mean, another the response times."""
    named = [_named(cell, words=section.meaning == "severity") if cell else None for cell in head[1:]]
    if len({one[0].lower() for one in named if one}) < 2 or not all(named):
        return []
    rows = [[cell.plain for cell in row.lines] for row in table.children[1:]]
    timed = next((row for row in rows if row and _time_column(row[:1]) is not None), None)
    if timed is None and section.meaning != "severity":
        return []
    means = next((row for row in rows if row is not timed), [])
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
            label, rest = _plain_lead(tidy(text))
            named = _named(label) if label and rest else None
            if named:
                times = _RESPONSE.search(unaccented(rest))
                minutes = response_minutes(times.group("time")) if times else None
                found.append(
                    Severity(name=named[0], title=named[1], description=rest, response_minutes=minutes, line=number)
                )
    return found


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
    if inside and (_RESPONSE.search(unaccented(inside.group(1))) or re.search(r"\d+\s*(?:min|h)", inside.group(1))):
        minutes = response_minutes(inside.group(1))
    for line in _texts(child):
        found = _RESPONSE.search(unaccented(line.plain))
        if found and minutes is None and not _NOT_RESPONSE.search(unaccented(line.plain[: found.start()])):
            minutes = response_minutes(found.group("time"))
    first = next((line.plain for line in _texts(child) if not _RESPONSE.match(unaccented(line.plain))), "")
    label, colon, rest = first.partition(":")
    description = rest.strip() if colon and len(label) < 25 else first
    return Severity(name=named[0], title=named[1], description=description, response_minutes=minutes, line=child.line)


def _own_time(section: Section) -> float | None:
    """The response time that stands as a heading, label or line of its own within what is said about a level."""
    said = [child.title for child in section.headings()]
    said += [line.plain for line in _texts(section)]
    for text in said:
        found = _RESPONSE.match(unaccented(tidy(text)))
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
                said.endswith((":", "：")) and bool(_ABOUT.search(unaccented(said[-160:])))
            )
            timed = bool(_TIMED.search(unaccented(said[-160:])))
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
        label, rest = (lead[0], lead[1].plain) if lead else _plain_lead(item.text)
        timed = _time_first(item, title)
        if timed is not None:
            found.append(timed)
            continue
        if not label and about and item.rest and len(item.text) < 30:
            label = item.text
        named = _named(label, words=about) if label else None
        if named is not None and (rest or item.rest):
            found.append(_of_item(item, named, rest, title))
        elif (
            named is None
            and not rest
            and (_TIMED.search(unaccented(item.text)) or _ABOUT.search(unaccented(item.text)))
        ):
            for child in item.rest:
                nested = _of_list(child, item.text, about=True) if child.kind == "list" else []
                if len(nested) >= 2:
                    return nested
    return found if len({one.name.lower() for one in found}) >= 2 else []


def _time_first(item: Block, title: str) -> Severity | None:
    """An item that says the time before the level: "15 minutes for P1"; only where the text is about response."""
    found = _TIME_FIRST.match(unaccented(item.text)) if _TIMED.search(unaccented(title)) else None
    named = _named(item.text[found.start("level") :], words=False) if found else None
    if found is None or named is None:
        return None
    minutes = response_minutes(found.group("time"))
    return Severity(name=named[0], title="", description=named[1], response_minutes=minutes, line=item.line)


def _plain_lead(text: str) -> tuple[str, str]:
    found = _LEAD.match(text) if _SIGN.search(text) else None
    return (found.group(1), found.group(2)) if found else ("", text)


def _of_item(item: Block, named: tuple[str, str], rest: str, title: str) -> Severity:
    told = " ".join((rest, *(child.text for block in item.rest for child in block.children)))
    found = _RESPONSE.search(unaccented(told))
    only_times = _TIMED.search(unaccented(title))
    minutes = response_minutes(found.group("time")) if found else response_minutes(rest) if only_times else None
    return Severity(name=named[0], title=named[1], description=rest, response_minutes=minutes, line=item.line)
