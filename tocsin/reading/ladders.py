"""Escalations from tables: by the meaning of the columns, in cards of keys and values, and turned round."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from tocsin.core.runbook import Escalation
from tocsin.reading.nodes import Block
from tocsin.reading.parts import items, severities_in
from tocsin.reading.people import names_nobody, names_people, only_channels, only_level
from tocsin.reading.rungs import of_value
from tocsin.reading.sections import Section
from tocsin.reading.targets import bare_name, is_name, subject, targets
from tocsin.reading.vocabulary import meaning
from tocsin.reading.waits import entry, only_wait, waiting

_INTO = re.compile(
    r"^(?:escalat\w*(?: (?:to|path|contact|target|person|team|role|level|chain))?"
    r"|(?:who )?(?:to )?(?:notify|notified|page)|(?:page|call|notify|alert|wake) who(?:m)?|paged|called"
    r"|an wen|wen (?:informieren|anrufen|benachrichtigen)|à qui|qui (?:prévenir|appeler|contacter)"
    r"|a quién(?: (?:avisar|llamar|escalar))?"
    r"|a quem|quem (?:avisar|acionar|chamar|notificar)|(?:кому|кого|куди)(?: [^\W\d_]+)?|a chi|chi (?:avvisare"
    r"|chiamare)|升级给谁"
    r"|通知谁|联系谁|誰に\S*"
    r"|누구에게|보고처|повідом\w+|ескалація|escalazione"
    r"|notif(?:y|ication)s?(?: to)?|who is (?:notified|paged|called)|who to (?:call|contact|notify"
    r"|page)|escalad[ae]|escalamiento|escalonamento|escalação"
    r"|escalación|escalar (?:a|para|ao)|notificar(?: a)?|notificação|notificación|acionar|avisar(?: a)?"
    r"|eskalation(?:sstufe)?|eskalation an|benachrichtig\w*"
    r"|informier\w*|notifier|prévenir|升级[^时時条]{0,6}|通知(?:对象|人)?|上报|エスカレ[^時間]*"
    r"|通知先|連絡先|報告先|에스컬레이션|알림 대상|보고 대상"
    r"|эскалация|уведом\w+|кого .*)$",
    re.IGNORECASE,
)
_NAMES_ESCALATION = re.compile(
    r"escalat\w* (?:to|contact|target)|escalar a|eskalation an|升级(?:到|至|给|对象|目标)"
    r"|エスカレ\w*先",
    re.IGNORECASE,
)
_TOLD = re.compile(r"^(?:communication|kommunikation|comunica\w+|沟通|連絡|연락|коммуникац\w*)$", re.IGNORECASE)
_WHEN = re.compile(
    r"\bwhen\b|何时|何時|いつ|언제|trigger|condition|criteria"
    r"|escalat\w* (?:time|after|if|when|criteria)|^(?:time|timing"
    r"|timeframe|timeline|duration|elapsed|after"
    r"|wait|delay|time (?:elapsed|limit|window))\b|wann|bedingung|auslöser|zeit|dauer|nach\b|cuándo"
    r"|condici[óo]n|disparador|tiempo|plazo"
    r"|quando|condição|gatilho|tempo|prazo|quand|condition|délai|durée|déclench|时机|条件|时间|触发|タイミング"
    r"|時間|契機"
    r"|시점|조건|시간|когда|^через\b|^спустя\b|услови|время|срок|коли|умова|\bчас\b|dopo|\bminutes? (?:since|after"
    r"|from|elapsed)\b"
    r"|^\+?\s*min(?:utes?|uten|utos)?$",
    re.IGNORECASE,
)
_SERVICE_TIME = re.compile(
    (
        r"respon|\back|availab|resol|\bsla\b|update|hours$|antwort|reaktion|respuesta|resposta|réponse|响应"
        r"|応答|対応|응답|реакц|ответ"
    ),
    re.IGNORECASE,
)
_WHO = re.compile(
    r"contact|role|who|team|person|escalate to|notify|target|owner|name|responsib|wer|rolle|kontakt"
    r"|verantwortlich|zuständig|entity|organi[sz]ation|authority|agency|body|institution|stelle|behörde|entidad"
    r"|autoridad"
    r"|organismo|entidade|autoridade|órgão|entité|autorité|organisme|орган|ведомств|机构|单位|机关|機関|組織|기관|조직|rol\b"
    r"|quién|contacto"
    r"|responsable|função|papel|quem|contato|responsável|qui\b|rôle|联系人|角色|负责人|人员|对象|担当|役割"
    r"|責任者|담당|역할"
    r"|대상|кто|роль|ответственн|контакт|хто|відповідальн"
    r"|vendor|provider|supplier|proveedor|fornecedor|fournisseur|anbieter|dienstleister|lieferant|供应商|厂商|ベンダ"
    r"|업체|поставщик",
    re.IGNORECASE,
)
_ROLE = re.compile(
    r"role|who|team|level|rol\b|rolle|rôle|papel|função|角色|役割|역할|роль"
    r"|^(?:entity|organi[sz]ation|authority|agency|institution|stelle|behörde|organisation|entidad|autoridad|organismo"
    r"|entidade|autoridade|órgão|entité|autorité|organisme|организация|орган|ведомство|机构|单位|組織|機関|기관)$",
    re.IGNORECASE,
)
_KEYS = re.compile(
    r"(?:item|field|key|property|attribute|parameter|aspect|what|info(?:rmation)?|detail|topic|feld|eigenschaft|merkmal"
    r"|punkt|campo|elemento|propiedad|concepto|dato|champ|élément|propriété|atributo|поле|параметр|свойство|项目?|字段|属性"
    r"|項目|항목|속성)?",
    re.IGNORECASE,
)
_VALUES = re.compile(
    r"(?:value|details?|description|info(?:rmation)?|wert|angabe|beschreibung|valor|detalles?|descripción|detalhes?"
    r"|descrição|valeur|détails?|значение|описание|值|内容|说明|値|詳細|내용|값)?",
    re.IGNORECASE,
)
_CONTACT = re.compile(
    r"contacts?|contact (?:info(?:rmation)?|details?|person)|kontakte?|ansprechpartner(?:in)?|contactos?"
    r"|contatos?|контакты?"
    r"|联系方式|联系人|連絡先|연락처",
    re.IGNORECASE,
)
_ASKED = re.compile(  # "When", "When to call", "Wann"
    r"when\b|call (?:if|when|for)\b|wann\b|cuándo\b|quando\b|quand\b|когда\b|коли\b"
    r"|何时|何時|什么时候|いつ|언제|タイミング|시점",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"https?://|www\.|\S@\S|\+?\(?\d[\d ()/-]{1,}\d$")
_NOTICE = 1440  # a day and more in a directory: until when an authority must hear of it
_ACTION = re.compile(
    (
        r"^(?:immediate |required |first )?(?:actions?|response|what(?: to do| happens)?|do|steps?|procedure"
        r"|instructions?"
        r"|aktion|maßnahme\w*|vorgehen|was (?:ist )?(?:zu )?tun|acci[óo]n(?:es)?|qu[ée] hacer|ação|ações|o que fazer"
        r"|actions? à mener|que faire|conduite à tenir|操作|动作|行动|措施|处理(?:方式|措施)?|怎么做|対応(?:内容)?"
        r"|アクション"
        r"|やること|조치|대응|할 일|действи[ея]|что делать|ді[їя]|що робити|azion[ei]|cosa fare)$"
    ),
    re.IGNORECASE,
)
_CASE = re.compile(
    r"severity|priority|^level|tier|^sev\b|issue|incident|problem|category|domain|area|component"
    r"|service|system|scenario|situation|type|schwere"
    r"|stufe|störung|severidad|gravedad|nivel|prioridad|tipo|gravité|niveau|priorité|gravidade"
    r"|severidade|级别|等级|类型|问题|レベル|重大度|種別|등급|심각도|유형"
    r"|уровень|приоритет|тип",
    re.IGNORECASE,
)
_SEVERITY = re.compile(
    r"^(?:severity|priority|level|sev|p-level|schwere|stufe|severidad|gravedad|nivel|prioridad"
    r"|gravité|niveau|priorité|gravidade|severidade|nível|级别|等级|严重"
    r"|优先级|重大度|レベル|등급|심각도|уровень|приоритет|критичность)",
    re.IGNORECASE,
)
_SIGN = re.compile(r"^(?P<sign>[^\w\s|]{1,3})\s*(?P<words>\S.*)?$")
_HANDLES = re.compile(r"\b(?:respond\w*|handles?|leads?|owns?|first)\b|担当|対応|响应|处理", re.IGNORECASE)
_STANDS_BY = re.compile(
    r"^(?:available|on stand-?by|stand-?by|optional)\b|^(?:no|not)\b"
    r"|^[-–—✗✘❌×]+$",
    re.IGNORECASE,
)
_BARE_TIME = re.compile(r"^\W{0,2}\d{1,4}(?:\s*[-–]\s*\d{1,4})?\+?$")
_MINUTES = re.compile(r"\b(?:min(?:ute[ns]?|utos?|uti|s)?\b|минут|хвилин)|分|분", re.IGNORECASE)
_HOURS = re.compile(
    r"\b(?:hours?|hrs?|stunden?|horas?|heures?|ore|час(?:ов|ы|а)|годин)\b|小时|時間|시간", re.IGNORECASE
)
_ANY = re.compile(r"^(?:any|first|all)\b(?! \d)", re.IGNORECASE)  # "First response", "Any alert": no waiting time
_RANK = re.compile(
    r"^(?:(?:L|level|tier|step|stage)?\W*\d|first|second|third|fourth|fifth|1st|2nd|3rd|4th)\b", re.IGNORECASE
)


def of_table(table: Block, section: Section, *, about: bool) -> Iterator[Escalation]:
    """The escalations of a table; ``about``: it stands under a heading about escalation."""
    head = [cell.plain for cell in table.children[0].lines] if table.children else []
    if not any(head) or (len(head) == 2 and _KEYS.fullmatch(head[0]) and _VALUES.fullmatch(head[1])):
        yield from _of_cards(table)
        return
    rows = [(_with_units(head, [cell.plain for cell in row.lines]), row.line) for row in table.children[1:]]
    if _turned(head):
        yield from _of_turned(head, rows, about=about)
        return
    if about and _of_roles(head):
        yield from _of_matrix(head, rows, _legend(section))
        return
    columns = _Columns(head)
    for cells, line in rows:
        if len(cells) == len(head):
            yield from columns.row(cells, line, section, table, about=about)


class _Columns:
    """What the columns of a table hold: their indices, None for those that it hasn't got."""

    def __init__(self, head: list[str]) -> None:
        self.head = head
        escalated = [i for i, cell in enumerate(head) if _INTO.search(cell) and _NAMES_ESCALATION.match(cell)]
        self.into = escalated[0] if escalated else self._first(_INTO)
        self.also = [i for i, cell in enumerate(head) if i != self.into and _INTO.search(cell) and not _timed(cell)]
        self.told = self._first(_TOLD)
        self.when = self._first(_WHEN, self.into, without=_SERVICE_TIME)
        self.who = self._first(_WHO, self.into, self.when)
        self.role = self._first(_ROLE, self.into, self.when)
        self.action = self._first(_ACTION)
        self.case = self._first(_CASE, self.into, self.when, self.who, without=_SERVICE_TIME)
        self.severity = self._first(_SEVERITY, self.into)
        self.directory = (
            any(map(_CONTACT.fullmatch, head)) and self.when is not None and bool(_ASKED.match(head[self.when]))
        )
        self.timed = [i for i, cell in enumerate(head) if _timed(cell)]

    def _first(
        self, pattern: re.Pattern[str], *taken: int | None, without: re.Pattern[str] | None = None
    ) -> int | None:
        found = (
            i
            for i, cell in enumerate(self.head)
            if i not in taken and pattern.search(cell) and not (without and without.search(cell))
        )
        return next(found, None)

    def row(self, cells: list[str], line: int, section: Section, table: Block, *, about: bool) -> Iterator[Escalation]:
        """The entries of one row."""
        contact = about or section.meaning == "contacts" or self.directory
        levels = section.meaning == "severity" or self.severity is not None
        if self.timed and (about or levels):
            found = [one for i in self.timed for one in of_value(cells[i], line, above=self.head[i], before=cells[0])]
            yield from (one if one.severities else replace(one, severities=self._severities(cells)) for one in found)
        elif self.into is not None and (
            levels or about or self.when is not None or meaning(self.head[self.into]) == "escalation"
        ):
            yield from self._into(cells, line)
            yield from self._notified(cells, line) if levels else ()
        elif contact and self.when is not None and self.who is not None:
            named = self.role if self.role is not None and _names_somebody(table, self.role) else self.who
            if cells[named] and cells[self.when]:
                yield self._contact(cells, named, self.when, line)
        elif self.action is not None and (told := _told(cells[self.action], about=about)):
            time = cells[self.when] if about and self.when is not None else ""
            one = entry(told, cells[self.action], line, above=time)
            yield replace(one, severities=self._severities(cells), when=self._when(cells, cells[self.action]))
        elif (
            about
            and self.when is not None
            and self.who is None
            and self.action is None
            and waiting(cells[self.when]) is not None
        ):
            yield replace(
                entry(None, cells[self.when], line),
                severities=self._severities(cells),
                when=self._when(cells, cells[self.when]),
            )
        elif (
            about
            and self.who is not None
            and self.case is not None
            and not names_nobody(cells[self.who])
            and is_name(cells[self.who])
        ):
            yield replace(entry(cells[self.who], cells[self.case], line), severities=self._severities(cells))
        elif (
            levels
            and self.when is not None
            and meaning(self.head[self.when]) == "escalation"
            and waiting(cells[self.when]) is not None
        ):
            yield replace(
                entry(None, cells[self.when], line),
                severities=self._severities(cells),
                when=self._when(cells, cells[self.when]),
            )
        elif self.told is not None and levels:
            found = of_value(cells[self.told], line, before=cells[0])
            yield from (one for one in found[:1] if one.to and is_name(one.to.split("+")[0].strip()))

    def _contact(self, cells: list[str], named: int, when: int, line: int) -> Escalation:
        """A row of those who are called and when; where only the way to them stands there, the action names them."""
        if _ADDRESS.match(cells[named]):  # "112" is how to reach whom the row begins with
            named = next((i for i, cell in enumerate(cells) if i != when and cell and not _ADDRESS.match(cell)), named)
        one = entry(cells[named], cells[when], line)
        if _ANY.match(cells[when]) or ((one.after_minutes or 0) >= _NOTICE and not only_wait(cells[when])):
            one = replace(one, after_minutes=None, clock=None)
        if self.action is not None and only_channels(cells[named]):
            told = replace(one, to=_told(cells[self.action], about=True), severities=self._severities(cells))
            return replace(told, when=f"{cells[when]}: {cells[self.action]}")
        return one

    def _into(self, cells: list[str], line: int) -> Iterator[Escalation]:
        """A row of a table with a column that says to whom (or after how long)."""
        value = cells[self.into or 0]
        if self.role is not None and self.when is not None and _ADDRESS.match(value):
            yield self._contact(cells, self.role, self.when, line)  # "連絡先" may hold whom, or how
            return
        time = cells[self.when] if self.when is not None else ""
        before = next((cell for index, cell in enumerate(cells) if index != self.into and cell), "")
        action = cells[self.action] if self.action is not None else ""
        explicit = next((one.name for one in targets(action) if one.escalate and not only_level(one.name)), None)
        if explicit:
            yield replace(entry(explicit, time, line), severities=self._severities(cells), when=self._when(cells, time))
            return
        if only_wait(value) and self.who is not None and is_name(cells[self.who]):
            yield replace(
                entry(cells[self.who], value, line), severities=self._severities(cells), when=self._when(cells, value)
            )
            return
        for one in of_value(value, line, above=time, before=before):
            yield one if one.severities else replace(one, severities=self._severities(cells))

    def _notified(self, cells: list[str], line: int) -> Iterator[Escalation]:
        """Whom a severity's row names in further columns."""
        told = (one for i in self.also for one in of_value(cells[i], line, before=cells[0]) if one.to)
        yield from (one if one.severities else replace(one, severities=self._severities(cells)) for one in told)

    def _severities(self, cells: list[str]) -> tuple[str, ...]:
        return severities_in(cells[self.severity]) if self.severity is not None else severities_in(cells[0])

    def _when(self, cells: list[str], value: str) -> str:
        first = next((cell for cell in cells if cell), "")
        return value if first == value else f"{first}: {value}"


def _timed(head: str) -> bool:
    """Whether a column holds those who are drawn in after the time in its head: "Escalation (30 min)", "0-15 min"."""
    if waiting(head) is None or _SERVICE_TIME.search(head):
        return False
    return only_wait(head) or bool(_INTO.match(re.sub(r"\s*[(（][^()（）]*[)）]|\s*\d.*$", "", head).strip()))


def _told(cell: str, *, about: bool) -> str | None:
    """Whom a row's action draws in: with "escalate" or "page" anywhere, under an escalation heading with any verb."""
    for one in targets(cell):
        if one.escalate or about or re.match(r"(?i)page|wake", cell[one.start :]):
            return one.name
    return subject(cell) if about else None


def _names_somebody(table: Block, column: int) -> bool:
    """Whether a column names people; one of bare ranks ("L1", "First", "Tier 2") only counts the rows."""
    cells = [row.lines[column].plain for row in table.children[1:] if column < len(row.lines)]
    return any(names_people(cell) and not _RANK.match(cell) for cell in cells) or not all(map(_RANK.match, cells))


def _of_cards(table: Block) -> Iterator[Escalation]:
    """Key-value cards without a head: the row "Escalation | A (if …) → B (if …)"."""
    for row in table.children[1:]:
        cells = [cell.plain for cell in row.lines]
        if len(cells) > 1 and meaning(cells[0]) == "escalation":
            yield from of_value(cells[1], row.line)


def _of_roles(head: list[str]) -> bool:
    """Whether every column but the first is a role: ``| Incident | On-call | Lead | CTO |``."""
    return len(head) > 2 and all(
        is_name(cell) and not _WHO.fullmatch(cell) and not _INTO.match(cell) for cell in head[1:]
    )


def _legend(section: Section) -> dict[str, str]:
    """What the signs in a table's cells mean, from the list below it: "✅ Paged immediately"."""
    told: dict[str, str] = {}
    for part in section.walk():
        for item in items(part.blocks):
            found = _SIGN.match(item.text)
            if found:
                told.setdefault(found.group("sign"), found.group("words"))
    return told


def _of_matrix(head: list[str], rows: list[tuple[list[str], int]], legend: dict[str, str]) -> Iterator[Escalation]:
    """Who is drawn in for which incident; the first responder's own column is where the ladder begins."""
    for column in range(1, len(head)):
        cells = [row[column] for row, _ in rows if column < len(row)]
        if cells and all(_HANDLES.search(cell) for cell in cells):
            continue
        for row, line in rows:
            cell = row[column] if column < len(row) else ""
            plain = _SIGN.match(cell)
            words = plain.group("words") if plain else cell
            meant = next((meant for sign, meant in legend.items() if cell.startswith(sign)), "")
            if _STANDS_BY.search(words or meant) or names_nobody(words or meant) or not (words or meant):
                continue
            one = entry(head[column], f"{words} {meant}", line)
            severities = severities_in(row[0])
            yield replace(one, severities=severities, when=f"{row[0]}: {words or meant}")


def _with_units(head: list[str], cells: list[str]) -> list[str]:
    """A row's cells, bare numbers below "Minutes since the page" with that unit: "15" → "15 min"."""
    if not any(_BARE_TIME.match(cell) for cell in cells):
        return cells
    units = ["h" if _HOURS.search(cell) else "min" if _MINUTES.search(cell) else "" for cell in head]
    return [
        f"{cell} {unit}" if unit and _BARE_TIME.match(cell) else cell
        for cell, unit in zip(cells, [*units, *[""] * (len(cells) - len(units))], strict=False)
    ]


def _turned(head: list[str]) -> bool:
    """Whether the levels are the columns: ``| | P1 | P2 | P3 |``."""
    return len(head) > 2 and all(severities_in(cell) for cell in head[1:]) and not severities_in(head[0])


def _of_turned(head: list[str], rows: list[tuple[list[str], int]], *, about: bool) -> Iterator[Escalation]:
    """A table whose columns are the levels: rows "Notify" name people, rows that name people hold times."""
    for cells, line in rows:
        into = bool(_INTO.search(cells[0])) or meaning(cells[0]) == "escalation"
        if not into and not (about and is_name(cells[0])):
            continue
        for level, cell in zip(head[1:], cells[1:], strict=False):
            if into:
                yield from (replace(one, severities=severities_in(level)) for one in of_value(cell, line, before=level))
            elif waiting(cell) is not None and not names_nobody(cell):
                one = entry(bare_name(cells[0]), cell, line)
                yield replace(one, severities=severities_in(level), when=f"{level}: {cell}")
