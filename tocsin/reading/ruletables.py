"""Alert rules from tables: a column for each level, a threshold or condition column, or a column of burn rates."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import pairwise

from tocsin.core.runbook import Rule
from tocsin.reading.comparators import unit
from tocsin.reading.durations import first_span
from tocsin.reading.letters import fold
from tocsin.reading.nodes import Block
from tocsin.reading.rulelines import rule
from tocsin.reading.thresholds import Found, at_least, comparisons, generic
from tocsin.reading.windows import window_after

_LEVEL = re.compile(
    r"^(?:yellow|red|amber|orange|warn(?:ing|ung)?s?|critical|alerts?(?: (?:if|when|at|on))?|p\d|sev\W?\d"
    r"|thresholds?|high|conditions?"
    r"|triggers?|alarm"
    r"|expr(?:ession)?s?|rules?|(?:it )?(?:fires?|triggers?|pages?) (?:when|if|on|at)|when(?: it)? fires|ausdruck"
    r"|expresión"
    r"|expressão|(?:se )?dispara (?:si|se|cuando|quando)|se déclenche (?:si|quand)|löst aus|срабатывает|発報条件"
    r"|发生条件"
    r"|表达式|规则|式$|ルール"
    r"|schwell\w*|warnung|kritisch|bedingung(?:en)?|umbral(?:es)?|advertencia"
    r"|cr[íi]tico|condici[óo]n(?:es)?|alertas?|limiar(?:es)?|limites?|aviso|condiç(?:ão|ões)|seuils?"
    r"|avertissement|critique"
    r"|阈值|警告|严重|告警|条件|閾値|しきい値|重大|임계\w*|경고|위험|조건"
    r"|порог|предупреждение|критич\w*|условие)(?![^\W_])",
    re.IGNORECASE,
)
_NAMED_LEVEL = re.compile(
    r"yellow|red\b|amber|orange|warn|crit|kriti|cr[íi]ti|avert|adverten|p\d|sev|high|aviso|警告|严重|重大|경고"
    r"|위험|предупр|критич",
    re.IGNORECASE,
)
_METRIC = re.compile(
    (
        r"metric|signal|indicator|alert|check|kennzahl|metrik|métrica|indicad|indicat|métrique|指标|指標|メトリ"
        r"|지표|метрик|показател|name|service|component|resource"
    ),
    re.IGNORECASE,
)
_SEVERITY = re.compile(
    (
        r"^(?:severity|priority|level|schwere|severidad|severidade|gravit|gravidade|gravedad|critici|kritikal"
        r"|dringlich|urgenc|importance|wichtigkeit|priorit|prioridad|级别|严重程度|等级"
        r"|重大度|レベル|심각도|등급|приоритет|уровень|критичн)"
    ),
    re.IGNORECASE,
)
_WINDOW = re.compile(
    (
        r"^(?:for|duration|window|period|evaluation(?: (?:window|period))?|time window|dauer|zeitfenster"
        r"|duración|ventana|duração|janela|durée|fenêtre|持续时间|时间窗口|時間|期間|시간|기간|период|длительность)"
    ),
    re.IGNORECASE,
)
_ALERT_IF = re.compile(
    r"\b(?:alert|page|alarm\w*|alertar?|alerte[rz]?|avisar)\s+(?:if|when|on|wenn|bei|si|cuando|se|quando"
    r"|quand)\b(?P<condition>[^.;]{1,200})"
    r"|\balerts?\s*(?P<bare>[<>≥≤][^.;]{1,100})",
    re.IGNORECASE,
)
_ALERTS = re.compile(
    r"\bred\b|warn|crit|alert|threshold|schwell|umbral|limiar|seuil|alarm|阈值|告警|警告|閾値|しきい値|アラート|임계"
    r"|경고|порог|предупр|критич",
    re.IGNORECASE,
)
_SHOWN = re.compile(  # a column of what is seen when something is wrong
    r"^(?:(?:common |observed |typical )?symptoms?|(?:alert |warning )?signals?|(?:warning |early )?signs?"
    r"|alerts?(?: name)?"
    r"|alarms?|triggers?|(?:what )?you(?:'ll)? see|what (?:you see|happens|fires)|(?:it )?(?:fires|triggers|alerts"
    r"|pages) (?:when|if|on)"
    r"|detection|observation|symptome?|anzeichen|auslöser|alarm|löst aus|sieht man|síntomas?|señal(?:es)?|alertas?"
    r"|disparador"
    r"|se dispara (?:si|cuando)|sintomas?|sina(?:l|is)|gatilhos?|dispara (?:quando|se)|quando dispara|symptômes?"
    r"|signes?|alertes?"
    r"|déclencheurs?|se déclenche (?:si|quand)|symptom[ae]|symptomen|triệu chứng|objawy?|belirti\w*|симптомы?"
    r"|признаки?|сигналы?|алерты?|триггеры?|срабатывает"
    r"|症状|现象|告警|报警|信号|触发(?:条件)?|現象|兆候|アラート|事象|トリガー|発報条件|증상|현상|알림|경보|징후"
    r"|트리거)(?![^\W_])",
    re.IGNORECASE,
)
_FIRES = re.compile(
    r"\W*(?:(?:alert )?(?:trigger|condition|threshold|expression|fires? (?:when|if|on)|firing condition)s?|auslöser"
    r"|bedingung"
    r"|schwell\w*|disparador|condici[óo]n|umbral|gatilho|condição|limiar|déclencheur|condition|seuil"
    r"|условие(?: срабатывания)?"
    r"|порог|триггер|触发条件|阈值|条件|発報条件|発生条件|閾値|조건|임계값|발생 조건)\W*$",
    re.IGNORECASE,
)
_LONGEST_CARD = 12
_MOST_FIRES = 2
_NOT_SHOWN = re.compile(  # tables of whom to call, of levels, of what to undo or to scale
    r"escal|notif|contact|\bwho\b|whom|\bpage to|call|roll.?back|scal(?:e|ing)|eskal|wen\b|kontakt|quem|quién|qui\b"
    r"|acionar"
    r"|avisar a|升级|通知|联系|负责人|エスカ|連絡|에스컬|연락|эскал|кому|target|objective|\bslo\b|\bgoal|ziel\b"
    r"|objetivo|meta\b"
    r"|response time|resolution",
    re.IGNORECASE,
)
_RATE = re.compile(r"^(?:burn[- ]?rate|rate|value|level|factor|multiple)$", re.IGNORECASE)
_BEHIND = re.compile(r"\d\s*[^\s=:(,;]{0,6}\s*(?:=|:|\(|→|->)\s*(warn(?:ing)?|critical)\b", re.IGNORECASE)
_EXACT = re.compile(r"\s*(?P<value>\d{1,9}(?:\.\d{1,9})?)\s*=\s*(?:warn(?:ing)?|critical)\s*", re.IGNORECASE)
_DURATION = re.compile(r"s|sec|seconds|min|minutes|h", re.IGNORECASE)
_STATE = re.compile(  # what is or isn't, and is no number
    r"\b(?:failures?|down|crash(?:es|ed)?|outages?|offline|unreachable|unavailable|unresponsive|loss|lost"
    r"|disconnect(?:ed|s)?"
    r"|stopped|missing|absent|dead|not (?:responding|ready|reachable))$|ausfall$|ausgefallen$|\b(?:caida|fallo"
    r"|falla|perdida"
    r"|falha|queda|perda|panne|perte|отказ|сбой|потеря|падение)\b"
    r"|(?:故障|宕机|中断|障害|停止|장애|중단|다운)$"
)
_BARE = re.compile(
    r"\s*(?P<value>\d+(?:[.,]\d+)?)\s*(?P<unit>%|％|ms|s|sec|seconds|min|minutes|h|[kMGT]i?B|x"
    r"|×)?\s*(?P<plus>\+)?\s*"
    r"(?P<lasting>(?:for|over|in|within|during)\s+(?:\d{1,4}|an?|one)\s*-?\s*[a-z]{1,10}\s*)?",
    re.IGNORECASE,
)


def of_table(table: Block, *, about: bool) -> list[Rule]:
    """The rules of a table; ``about``: it stands under a heading about alerts."""
    head = [cell.plain for cell in table.children[0].lines] if table.children else []
    rows = [([cell.plain for cell in row.lines], row.line) for row in table.children[1:]]
    rows = [(cells, line) for cells, line in rows if len(cells) >= len(head)]
    columns = _Columns.of(head, rows)
    if not columns.levels and about and columns.severity is not None:
        rates = [i for i, cell in enumerate(head) if _RATE.match(cell)]
        if rates:
            return [one for cells, line in rows for i in rates for one in columns.cell(cells, i, head[i], line)]
    if not columns.levels or (not about and not _ALERTS.search(" ".join(head))):
        return (
            _carded(table) or _shown(head, rows, columns) or [one for cells, line in rows for one in _said(cells, line)]
        )
    found: list[Rule] = []
    for cells, line in rows:
        told = [one for i in columns.levels for one in columns.cell(cells, i, cells[columns.metric], line)]
        found += _downwards(_distinct(told), [cells[i] for i in columns.levels])
    return found


def _carded(table: Block) -> list[Rule]:
    """The limits in an alert's card of keys and values: ``| Trigger | oven > 260 °C for 5 min |``."""
    rows = [([cell.plain for cell in row.lines], row.line) for row in table.children]
    if any(len(cells) != 2 for cells, _ in rows) or len(rows) > _LONGEST_CARD:
        return []
    severity = next((cells[1] for cells, _ in rows if _SEVERITY.match(cells[0])), None)
    fires = [(cells, line) for cells, line in rows[0 if severity else 1 :] if _FIRES.match(cells[0])]
    if len(fires) > _MOST_FIRES:
        return []
    return [rule(one, line, severity, None) for cells, line in fires for one in comparisons(cells[1]) if not one.target]


def _shown(head: list[str], rows: list[tuple[list[str], int]], columns: _Columns) -> list[Rule]:
    """The limits in the column of symptoms, signals or alerts of a table that says what is done about them."""
    if len(head) < 2 or any(_NOT_SHOWN.search(cell) for cell in head):
        return []
    shown = [i for i, cell in enumerate(head) if _SHOWN.match(cell) and i != columns.severity]
    if len(shown) > 1:  # the alert's name and when it fires: the last one says more
        shown = [i for i in shown if any(comparisons(cells[i]) for cells, _ in rows)][-1:]
    found = []
    for cells, line in rows:
        stated = cells[columns.severity] if columns.severity is not None else None
        for i in shown:
            name = cells[0] if i else ""
            told = [one for one in (comparisons(cells[i], name) or at_least(cells[i], name)) if not one.target]
            found += [rule(one, line, stated, None) for one in told]
    return found


def _distinct(told: list[Rule]) -> list[Rule]:
    """The limits of a row: an alert's name may say what its condition says again."""
    kept = {(one.op, one.value, one.unit, one.severity): one for one in reversed(told)}
    return [one for one in told if kept[one.op, one.value, one.unit, one.severity] is one]


def _said(cells: list[str], line: int) -> list[Rule]:
    """What a cell of another table says about alerts: "Retry, alert if > 5 attempts"."""
    told = (_ALERT_IF.search(cell) for cell in cells)
    return [
        rule(replace(one, metric=one.metric if one.metric == name else f"{name}: {one.metric}"), line, None, None)
        for match in told
        if match
        for name in (cells[0],)
        for one in comparisons(match.group("condition") or match.group("bare"), name)
    ]


@dataclass(frozen=True, slots=True)
class _Columns:
    """Where a table has the metric, the levels or conditions, the severity and the window."""

    head: list[str]
    metric: int
    levels: list[int]
    severity: int | None
    window: int | None

    @classmethod
    def of(cls, head: list[str], rows: list[tuple[list[str], int]]) -> _Columns:
        """The columns by their heads; where none names a metric, an alert's name or the first one does."""
        window = next((i for i, cell in enumerate(head) if _WINDOW.match(cell)), None)
        severity = next((i for i, cell in enumerate(head) if _SEVERITY.match(cell)), None)
        named = (i for i, cell in enumerate(head) if _METRIC.search(cell) and not _LEVEL.match(cell))
        alerts = (
            i
            for i, cell in enumerate(head)
            if re.match(r"(?i)alert|alarm|告警|アラート|경고", cell) and _words_only(rows, i)
        )
        metric = next(named, next(alerts, 0 if window != 0 or len(head) < 2 else 1))
        levels = [
            i
            for i, cell in enumerate(head)
            if i not in (metric, severity, window)
            and _LEVEL.match(cell)
            and any(re.search(r"\d", cells[i]) for cells, _ in rows)
        ]
        return cls(head, metric, levels, severity, window)

    def cell(self, cells: list[str], column: int, name: str, line: int) -> list[Rule]:
        """The rules of one cell: comparisons, "3+", or a bare number."""
        text = cells[column]
        named = bool(_NAMED_LEVEL.match(self.head[column]))
        told = comparisons(text, name) or at_least(text, name) or _number(text, name)
        told = _levelled(text, [one for one in told if not one.target])
        averaged = window_after(f" {' '.join(re.findall(r'[(（][^()（）]*[)）]', name))}")
        stated = cells[self.severity] if self.severity is not None else None
        span = first_span(cells[self.window]) if self.window is not None else None
        found = []
        for one in told[:1] if named else told:
            lasting = one.for_minutes if one.for_minutes is not None else span.high if span else averaged
            metric = name if generic(one.metric) else one.metric
            full = replace(one, for_minutes=lasting, metric=metric)
            found.append(rule(full, line, self.head[column] if named else stated, None))
        return found


def _levelled(cell: str, told: list[Found]) -> list[Found]:
    """The levels that a cell names behind its limits: ``"> 70% = warning, > 85% = critical"``, ``"0 = critical"``."""
    exact = _EXACT.fullmatch(cell)
    if exact and not told:
        told = [Found(metric="value", op="==", value=float(exact.group("value")), unit=None)]
    words = [found.group(1).lower() for found in _BEHIND.finditer(cell)]
    if not told or len(words) != len(told):
        return told
    return [replace(one, word=word) for one, word in zip(told, words, strict=True)]


def _words_only(rows: list[tuple[list[str], int]], column: int) -> bool:
    return all(not re.search(r"[<>≤≥]", cells[column]) for cells, _ in rows)


def _number(cell: str, metric: str) -> list[Found]:
    found = _BARE.fullmatch(cell)
    if found is None or (_DURATION.fullmatch(found.group("unit") or "") and _STATE.search(fold(metric))):
        return []  # "Oven failure | 30 seconds" says when something happens by itself
    value = float(found.group("value").replace(",", "."))
    return [
        Found(
            metric=metric,
            op=">=",
            value=int(value) if value == int(value) else value,
            unit=unit(found) or "count",
            for_minutes=window_after(f" {found.group('lasting') or ''}"),
        )
    ]


def _downwards(told: list[Rule], cells: list[str]) -> list[Rule]:
    """Bare numbers that fall from level to level (warning 99, critical 95) are lower limits."""
    bare = len(told) == len(cells) > 1 and all(_BARE.fullmatch(cell) for cell in cells)
    falls = bare and all(first.value > second.value for first, second in pairwise(told))
    return [replace(one, op="<=") for one in told] if falls else told
