"""Who can be reached and how: contacts, and the channels for messages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from tocsin.core.runbook import Channel, Contact
from tocsin.reading.letters import hint
from tocsin.reading.nodes import Block, Line
from tocsin.reading.parts import severities_in
from tocsin.reading.placeholders import find_placeholders
from tocsin.reading.rotations import rotation
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
    ("email", r"e-?mail|\bmail\b|correo|courriel|邮箱|邮件|メール|이메일|почта"),
    (
        "phone",
        (
            r"phone|\btel\b|telefon|teléfono|téléphone|telefone|mobile|\bcell|celular|móvil|portable"
            r"|handy|sms|电话|手机|전화|휴대폰|電話|携帯|телефон"
        ),
    ),
    (
        "chat",
        r"slack|chat|teams|discord|handle|channel|canal|kanal|telegram|mattermost|微信|频道|チャット|채널|канал|чат",
    ),
    ("name", r"^(?:name|person|nombre|nome|nom\b|姓名|이름|성명|氏名|名前|имя|фио)"),
    ("contact", r"contact|reach|kontakt|contacto|contato|erreichbar|联系|연락|連絡|method|primary|контакт|связ"),
)
_NAMED = tuple((name, re.compile(pattern, re.IGNORECASE)) for name, pattern in _FIELDS)
_ROLE = re.compile(
    (
        r"\brole|position|function|rolle|funktion|\brol\b|cargo|puesto|papel|função|rôle|fonction|poste"
        r"|角色|职务|岗位|역할|직책|役割|担当|роль|должность"
    ),
    re.IGNORECASE,
)
_GROUP = re.compile(
    r"team|who|service|vendor|provider|supplier|title|level|type|department|area|equipo|equipe|équipe"
    r"|proveedor|fornecedor|fournisseur|dienst|bereich"
    r"|团队|部门|供应商|チーム|部署|팀|부서|команда|отдел|name|nombre|nome|\bnom\b|姓名|이름|氏名|имя",
    re.IGNORECASE,
)
_KINDS: tuple[tuple[str, str], ...] = (
    ("pager", r"pagerduty|opsgenie|pager"),
    ("chat", r"slack|teams|discord|chat|#[\w-]+|mattermost|telegram|canal|微信|钉钉|飞书|wechat"),
    ("email", r"e-?mail|\bmail\b|correo|courriel|邮件|メール|이메일|почта"),
    ("phone", r"phone|sms|\bcall\b|telef[oó]n|téléphone|电话|電話|전화|телефон"),
    ("status page", r"status ?page|statuspage"),
    ("dashboard", r"dashboard|grafana"),
    ("webhook", r"webhook"),
    ("video", r"zoom|meet\b|war ?room|bridge|conference"),
)
_HEADS = re.compile(
    r"\bcontacts?\b|\bwho to (?:call|contact|page)|emergency (?:phone )?numbers?|phone (?:list"
    r"|numbers|book)|kontakt|ansprechpartner|notfallnummern"
    r"|contactos?\b|contatos?\b|contatt[oi]\b|tel[ée]fonos?\b|telefones?\b|personnes à contacter"
    r"|numéros d['’]urgence|联系|通讯录|联络|연락처|연락망|連絡先|緊急連絡"
    r"|on-?call (?:list|team)|контакт|телефон",
    re.IGNORECASE,
)
_SAYS_CONTACTS = hint(_HEADS)
_PAIRED = re.compile(r"^([^:：]{1,50})[:：]\s*(.*)$")


def contacts(root: Section) -> tuple[Contact, ...]:
    """Every contact in the order of the document; one role twice stays twice, since each is a place to fill in."""
    found: list[Contact] = []
    for section in root.walk():
        above = section.trail[-1] if section.trail else ""
        if _about(section.title):
            found += _of_blocks(section)
        elif _about(above) and (section.label or _is_card(section)) and section.meaning != "template":
            one = _of_label(section)
            found += [one] if one else []
    return tuple(found)


@lru_cache(maxsize=1024)
def _about(title: str) -> bool:
    return _SAYS_CONTACTS(title) and not re.search(r"template|form\b", title, re.IGNORECASE)


def _is_card(section: Section) -> bool:
    """Whether a heading is a role, with what it takes to reach it below: "Name: …", "Phone: …"."""
    pairs = [_pair(line) for line in section.lines]
    return bool(pairs) and not section.children and all(label and _field(label) for label, value in pairs if value)


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
    details = [_pair(line) for line in section.lines]
    pairs = [(label or "contact", value) for label, value in details if value]
    role = tidy(section.title)
    return _contact(role, pairs, section.line) if pairs and len(role) < 60 else None


def _pair(line: Line) -> tuple[str, str]:
    lead = bold_lead(line)
    if lead:
        return lead[0], lead[1].plain
    found = _PAIRED.match(line.plain)
    return (found.group(1).strip(), found.group(2).strip()) if found else ("", line.plain)


def _of_table(table: Block) -> Iterator[Contact]:
    head = [cell.plain for cell in table.children[0].lines] if table.children else []
    role = next(
        (index for words in (_ROLE, _GROUP) for index, cell in enumerate(head) if words.search(cell)),
        None,
    )
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
    return next((name for name, pattern in _NAMED if pattern.search(label)), "")


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
    rooms = re.findall(r"(?<![\w&])#[\w-]+", text)
    if len(rooms) > 1:
        return [Channel(kind="chat", address=one, severities=severities_in(text), line=line) for one in rooms]
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


__all__ = ["channels", "contacts", "rotation"]
