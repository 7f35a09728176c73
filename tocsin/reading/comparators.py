"""The words and signs of a comparison: operators before and behind the number, units, windows, in nine languages."""

from __future__ import annotations

import re

from tocsin.core.runbook import Op
from tocsin.reading.durations import first_span

_BEFORE: tuple[tuple[str, Op], ...] = (
    (
        (
            r">=|≥|⩾|＞＝|=>|at least|no less than|reaches|reached|hits|mindestens|erreicht|al menos"
            r"|como mínimo|pelo menos|no mínimo"
            r"|alcanza|atinge|au moins|atteint|не менее|не меньше|как минимум|достигает|不低于|不少于|至少"
            r"|达到|大于等于"
        ),
        ">=",
    ),
    (
        (
            r"<=|≤|⩽|at most|no more than|höchstens|como máximo|no máximo|au plus|не более|не больше"
            r"|不超过|不高于|至多|小于等于"
        ),
        "<=",
    ),
    (r"==|(?<=\s)=(?=\s\d)", "=="),
    (
        (
            r">|＞|(?:is |are |rises? |goes? |stays? |remains? )?above|over(?! the| a\b)|exceed(?:s|ed"
            r"|ing)?|surpass(?:es|ed)?|beyond"
            r"|more than|greater than|higher than|longer than|larger than|bigger than"
            r"|acima de|por encima de|más de|mais de"
            r"|(?:mayor|maior)(?:es)? (?:que|a|de|do que)|super(?:ior(?:es)? a|a)(?= |$)|exced[ea]n?"
            r"|ultrapassam?|über|oberhalb(?: von)?"
            r"|mehr als|größer als|höher als|länger als|übersteigt|überschreitet|supérieure?s? à|plus de"
            r"|au[- ]dessus de|dépassen?t?"
            r"|excèden?t?|более|больше|выше|свыше|превыша\w+|超过|超出|大于|高于|多于|초과|超え"
        ),
        ">",
    ),
    (
        (
            r"<|＜|(?:is |are |drops? |falls? |fell |dropped |stays? |dips? |goes? )?(?:to )?below|under"
            r"|less than|fewer than|lower than"
            r"|smaller than|shorter than|drops? to|falls? to|beneath|abaixo de|menos de|por debajo de"
            r"|(?:menor|inferior)(?:es)? (?:que|a|do que)"
            r"|unter|weniger als|kleiner als|niedriger als|unterhalb(?: von)?|unterschreitet"
            r"|inférieure?s? à|moins de|en[- ]dessous de|sous"
            r"|менее|меньше|ниже|低于|小于|少于|不足"
        ),
        "<",
    ),
)
_BEHIND: tuple[tuple[str, Op], ...] = (
    (
        (
            r"or (?:more|higher|above|greater|over|longer)|and (?:above|higher|over|up)|oder (?:mehr"
            r"|höher|länger)|ou (?:plus|mais|supérieure?|maior)"
            r"|o (?:más|mayor|superior)|и (?:более|выше|больше)|及以上|以上|이상"
        ),
        ">=",
    ),
    (
        (
            r"or (?:less|lower|below|fewer|under)|and below|oder weniger|ou (?:moins|menos)|o menos"
            r"|и (?:менее|ниже|меньше)|及以下|以下|이하"
        ),
        "<=",
    ),
    (r"を?(?:超え|超過|上回)|초과", ">"),
    (r"未満|を?(?:下回|割)|미만", "<"),
)
_END = r"(?![0-9A-Za-z_À-ɏЀ-ӿ])"  # of a Latin or Cyrillic word; a Han letter may follow
UNIT = (
    r"(?:%|％|percent<end>|prozent<end>|pour cent<end>|por ciento<end>|por cento<end>|процент\w*|퍼센트|パーセント"
    r"|ms<end>|milli[a-z]*s<end>|mili[a-z]*s<end>|millisekunden?<end>|мс<end>|毫秒|ミリ秒|밀리초|µs<end>|s<end>"
    r"|secs?<end>"
    r"|se[ck][a-z]*nd[a-z]*<end>|segundos?<end>|сек\w*|秒|초|min(?:ute)?n?s?<end>|minutos?<end>|мин\w*|分钟"
    r"|分間|分|분|m<end>"
    r"|h(?:ours?|rs?|oras?|eures?)?<end>|stunden?<end>|час\w*|小时|時間|시간|d(?:ays?)?<end>|tagen?<end>"
    r"|d[íi]as?<end>"
    r"|jours?<end>|дн\w+|天|日|일|[kMGT]i?B(?:/s)?<end>|(?<=\d)[GT]<end>|[kMG]bps<end>|[x×]<end>|×|倍|배"
    r"|rps<end>|qps<end>"
    r"|tps<end>|req(?:uests?)?/s(?:ec)?<end>|errors?/(?:s|min)<end>|°C<end>|€|£|USD<end>|EUR<end>)"
).replace("<end>", _END)
DIGIT = re.compile(r"\d")
NUMBER = (
    r"(?P<money>[$€£¥])?(?P<value>\d{1,3}(?:,\d{3})+(?:\.\d{1,9})?(?!\d)|\d{1,3}(?:\.\d{3})+,\d{1,9}"
    r"|\d{1,3}(?:\.\d{3}){2,4}(?![.\d])"
    r"|\d{1,3}(?: \d{3}){0,3} 000(?![\w.])|\d{1,15},\d{1,2}(?!\d)|0,\d{1,9}"
    r"|\d{1,15}(?:\.\d{1,9})?)(?P<thousand>k(?![\w])|万|만)?"
)
_OPERATOR = "|".join(f"(?P<o{index}>{words})" for index, (words, _) in enumerate(_BEFORE))
_AFTER = "|".join(f"(?P<b{index}>{words})" for index, (words, _) in enumerate(_BEHIND))
PLAIN = re.compile(
    rf"(?P<op>{_OPERATOR})\s*[~≈]?\s*{NUMBER}(?:\s*(?P<plus>\+))?(?:\s*(?P<unit>{UNIT}))?(?!\s*(?:-"
    rf"|–)\s*\d)(?![\d.,]*[0-9A-Za-z_])(?!\s*[%％])(?!\s\d{{3}}(?!\d|s?\s*(?:errors?|responses?|status|codes?)\b))"
    rf"(?!\s*(?:{_BEHIND[0][0]}))",
    re.IGNORECASE,
)
BEHIND = re.compile(rf"(?<![A-Za-z0-9_.,>$-]){NUMBER}(?:\s*(?P<unit>{UNIT}))?\s*(?P<op>{_AFTER})", re.IGNORECASE)
PLUS = re.compile(rf"(?<![\w.>$-]){NUMBER}\s*(?P<unit>%)?\+(?!\d)\s*(?P<noun>[a-z]+)?", re.IGNORECASE)
ALERT_WORD = (
    r"alert(?:s|as?|ed|ing)?|alarm[ae]?s?|warn(?:ing|ung)?|critical|critique|cr[íi]tic[oa]|kritisch"
    r"|avertissement|aviso|advertencia|page"
    r"|告警|报警|预警|警告|严重|危险|アラート|警報|重大|경고|알림|위험|предупрежд\w+|критич\w+|алерт\w*|оповещ\w+"
)
ALERT_AT = re.compile(
    (
        rf"(?<![^\W_])(?P<word>{ALERT_WORD})\s*(?:at|when|if|:|：|@|bei|ab|à|aux?|en|em|al|aos?|a|при"
        rf"|в)?\s*(?P<op>[<>]=?|≥|≤)?\s*{NUMBER}(?:\s*(?P<unit>{UNIT}))?"
    ),
    re.IGNORECASE,
)
MORE_LEVELS = re.compile(
    rf"\s*(?:/|,|;|、|and|or|und|oder|y|o|e|ou|et|и|或|と|및)\s*{NUMBER}\s*(?P<unit>%|％)", re.IGNORECASE
)
BARE_TARGET = re.compile(
    (
        rf"\b(?:target|slo|goal|objective|ziel|objetivo|meta|objectif"
        rf"|cible)s?\s*[:=]?\s*(?:p\d+\s*)?(?P<op>[<>]=?|≥|≤)?\s*{NUMBER}\s*(?P<unit>{UNIT})"
    ),
    re.IGNORECASE,
)
_FOR = re.compile(
    r"(?:(?<!\w)(?:for|over|in|during|within|per|pro|par|lasting|sustained(?: for)?|por|durante|en|em|nos"
    r"|während|für|innerhalb von|binnen|seit|im|pendant"
    r"|sur|sobre|depuis|за|в течение|на протяжении|дольше|persist(?:s|ing)?(?: for)?)\s+(?:(?:the|los|las|la|el"
    r"|le|die|das"
    r"|nos|nas|os|as|les|den|der|any|each|cualquier|qualquer|jede[mns]?|любы\w+)\s+)?(?:(?:last|past|previous"
    r"|últim[oa]s?|letzte[nrs]?|derni[èe]re?s?"
    r"|последн\w+)\s+)?"
    r"(?:an?\s+|une?\s+|einer?\s+)?(?:rolling\s+|average of\s+|consecutive\s+)?(?:(?:more than"
    r"|at least|mais de|más de|plus de|mehr als|über|более)\s+|[>≥]\s*)?"
    r"|(?:持续|连续|過去|过去|最近|近|連続)(?:超过|了)?\s*|[(\[]\s*|/\s*)"
    r"(?P<span>\d[\w .+-]{0,40}|\d+\s*(?:分|秒|小时|時間)\w*|(?:hour|minute|stunde|hora|heure|h|час|小时|時間"
    r"|시간|分钟"
    r"|day|tag|d[íi]a|jour|день|天|日|일)(?![A-Za-zÀ-ɏ]))",
    re.IGNORECASE,
)
_HAN_NUMBER = r"(?:\d+|[一二两三四五六七八九]?十[一二三四五六七八九]?|[一二两三四五六七八九])"
_HAN_FOR = re.compile(
    rf"(?P<span>{_HAN_NUMBER}\s*(?:分钟|分間|分|小时|時間|秒|분|시간|초))\s*(?:钟)?(?:内|以内|之内|間|以上|이상"
    rf"|동안|간|내|이내|继续|継続|続|지속)"
    rf"|(?:持续|连续|連続|过去|過去|最近)(?:超过|了)?\s*(?P<led>{_HAN_NUMBER}\s*(?:分钟|分間|分|小时|時間|秒|분"
    rf"|시간|초))"
)
_HAN_DIGITS = {letter: index for index, letter in enumerate("〇一二三四五六七八九")} | {"两": 2}
_PER = {"h": 60, "hour": 60, "stunde": 60, "hora": 60, "heure": 60, "час": 60, "小时": 60, "時間": 60, "시간": 60} | {
    "day": 1440, "tag": 1440, "día": 1440, "dia": 1440, "jour": 1440, "день": 1440, "天": 1440, "日": 1440, "일": 1440,
    "minute": 1, "分钟": 1,
}  # fmt: skip
_BRACKET = re.compile(
    r"^\s*[(\[]\s*\d+\s*[a-z]+(?:\s*(?:avg|average|window|rolling|sustained))?\s*[)\]]", re.IGNORECASE
)
_SPELLED = {
    "%": "％ percent prozent процент процентов процента 퍼센트 パーセント",
    "ms": "milliseconds millisecond millis milissegundos milisegundos millisecondes millisekunden мс"
    " 毫秒 ミリ秒 밀리초",
    "s": "sec secs second seconds segundo segundos sekunde sekunden seconde secondes сек секунд секунды 秒 초",
    "min": "minute minutes mins m minuto minutos minuten мин минут минуты 分钟 分間 分 분",
    "h": "hour hours hrs hr hora horas heure heures stunde stunden час часа часов 小时 時間 시간",
    "d": "day days tage tagen tag día días dia dias jour jours дней дня 天 日 일",
    "x": "× 倍 배",
    "req/s": "requests/s request/s req/sec requests/sec",
    **{unit: unit.lower() for unit in ("KB", "MB", "KiB", "MiB", "GiB", "TiB")},
    "GB": "gb g",
    "TB": "tb t",
}
_UNITS = {word: unit for unit, words in _SPELLED.items() for word in words.split()}
_COMMA_THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?")
_POINT_THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:\.\d{3})+(?:,\d+)?")
_DECIMAL_COMMA = re.compile(
    r"(?<!\w)(?:über|unter|mehr als|weniger als|mindestens|höchstens|größer|kleiner|más de|menos de|mais de"
    r"|mayor|maior"
    r"|menor|superior|inferior|por encima|por debajo|acima|abaixo|supera|plus de|moins de|au moins|supérieure?"
    r"|inférieure?|dépasse|более|менее|больше|меньше|выше|ниже|превыша\w+|не (?:более|менее))(?!\w)",
    re.IGNORECASE,
)
_NEAR = 40
_TIMES = frozenset({"ms", "s", "min", "h", "d"})


def operator(match: re.Match[str]) -> Op:
    """The operator of a match of `PLAIN` or `BEHIND`."""
    groups = match.groupdict()
    for letter, rows in (("o", _BEFORE), ("b", _BEHIND)):
        for index, (_, op) in enumerate(rows):
            if groups.get(f"{letter}{index}"):
                return op
    return ">="


def number(match: re.Match[str]) -> float:
    """The number of a match: thousands and decimal commas understood, ``10k`` multiplied."""
    factor = {"k": 1000, "万": 10000, "만": 10000}.get((match.group("thousand") or "").lower(), 1)
    value = float(_in_points(match.group("value"), match.string)) * factor
    return int(value) if value == int(value) else value


def _in_points(text: str, around: str) -> str:
    """A number without thousands' marks and with a decimal point.

    ``1.000`` is a thousand, since nobody writes three noughts behind a point, and ``1.500`` is one in a sentence that
    compares in a language of the decimal comma.
    """
    plain = text.replace(" ", "")
    if _COMMA_THOUSANDS.fullmatch(plain):
        return plain.replace(",", "")
    grouped = _POINT_THOUSANDS.fullmatch(plain)
    if grouped and ("," in plain or plain.count(".") > 1 or plain.endswith("000") or _DECIMAL_COMMA.search(around)):
        plain = plain.replace(".", "")
    return plain.replace(",", ".")


def unit(match: re.Match[str]) -> str | None:
    """The unit of a match in its short spelling; an amount of dollars is "USD", other currencies stay as written."""
    plain = re.sub(r"\s+", " ", match.group("unit") or "").strip()
    if plain:
        short = "%" if re.fullmatch(r"por ciento|por cento|pour cent", plain, re.IGNORECASE) else plain
        return _UNITS.get(short.lower(), short)
    money = match.groupdict().get("money")
    return "USD" if money == "$" else money or None


def is_time(name: str | None) -> bool:
    """Whether a unit measures time."""
    return name in _TIMES


def window_after(text: str) -> float | None:
    """The minutes of "for 5 minutes", "in the last hour", "(5m)", "持续5分钟" behind a comparison; None for none."""
    after = text[:70]
    match = _FOR.search(after)
    if match and match.group().startswith(("(", "[")) and not _BRACKET.match(after):
        match = _FOR.search(after, match.end())
    match = match or _HAN_FOR.search(after)
    if match is None or re.search(r"[<>≥≤]", after[: match.start()]):
        return None
    words = (match.group("span") or match.group("led")).lower()
    if words in _PER:
        return _PER[words]
    span = first_span(_in_digits(words))
    return span.low if span else None


def window_before(text: str) -> tuple[float | None, str]:
    """The minutes of a window before the operator, and the text without it.

    ``"队列持续三分钟(大于)"``, ``"5分間の遅延が(…)"``: it stands behind the metric or right before it.
    """
    tail = text[-_NEAR:]
    found = next(iter(list(_HAN_FOR.finditer(tail))[-1:]), None)
    between = tail[found.end() :] if found else ""
    if found is None or re.search(r"[\d、，。；;,]\s*\S", between):
        return None, text
    span = first_span(_in_digits(found.group("span") or found.group("led")))
    if span is None:
        return None, text
    metric = re.sub(r"^(?:内|以内|間|の|における|に|で|钟|平均)+", "", between)
    return span.low, text[: max(0, len(text) - _NEAR) + found.start()] + (metric if re.search(r"\w{2}", metric) else "")


def _in_digits(text: str) -> str:
    """Han numbers below a hundred in digits: 三十分钟 → 30分钟."""

    def digits(found: re.Match[str]) -> str:
        tens, ten, ones = found.group().rpartition("十")
        value = (_HAN_DIGITS.get(tens, 1) * 10 if ten else 0) + _HAN_DIGITS.get(ones, 0)
        return str(value)

    return re.sub(r"[一二两三四五六七八九十]+", digits, text)
