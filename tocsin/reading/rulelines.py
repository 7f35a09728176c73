"""The thresholds of one line or sentence, and the rule that each makes."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache

from tocsin.core.runbook import Rule
from tocsin.reading.limits import limits
from tocsin.reading.nodes import Line
from tocsin.reading.queries import query_condition
from tocsin.reading.rulelevels import level_word
from tocsin.reading.sections import Section, bold_lead
from tocsin.reading.thresholds import Found, alert_at, at_least, comparisons, generic
from tocsin.reading.windows import window_after

_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")
_MEASURE = re.compile(  # beginnings of words that say how something is counted, not what
    r"(?:rate|ratio|share|perce|usage|utili|error|fault|failu|faile|laten|respo|time|times|durat|count|numbe"
    r"|total|level|load"
    r"|value|reque|metri|avera|high|low|spike|eleva|alert|p\d+|tasa|error|fehle|taux|taxa|erros|erreu|uso|verbr"
    r"|ausla|tiemp"
    r"|tempo|temps|zeit|for|of|the|in|на|на|使用|用率|错误|误率|延迟|时间|响应|数量|率|数|エラ|ラー|時間|使用"
    r"|사용|오류|비율|시간"
    r"|and|with|across|all)$"
)
_COMPARED_WITH = 20  # a scenario doesn't state one number in more ways
_LEVELLED = re.compile(r"(\d+(?:\.\d+)?)\s*%?\s*\((critical|warning)\)", re.IGNORECASE)
_SECOND_LEVEL = re.compile(r"(\d\s*%?)\s*\((?:critical|warning)\)\s*or\s*(?=\d)", re.IGNORECASE)
_COMMAND = re.compile(
    r"\b(?:SELECT|UPDATE|DELETE|INSERT|WHERE|FROM)\b|\s--?[a-z]|\||\$|['\"]"
    r"|^\w+ [\w./-]+ [\w./-]+$"
)
_QUERY = re.compile(  # a query with its limit; a statement, an option, a pipe or a variable makes it a command
    r"(?=[^`]{0,300}[({])(?!.{0,300}(?:\b(?:SELECT|WHERE|FROM)\b|\s--?[a-z]|[|;$]))[A-Za-z_(].{1,300}?(?:>=|<="
    r"|==|>|<)\s*\d+(?:\.\d+)?$"
)
_COMPARED = re.compile(
    r"[\w:.]+(?:\{[^{}]{0,200}\})?(?:\[\w+\])?\s*(?:[<>]=?|==|!=)\s*\d+(?:\.\d+)?\s*%?"
)  # a series and its limit
PEOPLE_S_TIME = re.compile(  # "late boats > 2: page the on-call" is none, it says whom that limit calls
    r"\b(?:mtt\w|acknowledg\w*|(?<!page )(?<!page the )(?<!notify )(?<!notify the )(?<!wake )(?<!wake the )(?<!call )"
    r"(?<!call the )(?<!alert )(?<!alert the )on-?call|time to (?:respond|acknowledge|resolve|detect)|respond within"
    r"|alert response times?)\b",
    re.IGNORECASE,
)


def metric_and_rest(line: Line) -> tuple[str, str]:
    """``"**Error Rate:** <0.1%"`` → the metric and the rest; no metric where the label only announces a threshold."""
    lead = bold_lead(line)
    if lead:
        label, text = lead[0], lead[1].plain
    else:
        plain = line.plain
        found = re.match(r"^([^:：()<>]{2,50})\s*(?:\((?=target)|[:：])\s*(.*)$", plain)
        label, text = (found.group(1).strip(), found.group(2)) if found else ("", plain)
    if label and generic(label) and not re.match(r"^(?:p\d|sev\W?\d)\b", label, re.IGNORECASE):
        return "", text
    return label, text


def in_line(line: Line, context: str) -> list[Found]:
    """The thresholds of a line that says how a failure shows or what fires the alert."""
    asked, line = _queries(line)
    line = _without_commands(line)
    text = line.plain
    if PEOPLE_S_TIME.search(text):
        return []
    lead = bold_lead(line)
    label, _ = metric_and_rest(line)
    metric = label if lead and label else context if not lead or generic(lead[0]) else lead[0]
    said = alert_at(text, metric)
    if said:
        return [*asked, *said]
    named = [
        one if one.metric and not generic(one.metric) else replace(one, metric=metric or one.metric)
        for one in comparisons(text, metric)
    ]
    return [
        *asked,
        *(one for one in named if not one.target),
        *at_least(text, metric),
        *limits(text, metric or context),
    ]


def _queries(line: Line) -> tuple[list[Found], Line]:
    """The conditions that are whole queries in code ("`rate(x[5m]) > 2` for 5m"), and the line without them."""
    found: list[Found] = []
    spans = list(line.spans)
    for index, span in enumerate(line.spans):
        told = query_condition((span.text,)) if span.code and _QUERY.match(span.text.strip()) else None
        if told:
            after = "".join(one.text for one in line.spans[index + 1 :])
            lasting = told.for_minutes if told.for_minutes is not None else window_after(after)
            found.append(replace(told, for_minutes=lasting))
            spans.remove(span)
    return found, replace(line, spans=tuple(spans)) if found else line


def _without_commands(line: Line) -> Line:
    """A line without its inline code that is a command or a statement; a comparison in code stays."""
    spans = tuple(
        span
        for span in line.spans
        if not (span.code and _COMMAND.search(span.text) and not _COMPARED.fullmatch(span.text.strip()))
    )
    return line if len(spans) == len(line.spans) else replace(line, spans=spans)


def fired(section: Section, severity: str | None, scenario: str | None) -> list[Rule]:
    """Prose "this alert fires when …"; "(critical)" behind a number is that number's severity."""
    found = []
    for sentence in re.split(r"(?<=[.!?])\s+(?=[A-Z])", section.text):
        if not re.search(r"\balert\b|\bfires\b", sentence, re.IGNORECASE):
            continue
        levels = {float(value): level.lower() for value, level in _LEVELLED.findall(sentence)}
        plain = _SECOND_LEVEL.sub(r"\1 or > ", sentence)
        metric = next((one.metric for one in comparisons(plain, "value")), "")
        known = comparisons(plain, metric)
        said = re.search(r"\b(warning|critical)\b", sentence, re.IGNORECASE) if len(known) == 1 else None
        line = next((one.number for one in section.lines if sentence[:20] in one.plain), section.line)
        for one in known:
            level = levels.get(one.value) or (said.group(1).lower() if said and not levels else None) or severity
            found.append(
                replace(rule(one, line, level, scenario), metric=one.metric if len(one.metric) > 2 else metric)
            )
    return found


def rule(found: Found, line: int, severity: str | None, scenario: str | None) -> Rule:
    """The rule of a comparison; a level that stands by the number wins over the place's."""
    word = {"warn": "warning", "crit": "critical"}.get(found.word.lower(), found.word.lower())
    level = found.word if found.word.isupper() else word if level_word(word) and word not in ("page", "aviso") else ""
    return Rule(
        metric=found.metric,
        op=found.op,
        value=found.value,
        unit=found.unit,
        for_minutes=found.for_minutes,
        severity=level or severity,
        scenario=scenario,
        line=line,
    )


def once(found: list[Rule]) -> list[Rule]:
    """Each threshold once, in the words that state it first.

    The same number twice is one threshold where its metrics share a word that says what is measured, or where one of
    them has none; "engine faults > 5 % and pump faults > 5 %" are two.
    """
    kept: dict[tuple[str, float, str | None], list[Rule]] = {}
    chosen: list[Rule] = []
    for one in found:
        same = kept.setdefault((one.op.rstrip("="), one.value, one.unit), [])
        if not any(_same(one.metric, other.metric) for other in same[-_COMPARED_WITH:]):
            same.append(one)
            chosen.append(one)
    return chosen


def _same(one: str, other: str) -> bool:
    """Whether two metrics may be one; what both have in front from the heading above says nothing."""
    (above, mark, below), (over, _, under) = one.rpartition(": "), other.rpartition(": ")
    if mark and above == over:
        one, other = below, under
    words, others = _stems(one), _stems(other)
    own, theirs = _specific(words), _specific(others)
    return bool(own & theirs) if own and theirs else bool(words & others) or not words or not others


def _specific(words: frozenset[str]) -> frozenset[str]:
    return frozenset(word for word in words if not _MEASURE.match(word))


@lru_cache(maxsize=1024)
def _stems(metric: str) -> frozenset[str]:
    """The beginnings of a metric's words; a script without spaces gives its pairs of letters."""
    spaced = re.sub(r"([a-z])([A-Z])", r"\1 \2", metric).lower()
    words = {word[:5] for word in re.findall(r"[^\W_]+", spaced) if word.isascii() or not _UNSPACED.search(word)}
    pairs = {run[at : at + 2] for run in _UNSPACED.findall(spaced) for at in range(max(1, len(run) - 1))}
    return frozenset(words | pairs)
