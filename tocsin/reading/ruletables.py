"""Alert rules from tables: a column for each level, a threshold or condition column, or a column of burn rates."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import pairwise

from tocsin.core.runbook import Rule
from tocsin.reading.comparators import unit, window_after
from tocsin.reading.durations import first_span
from tocsin.reading.nodes import Block
from tocsin.reading.rulelines import rule
from tocsin.reading.thresholds import Found, at_least, comparisons, generic

_LEVEL = re.compile(
    r"^(?:yellow|red|amber|orange|warn(?:ing|ung)?s?|critical|alerts?(?: (?:if|when|at|on))?|p\d|sev\W?\d"
    r"|thresholds?|high|conditions?"
    r"|triggers?|alarm"
    r"|expr(?:ession)?s?|rules?|(?:it )?fires? (?:when|if)|when(?: it)? fires|ausdruck|expresión|expressão"
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
        r"^(?:severity|priority|level|schwere|severidad|severidade|gravit|priorit|prioridad|级别|严重程度|等级"
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
_RATE = re.compile(r"^(?:burn[- ]?rate|rate|value|level|factor|multiple)$", re.IGNORECASE)
_BEHIND = re.compile(r"\d\s*[^\s=:(,;]{0,6}\s*(?:=|:|\(|→|->)\s*(warn(?:ing)?|critical)\b", re.IGNORECASE)
_EXACT = re.compile(r"\s*(?P<value>\d{1,9}(?:\.\d{1,9})?)\s*=\s*(?:warn(?:ing)?|critical)\s*", re.IGNORECASE)
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
        return [one for cells, line in rows for i in rates for one in columns.cell(cells, i, head[i], line)]
    if not columns.levels or (not about and not _ALERTS.search(" ".join(head))):
        return [one for cells, line in rows for one in _said(cells, line)]
    found: list[Rule] = []
    for cells, line in rows:
        told = [one for i in columns.levels for one in columns.cell(cells, i, cells[columns.metric], line)]
        found += _downwards(told, [cells[i] for i in columns.levels])
    return found


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
    if found is None:
        return []
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
