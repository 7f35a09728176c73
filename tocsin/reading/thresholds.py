"""Numbers that a metric is compared with: in prose ("p95 > 500ms for 5 min") and in "(alert at …)" pairs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from tocsin.core.runbook import Op
from tocsin.reading.comparators import (
    ALERT_AT,
    BARE_TARGET,
    BEHIND,
    MORE_LEVELS,
    NUMBER,
    OPERATOR,
    PLAIN,
    PLUS,
    UNIT,
    is_time,
    number,
    operator,
    unit,
)
from tocsin.reading.durations import first_span
from tocsin.reading.found import Found
from tocsin.reading.letters import hint
from tocsin.reading.metricnames import counted, generic, joined, measured, says, share, words_after, words_before
from tocsin.reading.numerals import DIGIT, in_figures
from tocsin.reading.queries import query_condition, query_metric
from tocsin.reading.windows import window_after, window_before

_TARGET = re.compile(
    r"\b(?:target|slo|goal|objective|ziel\w*|objetivo|meta|objectif|cible|baseline|normal\w*|expected"
    r"|usual(?:ly)?|typical(?:ly)?)\b|目标|正常|目標|통상|정상|목표"
    r"|цель|норм\w+",
    re.IGNORECASE,
)
_AT_MOST = re.compile(  # words that grant a limit; an alarm would say that it's passed
    r"(?:at most|no(?:t)? more than|höchstens|maximal|como máximo|no máximo|au plus|au maximum|не более|не больше"
    r"|не выше"
    r"|不超过|不超過|不高于|不高於|至多)",
    re.IGNORECASE,
)
_WANTED = re.compile(
    r"\s*(?:as\s+)?(?:the\s+|our\s+)?(?:target|goal)\b|\s*(?:是|为)?(?:目标|目標"
    r"|목표)",
    re.IGNORECASE,
)
_NEW_METRIC = re.compile(  # words between two comparisons after which "over 5 s" is a limit, not a window
    r"[;,.，；、。(（]|\b(?:and|or|with|but|und|oder|y|o|e|ou|et|и|или)\b|\bp\d{2}\b|time|laten|durat|delay"
    r"|\blag|\bage\b|zeit|dauer"
    r"|tiempo|tempo|temps|durée|latê|время|задерж|延迟|时间|時間|遅延",
    re.IGNORECASE,
)
_LEVEL_NAME = re.compile(r"^(?P<word>WARN(?:ING)?|CRIT(?:ICAL)?|FAIL(?:ED|URE)?|ERROR|DEGRADED|RED|YELLOW|AMBER)$")
_LISTED = re.compile(r"(?:\d{1,3}(?:\.\d{1,3})?\s?[%％]\s?[/、,]\s?){1,6}$")
_REACHES = re.compile(r"reach|hits|erreicht|alcanz|ating|atteint|достиг|达到|達到", re.IGNORECASE)
_LEVEL_BEHIND = re.compile(
    r"\s*(?:(?:[(（]|=|:|→|->|=>)\s*(?P<word>warn(?:ing)?|crit(?:ical)?)\b"
    r"|[(（]\s*(?P<code>(?-i:P[0-5]|SEV[- ]?\d))\s*[)）]"
    r"|で?(?P<bare>warn(?:ing|ung)?|crit(?:ical)?|page|ticket|kritisch|cr[íi]tic[oa]|critique|advertencia"
    r"|avertissement"
    r"|警告|告警|预警|注意|严重|紧急|重大|危険|경고|위험|심각|предупреждение|критично)(?=\s*(?:[,;/|·)），、；。]"
    r"|$)))",
    re.IGNORECASE,
)
_LETTER = re.compile(r"[^\W\d_]")
_CONNECTIVE = re.compile(r"\b(?:and|or|und|oder|et|ou|y|o|e|и|или)\b|或|または|또는", re.IGNORECASE)
_LOOK_BACK = re.compile(
    r"(?<!\w)(?:in|en|em|dans|for|within|after|before|until|every|last|older|wait|during|over the|por|durante|während"
    r"|für|seit|pendant|depuis|há|hace|via|in the|nach|après|después de|após|bevor|antes de|до|через|после)\s*$",
    re.IGNORECASE,
)
_BEFORE_IT = re.compile(  # "act before it reaches 100%"
    r"(?<!\w)(?:before|bevor|avant (?:que|qu['’])|antes de que|antes que|до того как|прежде чем)\s*(?:\w+\s+){0,3}$",
    re.IGNORECASE,
)
_LEVELLED = re.compile(
    rf"(?<![\w.<>≥≤$-])(?<![<>≥≤]\s){NUMBER}(?:\s*(?P<unit>{UNIT}))?\s*[(（]\s*(?P<word>warn(?:ing|ung)?"
    rf"|crit(?:ical)?"
    r"|kritisch|cr[íi]tic[oa]|critique|aviso|advertencia|avertissement|警告|严重|重大|경고|위험)\s*[)）]",
    re.IGNORECASE,
)
_IN_A_ROW = re.compile(  # "alert: 3 failures in a row" compares nothing
    r"\s*(?:[^\W\d_]+\s+)?(?:consecuti\w+|consécuti\w+|in a row|in folge|hintereinander|aufeinander|seguid[oa]s"
    r"|подряд"
    r"|次?连续|回?連続|회? ?연속)",
    re.IGNORECASE,
)
_HELD = re.compile(  # "no boats for more than 15 minutes": how long a state lasts is itself the limit
    r"[^\W\d_]{3,}\W+(?:for|há|seit|depuis|durante|pendant|(?:desde )?hace|por)\s*$", re.IGNORECASE
)
_WAITS = re.compile(
    r"\b(?:wait|waits|allow|monitor|observe|watch|run|runs|test|warte|attendre|esper[ae]|aguarde)\W+\w+\s*$",
    re.IGNORECASE,
)
_RUNS_OUT = re.compile(
    r"\b(?:expir\w*|due|ends?|runs? out|läuft|abläuft|caduca\w*|vence\w*|remain\w*|left|истека\w+)\W+(?:\w+\W+)?(?:in"
    r"|en|em|dans)\s*$",
    re.IGNORECASE,
)
_LASTING = re.compile(  # "> 5000 jobs waiting > 5 seconds", "late for > 2 minutes"
    r"(?<!\w)(?:for|during|lasting|waiting|running|pending|stuck|older|longer|há|seit|durante|pendant|depuis"
    r"|в течение)\s*$|持续\s*$",
    re.IGNORECASE,
)
_SETTING = re.compile(r"(?<![A-Za-z0-9])[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\s*$")  # "BATCH_SIZE = 5" compares nothing
_LONGEST_NAME = 40
_MAY_COMPARE, _MAY_COMPARE_BEHIND, _MAY_ALERT = hint(re.compile(OPERATOR)), hint(BEHIND), hint(ALERT_AT)
_LONGEST = 1500  # a threshold stands in a sentence, not in a page


@lru_cache(maxsize=4096)
def comparisons(text: str, metric: str = "") -> tuple[Found, ...]:
    """Every metric-operator-number in a text; ``metric`` names what is measured where the text itself doesn't."""
    text = in_figures(text[:_LONGEST])
    found: list[Found] = []
    last = 0
    matches = _matches(text)
    for index, match in enumerate(matches):
        before = text[last : match.start()]
        until = next(
            (one.start() for one in matches[index + 1 :] if _is_new(text[match.end() : one.start()], one)), len(text)
        )
        after = text[match.end() : until]
        if _looks_back(before, match, found) or _is_window(before, match, found) or _sets(before, match):
            continue
        if found:
            before = _LEVEL_BEHIND.sub("", before, count=1)
        same = found[-1].metric if found and not re.search(r"\w", _CONNECTIVE.sub("", before)) else metric
        one = _comparison(text, match, before, after, same)
        found += [*_lower_levels(one, before), one, *_higher_levels(one, text, match)]
        last = match.end()
    return tuple(one for one in found if one.metric)


def _lower_levels(one: Found, before: str) -> list[Found]:
    """The other levels of ``"予算の50%/80%/90%/100%に到達"``: they stand before the last number."""
    listed = _LISTED.search(before) if one.unit == "%" else None
    numbers = re.findall(r"\d+(?:\.\d+)?", listed.group()) if listed else []
    return [replace(one, value=float(value) if "." in value else int(value)) for value in numbers]


def _higher_levels(one: Found, text: str, match: re.Match[str]) -> Iterator[Found]:
    """The other levels of ``"> 80%/90%"`` and ``"reaches 50%, 80% and 100%"``."""
    at = match.end()
    reaches = bool(_REACHES.match(match.group("op")))
    while one.unit == "%" and (more := MORE_LEVELS.match(text, at)):
        if not reaches and "/" not in more.group():
            return
        yield replace(one, value=number(more), start=more.start())
        at = more.end()


def _matches(text: str) -> list[re.Match[str]]:
    """Comparisons with the operator before the number, and those with it behind, where they don't overlap."""
    if not DIGIT.search(text) or not (_MAY_COMPARE(text) or _MAY_COMPARE_BEHIND(text)):
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


def _looks_back(before: str, match: re.Match[str], found: list[Found]) -> bool:
    """Whether it says when or for how long something is done: ``"within < 5 min"``, ``"wait for more than 5 min"``.

    ``"no boats for more than 15 min"`` and ``"ends in < 14 days"`` are limits of their own.
    """
    if _BEFORE_IT.search(before):
        return True
    if not _LOOK_BACK.search(before):
        return False
    own = (_HELD.search(before) and not found and not _WAITS.search(before)) or _RUNS_OUT.search(before)
    return not (own and is_time(unit(match)))


def _is_window(before: str, match: re.Match[str], found: list[Found]) -> bool:
    """Whether it says for how long the comparison before it holds: ``"> 5% over 5 min"``, ``"5%以上が10分以上"``."""
    adjacent = match.group("op").lower() in ("over", "über") and not before.strip()
    near = bool(found) and not _NEW_METRIC.search(before) and (adjacent or not is_time(found[-1].unit))
    return _may_be_window(match, before) and (near or bool(re.search(r"\d\s*(?:%|％|x|×|倍|배)\s*$", before)))


def _is_new(between: str, match: re.Match[str]) -> bool:
    """Whether a comparison behind another has a metric of its own."""
    return not _may_be_window(match, between) or bool(_NEW_METRIC.search(between))


def _sets(before: str, match: re.Match[str]) -> bool:
    """Whether it says what a setting's value is: ``BATCH_SIZE = 5``."""
    return match.group("op") == "=" and bool(_SETTING.search(before))


def _may_be_window(match: re.Match[str], before: str) -> bool:
    sign = re.match(r"[<>≤≥=]", match.group("op"))
    return is_time(unit(match)) and (not sign or bool(_LASTING.search(before)))


def _comparison(text: str, match: re.Match[str], before: str, after: str, metric: str) -> Found:
    held = bool(_HELD.search(before))
    lasting, before = window_before(_LISTED.sub("", before))
    op = operator(match)
    near = re.split(r"[,;，；、]", text[max(0, match.start() - 28) : match.start()])[-1]
    plus = match.groupdict().get("plus")
    named = unit(match)
    level = _LEVEL_BEHIND.match(after)
    own = measured(before, after[level.end() :] if level else after, metric, is_time=is_time(named))
    ahead = window_after(after)
    leading = _LEVEL_NAME.search(own)
    if leading and not level:  # "returns `pier: WARN` (≥ 80 %) or `FAIL` (≥ 90 %)"
        level = leading
        own = _named_before(before[: before.rfind(leading.group("word"))]) or metric
    return Found(
        metric=own,
        op=">=" if plus and op == ">" else op,
        value=number(match),
        unit=named or share(own, number(match)) or counted(after),
        for_minutes=lasting if ahead is None else ahead,
        word=next((name for name in level.groupdict().values() if name), "") if level else "",
        target=bool(_TARGET.search(near) or _AT_MOST.match(match.group("op")) or _WANTED.match(after)),
        start=match.start(),
        held=held,
    )


def _named_before(text: str) -> str:
    """What stands before a level's name: "disk: WARN" → disk."""
    return words_before(text.rstrip(" `:：*"))


@lru_cache(maxsize=4096)
def alert_at(text: str, metric: str = "") -> tuple[Found, ...]:
    """``"<2% (alert at 7%)"`` → the alert: above a wanted maximum, below a wanted minimum, else above."""
    text = text[:_LONGEST]
    if not _MAY_ALERT(text):
        return ()
    found: list[Found] = []
    last = 0
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
        told_by_colon = not match.group("op") and re.search(r"[:：]", match.group())
        if (_IN_A_ROW.match(after) and not match.group("op")) or (not unit(match) and re.match(r"/\d", after)):
            continue
        counts = match.group("word").lower() == "alerts" and not unit(match)  # "alerts: 122" is how many there are
        if told_by_colon and (counts or unit(match) in ("min", "h", "d")):  # "critical: 15 min": how fast people answer
            continue
        own = words_before(text[: match.start()].rstrip(" (（"))
        alone = match.start() < _LONGEST_NAME and match.start() <= len(own) + 3  # "Disk (alert at 85%)"
        said = alone and says(own) and not generic(own)
        name = wanted.metric if wanted and wanted.metric != "value" else own if said else metric or own
        if found and not _LETTER.search(text[last : match.start()]):
            name = found[-1].metric  # "Fuel (warning at 20%, critical at 10%)"
        last = match.end()
        name = name if says(name) and not generic(name) else joined(metric, words_after(after)) or name
        found.append(
            Found(
                metric=name,
                op=op,
                value=number(match),
                unit=unit(match) or counted(after),
                for_minutes=window_after(after),
                word=match.group("word").lower(),
                start=match.start(),
            )
        )
        found += _further(found[-1], text, match)
    if [one.word[:4] for one in found] == ["warn", "crit"] and found[0].value > found[1].value:
        found = [replace(one, op="<=") if one.op == ">=" else one for one in found]  # the less, the worse
    return tuple(one for one in found if one.metric)


def _further(first: Found, text: str, match: re.Match[str]) -> Iterator[Found]:
    """The other levels of ``"warning at 80%/100%"``."""
    at = match.end()
    while first.unit == "%" and (more := MORE_LEVELS.match(text, at)):
        yield replace(first, value=number(more), start=more.start())
        at = more.end()


def levelled(text: str, metric: str = "") -> list[Found]:
    """``"seats taken: 70% (warning) / 90% (critical)"`` → two limits, the lower ones first or last as they fall."""
    found = [
        Found(
            metric=metric or words_before(text[: match.start()]),
            op=">=",
            value=number(match),
            unit=unit(match),
            word=match.group("word"),
            start=match.start(),
        )
        for match in _LEVELLED.finditer(text[:_LONGEST])
    ]
    falls = len(found) > 1 and found[0].value > found[-1].value and found[0].word[0].lower() == "w"
    return [replace(one, op="<=" if falls else ">=", metric=found[0].metric) for one in found if found[0].metric]


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
    found = list(comparisons(text, metric))
    marked = BARE_TARGET.search(text)
    if not found and marked:
        name = metric or words_before(text[: marked.start()])
        if name:
            found = [
                Found(metric=name, op=">=", value=number(marked), unit=unit(marked), target=True, start=marked.start())
            ]
    return found


__all__ = ["Found", "alert_at", "at_least", "comparisons", "generic", "query_condition", "query_metric", "wanted"]
