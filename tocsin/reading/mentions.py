"""Sentences outside the sections about escalation that draw somebody in: "escalate to X", "page X", "if no answer"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from tocsin.core.runbook import Escalation
from tocsin.reading.letters import hint
from tocsin.reading.nodes import Line
from tocsin.reading.people import names_people
from tocsin.reading.rungs import chain
from tocsin.reading.sections import bold_lead
from tocsin.reading.targets import bare_name, hops, is_name, targets
from tocsin.reading.vocabulary import tidy
from tocsin.reading.waits import clock, entry, waiting
from tocsin.reading.wrapping import sentences

_ELSEWHERE = re.compile(
    r"\bescalate[sd]?\b|\bescalating\b|\bescal(?:ar|ad[oa]s?|onar)\s+(?:al?|ao|para)\b|\bescalader\s+(?:à|au|vers)"
    r"|\beskalier|エスカレ|에스컬|эскалир"
    r"|升级(?:到|至|给|通知|上报)|(?:视情况|必要时|及时|立即|酌情)升级(?=$|[，。；,;])|ескалю|escalare\s+(?:al?"
    r"|alla)\b",
    re.IGNORECASE,
)
_STEMS = ("escal", "eskal", "エスカ", "에스컬", "эскал", "ескал", "升级")  # what all words for it begin with
_CALLED = re.compile(
    r"\b(?:is|are|gets?|will be|must be)\s+(?:auto(?:matically )?-?)?(?:paged|called|woken)\b", re.IGNORECASE
)
_TO_NOBODY = re.compile(  # "Escalate when in doubt", "If you are stuck, escalate"
    r"(?:^\W*|[,;]\s+|\b(?:and|or|otherwise|then)\s+)escalate\s+(?:immediately\s+)?(?:if|when|whenever|as soon as"
    r"|once|after)\b(?!\s+(?:needed|necessary"
    r"|required|appropriate|applicable))"
    r"|\b(?:if|when|whenever)\b[^,;:.]{3,80}[,:]\s*(?:just\s+|please\s+"
    r"|immediately\s+)?escalate(?:\s+(?:immediately|early|now))?\s*[.!]?$",
    re.IGNORECASE,
)
_SAYS_TO_NOBODY = hint(_TO_NOBODY)
_PAGES = re.compile(  # the words for getting somebody up; "notify" and "inform" only say that somebody is told
    r"^(?:immediately\s+)?(?:(?:page|wake(?: up)?)\s+(?!\w+ (?:load|view|speed)s?\b)|acionar\s|llamar\s|despertar\s"
    r"|appeler\s"
    r"|réveiller\s|вызвать\s|разбудить\s|викликати\s|розбудити\s|chiamare\s|呼叫|叫醒)"
    r"|.{2,80}(?:\s(?:anrufen|alarmieren|wecken)\W*$|を(?:呼び出|招集|起こ)|호출)",
    re.IGNORECASE,
)
_PAIR = re.compile(r"^\W*([^:：]{2,50})[:：]\s*(.+)$")
_FIRST = re.compile(
    r"\W*(?:primary|first|1st|main|L1\b|primär|primari[ao]|primári|primaire|основн|перв|主|一线|1차|一次)",
    re.IGNORECASE,
)
_ASIDE = re.compile(r"\s[—–-]\s|,\s|[(（]")
_TAKES_OVER = re.compile(
    r"(?:is |gets |to be )?(?:back-?up|takes? over|called|paged|notified|contacted|steps? in|stands? in|escalat\w+"
    r"|only )"
    r"|(?:if|when|after|once|wenn|falls|nach|springt ein|übernimmt|si|cuando|se|quando|caso|quand|après|prend|asume"
    r"|assume"
    r"|entra|respaldo|reserva|если|через|якщо|подмен|замен)\b|[^。]{0,30}(?:場合|ない|なければ|时|時|후|경우|없으면"
    r"|않으면)",
    re.IGNORECASE,
)
_OF_LEVEL = re.compile(  # "P0: page the captain", "SEV1/SEV2 → page the mate"
    r"^(?:P[0-5]|SEV[- ]?\d)(?:\s*[/,&+]\s*(?:P[0-5]"
    r"|SEV[- ]?\d)){0,3}\s*(?:[(（][^()（）]{0,40}[)）]\s*)?(?:[:：–—-]|→|->)\s*",
    re.IGNORECASE,
)
_ALONE = re.compile(  # "Если через 30 минут не решено, эскалировать."
    r"[,，、:：—–-]\s*(?:immediately\s+)?(?:escalate|escalar|escalader|eskalieren|escalare|эскалировать|ескалювати"
    r"|升级"
    r"|エスカレーション(?:する)?|에스컬레이션(?:한다|하기)?)\W*$",
    re.IGNORECASE,
)


def to_nobody(text: str) -> bool:
    """Whether a sentence says when to escalate without saying to whom."""
    return _SAYS_TO_NOBODY(text) or (bool(_ALONE.search(text)) and waiting(text) is not None)


def said(text: str, number: int) -> Iterator[Escalation]:
    """A sentence outside the sections about escalation."""
    drawn = _drawn_in(text)
    if drawn is not None:
        yield entry(drawn or None, text, number)


@lru_cache(maxsize=4096)
def _drawn_in(text: str) -> str | None:
    """Whom a sentence draws in; "" for an escalation to nobody, null for none."""
    if text.rstrip().endswith("?"):
        return None
    low = text.lower()
    speaks = any(stem in low for stem in _STEMS)
    verb = _ELSEWHERE.search(text) if speaks else None
    if verb is None and not (speaks and "escalat" in low and _CALLED.search(text)):
        told = targets(text)[:1] if _PAGES.match(_OF_LEVEL.sub("", tidy(text))) else ()
        told = told if told and names_people(told[0].name) else ()
    else:
        han = verb is not None and verb.group().endswith("升级")
        told = tuple(one for one in targets(text) if one.escalate or (han and names_people(one.name)))
        told = told or tuple(one for one in targets(text) if _CALLED.search(text) and names_people(one.name))
    return told[0].name if told else "" if speaks and to_nobody(text) else None


def _stands_in(line: Line) -> str | None:
    """The label of "Secondary: takes over if the first doesn't answer within 10 minutes"; not the first one's own."""
    lead = bold_lead(line)
    plain = _PAIR.match(line.plain)
    label, told = (lead[0], lead[1].plain) if lead else plain.groups() if plain else ("", "")
    return (
        bare_name(label)
        if is_name(label) and any(map(_TAKES_OVER.match, _ASIDE.split(told))) and not _FIRST.match(label)
        else None
    )


def unanswered(lines: Iterable[Line], *, people: int = 0) -> Iterator[Escalation]:
    """Where contacts say whom to call when nobody answers; ``people``: how many a chain must name by known words."""
    for line in lines:
        for sentence in sentences(line):
            unheard = clock(sentence.plain, None) == "unacknowledged" and waiting(sentence.plain) is not None
            told = [one.name for one in targets(sentence.plain) if names_people(one.name)] if unheard else []
            name = next(iter(told), None) or (_stands_in(sentence) if unheard else None)
            if name:
                yield entry(name, sentence.plain, line.number)
        parts = hops(line.plain)
        if len(parts) > 2 and waiting(line.plain) is not None and sum(map(names_people, parts)) >= people:
            yield from chain(line.plain, line.number)
