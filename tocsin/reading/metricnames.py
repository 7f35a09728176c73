"""What a comparison measures: the words before the number, behind it, or around it; and what a bare number counts."""

from __future__ import annotations

import re

_PERCENTILE = re.compile(r"\bp\d{2,3}\b", re.IGNORECASE)
_NOISE = re.compile(
    r"\b(?:dashboard|shows?|alert(?:s|ed)?|triggered|if|when|is|are|the|an?|rate of|high|elevated|monitor|watch"
    r"|ensure|confirm|verify|until|returns?|takes?|taking|took"
    r"|back|to|normal|target|warning|critical|fires?|this|both|either|current|usage is|logs?|and|or|at|that|but"
    r"|exceeds?|slow|of|quand|quando|cuando|déclenche|dispara|wenn|falls|ist|sind|der|die|das|si|se|est|sont|le|les"
    r"|la|el|los|las|es|son|o|os|é|são|если)\b"
    r"|如果|当|若|达到|が|は|を|(?<=[가-힣])(?:이|가|은|는|을|를)(?![가-힣])|(?<!\w)(?:в|на|и)(?!\w)",
    re.IGNORECASE,
)
_LAST_WORD = re.compile(
    r"(?:の|における|的|にて|で)$|\s(?:com|con|de|avec|mit|with|of|for|há|hace|il y|por|by|um|to|at|from|von|на|с)$",
    re.IGNORECASE,
)
_CLAUSE = re.compile(
    r"[.;:|](?:\s|$)|[：；。、，]|[,(（](?=\s*\S)|\s[–—]\s|→|\bwith\b|\bbecause\b|\bif\b|\bwhen\b|\bAND\b"
    r"|\bOR\b|\bor\b|\bbut\b|\bshows?\b"
)
_GENERIC = re.compile(
    r"^(?:fires?|alert\w* (?:p\d|sev\W?\d)(?: (?:si|if|se))?|alert(?:s|e|as?|es|ing)?|alarme?|alert (?:when|if|at|on"
    r"|threshold|condition|rule)s?|alerting|action"
    r"|trigger(?:s"
    r"|ed)?(?: (?:when|if))?|thresholds?|conditions?|criteria|warning"
    r"|critical|high|medium|low|page|ticket|p\d|sev\W?\d|note|check|monitor(?:ing)?|detection|signal|value|limit"
    r"|expected|when|if|symptoms?|schwell\w*|alarm\w*|auslöser"
    r"|bedingung|umbral|condici[óo]n|alerta|disparador|limiar|limite|condição|gatilho|seuil"
    r"|déclencheur|阈值|告警|条件|触发条件|閾値|しきい値|アラート|임계값|조건|알림"
    r"|порог|условие|предупреждение|критично)$",
    re.IGNORECASE,
)
_NO_NOUN = re.compile(r"(?:is|was|has|does|across|this|pass|less|always|plus|as|its|times?)$", re.IGNORECASE)
_SAYS_HOW = re.compile(
    r"^(?:usage|utili[sz]ation|rate|latency|count|errors?|level|load|depth|size|length|use|value|uso|auslastung"
    r"|taux|tasa|taxa|使用率)$",
    re.IGNORECASE,
)
_SHOWS = re.compile(
    r"\b(?:shows?|showing|reports?|reporting|sees?|seeing|with|returns?|returning|detects?|detecting|detecta[mn]?"
    r"|registra[mn]?|reporta[mn]?|mostra[m]?|muestran?|indica[mn]?|zeigt|meldet|erkennt|détecte|signale|affiche)\s*$",
    re.IGNORECASE,
)
_QUANTITY = re.compile(
    r"\s*(?:of|de|d['’]|di|do|da|du|des|von)\s*(?P<noun>(?!the\b|an?\b|la\b|el\b|los\b|las\b"
    r"|os?\b)[^\W\d_]{3,})(?=\s*(?:[.,;()（）]|$))",
    re.IGNORECASE,
)
_RATE = re.compile(
    r"(?:\s+[^\W\d_]+){0,2}\s*(?:/|\bper\b|\bpro\b|\bpor\b|\bpar\b|\bв\b)\s*(?:min|minut[eo]s?|h|hr|hour|hora|heure"
    r"|stunde|day|tag|d[íi]a|jour|минуту|час|分|小时|時間|분|시간)\b",
    re.IGNORECASE,
)
_LETTERS = re.compile(r"[^\W\d_]{2,}")
_LETTER = re.compile(r"[^\W\d_]")
_SPACES = re.compile(r"\s+")


def measured(before: str, after: str, metric: str, *, is_time: bool) -> str:
    """What is measured: the words before the number, else those behind it, else what stands around says."""
    name, rest = words_before(before), words_after(after)
    if generic(name) and (dash := re.search(r"\s[—–-]\s", before)):  # "`boats_late` — alert if > 5"
        name = words_before(before[: dash.start()])
    percent = _PERCENTILE.findall(before)
    doing = re.match(r"\s*(to [a-z]+)\b(?! (?:the|an?)\b)", after)
    quantity = _QUANTITY.match(after)
    own = name if says(name) and not generic(name) else (joined(metric, rest) or name)
    if not own or generic(own):
        noun = re.match(r"\s*(?:of (?:the |all )?)?(?!(?:or|and|in|for|the)\b)([^\W\d_]{3,}(?:\s[^\W\d_]{4,})?)", after)
        own = noun.group(1) if noun else own
    if rest and _SHOWS.search(before):
        own = rest
    if own and metric and _SAYS_HOW.match(own) and not generic(metric):
        own = f"{metric} {own}" if own.lower() not in metric.lower() else metric
    if own and quantity and before.rstrip().endswith(("(", "（")):
        own = f"{own}: {quantity.group('noun')}"
    own = f"{own} {doing.group(1)}" if doing and is_time and own else own
    if metric and percent and not says(re.sub(_PERCENTILE, "", name)):
        own = f"{metric} {' '.join(percent)}"
    return own


def joined(metric: str, noun: str) -> str:
    """The metric that the context names with the noun behind the number, where that says more."""
    if not metric or not noun or noun.lower() in metric.lower():
        return metric or noun
    return f"{metric}: {noun}"


def generic(label: str) -> bool:
    """Whether a label names no metric but only says that a threshold follows ("Alert threshold", "Condition")."""
    return bool(_GENERIC.match(label.strip(" *_`:：")))


def words_before(text: str) -> str:
    """The words before an operator, cut at the clause."""
    clause = _CLAUSE.split(text)[-1]
    if not _LETTER.search(_NOISE.sub(" ", clause)):
        parts = [part for part in _CLAUSE.split(text) if _LETTER.search(_NOISE.sub(" ", part))]
        clause = parts[-1] if parts else text
    words = _NOISE.sub(" ", clause).replace('"', " ")
    name = _SPACES.sub(" ", words).strip(" *`\"'()[]（）,:;-–=|~•→✅").strip()
    return _LAST_WORD.sub("", name)


def words_after(text: str) -> str:
    """``"fewer than 8 open sessions for …"``: the metric may stand behind the number."""
    match = re.match(
        r"\s*((?:[^\W\d_]+\s){0,3}[^\W\d_]+?)s?\b(?=\s+(?:during|in|for|per|over|within|por|em|en|pro|par"
        r"|in den|pendant)\b"
        r"|\s*[.,;()/<>]|\s*$)",
        text,
        re.IGNORECASE,
    )
    if match is None or re.match(r"\s*(?:for|in|over|during|of|to)\b", text):
        return ""
    words = re.split(r"\s(?:per|pro|por|par|pour|für|in|en|em)\s", match.group(0).strip())[0]
    return re.sub(r"^(?:の|的|个|個)|\s(?:AND|OR|and|or)$", "", words)


def says(name: str) -> bool:
    return bool(_LETTERS.search(name))


def share(metric: str, value: float) -> str | None:
    """Without a unit, a rate of 0.2 is a fraction of one and a queue's depth is a count."""
    if (
        value < 1
        and value != int(value)
        and re.search(
            r"rate|ratio|share|percent|availab|utili|recall|precision|accuracy|[\w)]\s*/\s*[\w(]", metric, re.IGNORECASE
        )
    ):
        return "ratio"
    counted = r"\b(?:depth|count|length|backlog|number of|restarts|attempts|users|jobs|messages)\b"
    return "count" if re.search(counted, metric, re.IGNORECASE) else None


def counted(after: str) -> str | None:
    """Without a unit, a number before a plural or a rate is a count: "> 5 failed attempts", "> 100/min"."""
    if _RATE.match(after):
        return "count"
    noun = re.match(
        (
            r"\s*(?!(?:for|in|over|across|per|of|on|during|within|at|by|from|to|and|or|with|vs|pendant|durante)\b)"
            r"(?:[^\W\d_A-Z]+[ -]){0,2}?(?P<noun>[^\W\d_A-Z]{3,}s)\b"
        ),
        after,
    )
    if noun and not _NO_NOUN.search(noun.group("noun")):
        return "count"
    return "count" if re.match(r"\s*(?:times\b|次|回|件|个|個|건|회|개|раз|consecutive\b)", after) else None
