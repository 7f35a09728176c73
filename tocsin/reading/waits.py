"""How long an escalation waits, on which clock it does, and the entry that follows from its words."""

from __future__ import annotations

import re
from functools import lru_cache

from tocsin.core.runbook import Escalation, EscalationClock
from tocsin.reading.durations import first_span, in_digits, is_immediate, spans
from tocsin.reading.letters import hint
from tocsin.reading.parts import severities_in
from tocsin.reading.people import only_level
from tocsin.reading.vocabulary import tidy

_UNRESOLVED = re.compile(
    r"unresolved|not (?:yet )?(?:resolved|fixed|mitigated)|without (?:resolution|progress)"
    r"|no (?:progress|resolution|fix)|persist"
    r"|sustained|not recover|doesn['’]?t recover|continu|still|ongoing|isn['’]?t resolved"
    r"|unable to resolve|can(?:no|['’])t resolve"
    r"|nicht (?:gelöst|behoben)|ungelöst|andauer|weiterhin|no resuelto|sin resolver|no se resuelve|persiste|continúa"
    r"|não resolvid|sem resolução|não resolve|non résolu|pas résolu|persiste|не решен|не устран|продолжа"
    r"|未解决|没有解决|仍未|未解決|解決し(?:ない|なかった)|継続|미해결|해결되지|復旧し(?:ない|なかった)|복구되지"
    r"|не\s+(?:вирішен|усунен|відновлен)|non risol",
    re.IGNORECASE,
)
_UNAVAILABLE = re.compile(r"\w (?:is )?(?:unavailable|down|offline)\b|\b(?:outage|downtime)\b", re.IGNORECASE)
_UNANSWERED = re.compile(
    r"no (?:response|answer|ack\w*|reply)|not (?:acknowledged?|respond\w*|available|reachable|answer\w*|pick\w* up)"
    r"|unacknowledged"
    r"|un(?:answered|reachable)|(?:primary|on-?call|engineer|lead|secondary) (?:is )?(?:unavailable|not respond\w*)"
    r"|(?:doesn|didn|don)['’]t (?:answer|respond|ack\w*|pick up)|keine (?:antwort|reaktion)|nicht erreichbar"
    r"|sin respuesta"
    r"|no responde|sem resposta"
    r"|não responde|sans réponse|pas de réponse|ne répond pas|нет ответа|не отвеча|无响应|未响应|未确认|无人(?:应答"
    r"|响应|接听|处理)"
    r"|応答(?:が)?(?:ない|なし)"
    r"|応答しない|応答がなければ|反応(?:が)?(?:ない|なし|なければ)|つながらない|응답(?:이)? ?없|무응답|응답하지"
    r"|未接听|不接电话|无人接听"
    r"|n[ãa]o (?:houver|h[áa]) resposta|no (?:hay|hubo) respuesta|pas de retour|niemand (?:reagiert|antwortet|abhebt)"
    r"|nobody (?:answers|responds|picks up|acks)|without (?:an? )?(?:answer|response|ack\w*|reply)|нікого|никто не"
    r"|без ответа|без відповіді|нема[єе] відповіді|не відповіда|nessuna risposta|non risponde|senza risposta"
    r"|no contesta|n[ãa]o atende|sans acquittement|sem ack|meldet sich nicht|geht nicht ran|ohne antwort",
    re.IGNORECASE,
)
_ESTIMATE = re.compile(
    (
        r"estimated (?:resolution|time|duration)|\beta\b|twice the estimate|geschätzte|tiempo estimado"
        r"|tempo estimado|temps estimé"
    ),
    re.IGNORECASE,
)
_SAYS_ESTIMATE, _SAYS_UNANSWERED, _SAYS_UNRESOLVED = hint(_ESTIMATE), hint(_UNANSWERED), hint(_UNRESOLVED)
_DIGIT = re.compile(r"\d")
_NUMBER = r"(?<!\d)\d{1,9}(?!\d)"
_NO_WAIT = re.compile(
    (
        r"\bby <n>(?:\.\d{1,9})?x\b|<n>(?:\s*[-–]\s*<n>)?[\s-]*[a-z]{1,20}\s+(?:sla|response|ack\w*)\b"
        r"|\bsla\s*[:：(]?\s*[<≤]?\s*<n>\s*\w{1,20}"
        r"|(?<!no )(?<!not )(?<!without )(?<!t )\b(?:respon[sd]\w*|ack\w*)(?:\s+(?:time|within|in"
        r"|sla))*\s*[:：]?\s*[(]?"
        r"\s*[<≤]?\s*<n>\s*-?\s*\w{1,20}(?:\s*-\s*<n>\s*\w{1,20})?"
        r"|\bevery\s+[<≤>~]?\s*<n>(?:\s*[-–]\s*<n>)?\s*\w{1,20}|\b(?:last|previous|(?:the|in|over"
        r"|for) past)\s+<n>\s*\w{1,20}"
        r"|<n>\s*-?\s*\w{1,20}\s+(?:status )?(?:updates?|cadence|meeting|window of)\b|\b(?:24/7|24x7)\b"
        r"|\b(?:next|for the next|resolution|eta|expected)\s*[:：]?\s*<n>\s*\w{1,20}"
        r"|(?:[<>≤≥]=?|\b(?:exceed\w*|above|over|below|under|supera|dépasse|über|unter|больше"
        r"|выше))\s*<n>(?:[.,]\d{1,9})?"
        r"\s*(?:s|secs?|seconds?|segundos?|secondes?|sekunden|сек\w*|秒|초)(?![^\W_])"  # how long a request takes
    ).replace("<n>", _NUMBER),
    re.IGNORECASE,
)
_SINCE = re.compile(
    r"\bT\s?\+\s?(\d+)(?![\d\w]|\s*(?:-|–|[a-z]))", re.IGNORECASE
)  # "T+15": fifteen minutes after the start
_FROM_ZERO = re.compile(
    r"(?:(?:^\W*|[(（]\s*)(?:the\s+)?|\bin the\s+|\bwithin the\s+)(?:first|initial|up to|until|erste[nr]?"
    r"|primer[oa]s?|primeir[oa]s?|premi[èe]re?s?|hasta|até"
    r"|jusqu['’]à|bis|primi|перш\w+|первые|до|最初|前)\s*(?:the\s+)?$|^\W*(?:[<≤]|less than|under|unter|moins de"
    r"|menos de)\s*$",
    re.IGNORECASE,
)
_IN_BRACKETS = re.compile(  # "Immediate escalation (< 5 min)": the number says what immediate means
    r"^\W*(?:immediate(?:ly)?|inmediat[ao]|imediat[ao]|immédiate?|sofortige?|немедленн\w+|立即|即時"
    r"|즉시)(?:\s+\w+){0,2}\s*[(（]\s*[<≤]?\s*\d",
    re.IGNORECASE,
)
_LONGEST = 1500  # a condition is a sentence
_IN_WORDS = re.compile(  # "after half an hour"
    r"\b(?:after|for|than|within|dopo|entro|nach|als|après|después de|depois de|após|tras|über)\s+(?:half an?|an?"
    r"|one|two|three"
    r"|four|five|ten"
    r"|fifteen|twenty|thirty|einer?|zwei|drei|zehn|une|deux|trois|dix|una?|dos|tres|diez|uma?|duas|dois|due|dieci)\s"
    r"|[一二两三四五六七八九十半]\s*(?:个|個)?(?:小时|分钟|時間)"
    r"|(?:через|после|за)\s+(?:одну|один|два|две|дві|три|пять|десять|пятнадцать|двадцать|тридцать)\s",
    re.IGNORECASE,
)
_AT_ONCE = re.compile(
    r"na hora|即時|直ちに|すぐに|马上|立刻|바로|tout de suite|sur-le-champ|umgehend|незамедлит"
    r"|сразу|одразу|негайно|subito\b|immediatamente|right now|straight away"
    r"|without delay|\binstant",
    re.IGNORECASE,
)
_SAYS_AT_ONCE = hint(_AT_ONCE)


@lru_cache(maxsize=4096)
def waiting(text: str) -> float | None:
    """The minutes after which somebody is drawn in: the lower end of a range, 0 for "immediately", None for none.

    Response times, update cadences and look-back windows are no waiting times.
    """
    outside = text[:_LONGEST]
    if _IN_WORDS.search(outside):
        outside = in_digits(outside)
    if _DIGIT.search(outside):
        outside = _SINCE.sub(r"\1 min", _NO_WAIT.sub(" ", outside))
        if _IN_BRACKETS.search(outside):
            return 0
    span = first_span(outside) if _DIGIT.search(outside) else None
    if span is not None:
        return 0 if _FROM_ZERO.search(outside[: span.start]) else span.low
    return 0 if is_immediate(outside) or _SAYS_AT_ONCE(outside) else None


def only_wait(text: str) -> bool:
    """Whether a text says when and nothing else: "30 min", "Immediate", "after 1 hour", "(15 min no response)"."""
    if len(text) > _LONGEST or waiting(text) is None:
        return False
    text = _SINCE.sub(r"\1 min", in_digits(text))
    rest = text
    for span in reversed(spans(text)):
        rest = rest[: span.start] + rest[span.end :]
    rest = _UNRESOLVED.sub(" ", _UNANSWERED.sub(" ", _AT_ONCE.sub(" ", rest)))
    rest = re.sub(
        r"\b(?:immediate(?:ly)?|inmediat\w*|imediat\w*|immédiat\w*|sofort|немедленн\w*|asap|after"
        r"|within|for|if|at|from|the|first|up|to"
        r"|next|more|than|over|later|elapsed|nach|innerhalb|von|después|tras|depois|após|de|après"
        r"|через|в|течение|no|not|is)\b"
        r"|立即|即座|즉시|后|後|以内|之?内|후|이내",
        " ",
        rest,
        flags=re.IGNORECASE,
    )
    return not re.search(r"[^\W_]", rest)


def entry(to: str | None, text: str, line: int, *, above: str = "") -> Escalation:
    """One escalation from its words; what stands ``above`` gives the time and the severities that it lacks."""
    after = waiting(text)
    if after is None:
        after = waiting(above)
    name = tidy(to).strip(" .*") if to else None
    told = " ".join(f"{above}: {text}".split()).strip(": ") if above and waiting(text) is None else text
    return Escalation(
        to=None if not name or only_level(name) else name,
        after_minutes=after,
        severities=severities_in(text) or severities_in(above),
        when=re.sub(r"\s+", " ", told).strip(),
        clock=clock(told, after),
        line=line,
    )


def clock(text: str, after: float | None) -> EscalationClock | None:
    """What the waiting time counts from: the incident unresolved, a call unanswered, a service down, an estimate."""
    if _SAYS_ESTIMATE(text):
        return "estimate"
    if _SAYS_UNANSWERED(text):
        return "unacknowledged"
    unresolved = _SAYS_UNRESOLVED(text)
    if after is not None and _UNAVAILABLE.search(text) and not unresolved:
        return "unavailable"
    if unresolved or after:
        return "unresolved"
    return "unresolved" if after == 0 and first_span(text) is not None else None
