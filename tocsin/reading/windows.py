"""For how long a comparison holds: "for 5 minutes", "in the last hour", "(5m)", "/min"."""

from __future__ import annotations

import re

from tocsin.reading.durations import first_span, in_digits

_WINDOW_WORD = (
    r"(?:time\s*)?window|janela|ventana|fenêtre|zeitfenster|zeitraum|período|periodo|période|period|span|intervalo?"
    r"|окн[оеа]|период[еа]?"
)
_HOURS = r"hour|minute|stunde|hora|heure|h|hr|min|minuto|час|минуту|小时|時間|시간|分钟|分|분|day|tag|d[íi]a|jour|день"
_FOR = re.compile(
    r"(?:(?<!\w)(?:for|over|in|during|within|per|pro|par|lasting|sustained(?: for)?|por|durante|en|em|n[ao]s?|num|numa"
    r"|während|für|innerhalb von|binnen|seit|im|pendant|sur|dans|sobre|depuis|há|desde hace|hace|за|в течение"
    r"|на протяжении|дольше|persist(?:s|ing)?(?: for)?)\s+"
    r"(?:(?:the|los|las|la|el|le|die|das|nos|nas|os|as|les|den|der|any|each|cualquier|qualquer|jede[mns]?|любы\w+)\s+)?"
    r"(?:(?:last|past|previous|últim[oa]s?|letzte[nrs]?|derni[èe]re?s?|последн\w+)\s+)?"
    rf"(?:(?:an?|une?|una|uma|eine[mnrs]?)\s+)?(?:(?:{_WINDOW_WORD})\s+(?:(?:of|de|von|в)\s+|d['’])?)?"
    r"(?:rolling\s+|average of\s+|consecutive\s+)?"
    r"(?:(?:more than|at least|longer than|mais de|más de|plus de|mehr als|über|более|больше)\s+|[>≥]\s*)?"
    r"|(?:持续|连续|過去|过去|最近|近|連続)(?:超过|了)?\s*|[(\[]\s*|/\s*)"
    rf"(?P<span>\d[\w .+-]{{0,40}}|\d+\s*(?:分|秒|小时|時間)\w*|(?:{_HOURS}|天|日|일)(?![A-Za-zÀ-ɏЀ-ӿ]))",
    re.IGNORECASE,
)
_HAN_NUMBER = r"(?:\d+|[一二两三四五六七八九]?十[一二三四五六七八九]?|[一二两三四五六七八九])"
_HAN_FOR = re.compile(
    rf"(?P<span>{_HAN_NUMBER}\s*(?:分钟|分間|分|小时|時間|秒|분|시간|초))\s*(?:钟)?(?:内|以内|之内|間|以上|이상"
    rf"|동안|간|내|이내|继续|継続|続|지속)"
    rf"|(?:持续|连续|連続|过去|過去|最近)(?:超过|了)?\s*(?P<led>{_HAN_NUMBER}\s*(?:分钟|分間|分|小时|時間|秒|분"
    rf"|시간|초))"
)
_LED = re.compile(  # a sentence's first words: "In the last hour, …", "10 Minuten lang …"
    r"(?<!\w)(?:(?:in|over|during|within|for|pendant|durante|während|in den|au cours des|nos|nas|en|за|в течение)\s+"
    r"(?:(?:the|los|las|les|der|den|die)\s+)?"
    r"(?:(?:last|past|previous|últim[oa]s?|letzten?|derni[èe]re?s?|последн\w+)\s+)?(?P<span>\d{1,4}\s*[^\W\d_]{1,10})"
    r"\b|(?P<long>\d{1,4}\s*(?:minuten|stunden|min|h))\s+(?:lang|hinweg|hintereinander)\b)",
    re.IGNORECASE,
)
_LONG = re.compile(r"\s*(?:\d{1,4}\s*(?:minuten|stunden|min|h))\s+(?:lang|hinweg|hintereinander)\b", re.IGNORECASE)
_STRAIGHT = re.compile(
    r"\b(?:consecutive|straight|full|consecutiv[oa]s|consécutives|aufeinanderfolgende\w?)\s", re.IGNORECASE
)
_HAN_DIGITS = {letter: index for index, letter in enumerate("〇一二三四五六七八九")} | {"两": 2}
_MINUTES = {1440: "day tag día dia jour день 天 日 일", 60: "h hr hour stunde hora heure час 小时 時間 시간",
    1: "min minute minuto минуту 分钟 分 분"}  # fmt: skip
_PER = {word: minutes for minutes, words in _MINUTES.items() for word in words.split()}
_BRACKET = re.compile(
    r"^\s*[(\[]\s*\d+\s*[a-z]+(?:\s*(?:avg|average|window|rolling|sustained))?\s*[)\]]", re.IGNORECASE
)
_ENDS = re.compile(r"\s[—–-]\s(?!for\b|over\b|sustained\b|durante\b|pendant\b|während\b)|[;；]|[.](?:\s|$)|→|\s->\s")
_PACED = re.compile(
    r"(?P<minute>每分钟|每分鐘|毎分|1分(?:あたり|当たり)|분당)|每小时|毎時|1時間(?:あたり|当たり)|시간당"
)
_SEEN = 70
_NEAR = 40


def window_after(text: str) -> float | None:
    """The minutes of "for 5 minutes", "in the last hour", "(5m)", "持续5分钟" behind a comparison; None for none."""
    after = _ENDS.split(text[:_SEEN], maxsplit=1)[0]
    after = _STRAIGHT.sub("", in_digits(after))
    match = _FOR.search(after)
    if match and match.group().startswith(("(", "[")) and not _BRACKET.match(after):
        match = _FOR.search(after, match.end())
    if match and match.group().startswith("/"):  # "> 5/min for 10 min": the second is how long
        match = _FOR.search(after, match.end()) or match
    match = match or _HAN_FOR.search(after)
    if match is None or re.search(r"[<>≥≤]", after[: match.start()]):
        return None
    words = (match.group("span") or match.groupdict().get("led") or "").lower()
    if words in _PER:
        return _PER[words]
    span = first_span(_in_digits(words))
    return span.low if span else None


def window_before(text: str) -> tuple[float | None, str]:
    """The minutes of a window before the operator, and the text without it.

    ``"队列持续三分钟(大于)"``, ``"5分間の遅延が(…)"``: it stands behind the metric or right before it; so does
    ``"10 Minuten lang"``, and ``"In the last hour, …"`` opens the sentence.
    """
    tail = text[-_NEAR:]
    found = next(iter(list(_HAN_FOR.finditer(tail))[-1:]), None)
    between = tail[found.end() :] if found else ""
    if found is None or re.search(r"[\d、，。；;,]\s*\S", between):
        return _led(text)
    span = first_span(_in_digits(found.group("span") or found.group("led")))
    if span is None:
        return None, text
    metric = re.sub(r"^(?:内|以内|間|の|における|に|で|钟|平均)+", "", between)
    return span.low, text[: max(0, len(text) - _NEAR) + found.start()] + (metric if re.search(r"\w{2}", metric) else "")


def _led(text: str) -> tuple[float | None, str]:
    paced = _PACED.search(text[-_NEAR:])
    if paced:
        return (1 if paced.group("minute") else 60), text
    found = _LED.search(text[-160:]) if re.search(r"\d", text) else None
    span = first_span(found.group("span") or found.group("long")) if found else None
    if found is None or span is None or span.low < 1:
        return None, text
    return span.low, _LONG.sub("", text)


def _in_digits(text: str) -> str:
    """Han numbers below a hundred in digits: 三十分钟 → 30分钟."""

    def digits(found: re.Match[str]) -> str:
        tens, ten, ones = found.group().rpartition("十")
        value = (_HAN_DIGITS.get(tens, 1) * 10 if ten else 0) + _HAN_DIGITS.get(ones, 0)
        return str(value)

    return re.sub(r"[一二两三四五六七八九十]+", digits, text)
