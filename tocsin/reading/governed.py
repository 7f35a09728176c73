"""Whom a heading or label draws in for every point below it: "Escalate to the mate when", "When to call for help"."""

from __future__ import annotations

import re

from tocsin.reading.people import names_people
from tocsin.reading.sections import Section
from tocsin.reading.targets import bare_name, is_name, targets
from tocsin.reading.vocabulary import tidy
from tocsin.reading.waits import waiting

STEPS = re.compile(r"\b(?:steps|how to|process|procedure|ablauf|pasos|passos|étapes)\b", re.IGNORECASE)
_NAMED = re.compile(
    r"^(?i:escalate|page|call|notify)\s+(?i:immediately\s+)?(?i:to\s+)?(?:the\s+)?(?P<to>[A-Z][^:(（]*?"
    r")(?:\s+(?:if|when))?"
    r"\s*(?:[(（][^()（）]*[)）])?$"
)
_WHEN_TO_CALL = re.compile(
    r"when (?:to|should (?:i|we|you)) (?:page|call|wake|get|ask|bring in|involve)\b|wann (?:anrufen|rufen)"
    r"|(?:a )?(?:quién|quem|cuándo|quando) (?:llamar|avisar|chamar|acionar|ligar)|quand (?:appeler|prévenir"
    r"|réveiller)"
    r"|когда (?:звонить|звать|будить)|коли (?:дзвонити|кликати)|何时(?:求助|呼叫)|いつ呼ぶ|누구를 부",
    re.IGNORECASE,
)
_WHEN_TO = re.compile(  # "When to escalate to the mate", "Wann an den Maat eskalieren"
    r"(?:when|wann|cuándo|quando|quand|когда|коли|何时|什么时候|いつ|언제)\s?(?!.*\b(?:or|not|vs|oder|ou|или)\b)",
    re.IGNORECASE,
)
_GOVERNED = re.compile(  # "Escalate to the mate when", "店長にエスカレーションする場合"
    r"(?:\b(?:if|when|wenn|falls|si|se|quand|quando|cuando|если|когда|якщо|коли)|場合|とき|时|경우|때)\W*$",
    re.IGNORECASE,
)
_TOWARDS = re.compile(
    r"^(?:to|an|al?|à|aux?|para|к|на|до)\s+(?:(?:the|an?|den|die|das|dem|der|la|el|los|las|os?|as?|les?)\s+)?",
    re.IGNORECASE,
)
_HELP = re.compile(
    r"^(?:for )?(?:help|backup|support|someone|somebody|hilfe|ayuda|ajuda|aide|renfort|помощь)\b", re.IGNORECASE
)
_TOWARDS_THE = re.compile(r"^(?:to the|an (?:den|die|das)|al|a la|ao|à la|au|alla|all['’])\s", re.IGNORECASE)
_WORDS = 3


def whom(title: str, *, asks: bool = False) -> str | None:
    """Whom a title says its points lead to: "Escalate to the mate when"; where one ``asks`` when, a mere name does."""
    named = _NAMED.match(title)
    if named:
        return named.group("to")
    if _GOVERNED.search(title) and not STEPS.search(title):
        return next((one.name for one in targets(title)), None)
    if asks and _WHEN_TO.match(title):
        told = {one.name for one in targets(title) if one.escalate or names_people(one.name)}
        return told.pop() if len(told) == 1 else None
    bare = _TOWARDS.sub("", title) if asks else ""
    named_so = is_name(bare) or (_TOWARDS_THE.match(title) and bare.count(" ") < _WORDS)
    return bare_name(bare) if bare and named_so and waiting(bare) is None else None


def calls_for_help(section: Section) -> bool:
    """Whether a heading asks when somebody is called: "When to call for help"."""
    asked = _WHEN_TO_CALL.match(tidy(section.title)) if section.meaning is None else None
    rest = asked.string[asked.end() :].strip(" ?？:：") if asked else ""
    return asked is not None and (not rest or bool(_HELP.search(rest)) or names_people(rest))
