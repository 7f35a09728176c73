"""Times as people write them: "30 min", "< 1 hour", "Immediate (5 minutes)", "T+5-15 min", "1小时内"."""

from __future__ import annotations

import re
from dataclasses import dataclass

_MINUTES: dict[str, float] = {"s": 1 / 60, "m": 1, "h": 60, "d": 1440, "w": 10080}
_UNITS: tuple[tuple[str, str], ...] = (
    ("m", r"min(?:ute[ns]?|utos?|s)?\b\.?|m\b(?![a-z])|分钟|分|분|минут\w*|мин\b"),
    ("h", r"h(?:ours?|rs?|oras?|eures?)?\b|stunden?\b|std\b|小时|時間|시간|час\w*"),
    ("d", r"(?:business |working |calendar )?d(?:ays?)?\b|tage?n?\b|días?\b|dias?\b|jours?\b|天|日|일|дн\w+"),
    ("w", r"w(?:eeks?|ks?)?\b|wochen?\b|semanas?\b|semaines?\b|周|週|주"),
    ("s", r"s(?:ec(?:ond)?s?|egundos?|ekunden?)?\b|秒|초|сек\w*"),
)
_UNIT = "|".join(f"(?P<{name}>{pattern})" for name, pattern in _UNITS)
_SPAN = re.compile(
    rf"(?P<low>\d+(?:[.,]\d+)?)(?:\s*(?P<plus>\+)|\s*(?P<lowunit>[a-z]+)?\s*(?:-|–|—|to|bis|a|à|~"
    rf"|至)\s*(?:T\+)?(?P<high>\d+(?:[.,]\d+)?))?\s*[- ]?(?:{_UNIT})",
    re.IGNORECASE,
)
_IMMEDIATE = re.compile(
    r"immediate|inmediat|imediat|immédiat|sofort|unverzüglich|立即|即时|即座|즉시|немедленн|right away|at once|asap",
    re.IGNORECASE,
)
_CALENDAR = re.compile(
    r"next (?:business|working)? ?(?:day|sprint|week|release)|business days?|working days?|best effort|daily"
    r"|backlog|工作日|营业日|próximo día|nächster|n[äa]chst"
    r"|dia útil|día hábil|jour ouvr|영업일|営業日|рабоч",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Span:
    """A time or a range of times in minutes; ``low`` equals ``high`` for a single one. ``start``, ``end``: where."""

    low: float
    high: float
    start: int
    end: int
    open_end: bool = False


def spans(text: str) -> list[Span]:
    """Every time in the text, in order."""
    return [_read(found) for found in _SPAN.finditer(text)]


def first_span(text: str) -> Span | None:
    """The first time in the text."""
    found = _SPAN.search(text)
    return _read(found) if found else None


def _read(found: re.Match[str]) -> Span:
    factor = next(_MINUTES[name] for name, _ in _UNITS if found.group(name))
    low, high = _number(found.group("low")), _number(found.group("high") or found.group("low"))
    own = found.group("lowunit") or ""
    low_factor = next(
        (_MINUTES[name] for name, pattern in _UNITS if own and re.fullmatch(pattern, own, re.IGNORECASE)), factor
    )
    return Span(_tidy(low * low_factor), _tidy(high * factor), found.start(), found.end(), bool(found.group("plus")))


def _number(text: str) -> float:
    return float(text.replace(",", "."))


def _tidy(minutes: float) -> float:
    rounded = round(minutes, 6)
    return int(rounded) if rounded == int(rounded) else rounded


def is_immediate(text: str) -> bool:
    """Whether the text says "at once"."""
    return bool(_IMMEDIATE.search(text))


def response_minutes(text: str) -> float | None:
    """Minutes to the first response: a range's upper end, 0 for a bare "immediate", null for "next business day"."""
    if _CALENDAR.search(text):
        return None
    found = first_span(text)
    if found:
        return found.high
    return 0 if is_immediate(text) else None


def window(title: str) -> tuple[float, float] | None:
    """A phase's window from its title: "(0-5 minutes)", "(First 15 minutes)", "T+5-15 min"."""
    found = re.search(r"[(（]([^()（）]*\d[^()（）]*)[)）]", title)
    text = (
        found.group(1) if found else title if re.search(r"\bT\+\d|\bwithin\b|\bfirst \d", title, re.IGNORECASE) else ""
    )
    marked = re.search(r"\bfirst\b|\bwithin\b|<|≤|under|innerhalb|dentro|primeiros|erste|以内|内", text, re.IGNORECASE)
    span = first_span(text)
    if span is None or re.search(r"\bevery\b", text, re.IGNORECASE):
        return None
    if span.low != span.high or "T+" in text:
        return span.low, span.high
    return (0, span.high) if marked else None
