"""The words and signs of a comparison: operators before and behind the number, units, windows, in nine languages."""

from __future__ import annotations

import re

from tocsin.core.runbook import Op

_BEFORE: tuple[tuple[str, Op], ...] = (
    (
        (
            r">=|≥|⩾|＞＝|=>|at least|no less than|not less than|(?:is |are )?at or (?:above|over)|reach(?:es|ed"
            r"|ing)?|hits"
            r"|(?:greater|more|higher|larger) than or equal(?: to)?|(?:rises?|climbs?|grows?|jumps?|goes) to"
            r"|mindestens|erreicht|größer (?:oder )?gleich|steigt auf|ab(?=\s*\d+(?:[.,]\d+)?\s*%)"
            r"|al menos|como mínimo|(?:mayor|superior|maior) o[u]? igual (?:a|al|que|do que)|sube (?:a|al|hasta)"
            r"|alcanzan?|pelo menos|no mínimo|a partir d(?:e|el|os?|u)|sobe para|ating(?:e|em|ir|iu)"
            r"|au moins|supérieure?s? ou éga(?:le?s?|ux) à|à partir de|atteint|atteignent|monte à"
            r"|не менее|не меньше|как минимум|больше или равно|достиг\w*(?: до)?"
            r"|不低于|不少于|不低於|不少於|至少|达到|達到|升至|升到|大于(?:或)?等于|高于或等于"
        ),
        ">=",
    ),
    (
        (
            r"<=|≤|⩽|at most|no more than|not more than|(?:is |are )?at or (?:below|under)"
            r"|(?:less|lower|fewer|smaller) than or equal(?: to)?"
            r"|höchstens|maximal|kleiner (?:oder )?gleich|como máximo|no máximo|(?:menor|inferior) o[u]? igual (?:a"
            r"|al|que)"
            r"|au plus|au maximum|inférieure?s? ou éga(?:le?s?|ux) à|не более|не больше|не выше|меньше или равно"
            r"|不超过|不高于|不超過|不高於|至多|小于(?:或)?等于|低于或等于"
        ),
        "<=",
    ),
    (r"==|(?<=\s)=(?=\s\d)", "=="),
    (
        (
            r">|＞|(?:is |are |rises? |goes? |stays? |remains? |climbs? )?above|over(?! the| a\b)|exceed(?:s|ed|ing)?"
            r"|surpass(?:es|ed)?|beyond|cross(?:es|ed|ing)?|(?:rises?|climbs?|goes|grows?|jumps?) past"
            r"|(?:more|greater|higher|longer|larger|bigger|older) than"
            r"|acima d(?:e|[oa]s?)|(?:por )?encima d(?:el?|e l[oa]s)|más de|mais de"
            r"|(?:mayor|maior)(?:es)? (?:que|al?|de|do que)"
            r"|super(?:ior(?:es)? (?:al?|à|ao|a l[oa]s|aos|às)|an?|ar|ou|ó)(?= |$)"
            r"|sobrepasan?|rebasan?|exced(?:en?|er|eu|ió)|más antigu[oa]s? (?:que|de)|mais antig[oa]s? (?:do )?que"
            r"|ultrapass(?:am?|ar|ou)"
            r"|über|oberhalb(?: von)?|(?:mehr|größer|höher|länger|älter) als|über\w*steigt|übersteigen|überschreite[tn]"
            r"|supérieure?s? (?:à|aux?)|plus de|au[- ](?:dessus|delà) d(?:es?|u)|dépass(?:en?t?|er?|é)|excèden?t?"
            r"|plus (?:anciens?|anciennes?|vieux) (?:que|de)"
            r"|(?:более|больше)(?: чем)?(?: (?:на|через))?|выше|свыше|старше|превы(?:ша|с)\w+"
            r"|超过|超出|超過|大于|高于|多于|大於|高於|多於|突破|超(?=\s*\d)|초과|超え"
        ),
        ">",
    ),
    (
        (
            r"<|＜|(?:is |are |drops? |falls? |fell |dropped |stays? |dips? |dipped |goes? )?(?:to )?(?:below|beneath"
            r"|under)"
            r"|(?:less|fewer|lower|smaller|shorter) than|(?:drop|fall|dip|sink|shrink)s? to"
            r"|abaixo d(?:e|[oa]s?)|menos de|(?:por )?debajo d(?:el?|e l[oa]s)"
            r"|(?:menor|inferior)(?:es)? (?:que|al?|à|ao|aos|às|a l[oa]s|de|do que)|(?:baja|cae) (?:a|al|hasta)"
            r"|cai para"
            r"|unter|(?:weniger|kleiner|niedriger|geringer) als|unterhalb(?: von)?|unterschreite[tn]|(?:fällt"
            r"|sinkt) auf"
            r"|inférieure?s? (?:à|aux?)|moins de|en[- ]dessous d(?:es?|u)|sous|(?:tombe|descend|chute) à"
            r"|(?:менее|меньше)(?: чем)?(?: через)?|ниже|(?:падает|упал\w?|опускается|снижается) до"
            r"|低于|小于|少于|低於|小於|少於|不足|不到|不满|跌破|跌至|降至|降到|低过"
        ),
        "<",
    ),
)
_BEHIND: tuple[tuple[str, Op], ...] = (
    (
        (
            r"or (?:more|higher|above|greater|over|longer)|and (?:above|higher|over|up)|oder (?:mehr"
            r"|höher|länger|darüber)|ou (?:plus|mais|acima|supérieure?|maior)"
            r"|o (?:más|mayor|superior)|и (?:более|выше|больше)|[及或]?以上|이상|(?:に|を)?(?:達し|到達|達す)"
        ),
        ">=",
    ),
    (
        (
            r"or (?:less|lower|below|fewer|under)|and (?:below|under)|oder (?:weniger|darunter)|ou (?:moins|menos)"
            r"|o menos"
            r"|и (?:менее|ниже|меньше)|[及或]?以下|(?:로 )?이하"
        ),
        "<=",
    ),
    (r"を?(?:超え|超過|上回|超(?!時|时|过|出|え))|(?:을|를|가|이)?\s*(?:초과|넘|웃돌|상회)", ">"),
    (r"未満|を?(?:下回|割|切っ|切る)|(?:을|를)?\s*(?:미만|밑돌|하회)|(?:로|으로)? ?아래로", "<"),
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
    r"|jours?<end>|дн\w+|天|日|일|w(?:ee)?ks?<end>|wochen?<end>|[kMGT]i?B(?:/s)?<end>|[КМГТ]Б<end>|[GMT]o<end>"
    r"|(?<=\d)[GT]<end>|[kMG]bps<end>|[x×]<end>|×|倍|배"
    r"|rps<end>|qps<end>"
    r"|tps<end>|req(?:uests?)?/s(?:ec)?<end>|errors?/(?:s|min)<end>|°[CF]<end>|℃|€|£|USD<end>|EUR<end>)"
).replace("<end>", _END)
NUMBER = (
    r"(?P<money>[$€£¥])?(?P<value>\d{1,3}(?:,\d{3})+(?:\.\d{1,9})?(?!\d)|\d{1,3}(?:\.\d{3})+,\d{1,9}"
    r"|\d{1,3}(?:\.\d{3}){2,4}(?![.\d])"
    r"|\d{1,3}(?: \d{3}){0,3} 000(?![\w.])|\d{1,15},\d{1,2}(?!\d)|0,\d{1,9}"
    r"|\d{1,15}(?:\.\d{1,9})?)(?P<thousand>k(?![\w])|万|만)?"
)
OPERATOR = "|".join(f"(?P<o{index}>{words})" for index, (words, _) in enumerate(_BEFORE))
_AFTER = "|".join(f"(?P<b{index}>{words})" for index, (words, _) in enumerate(_BEHIND))
_COUNTER = r"(?:\s?(?P<counter>[回件個个次台人名本条番通组組批项項種张]|건|회|개|명|대|번|통|度|도))?"
_WORD_BEGINS = r"(?:(?<![A-Za-zÀ-ɏЀ-ӿ])|(?![A-Za-zÀ-ɏЀ-ӿ]))"
_ARTICLE = (
    r"(?:\s(?:the|los|las|el|la|les?|os?|as?|den|die|das|dem|der)(?=\s+\d))?"
    r"(?:\s+(?:(?:threshold|limit|umbral|límite|limiar|limite|seuil) (?:of|del?|do)|(?:schwellen?wert|schwelle"
    r"|grenze) von))?"
)
PLAIN = re.compile(
    rf"{_WORD_BEGINS}(?P<op>{OPERATOR}){_ARTICLE}\s*[~≈]?\s*{NUMBER}(?:\s*(?P<plus>\+))?(?:\s*(?P<unit>{UNIT})"
    rf"|{_COUNTER})?(?!\s*(?:-|–)\s*\d)(?![\d.,]*[0-9A-Za-z_])(?!\s*[%％])"
    rf"(?!\s\d{{3}}(?!\d|s?\s*(?:errors?|responses?|status|codes?)\b))(?!\s*(?:{_BEHIND[0][0]}))",
    re.IGNORECASE,
)
BEHIND = re.compile(
    rf"(?<![A-Za-z0-9_.,>$-]){NUMBER}(?:\s*(?P<unit>{UNIT})|{_COUNTER})?\s*(?P<op>{_AFTER})", re.IGNORECASE
)
PLUS = re.compile(rf"(?<![\w.:>$-]){NUMBER}\s*(?P<unit>%)?\+(?!\d)\s*(?P<noun>[a-z]+)?", re.IGNORECASE)
ALERT_WORD = (
    r"alert(?:s|es?|as?|ed|ing)?|alarm[ae]?s?|warn(?:ing|ung)?|critical|critique|cr[íi]tic[oa]|kritisch"
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
    **{unit: unit.lower() for unit in ("KB", "KiB", "MiB", "GiB", "TiB")},
    "MB": "mb mo мб",
    "°C": "℃",
    "w": "week weeks wk wks woche wochen",
    "GB": "gb g go гб",
    "TB": "tb t to тб",
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
_TIMES = frozenset({"ms", "s", "min", "h", "d", "w"})

_DEGREES = "度도"
_SPACES = re.compile(r"\s+")
_PER_CENT = re.compile(r"por ciento|por cento|pour cent", re.IGNORECASE)


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
    plain = _SPACES.sub(" ", match.group("unit") or "").strip()
    if plain:
        short = "%" if _PER_CENT.fullmatch(plain) else plain
        return "MB" if short == "M" else _UNITS.get(short.lower(), short)
    money = match.groupdict().get("money")
    if match.groupdict().get("counter") and match.group("counter") not in _DEGREES:
        return "count"
    return "USD" if money == "$" else money or None


def is_time(name: str | None) -> bool:
    """Whether a unit measures time."""
    return name in _TIMES
