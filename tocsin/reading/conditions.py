"""Sentences that govern an action: "If the pool is full", "For P0", "Wenn …", "如…"."""

from __future__ import annotations

import re
from functools import lru_cache

from tocsin.reading.letters import compiled, unaccented
from tocsin.reading.vocabulary import tidy

_LEAD = compiled(
    r"^(?:step|phase|schritt|paso|passo|étape|etapa|option|шаг|步骤|ステップ"
    r"|단계)\s*\d+\w?\s*[:：.)—–-]\s*"
)
_CONDITION = compiled(
    r"^(?:if\b|in case (?:of|that)\b|in the case\b|in the event\b|unless\b|only if\b|for the case\b"
    r"|when(?:ever)?\s+(?!to\b|did\b|do\b|does\b|was\b|were\b|is\b|are\b|you are paged)\w"
    r"|(?:for|bei|für|para|pour|для|при)\s+(?:all\s+)?(?:p\d|sev\W?\d|(?:severity|priority|prioridad|priorität"
    r"|priorité|category|categor[ií]a|catégorie|kategorie|категори[ий]|level|tier|class)\s(?:\d|[a-d]\b)|critical"
    r"|high|medium|low|warning|kritisch\w*|cr[ií]tic\w+|critique)\b"
    r"|si\s|s['’]il|en cas d|lorsqu|quand\s(?!\w+(?:er|ir)\b)|en (?:el )?caso de|se\s+\w|em caso de|caso\s(?!\d"
    r"|[a-z]\s*:)"
    r"|quando\s(?!\w+[aei]r\b)"
    r"|cuando\s(?!\w+[aei]r\b)|wenn\s|falls\s|sofern\s|sobald\s|im fall\w*\s|bei\s+\w+\s*:"
    r"|如果|如(?!下|何)|当(?!前|天|日|地|年|月|时(?!候|间)|[^，,。]{0,60}时[会可]?会)"
    r"|若|一旦|遇到|필요\s?시\s|만약|만일|もし|万が一|если\s|когда\s(?!\w+(?:[аяеи]ть|ти)\b)|в случае"
    r"|при (?:наличии|отсутствии|условии)"
    r"|nếu\s|khi\s(?!nào)|trong trường hợp\s|jeśli\s|jeżeli\s|gdy\s|wanneer\s|eğer\s|якщо\s)"
)  # fmt: skip
# Japanese and Korean say "if" behind the condition.
_SUFFIXED = re.compile(
    r"[^。、,，:：(（]{2,40}?(?:[(（][^()（）]{0,40}[)）][^。、,，:：(（]{1,40}?)?"
    r"(?:場合(?:には|は)?|ときは|(?<=[たいる])とき(?=[、,，:：(（\s]|$)|(?<=て)いると(?=[、,\s])|時は"
    r"|(?<!例)(?<!と)[えけげせてねべめれ]ば|[しっいれえ]たら"
    r"|ならば?)[、,，:：\s]?|(?:[^\s.,:：(（]{1,20}\s){0,6}(?!(?:화면|측면|표면|전면|정면|반면|단면|장면|국면"
    r"|후면)[\s,:：])[가-힣A-Za-z\d]{0,20}(?:(?:[가-힣]면|필요\s?시)[\s,:：]|경우(?:에는|에)?(?:[\s,:：]|$))"
)
# What follows explains the condition instead of saying what to do.
_EXPLAINS = compiled(
    r"^[^.;:!?]*?,\s*(?:then )?(?!(?:you|we|it) )(?:the |this |that |an? |it['’]?s? )?[\w-]+(?: [\w-]+){0,4}? "
    r"(?:is|are|may|might|could)(?: be)? (?:most |very |quite )?"
    r"(?:likely|probably|possibly|due|caused|competing|because|the (?:cause|culprit|reason|problem)|related|expected"
    r"|normal)\b"
    r"|^[^.;:!?]*?,\s*(?:then )?(?:it|this|that) (?:indicates|suggests|means|implies|points)\b"
)
_ASKS = compiled(
    r"\b(?:check|verify|see|determine|confirm|assess|test|ask|know|unsure|decide|whether|identify|review"
    r"|monitor|prüfe|vérifier|verificar)\s*$"
)
_ANYWHERE = compiled(r"(?<![(（])\b(?:if|falls|wenn)\s+(?P<condition>[^:.;`]{3,60}?)\s*(?=[:.;`]|$)")
_END = compiled(r"\s*(?:→|->|=>|⇒|：|:(?=\s|$)|，|、|,\s)\s*")


def _lead(text: str) -> str:
    plain = tidy(text)
    found = _LEAD.match(unaccented(plain))
    return tidy(plain[found.end() :]) if found else plain


@lru_cache(maxsize=4096)
def is_condition(text: str) -> bool:
    """Whether the text begins as a condition; a question doesn't."""
    plain = _lead(text)
    if plain.endswith(("?", "？")):
        return False
    bare = unaccented(plain)
    return bool(_CONDITION.match(bare) or _SUFFIXED.match(plain)) and not _EXPLAINS.match(bare)


@lru_cache(maxsize=4096)
def split_condition(text: str) -> tuple[str, str]:
    """``"If <9 late: look by hand"`` → the condition and the action; the action is empty where none follows."""
    plain = _lead(text)
    behind = _SUFFIXED.match(plain) if not _CONDITION.match(unaccented(plain)) else None
    if behind:
        return behind.group().rstrip(" 、,，:："), plain[behind.end() :].strip(" :：→")
    found = _END.search(plain)
    if found is None:
        return plain, ""
    return plain[: found.start()].strip(), plain[found.end() :].strip()


@lru_cache(maxsize=4096)
def inner_condition(text: str) -> str | None:
    """The condition within an instruction: ``"Roll back if the last deploy is new: …"`` → its if-clause."""
    found = _ANYWHERE.search(text)
    if found is None or "?" in text or _ASKS.search(unaccented(text)[: found.start()]):
        return None
    vague = re.match(
        r"(?:necessary|needed|possible|required|applicable|available|appropriate|so)\b",
        found.group("condition"),
        re.IGNORECASE,
    )
    return None if vague else found.group().strip()
