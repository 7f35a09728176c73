"""What a heading or a sentence says of the points below it: that each is a condition ("Escalate at once if:")."""

from __future__ import annotations

import re

from tocsin.reading.conditions import is_condition
from tocsin.reading.letters import hint
from tocsin.reading.nodes import Block
from tocsin.reading.rungs import Around
from tocsin.reading.targets import targets
from tocsin.reading.waits import waiting

_ASKS = re.compile(
    r"when (?:to|should)|criteria|escalate (?:immediately )?(?:if|when)|triggers?|conditions?"
    r"|immediate(?:ly)? escalat"
    r"|escalate immediately|page immediately|cuándo|quando|quand|wann|criter|critère|kriteri"
    r"|何时|什么时候|哪些情况|条件|基準|タイミング|いつ|場合|とき|기준|조건|시점|언제|경우"
    r"|когда|критери",
    re.IGNORECASE,
)
_LISTED = re.compile(  # "If any of these holds, escalate immediately:" lists the conditions
    r"\b(?:any|one|either|all|following|these|those|folgende\w*|eine[rs]? der|alguna?|algum[as]?|siguientes?|seguintes?"
    r"|suivante?s?|un[ea]? des|следующ\w+|одно из)\b|(?:以下|下列)(?:情况|情形|条件)"
    r"|任一|次の(?:場合|いずれか)|いずれか|다음 (?:경우|상황)|하나라도",
    re.IGNORECASE,
)
_ESCALATES = hint(
    re.compile(r"escalat|escalar|escale|escalad|eskal|escalonar|升级|エスカレ|에스컬|эскал|ескал", re.IGNORECASE)
)
_FORBIDDEN = re.compile(
    r"\b(?:do not|don['’]t|never|no need to|without|before|nicht|nunca|no|não|ne|не)\s+(?:\w+\s+)?e[sk][ck]al"
    r"|不要升级|无需升级",
    re.IGNORECASE,
)
_GIVES = hint(  # what to hand over, and in which way: no conditions
    re.compile(
        r"\b(?:includ|provid|attach|information|details|gather|prepare|share|send|collect|steps|contact|order"
        r"|proporcion|inclu"
        r"|adjunt|anex|informaç|fourni|joindre|angeb|mitteil|beifüg|предостав|укаж|информаци)|提供|附|信息|情報|정보|手順|步骤",
        re.IGNORECASE,
    )
)
_LONGEST_LEAD = 200
_OPEN_END = re.compile(  # "Sofort eskalieren, wenn"
    r"(?:\b(?:if|when|wenn|falls|si|quand|quando|cuando|если|когда|якщо|коли)|場合|とき|时|경우|때)\W*$", re.IGNORECASE
)
_OPENS = re.compile(
    r"(?:\b(?:if|when|wenn|falls|si|se|quand|quando|cuando|если|когда)|^escalate to [^:]*)\s*[:：]$", re.IGNORECASE
)
SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z])|(?<=[。！？])")


def asks_when(text: str, *, about: bool = False) -> bool:
    """Whether the points below a title are conditions; ``about``: the title is about escalation."""
    listed = bool(_LISTED.search(text))
    opens = about and (listed or bool(_OPEN_END.search(text))) and not _GIVES(text)
    return (opens or bool(_ASKS.search(text))) and (listed or not is_condition(text))


def names_when(text: str) -> bool:
    """Whether a title has words for "when to", be it a condition itself or not."""
    return bool(_ASKS.search(text))


def opens_list(text: str) -> bool:
    """Whether a text ends with "if:" or is "Escalate to X:"."""
    return bool(_OPENS.search(text))


def opened(before: Block | None) -> Around | None:
    """What a sentence that is about something else's repair says of the list below it: "Escalate at once if:"."""
    text = last_sentence(before.plain.rstrip()) if before is not None and before.kind == "paragraph" else ""
    if not text.endswith((":", "：")) or len(text) > _LONGEST_LEAD or not _ESCALATES(text):
        return None
    if _FORBIDDEN.search(text) or _GIVES(text):
        return None
    condition = is_condition(text)
    listed = bool(_LISTED.search(text))
    asks = listed or (bool(_ASKS.search(text) or _OPENS.search(text)) and not condition)
    if not asks and not condition:
        return None
    named = [one.name for one in targets(text) if one.escalate]
    timed = text.rstrip(" :：") if waiting(text) is not None else ""
    return Around(to=named[0] if named and asks else None, above=timed, asks=asks, leads=condition)


def last_sentence(text: str) -> str:
    """A text's last sentence, which governs the list below it."""
    return SENTENCE.split(text)[-1]
