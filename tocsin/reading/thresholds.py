"""Numbers that a metric is compared with: in prose ("p95 > 500ms for 5 min") and in "(alert at …)" pairs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from tocsin.core.runbook import Op
from tocsin.reading.comparators import (
    ALERT_AT,
    BARE_TARGET,
    BEHIND,
    DIGIT,
    MORE_LEVELS,
    PLAIN,
    PLUS,
    is_time,
    number,
    operator,
    unit,
    window_after,
    window_before,
)
from tocsin.reading.durations import first_span
from tocsin.reading.found import Found
from tocsin.reading.queries import query_condition, query_metric

_TARGET = re.compile(
    r"\b(?:target|slo|goal|objective|ziel\w*|objetivo|meta|objectif|cible|baseline|normal\w*|expected"
    r"|usual(?:ly)?|typical(?:ly)?)\b|目标|正常|目標|통상|정상|목표"
    r"|цель|норм\w+",
    re.IGNORECASE,
)
_PERCENTILE = re.compile(r"\bp\d{2,3}\b", re.IGNORECASE)
_NOISE = re.compile(
    r"\b(?:dashboard|shows?|alert(?:s|ed)?|triggered|if|when|is|are|the|an?|rate of|high|elevated|monitor|watch"
    r"|ensure|confirm|verify|until|returns?|takes?|taking|took"
    r"|back|to|normal|target|warning|critical|fires?|this|both|either|current|usage is|logs?|and|or|at|that|but"
    r"|exceeds?|slow|of|wenn|falls|ist|sind|der|die|das|si|se|est|sont|le|les|la|el|los|las|es|son|o|os|é|são|если)\b"
    r"|如果|当|若|达到|が|は|を|이|가|은|는|в",
    re.IGNORECASE,
)
_CLAUSE = re.compile(
    r"[.;:|](?:\s|$)|[：；。、，]|[,(（](?=\s*\S)|\s[–—]\s|→|\bwith\b|\bbecause\b|\bif\b|\bwhen\b|\bAND\b"
    r"|\bOR\b|\bor\b|\bbut\b|\bshows?\b"
)
_GENERIC = re.compile(
    r"^(?:alerts?|alert (?:when|if|at|on|threshold|condition|rule)s?|alerting|action|trigger(?:s"
    r"|ed)?(?: (?:when|if))?|thresholds?|conditions?|criteria|warning"
    r"|critical|high|medium|low|p\d|sev\W?\d|note|check|monitor(?:ing)?|detection|signal|value|limit"
    r"|expected|when|if|symptoms?|schwell\w*|alarm\w*|auslöser"
    r"|bedingung|umbral|condici[óo]n|alerta|disparador|limiar|limite|condição|gatilho|seuil"
    r"|déclencheur|阈值|告警|条件|触发条件|閾値|しきい値|アラート|임계값|조건|알림"
    r"|порог|условие|предупреждение|критично)$",
    re.IGNORECASE,
)
_NO_NOUN = re.compile(r"(?:is|was|has|does|across|this|pass|less|always|plus|as|its|times?)$", re.IGNORECASE)
_NEW_METRIC = re.compile(  # words between two comparisons after which "over 5 s" is a limit, not a window
    r"[;,.，；、。(（]|\b(?:and|or|with|but|und|oder|y|o|e|ou|et|и|или)\b|\bp\d{2}\b|time|laten|durat|delay"
    r"|\blag|\bage\b|zeit|dauer"
    r"|tiempo|tempo|temps|durée|latê|время|задерж|延迟|时间|時間|遅延",
    re.IGNORECASE,
)
_LEVEL_BEHIND = re.compile(r"\s*(?:[(（]|=|→|->|=>)\s*(?P<word>warn(?:ing)?|critical)\b", re.IGNORECASE)
_SAYS_HOW = re.compile(
    r"^(?:usage|utili[sz]ation|rate|latency|count|errors?|level|load|depth|size|length|use|value|uso|auslastung"
    r"|taux|tasa|taxa|使用率|错误率)$",
    re.IGNORECASE,
)
_LOOK_BACK = re.compile(
    (
        r"\b(?:in|for|within|after|every|last|older|wait|during|over the|por|während|für|seit|pendant"
        r"|depuis|durante|via|in the)\s*$"
    ),
    re.IGNORECASE,
)
_SHOWS = re.compile(
    r"\b(?:shows?|showing|reports?|reporting|sees?|seeing|with|returns?|returning|detects?|detecting|detecta[mn]?"
    r"|registra[mn]?|reporta[mn]?|mostra[m]?|muestran?|indica[mn]?|zeigt|meldet|erkennt|détecte|signale|affiche)\s*$",
    re.IGNORECASE,
)
_SETTING = re.compile(r"(?<![A-Za-z0-9])[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\s*$")  # "BATCH_SIZE = 5" compares nothing
_QUANTITY = re.compile(
    r"\s*(?:of|de|d['’]|di|do|da|du|des|von)\s*(?P<noun>(?!the\b|an?\b|la\b|el\b|los\b|las\b"
    r"|os?\b)[^\W\d_]{3,})(?=\s*(?:[.,;()（）]|$))",
    re.IGNORECASE,
)
_LONGEST_NAME = 40
_LONGEST = 1500  # a threshold stands in a sentence, not in a page


def comparisons(text: str, metric: str = "") -> list[Found]:
    """Every metric-operator-number in a text; ``metric`` names what is measured where the text itself doesn't."""
    text = text[:_LONGEST]
    found: list[Found] = []
    last = 0
    matches = _matches(text)
    for index, match in enumerate(matches):
        before = text[last : match.start()]
        until = next(
            (one.start() for one in matches[index + 1 :] if _is_new(text[match.end() : one.start()], one)), len(text)
        )
        after = text[match.end() : until]
        if _LOOK_BACK.search(before) or _is_window(before, match, found) or _sets(before, match):
            continue
        same = found[-1].metric if found and not re.search(r"\w", _LEVEL_BEHIND.sub("", before)) else metric
        found.append(_comparison(text, match, before, after, same))
        last = match.end()
    return [one for one in found if one.metric]


def _matches(text: str) -> list[re.Match[str]]:
    """Comparisons with the operator before the number, and those with it behind, where they don't overlap."""
    if not DIGIT.search(text):
        return []
    first = [one for one in PLAIN.finditer(text) if _stands_alone(text, one)]
    taken = [(one.start(), one.end()) for one in first]
    behind = [
        one for one in BEHIND.finditer(text) if not any(start < one.end() and one.start() < end for start, end in taken)
    ]
    return sorted([*first, *behind], key=lambda one: one.start())


def _stands_alone(text: str, match: re.Match[str]) -> bool:
    """Whether the operator is neither the end of a longer word ("failover 5") nor the head of an arrow ("-> 5")."""
    before = text[match.start() - 1 : match.start()]
    if match.group("op")[0] in "<>=":
        return before not in ("-", "=", "<", ">", "~") or not before
    return not (before.isalpha() and before.isascii() and match.group("op")[0].isascii())


def _is_window(before: str, match: re.Match[str], found: list[Found]) -> bool:
    """Whether it says for how long the comparison before it holds: ``"> 5% over 5 min"``, ``"5%以上が10分以上"``."""
    near = bool(found) and not _NEW_METRIC.search(before) and not is_time(found[-1].unit)
    return _may_be_window(match) and (near or bool(re.search(r"\d\s*(?:%|％|x|×|倍|배)\s*$", before)))


def _is_new(between: str, match: re.Match[str]) -> bool:
    """Whether a comparison behind another has a metric of its own."""
    return not _may_be_window(match) or bool(_NEW_METRIC.search(between))


def _sets(before: str, match: re.Match[str]) -> bool:
    """Whether it says what a setting's value is: ``BATCH_SIZE = 5``."""
    return match.group("op") == "=" and bool(_SETTING.search(before))


def _may_be_window(match: re.Match[str]) -> bool:
    return is_time(unit(match)) and not re.match(r"[<>≤≥=]", match.group("op"))


def _comparison(text: str, match: re.Match[str], before: str, after: str, metric: str) -> Found:
    lasting, before = window_before(before)
    op = operator(match)
    near = re.split(r"[,;，；、]", text[max(0, match.start() - 28) : match.start()])[-1]
    plus = match.groupdict().get("plus")
    measured = unit(match)
    own = _measured(before, after, metric, is_time=is_time(measured))
    ahead = window_after(after)
    level = _LEVEL_BEHIND.match(after)
    return Found(
        metric=own,
        op=">=" if plus and op == ">" else op,
        value=number(match),
        unit=measured or _share(own, number(match)) or _counted(after),
        for_minutes=lasting if ahead is None else ahead,
        word=level.group("word").lower() if level else "",
        target=bool(_TARGET.search(near)),
        start=match.start(),
    )


def _measured(before: str, after: str, metric: str, *, is_time: bool) -> str:
    """What is measured: the words before the number, else those behind it, else what stands around says."""
    name, rest = words_before(before), _words_after(after)
    percent = _PERCENTILE.findall(before)
    doing = re.match(r"\s*(to [a-z]+)\b(?! (?:the|an?)\b)", after)
    quantity = _QUANTITY.match(after)
    own = name if _says(name) else (_joined(metric, rest) or name)
    if rest and _SHOWS.search(before):
        own = rest
    if own and metric and _SAYS_HOW.match(own) and not generic(metric):
        own = f"{metric} {own}" if own.lower() not in metric.lower() else metric
    if own and quantity and before.rstrip().endswith(("(", "（")):
        own = f"{own}: {quantity.group('noun')}"
    own = f"{own} {doing.group(1)}" if doing and is_time and own else own
    if metric and percent and not _says(re.sub(_PERCENTILE, "", name)):
        own = f"{metric} {' '.join(percent)}"
    return own


def _joined(metric: str, noun: str) -> str:
    """The metric that the context names with the noun behind the number, where that says more."""
    if not metric or not noun or noun.lower() in metric.lower():
        return metric or noun
    return f"{metric}: {noun}"


def generic(label: str) -> bool:
    """Whether a label names no metric but only says that a threshold follows ("Alert threshold", "Condition")."""
    return bool(_GENERIC.match(label.strip(" *_`:：")))


def alert_at(text: str, metric: str = "") -> list[Found]:
    """``"<2% (alert at 7%)"`` → the alert: above a wanted maximum, below a wanted minimum, else above."""
    text = text[:_LONGEST]
    found = []
    for match in ALERT_AT.finditer(text):
        if not re.search(
            r"\b(?:at|bei|ab|à|aux?|en|em|al|aos?|при)\b|[<>≥≤@:：]", match.group()[len(match.group("word")) :]
        ):
            continue
        says_at = re.search(r"\b(?:at|bei|ab|al|aux?|aos?)\b|[<>≥≤@]", match.group()) or ":" in match.group()
        if re.match(r"\s*(?:-|–)\s*\d", text[match.end() :]) or (is_time(unit(match)) and not says_at):
            continue
        wanted = next((one for one in comparisons(text[: match.start()], metric or "value")), None)
        op: Op = "<=" if wanted and wanted.op in (">", ">=") else ">="
        written = match.group("op")
        if written:
            op = {">": ">", "<": "<", ">=": ">=", "<=": "<=", "≥": ">=", "≤": "<="}[written]  # type: ignore[assignment]
        after = text[match.end() :]
        own = words_before(text[: match.start()].rstrip(" (（"))
        alone = match.start() < _LONGEST_NAME and match.start() <= len(own) + 3  # "Disk (alert at 85%)"
        said = alone and _says(own) and not generic(own)
        name = wanted.metric if wanted and wanted.metric != "value" else own if said else metric or own
        name = name if _says(name) and not generic(name) else _joined(metric, _words_after(after)) or name
        found.append(
            Found(
                metric=name,
                op=op,
                value=number(match),
                unit=unit(match) or _counted(after),
                for_minutes=window_after(after),
                word=match.group("word").lower(),
                start=match.start(),
            )
        )
        found += _further(found[-1], text, match)
    return [one for one in found if one.metric]


def _further(first: Found, text: str, match: re.Match[str]) -> Iterator[Found]:
    """The other levels of ``"warning at 80%/100%"``."""
    at = match.end()
    while first.unit == "%" and (more := MORE_LEVELS.match(text, at)):
        yield replace(first, value=number(more), start=more.start())
        at = more.end()


def at_least(text: str, metric: str = "") -> list[Found]:
    """``"reconnected 4+ times in ten minutes"`` → a count of at least 4."""
    text = text[:_LONGEST]
    found = []
    for match in PLUS.finditer(text):
        name = words_before(text[: match.start()]) or metric
        if name and not first_span(match.group()):
            found.append(
                Found(
                    metric=name,
                    op=">=",
                    value=number(match),
                    unit=unit(match) or "count",
                    for_minutes=window_after(text[match.end() :]),
                    start=match.start(),
                )
            )
    return found


def wanted(text: str, metric: str = "") -> list[Found]:
    """Targets: "target: < 0.1%", "target: 99.9%", or the first comparison of a metric's own line."""
    found = comparisons(text, metric)
    marked = BARE_TARGET.search(text)
    if not found and marked:
        name = metric or words_before(text[: marked.start()])
        if name:
            found = [
                Found(metric=name, op=">=", value=number(marked), unit=unit(marked), target=True, start=marked.start())
            ]
    return found


def words_before(text: str) -> str:
    """The words before an operator, cut at the clause."""
    clause = _CLAUSE.split(text)[-1]
    if not re.search(r"[^\W\d_]", _NOISE.sub(" ", clause)):
        parts = [part for part in _CLAUSE.split(text) if re.search(r"[^\W\d_]", _NOISE.sub(" ", part))]
        clause = parts[-1] if parts else text
    words = _NOISE.sub(" ", clause).replace('"', " ")
    return re.sub(r"\s+", " ", words).strip(" *`\"'()[]（）,:;-–=|~•→✅").strip()


def _words_after(text: str) -> str:
    """``"fewer than 8 open sessions for …"``: the metric may stand behind the number."""
    match = re.match(
        r"\s*((?:[^\W\d_]+\s){0,3}[^\W\d_]+?)s?\b(?=\s+(?:during|in|for|per|over|within|por|em|en|pro|par"
        r"|in den|pendant)\b"
        r"|\s*[.,;()/]|\s*$)",
        text,
        re.IGNORECASE,
    )
    if match is None or re.match(r"\s*(?:for|in|over|during|of|to)\b", text):
        return ""
    return re.split(r"\s(?:per|pro|por|par|pour|für|in|en|em)\s", match.group(0).strip())[0]


def _says(name: str) -> bool:
    return bool(re.search(r"[^\W\d_]{2,}", name))


def _share(metric: str, value: float) -> str | None:
    """Without a unit, a rate of 0.2 is a fraction of one and a queue's depth is a count."""
    if (
        value < 1
        and value != int(value)
        and re.search(r"rate|ratio|share|percent|availab|utili|[\w)]\s*/\s*[\w(]", metric, re.IGNORECASE)
    ):
        return "ratio"
    counted = r"\b(?:depth|count|length|backlog|number of|restarts|attempts|users|jobs|messages)\b"
    return "count" if re.search(counted, metric, re.IGNORECASE) else None


def _counted(after: str) -> str | None:
    """Without a unit, a number before a plural is a count: "> 5 failed attempts"."""
    noun = re.match(
        (
            r"\s*(?!(?:for|in|over|across|per|of|on|during|within|at|by|from|to|and|or"
            r"|with)\b)(?:[a-z-]+ ){0,2}?(?P<noun>[a-z]{3,}s)\b"
        ),
        after,
    )
    if noun and not _NO_NOUN.search(noun.group("noun")):
        return "count"
    return "count" if re.match(r"\s*(?:times\b|次|回|件|个|個|건|회|개|раз)", after) else None


__all__ = ["Found", "alert_at", "at_least", "comparisons", "generic", "query_condition", "query_metric", "wanted"]
