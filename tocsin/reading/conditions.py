"""Sentences that govern an action: "If the pool is full", "For P0", "Wenn …", "如…"."""

from __future__ import annotations

import re
from functools import lru_cache

from tocsin.reading.vocabulary import tidy

_LEAD = re.compile(r"^(?:step|schritt|paso|passo|étape)\s*\d+\w?\s*[:：.)-]\s*", re.IGNORECASE)
_CONDITION = re.compile(
    r"^(?:if\b|in case (?:of|that)\b|in the case\b|in the event\b|unless\b|only if\b|for the case\b"
    r"|when(?:ever)?\s+(?!to\b|did\b|do\b|does\b|was\b|were\b|is\b|are\b|you are paged)\w"
    r"|(?:for|bei|para|pour)\s+(?:p\d|sev\W?\d|critical|high|medium|low|warning)\b"
    r"|si\s|s['’]il|en cas d|lorsque\s|se\s+(?!o\s)\w|caso\s|quando\s|cuando\s|wenn\s|falls\s|bei\s+\w+\s*:"
    r"|如果|如|当|若|만약|もし|если\s)",
    re.IGNORECASE,
)  # fmt: skip
_ASKS = re.compile(
    r"\b(?:check|verify|see|determine|confirm|assess|test|ask|know|unsure|decide|whether|identify|review"
    r"|monitor|prüfe|vérifier|verificar)\s*$",
    re.IGNORECASE,
)
_ANYWHERE = re.compile(r"(?<![(（])\b(?:if|falls|wenn)\s+(?P<condition>[^:.;`]{3,60}?)\s*(?=[:.;`]|$)", re.IGNORECASE)
_END = re.compile(r"\s*(?:→|->|=>|⇒|[:：](?=\s|$)|[，,]\s)\s*")


@lru_cache(maxsize=4096)
def is_condition(text: str) -> bool:
    """Whether the text begins as a condition; a question doesn't."""
    plain = tidy(_LEAD.sub("", tidy(text)))
    return bool(_CONDITION.match(plain)) and not plain.endswith(("?", "？"))


def split_condition(text: str) -> tuple[str, str]:
    """``"If <9 late: look by hand"`` → the condition and the action; the action is empty where none follows."""
    plain = tidy(_LEAD.sub("", tidy(text)))
    found = _END.search(plain)
    if found is None:
        return plain, ""
    return plain[: found.start()].strip(), plain[found.end() :].strip()


def inner_condition(text: str) -> str | None:
    """The condition within an instruction: ``"Roll back if the last deploy is new: …"`` → its if-clause."""
    found = _ANYWHERE.search(text)
    if found is None or "?" in text or _ASKS.search(text[: found.start()]):
        return None
    vague = re.match(
        r"(?:necessary|needed|possible|required|applicable|available|appropriate|so)\b",
        found.group("condition"),
        re.IGNORECASE,
    )
    return None if vague else found.group().strip()
