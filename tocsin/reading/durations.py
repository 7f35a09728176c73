"""Times as people write them: "30 min", "< 1 hour", "Immediate (5 minutes)", "T+5-15 min", "1小时内"."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from tocsin.reading.letters import compiled, hint, unaccented

_MINUTES: dict[str, float] = {"s": 1 / 60, "m": 1, "h": 60, "d": 1440, "w": 10080, "o": 43200}
_UNITS: tuple[tuple[str, str], ...] = (
    ("o", r"mo(?:nths?|s)?\b|monate?n?\b|mes(?:es|i)?\b|mois\b|meses\b|个月|か月|ヶ月|カ月|개월|м[еі]сяц\w*"),
    ("m", (r"min(?:ute[ns]?|uut|uten|utos?|ut[ioy]?|s)?\b\.?|m\b(?![a-z])|分钟|分間?|분|минут\w*|мин\b"
          r"|хвилин\w*|хв\b|phút|dakika\w*|dk\b")),
    ("h", (r"(?:business |working |service |office )?h(?:ours?|rs?|oras?|eures?)?\b|stunden?\b|std\b|个?小时|時間"
           r"|시간"
          r"|час\w*|ч\b|годин\w*|год\.|or[ae]\b|uur\b|uren\b|giờ|godzin\w*|godz\b|saat\w*")),
    ("d", (r"(?:business |working |calendar )?d(?:ays?)?\b|(?:werk|arbeits|kalender)?tage?n?\b|días?\b|dias?\b"
           r"|jours?\b"
          r"|(?<=\d)j\b|[个個]?(?:工作|营业|営業|自然)?(?:天|日)|(?:영업)?일|дн\w+|день\b|сут\w+|діб\b|доб[аиу]\b"
          r"|giorn[io]\b|dagen\b|ngày|dni\b|dzień\b")),
    ("w", (r"w(?:eeks?|ks?)?\b|wochen?\b|semanas?\b|semaines?\b|周|週間?|주일?|недел\w+|тиж\w+|settiman[ae]\b|weken\b"
          r"|tuần")),
    ("s", r"s(?:ec(?:ond)?s?|egundos?|ekunden?|econdes?)?\b|秒|초|сек\w*"),
)  # fmt: skip
_UNIT = "|".join(f"(?P<{name}>{pattern})" for name, pattern in _UNITS)
_SPAN = compiled(
    rf"(?P<low>(?<!\d)\d{{1,9}}(?:[.,]\d{{1,9}})?)(?:\s*(?P<plus>\+)|\s*(?P<lowunit>[a-z]+)?\s*(?:-|–|—|to|bis|a|à|~"
    rf"|～|〜"
    rf"|至|から|до)\s*(?:T\+)?(?P<high>\d{{1,9}}(?:[.,]\d{{1,9}})?))?\s*[- ]?(?:{_UNIT})"
)
_AHEAD = compiled(
    r"\b(?:(?P<m>min(?:ute[ns]?|utos?|s)?\.?)|(?P<h>hours?|stunden?|heures?|horas?)|(?P<d>days?|tage?|jours?"
    r"|d[ií]as?))\s+(?P<low>\d+)\s*(?:-|–|—|to|bis|a|à|~)\s*(?P<high>\d+)\b(?!\s*(?:%|min|h\b))"
)
_NUMBERS = {
    word: number
    for number, words in (
        ("0.5", "half an"),
        ("1", "an a one ein eine einer einem einen une un una uma um одного одной одну однієї"),
        ("2", "two zwei deux dos due dois duas двух два две двох дві"),
        ("3", "three drei trois tres tre трех три трьох"),
        ("4", "four vier quatre cuatro quatro quattro четырех четыре чотирьох"),
        ("5", "five funf cinq cinco cinque пяти пять п'яти"),
        ("6", "six sechs seis sei шести шесть"),
        ("7", "seven sieben sept siete sete sette семи семь"),
        ("8", "eight acht huit ocho oito otto восьми восемь"),
        ("10", "ten zehn dix diez dez dieci десяти десять"),
        ("12", "twelve zwolf douze doce doze dodici двенадцати"),
        ("15", "fifteen funfzehn quinze quince quindici пятнадцати пятнадцать"),
        ("20", "twenty zwanzig vingt veinte vinte venti двадцати двадцать"),
        ("30", "thirty dreißig trente treinta trinta trenta тридцати тридцать"),
        ("60", "sixty"),
    )
    for word in ([words] if number == "0.5" else words.split())
}
_WORDED = compiled(
    rf"\b(?P<word>{'|'.join(sorted(_NUMBERS, key=len, reverse=True))})\s+(?P<unit>(?:(?:business|working"
    rf"|calendar)\s+)?"
    r"(?:minutes?|hours?|days?|weeks?|months?"
    r"|minuten?|stunden?|(?:werk|arbeits)?tage?n?|wochen?|heures?|jours?|semaines?|horas?|d[ií]as?|semanas?|minutos?"
    r"|or[ae]|giorn[io]|settiman[ae]|минут\w?|час(?:а|ов)?|дн(?:я|ей)|суток|недел[иью]|годин\w?|хвилин\w?))\b"
)
_THE_HOUR = compiled(
    r"(?<=\bthe )hour\b|(?<=\bfirst )hour\b|(?<=\bersten )stunde\b|(?<=\bpremière )heure\b|(?<=\bprimera )hora\b"
    r"|(?<=\bprimeira )hora\b|(?<=\bпервый )час\b|(?<=\bперший )час\b|(?<=\bprima )ora\b|(?<=\bdans l['’])heure\b"
    r"|(?<=\bsous l['’])heure\b|(?<=\bder )stunde\b|(?<=\bla )hora\b"
)
_MAY_BE_THE_HOUR = hint(compiled("hour|heure|stunde|hora|час|prima ora"))
_HAN_NUMBER = re.compile(  # "两小时", "三十分钟", "半小时"
    r"(?<![一二两三四五六七八九十几数第])(?P<number>[二两三四五六七八九]?十[一二三四五六七八九]?"
    r"|[一二两三四五六七八九半])"
    r"(?=\s*(?:个|個)?(?:小时|分钟|工作日|营业日|時間|営業日|天(?:之?内|以内)|周(?:之?内|以内)))"
)
_HAN_DIGITS = {letter: index for index, letter in enumerate("〇一二三四五六七八九")} | {"两": 2, "": 0}
_IMMEDIATE = compiled(
    r"immediate|inmediat|imediat|immédiat|sofort|unverzüglich|立即|即时|即座|즉시|немедленн|right away|at once|asap"
)
_MAY_SPELL, _SAYS_IMMEDIATE = hint(_WORDED), hint(_IMMEDIATE)
_CALENDAR = compiled(
    r"next (?:business|working)? ?(?:day|sprint|week|release|iteration|cycle)|business days?|working days?"
    r"|best effort|daily|backlog|工作日|营业日|próximo día|nächster|n[äa]chst"
    r"|dia útil|día hábil|jour ouvr|영업일|営業日|рабоч"
)
_BRACKETED = re.compile(r"[(（\[]([^()（）\[\]]*\d[^()（）\[\]]*)[)）\]]")
_HABIT = re.compile(r"\b(?:every|each|alle|cada|toutes|last|past)\b|毎|每", re.IGNORECASE)


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
    return [_read(found) for found in _SPAN.finditer(unaccented(text))]


@lru_cache(maxsize=4096)
def in_digits(text: str) -> str:
    """The text with its times in digits: "within one hour", "within the hour" → "within 1 hour"."""
    if text.isascii():
        text = _THE_HOUR.sub(lambda found: f"1 {found.group()}", text) if _MAY_BE_THE_HOUR(text) else text
        return _WORDED.sub(_numbered, text) if _MAY_SPELL(text) else text
    text = _HAN_NUMBER.sub(_han_numbered, text)
    bare = unaccented(text)
    if _MAY_BE_THE_HOUR(bare):
        text = _where(_THE_HOUR, bare, text, lambda found: f"1 {found.group()}")
        bare = unaccented(text)
    return _where(_WORDED, bare, text, _numbered) if _MAY_SPELL(bare) else text


def _where(pattern: re.Pattern[str], bare: str, text: str, spelled: Callable[[re.Match[str]], str]) -> str:
    """The text with what a pattern finds in its ``bare`` letters spelled another way."""
    parts, last = [], 0
    for found in pattern.finditer(bare):
        parts += [text[last : found.start()], spelled(found)]
        last = found.end()
    return "".join([*parts, text[last:]])


def _numbered(found: re.Match[str]) -> str:
    return f"{_NUMBERS[found.group('word').lower()]} {found.group('unit')}"


def _han_numbered(found: re.Match[str]) -> str:
    if found.group("number") == "半":
        return "0.5"
    tens, ten, ones = found.group("number").rpartition("十")
    return str((_HAN_DIGITS[tens] or 1) * 10 + _HAN_DIGITS[ones] if ten else _HAN_DIGITS[ones])


@lru_cache(maxsize=4096)
def first_span(text: str) -> Span | None:
    """The first time in the text."""
    found = _SPAN.search(unaccented(text))
    return _read(found) if found else None


def _read(found: re.Match[str]) -> Span:
    factor = next(_MINUTES[name] for name, _ in _UNITS if found.groupdict().get(name))
    low, high = _number(found.group("low")), _number(found.group("high") or found.group("low"))
    own = found.group("lowunit") or ""
    low_factor = next((_MINUTES[name] for name, pattern in _UNITS if own and compiled(pattern).fullmatch(own)), factor)
    return Span(_tidy(low * low_factor), _tidy(high * factor), found.start(), found.end(), bool(found.group("plus")))


def _number(text: str) -> float:
    return float(text.replace(",", "."))


def _tidy(minutes: float) -> float:
    rounded = round(minutes, 6)
    return int(rounded) if rounded == int(rounded) else rounded


@lru_cache(maxsize=4096)
def is_immediate(text: str) -> bool:
    """Whether the text says "at once"."""
    return _SAYS_IMMEDIATE(unaccented(text))


def response_minutes(text: str) -> float | None:
    """Minutes to a human's first response: a range's upper end, 0 for "immediate", null for "next business day"."""
    if _CALENDAR.search(unaccented(text)):
        return None
    found = first_span(in_digits(text))
    if found and found.high >= 1:  # seconds are how fast a machine responds
        return found.high
    return 0 if is_immediate(text) else None


_FIRST = compiled(
    r"\bfirst\b|\bwithin\b|<|≤|\bate\b|\bhasta\b|\bjusqu'a\b|\bbis zu\b|\bunder\b|\bup to\b|\bmax\b|\binnerhalb"
    r"|\bbinnen\b|\berste|\bdentro|\bprime[ir]+[oa]s?\b|\bprim[ie]\b|\bentro\b"
    r"|\bpremi[eè]re?s?\b|\bmoins de\b|\bmenos de\b|\bem até\b|\bпер[вш]\w+|以内|之内|内|前|首|最初|이내|최초|처음|첫"
    r"|в течение|протягом|later than|spatestens|au plus tard|a mas tardar|\bsous \d|\bdans les \d|не позднее|\bдо \d"
)
_FRAMED = compiled(
    r"\bT\s?\+\s?\d|\bwithin\b|(?:no|not) later than\b|spatestens (?:nach|in)\b|\bau plus tard\b|\ba mas tardar\b"
    r"|\bsous \d"
    r"|\bdans les \d|\bdentro de \d|\b(?:em ate|no prazo de) \d|не позднее|в течение \d|\bbinnen \d"
    r"|\bfirst \w+ (?:min|h)|\binnerhalb\b|\bersten? \d|\bprimer[oa]s \d|\bprimeir[oa]s \d"
    r"|\bpremi[eè]re?s \d|\bдо\b|\bпер(?:вые|ш[іи]х?) \d|\bprim[ie] \d|\bentro \d|\bпротягом \d|[最初前首]の?\s*\d+"
    r"|(?:최초|처음|첫)\s*\d+|\d+\s*(?:分钟?|小时"
    r"|時間)(?:以内|之内|内)|\d+\s*(?:분|시간)\s*(?:이내|내)"
)
_LEADS = compiled(
    r"^\W*(?:T\s?\+)?\d+\s*\w*\s*(?:-|–|—|~|to|bis|à|a)\s*(?:T\s?\+)?\d+\s*[^\W\d]+\b\s*(?:$|[:：—–"
    r"|-])"
)
_TRAILS = re.compile(r"(?:[:：,—–|-]|\s-)\s*((?:T\s?\+)?\d+\s*\w*\s*(?:-|–|—|~|to)\s*(?:T\s?\+)?\d+\s*[^\W\d]+)\W*$")


def _timed(found: re.Match[str]) -> bool:
    """Whether what a title says in brackets holds a time: "(Art. 33)" holds none."""
    return bool(first_span(found.group(1)) or _AHEAD.search(found.group(1)))


_BEHIND = compiled(
    r"\b(?P<number>\d{1,4})\s+(?P<first>first|ersten?|premi[eè]re?s|prime[ir]+[oa]s|prim[ie]|пер[вш]\w{1,4})\s+"
    r"(?=min|h|ore|st|час|год|хв|мин|d[ií]a|jour|tag)"
)


@lru_cache(maxsize=4096)
def window(title: str) -> tuple[float, float] | None:
    """A phase's window from its title: "(0-5 minutes)", "(First 15 minutes)", "T+5-15 min", "Minutes 5-10: …"."""
    title = _BEHIND.sub(r"\g<first> \g<number> ", unaccented(in_digits(title[:300])))
    found = next(filter(_timed, _BRACKETED.finditer(title)), None) or _TRAILS.search(title)
    whole = _FRAMED.search(title) or _LEADS.match(title) or _AHEAD.search(title)
    text = found.group(1) if found else title if whole else ""
    if _HABIT.search(text):
        return None
    ahead = _AHEAD.search(text)
    if ahead:
        factor = next(_MINUTES[name] for name in "mhd" if ahead.group(name))
        return _tidy(float(ahead.group("low")) * factor), _tidy(float(ahead.group("high")) * factor)
    span = first_span(text)
    if span is None:
        return None
    if span.low != span.high or "T+" in text:
        return span.low, span.high
    return (0, span.high) if _FIRST.search(text) else None
