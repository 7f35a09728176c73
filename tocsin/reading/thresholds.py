"""Numbers that a metric is compared with: in prose ("p95 > 500ms for 5 min"), in "(alert at …)" pairs, in queries."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tocsin.core.runbook import Op
from tocsin.reading.durations import first_span

_UNIT = (
    r"(?:%|％|ms\b|milliseconds?\b|µs\b|s\b|secs?\b|seconds?\b|segundos?\b|Sekunden?\b|min(?:ute)?s?\b"
    r"|minutos?\b|minuten\b|m\b|h(?:ours?|rs?)?\b|d(?:ays?)?\b|[kMGT]i?B\b|x\b|rps\b|req/s\b|errors?/(?:s"
    r"|min)\b)"
)
_NUMBER = r"\$?(?P<value>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?P<thousand>k\b)?"
_WORDS: tuple[tuple[str, Op], ...] = (
    (r">=|≥|=>|at least|reaches|reached|mindestens|al menos|pelo menos", ">="),
    (r"<=|≤|at most|höchstens", "<="),
    (r"==|=(?=\s*\d)", "=="),
    ((r">|＞|(?:is |are |rises? |goes? |stays? |remains? )?above|over(?! the| a\b)|exceed(?:s|ed|ing)?"
     r"|more than|greater than|higher than|longer than|acima de|más de|mais de|superior a|über|mehr als"
     r"|supérieur[e]? à|plus de|超过|大于|高于|초과"), ">"),
    ((r"<|＜|(?:is |are |drops? |falls? |fell |dropped |stays? )?(?:to )?below|under|less than|fewer than"
     r"|lower than|drops? to|abaixo de|menos de|por debajo de|unter|weniger als|inférieur[e]? à|moins de|低于"
     r"|小于|미만"), "<"),
)  # fmt: skip
_OPERATOR = "|".join(f"(?P<o{index}>{words})" for index, (words, _) in enumerate(_WORDS))
_PLAIN = re.compile(
    rf"(?P<op>{_OPERATOR})\s*~?\s*{_NUMBER}\s*(?P<plus>\+)?\s*(?P<unit>{_UNIT})?(?!\s*(?:-|–)\s*\d)(?![\d.]*\w)",
    re.IGNORECASE,
)
_PLUS = re.compile(rf"(?<![\w.>$-]){_NUMBER}\s*(?P<unit>%)?\+(?!\d)\s*(?P<noun>[a-z]+)?", re.IGNORECASE)
_ALERT_AT = re.compile(
    rf"\b(?P<word>alerts?|warning|warn|critical|alarm|page)\s*(?:at|when|if|:|@|bei)?\s*(?P<op>[<>]=?|≥"
    rf"|≤)?\s*{_NUMBER}\s*(?P<unit>{_UNIT})?",
    re.IGNORECASE,
)
_TARGET = re.compile(r"\b(?:target|slo|goal|objective|ziel|baseline|normal(?:ly)?|expected)\b", re.IGNORECASE)
_BARE_TARGET = re.compile(
    rf"\b(?:target|slo|goal|objective)s?\s*[:=]?\s*(?:p\d+\s*)?(?P<op>[<>]=?|≥|≤)?\s*{_NUMBER}\s*(?P<unit>{_UNIT})",
    re.IGNORECASE,
)
_FOR = re.compile(
    r"\b(?:for|over|in|during|within|por|durante|während|für|pendant|in the last|over the last|over a"
    r"|por mais de|mais de|for more than|for over|persist(?:s|ing)?(?: for)?)\s+(?:the\s+(?:last|past)\s+"
    r"|an?\s+|more than\s+|mais de\s+|>\s*)?(?P<span>\d[\w .+-]*|hour|minute)",
    re.IGNORECASE,
)
_PERCENTILE = re.compile(r"\bp\d{2,3}\b", re.IGNORECASE)
_SPELLED = {
    "%": "％",
    "ms": "milliseconds millisecond",
    "s": "sec secs second seconds segundo segundos sekunde sekunden",
    "min": "minute minutes mins m minuto minutos minuten",
    "h": "hour hours hrs hr",
    "d": "day days",
    **{unit: unit.lower() for unit in ("KB", "MB", "GB", "TB", "KiB", "MiB", "GiB", "TiB")},
}
_UNITS = {word: unit for unit, words in _SPELLED.items() for word in words.split()}
_NOISE = re.compile(
    r"\b(?:dashboard|shows?|alerts?|triggered|if|when|is|are|the|an?|rate of|high|elevated|monitor|watch"
    r"|ensure|confirm|verify|until|returns?"
    r"|back|to|normal|target|warning|critical|fires?|this|both|either|current|usage is|logs?|and|or|at|that"
    r"|exceeds?|slow|of)\b",
    re.IGNORECASE,
)
_LONGEST = 1500  # a threshold stands in a sentence, not in a page


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A comparison in a text. ``word``: "warning", "critical", …, where one stands by it; ``target``: it is wanted."""

    metric: str
    op: Op
    value: float
    unit: str | None
    for_minutes: float | None = None
    word: str = ""
    target: bool = False
    start: int = 0


def comparisons(text: str, metric: str = "") -> list[Found]:
    """Every metric-operator-number in a text; ``metric`` names what is measured where the text itself doesn't."""
    text = text[:_LONGEST]
    found: list[Found] = []
    last = 0
    for match in _PLAIN.finditer(text):
        before = text[last : match.start()]
        op = next(op for index, (_, op) in enumerate(_WORDS) if match.group(f"o{index}"))
        after = text[match.end() :]
        name, rest = _metric(before), _words_after(after)
        percent = _PERCENTILE.findall(before)
        own = name if _says(name) else (rest or metric or name)
        if metric and percent and not _says(re.sub(_PERCENTILE, "", name)):
            own = f"{metric} {' '.join(percent)}"
        if re.search(r"\b(?:in|for|within|after|every|last|older|wait|during|over the|por)\s*$", before, re.IGNORECASE):
            continue
        unit = _unit(match.group("unit"))
        target = bool(_TARGET.search(text[max(0, match.start() - 28) : match.start()])) or bool(
            re.search(r"\b(?:normally|normal|target)\s*$", before)
        )
        found.append(
            Found(
                metric=own,
                op=">=" if match.group("plus") and op == ">" else op,
                value=_value(match),
                unit=unit or _counted(after) or _share(own, match),
                for_minutes=_duration(after),
                target=target,
                start=match.start(),
            )
        )
        last = match.end()
    return [one for one in found if one.metric]


def alert_at(text: str, metric: str = "") -> list[Found]:
    """``"<2% (alert at 7%)"`` → the alert: above a wanted maximum, below a wanted minimum, else above."""
    text = text[:_LONGEST]
    found = []
    for match in _ALERT_AT.finditer(text):
        if not re.search(r"\bat\b|[<>≥≤@:]|bei", match.group()[len(match.group("word")) :]):
            continue
        wanted = next((one for one in comparisons(text[: match.start()], metric or "value")), None)
        op: Op = "<=" if wanted and wanted.op in (">", ">=") else ">="
        written = match.group("op")
        if written:
            op = {">": ">", "<": "<", ">=": ">=", "<=": "<=", "≥": ">=", "≤": "<="}[written]  # type: ignore[assignment]
        name = wanted.metric if wanted and wanted.metric != "value" else metric or _metric(text[: match.start()])
        found.append(
            Found(
                metric=name,
                op=op,
                value=_value(match),
                unit=_unit(match.group("unit")),
                word=match.group("word").lower(),
                start=match.start(),
            )
        )
    return [one for one in found if one.metric]


def at_least(text: str, metric: str = "") -> list[Found]:
    """``"reconnected 4+ times in ten minutes"`` → a count of at least 4."""
    text = text[:_LONGEST]
    found = []
    for match in _PLUS.finditer(text):
        name = _metric(text[: match.start()]) or metric
        if name and not first_span(match.group()):
            found.append(
                Found(
                    metric=name,
                    op=">=",
                    value=_value(match),
                    unit=_unit(match.group("unit")) or "count",
                    for_minutes=_duration(text[match.end() :]),
                    start=match.start(),
                )
            )
    return found


def wanted(text: str, metric: str = "") -> list[Found]:
    """Targets: "target: < 0.1%", "target: 99.9%", or the first comparison of a metric's own line."""
    found = comparisons(text, metric)
    marked = _BARE_TARGET.search(text)
    if not found and marked:
        name = metric or _metric(text[: marked.start()])
        if name:
            found = [
                Found(
                    metric=name,
                    op=">=",
                    value=_value(marked),
                    unit=_unit(marked.group("unit")),
                    target=True,
                    start=marked.start(),
                )
            ]
    return found


def query_condition(lines: tuple[str, ...]) -> Found | None:
    """The comparison that ends an alert's query: ``rate(x[5m]) > 0.01 for 10m``; also ``burn_rate: 14.4``."""
    text = " ".join(re.sub(r"(?:^|\s)#.*$", "", line).strip() for line in lines if line.strip())
    match = re.search(r"(?P<op>>=|<=|==|>|<)\s*(?P<value>\d+(?:\.\d+)?)\s*(?:for:?\s*(?P<span>\d+\w+))?\s*$", text)
    if match is None:
        return _burn(text)
    expression = text[: match.start()].strip()
    expression = re.sub(r"^expr:\s*\|?\s*", "", expression)
    span = first_span(match.group("span") or "")
    op: Op = match.group("op")  # type: ignore[assignment]
    return Found(
        metric=query_metric(expression),
        op=op,
        value=float(match.group("value")),
        unit=_query_unit(expression),
        for_minutes=span.high if span else None,
    )


def _burn(text: str) -> Found | None:
    match = re.search(r"\b(?P<name>burn_rate|\w+_rate|threshold)\s*:\s*(?P<value>\d+(?:\.\d+)?)", text)
    if match is None:
        return None
    span = first_span(text[match.end() :]) if re.search(r"duration|for|window", text[match.end() :]) else None
    lasting = re.search(r"(?:duration|for|window)\s*:\s*(\d+\w+)", text)
    span = first_span(lasting.group(1)) if lasting else span
    return Found(
        metric=match.group("name"),
        op=">=",
        value=float(match.group("value")),
        unit="x" if "burn" in match.group("name") else None,
        for_minutes=span.high if span else None,
    )


def query_metric(expression: str) -> str:
    """A readable name for a query: its metric names in words, without functions; short ones stay as they are."""
    if re.fullmatch(r"\w+(?:\{[^}]*\})?", expression):
        return expression
    quantile = re.search(r"quantile\(\s*0?\.(\d+)", expression)
    names = re.findall(r"\b[a-zA-Z_]\w*_\w+\b(?!\s*\()", re.sub(r"\bby\s*\([^)]*\)", "", expression))
    words = list(
        dict.fromkeys(
            word
            for name in names
            for word in name.split("_")
            if word not in ("total", "bucket", "seconds", "sum", "count", "histogram", "quantile")
        )
    )
    status = re.findall(r"status\w*\s*=~?\s*\"([^\"]*)\"", expression)
    return (
        " ".join(
            [
                *words,
                *status,
                *([f"p{quantile.group(1)}"] if quantile else []),
                *(["ratio"] if "/" in expression else []),
            ]
        )
        or expression
    )


def _query_unit(expression: str) -> str | None:
    if "/" in re.sub(r"\"[^\"]*\"", "", expression) or re.search(r"(?<![a-z])ratio", expression):
        return "ratio"
    if "_seconds" in expression:
        return "s"
    return "GB" if "_gigabytes" in expression else None


def _metric(text: str) -> str:
    """The words before an operator, cut at the clause."""
    clause = re.split(
        r"[.;:|](?:\s|$)|[,(](?=\s*\S)|\s[–—]\s|→|\bwith\b|\bbecause\b|\bif\b|\bAND\b|\bOR\b|\bor\b", text
    )[-1]
    if not re.search(r"[^\W\d_]", clause):
        clause = text
    words = _NOISE.sub(" ", clause)
    return re.sub(r"\s+", " ", words).strip(" *`\"'()[],:;-–=|~•→✅").strip()


def _words_after(text: str) -> str:
    """``"fewer than 8 open sessions for …"``: the metric may stand behind the number."""
    match = re.match(
        r"\s*((?:[a-z]+\s){0,3}[a-z]+?)s?\b(?=\s+(?:during|in|for|per|over|within)|[.,;)]|\s*$)", text, re.IGNORECASE
    )
    return match.group(0).strip() if match and not re.match(r"\s*(?:for|in|over|during|of|to)\b", text) else ""


def _says(name: str) -> bool:
    return bool(re.search(r"[^\W\d_]{2,}", name))


def _value(match: re.Match[str]) -> float:
    number = float(match.group("value").replace(",", ""))
    value = number * 1000 if match.group("thousand") else number
    return int(value) if value == int(value) else value


def _unit(text: str | None) -> str | None:
    plain = (text or "").strip()
    return _UNITS.get(plain.lower(), plain) or None


def _share(metric: str, match: re.Match[str]) -> str | None:
    """Without a unit, a rate of 0.2 is a fraction of one and a queue's depth is a count."""
    small = float(match.group("value").replace(",", "")) <= 1 and "." in match.group("value")
    if small and re.search(r"rate|ratio|share|percent|availab|utili", metric, re.IGNORECASE):
        return "ratio"
    return (
        "count"
        if re.search(
            r"\b(?:depth|count|length|backlog|number of|restarts|attempts|users|jobs|messages)\b", metric, re.IGNORECASE
        )
        else None
    )


def _counted(after: str) -> str | None:
    return (
        "count"
        if re.match(
            r"\s+(?:active |concurrent |failed )?(?:users?|attempts?|requests?|errors?|connections?|jobs?"
            r"|messages?|restarts?|times)\b",
            after,
        )
        else None
    )


def _duration(after: str) -> float | None:
    match = _FOR.search(after[:60])
    if match is None or re.search(r"[<>]", after[: match.start()]):
        return None
    if match.group("span").lower() in ("hour", "minute"):
        return 60 if match.group("span").lower() == "hour" else 1
    span = first_span(match.group("span"))
    return span.low if span else None
