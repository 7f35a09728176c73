"""Thresholds that are named so and not compared: "threshold 15 min", "exceeds the threshold (default 5 %)"."""

from __future__ import annotations

import re

from tocsin.core.runbook import Op
from tocsin.reading.comparators import NUMBER, UNIT, number, unit
from tocsin.reading.durations import spans
from tocsin.reading.found import Found
from tocsin.reading.metricnames import generic, words_before
from tocsin.reading.numerals import DIGIT
from tocsin.reading.windows import window_after

_WORD = (
    r"(?:(?<![^\W_])(?:thresholds?|umbral|limiar|seuil|schwell(?:en)?wert|schwelle)(?![^\W_])|порог\w{0,3}"
    r"|阈值|閾値|しきい値|임계(?:값|치))"
)
_ABOVE = re.compile(
    r"(?:exceed(?:s|ed|ing)?|above|over|beyond|surpass\w*|reach(?:es|ed)|cross(?:es|ed)|超过|超出|超え\w*|大于"
    r"|高于|达到|초과"
    r"|über\w*|supera\w*|por encima|exced\w+|acima|ultrapass\w+|dépass\w+|au[- ]dessus|выше|превы\w+)\W*(?:the|an?"
    r"|its|de[nrs]?|del|d[aeou]|el|os?|les?|la|l['’])?"
    r"\W*(?:(?:configured|defined|default|alert(?:ing)?|set|given|konfigurierte\w*|eingestellte\w*|configured"
    r"|critical|warning|настроенн\w+|заданн\w+|设定的?|配置的?|設定された|설정된)\W+){0,2}$",
    re.IGNORECASE,
)
_BELOW = re.compile(
    r"\bbelow\b|\bunder\b|\bdrop(?:s|ped)?\b|\bfalls?\b|\bfell\b|低于|小于|不足|下回|未満|미만|\bunter\w*"
    r"|por debajo|\bcay[óo]\b|\bcae\b"
    r"|abaixo|\bcaiu\b|en[- ]dessous|\bsous\b|\bchute\b|ниже|упал",
    re.IGNORECASE,
)
_NAMED = r"(?:(?-i:[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)\s*)?"
_DEFAULT = (
    r"(?:default(?:s to| is)?|by default|currently|now|默认(?:为|是)?|当前|既定値?は?|初期値は?"
    r"|기본(?:값)?|standard|actualmente|por defecto|padrão)"
)
_STATED = re.compile(
    rf"(?P<word>{_WORD})\s*{_NAMED}(?:(?:is|of|es|de|é|ist|von|est|—|–|-|为|是|は|:|：|=|,|，|[(（])\s*)?"
    rf"(?:{_DEFAULT}\s*[:：=]?\s*)?{NUMBER}(?:\s*(?P<unit>{UNIT}))?(?!\s*(?:-|–)\s*\d)(?![\w.]*\w)",
    re.IGNORECASE,
)
_BURN_WORD = r"(?:burn[- ]?rate|バーン\s?レート|消耗速率|消費速度|번\s?레이트)"
_BURN = re.compile(
    rf"{NUMBER}\s*(?P<unit>x|×|倍|배)の?\s*(?:the\s+|slo\s+|error[- ]budget\s+)*{_BURN_WORD}"
    rf"|{_BURN_WORD}\s*(?:alerts?\s*)?[(（]?(?:of|at|is|:|=|が"
    rf"|は)?\s*(?P<value2>\d{{1,6}}(?:\.\d{{1,6}})?)\s*(?:x\b|×|倍|배)",
    re.IGNORECASE,
)
_NOUN = re.compile(
    r"\s*((?:(?:without|of|sin|sem|sans|ohne|de|без)\s+)?(?!by |por "
    r"|par )[^\W\d_]{3,20}(?:\s[^\W\d_]{3,20})?)\s*(?=[.,;()]|$)",
    re.IGNORECASE,
)
_LAST = re.compile(
    r"\b(?:last|past|previous|últim[oa]s?|derni[èe]re?s?|letzte[nrs]?|последн\w+)\b|过去|最近|過去|直近", re.IGNORECASE
)
_LONGEST_NAME = 60
_WINDOW = re.compile(r"\bwindows?\b|窓|ウィンドウ|窗口|윈도", re.IGNORECASE)


def limits(text: str, context: str = "") -> list[Found]:
    """The thresholds of a line that names them so; ``context`` names what is measured, and may say which way."""
    if not DIGIT.search(text):
        return []
    return [*_stated(text[:1500], context), *_burns(text[:1500], context)]


def _stated(text: str, context: str) -> list[Found]:
    found = []
    for match in _STATED.finditer(text):
        before, after = text[: match.start()], text[match.end() :]
        op: Op = ">=" if not _ABOVE.search(before) else ">"
        if _BELOW.search(before[-60:]) or (op == ">=" and _BELOW.search(context)):
            op = "<"
        says = _ABOVE.search(before) or _BELOW.search(before[-24:])
        own = words_before(_ABOVE.sub("", before)) if says else ""
        metric = own if re.search(r"[^\W\d_]{2,}", own) and len(own) < _LONGEST_NAME and not generic(own) else context
        noun = _NOUN.match(after)
        if noun and metric == context:
            metric = f"{metric}: {noun.group(1).strip()}".strip(": ")
        found.append(
            Found(
                metric=metric,
                op=op,
                value=number(match),
                unit=unit(match) or (None if match.group("money") else "count"),
                for_minutes=window_after(after) or _looks_back(before),
                start=match.start(),
            )
        )
    return [one for one in found if one.metric]


def _looks_back(before: str) -> float | None:
    """The window that a sentence names before the threshold: "checks the last hour, threshold 5 %"."""
    found = list(_LAST.finditer(before[-80:]))
    return window_after(f" over the {before[-80:][found[-1].start() :]}") if found else None


def _burns(text: str, context: str) -> list[Found]:
    """``"14.4x burn rate over 1 hour"``: a pace that fires; of several windows the longest is the one that lasts."""
    found = []
    for match in _BURN.finditer(text):
        before = text[: match.start()]
        if re.search(r"[<>≥≤]\s*$|(?:over|above|exceeds|more than)\s*$", before, re.IGNORECASE):
            continue
        windows = [span.high for span in spans(before)] if _WINDOW.search(before) else []
        value = float(match.group("value2")) if match.group("value2") else number(match)
        found.append(
            Found(
                metric=f"{context}: burn rate" if context else "burn rate",
                op=">=",
                value=value,
                unit="x",
                for_minutes=max(windows) if windows else window_after(text[match.end() :]),
                start=match.start(),
            )
        )
    return found
