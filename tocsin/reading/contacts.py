"""Who can be reached and how: contacts, the on-call rotation, the channels."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tocsin.core.runbook import Channel, Contact, Coverage, Rotation
from tocsin.reading.nodes import Block, Line
from tocsin.reading.parts import lines_of, severities_in
from tocsin.reading.placeholders import find_placeholders
from tocsin.reading.sections import Section, bold_lead
from tocsin.reading.vocabulary import tidy

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_CHAT = re.compile(r"(?<![\w.])[@#][\w][\w.-]*")
_PHONE = re.compile(r"(?<![\w-])\+?\(?\d[\d ()x./-]{6,}\d(?![\w-])|\b\d{3}-[\dxX]{3,4}-[xX\d]{4}\b")
_EMPTY = re.compile(
    r"^(?:tbd|tba|todo|n/a|none|xxx+|\?+|_+|[-–—]+|\.\.\.|…|to be (?:defined|determined|added|filled\w*))$",
    re.IGNORECASE,
)
_FIELDS: tuple[tuple[str, str], ...] = (
    ("email", r"e-?mail|correo|courriel|邮箱|メール"),
    ("phone", r"phone|\btel\b|telefon|teléfono|téléphone|mobile|cell|sms|电话|전화|電話"),
    ("chat", r"slack|chat|teams|discord|handle|channel|telegram|mattermost"),
    ("name", r"^(?:name|person|nombre|nome|nom|姓名|이름|氏名)"),
    ("contact", r"contact|reach|kontakt|contacto|contato|联系|연락|連絡|method|primary"),
)
_ROLE = re.compile(
    r"role|team|who|position|service|rolle|rol\b|papel|função|rôle|角色|역할|役割|name|title|level|type|department",
    re.IGNORECASE,
)
_KINDS: tuple[tuple[str, str], ...] = (
    ("pager", r"pagerduty|opsgenie|pager"),
    ("chat", r"slack|teams|discord|chat|#[\w-]+|mattermost|telegram|canal"),
    ("email", r"e-?mail|\bmail\b|correo"),
    ("phone", r"phone|sms|\bcall\b|telefon"),
    ("status page", r"status ?page|statuspage"),
    ("dashboard", r"dashboard|grafana"),
    ("webhook", r"webhook"),
    ("video", r"zoom|meet\b|war ?room|bridge|conference"),
)
_EVERY: tuple[tuple[str, str], ...] = (
    ("two weeks", r"bi-?weekly|fortnight|every two weeks|2[- ]weeks?"),
    ("day", r"\bdaily\b|täglich|diari[ao]|每天"),
    ("week", r"\bweekly\b|every week|wöchentlich|semanal|hebdo|每周|\b1[- ]week\b|주간|週次|per week"),
    ("month", r"\bmonthly\b|every month|monatlich|mensual|mensal|mensuel|每月"),
    ("quarter", r"\bquarterly\b|every quarter|quartal|trimest"),
    ("year", r"\b(?:yearly|annual(?:ly)?)\b|every year|jährlich|anual"),
)
_COVERAGE = re.compile(
    r"(?P<hours>24\s?[/x]\s?7|(?:extended )?business hours|working hours|office hours|weekdays?"
    r"|best effort)\s*(?:for|:|\()\s*(?P<who>[^,;.)]*)",
    re.IGNORECASE,
)


def contacts(root: Section) -> tuple[Contact, ...]:
    """Every contact in the order of the document; one role twice stays twice, since each is a place to fill in."""
    found: list[Contact] = []
    for section in root.walk():
        above = section.trail[-1] if section.trail else ""
        if _about(section.title):
            found += _of_blocks(section)
        elif section.label and _about(above) and section.meaning != "template":
            one = _of_label(section)
            found += [one] if one else []
    return tuple(found)


def _about(title: str) -> bool:
    return bool(
        re.search(
            r"\bcontacts?\b|kontakt|contacto|contato|联系|연락처|連絡先|on-?call (?:list|team)|контакт",
            title,
            re.IGNORECASE,
        )
    ) and not re.search(r"template|form\b", title, re.IGNORECASE)


def _of_blocks(section: Section) -> Iterator[Contact]:
    for block in section.blocks:
        if block.kind == "table":
            yield from _of_table(block)
        elif block.kind == "list":
            for item in block.children:
                one = _of_item(item)
                if one:
                    yield one


def _of_item(item: Block) -> Contact | None:
    line = item.head.lines[0] if item.head else None
    if line is None or item.checked is not None:
        return None
    role, value = _pair(line)
    details = [_pair(child.head.lines[0]) for block in item.rest for child in block.children if child.head]
    if not role or (not value and not details):
        return None
    return _contact(role, [("contact", value), *details], item.line)


def _of_label(section: Section) -> Contact | None:
    details = [_pair(line) for line in lines_of(section.blocks)]
    pairs = [(label or "contact", value) for label, value in details if value]
    role = tidy(section.title)
    return _contact(role, pairs, section.line) if pairs and len(role) < 60 else None


def _pair(line: Line) -> tuple[str, str]:
    lead = bold_lead(line)
    if lead:
        return lead[0], lead[1].plain
    found = re.match(r"^([^:：]{1,50})[:：]\s*(.*)$", line.plain)
    return (found.group(1).strip(), found.group(2).strip()) if found else ("", line.plain)


def _of_table(table: Block) -> Iterator[Contact]:
    head = [cell.plain for cell in table.children[0].lines] if table.children else []
    role = next((index for index, cell in enumerate(head) if _ROLE.search(cell)), None)
    fields = [(index, _field(cell)) for index, cell in enumerate(head) if index != role]
    known = [(index, name) for index, name in fields if name]
    if re.match(r"^level|^tier|^l\d", head[role] if role is not None else "", re.IGNORECASE) and known:
        role = known[0][0]
        known = known[1:]
    if role is None or (not known and not re.search(r"when|escalat", " ".join(head), re.IGNORECASE)):
        return
    for row in table.children[1:]:
        cells = [cell.plain for cell in row.lines]
        if role < len(cells) and cells[role]:
            yield _contact(
                tidy(cells[role]), [(name, cells[index]) for index, name in known if index < len(cells)], row.line
            )


def _field(label: str) -> str:
    return next((name for name, pattern in _FIELDS if re.search(pattern, label, re.IGNORECASE)), "")


def _contact(role: str, pairs: list[tuple[str, str]], line: int) -> Contact:
    told: dict[str, str] = {}
    unfilled: list[str] = []
    for label, value in pairs:
        name = _field(label) or "contact"
        text = value[:300].strip(" `")
        gaps = find_placeholders(text)
        if not text:
            continue
        if (
            _EMPTY.match(text)
            or re.fullmatch(r"[+\d() -]*[xX]{3,}[xX\d() -]*", text)
            or (gaps and not re.sub("|".join(map(re.escape, gaps)), "", text).strip(" ,/-@#"))
        ):
            unfilled.append(name)
            continue
        for kind, pattern in (("email", _EMAIL), ("chat", _CHAT), ("phone", _PHONE)):
            found = pattern.search(text)
            if found and (name in (kind, "contact") or kind == "email"):
                told.setdefault(kind, found.group())
        if name in ("name", "phone", "chat", "email"):
            told.setdefault(name, text)
        elif not told:
            told["name"] = text
    return Contact(
        role=tidy(role),
        name=told.get("name"),
        chat=told.get("chat"),
        email=told.get("email"),
        phone=told.get("phone"),
        unfilled=tuple(unfilled),
        line=line,
    )


def rotation(root: Section) -> Rotation | None:
    """How the duty changes hands, and when which severities are covered."""
    for section in root.walk():
        if section.meaning != "rotation":
            continue
        lines = [line.plain for part in section.walk() for line in lines_of(part.blocks)]
        text = " ".join(lines)
        every = every_in(text)
        coverage = tuple(
            Coverage(severities=severities_in(found.group("who")), hours=found.group("hours"))
            for found in _COVERAGE.finditer(text)
        )
        if every or coverage:
            return Rotation(every=every or "", coverage=coverage, line=section.line)
    return None


def every_in(text: str) -> str | None:
    """``"Weekly rotation"`` → week."""
    return next((name for name, pattern in _EVERY if re.search(pattern, text, re.IGNORECASE)), None)


def channels(root: Section) -> tuple[Channel, ...]:
    """Where messages go, with the severities that each channel is for."""
    found: list[Channel] = []
    for section in root.walk():
        if section.meaning != "channels":
            continue
        for block in section.blocks:
            for item in block.children if block.kind == "list" else ():
                found += _channel(item.text, item.line)
            for row in block.children[1:] if block.kind == "table" else ():
                found += _channel(": ".join(cell.plain for cell in row.lines), row.line)
    return tuple(found)


def _channel(text: str, line: int) -> list[Channel]:
    kind = next((name for name, pattern in _KINDS if re.search(pattern, text, re.IGNORECASE)), None)
    if kind is None:
        return []
    room = re.search(r"#[\w-]+", text) or _EMAIL.search(text)
    value = text.split(":", 1)[1].strip() if ":" in text else text
    named = next(
        (
            part
            for part in (value, text)
            if re.search(next(pattern for name, pattern in _KINDS if name == kind), part, re.IGNORECASE)
        ),
        text,
    )
    address = room.group() if room else re.split(r"\s+(?:for|when|if|–|—|-)\s|[:(]", named)[0].strip()
    return [Channel(kind=kind, address=address, severities=severities_in(text), line=line)]
