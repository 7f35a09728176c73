"""What a document wants done first at a severity: who is paged or alerted, where people meet, what is only tracked.

``"Page the night baker, open a bridge"`` beside a severity says it in words; here they become deeds. Words that are
not understood make nothing happen: they stand on the page as they are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from tocsin.core.runbook import Runbook

Deed = Literal["page", "war room", "alert", "ticket", "office hours", "backlog"]
LONGEST = 300
"""What is longer is a description, and not what happens first."""

_CLAUSES = re.compile(r"\s*[,;.]\s+|\s+(?:and|then)\s+|\s*\+\s*", re.IGNORECASE)
_NEGATED = re.compile(r"\b(?:no|not|never|without|don['’]?t|do not)\b", re.IGNORECASE)
_LATER = re.compile(r"\b(?:if|when|unless|once|after|should)\b", re.IGNORECASE)
_WORDS: dict[Deed, re.Pattern[str]] = {
    "page": re.compile(r"(?:immediately\s+|at once\s+)?(?:page|phone|wake(?: up)?)\s+(?P<to>\w.*)", re.IGNORECASE),
    "war room": re.compile(
        r"(?:start|open|create|begin|join|spin up|set up|convene)\b.{0,30}"
        r"\b(?:war[ -]?room|bridge|incident (?:call|room))"
        r"|war[ -]?room",
        re.IGNORECASE,
    ),
    "alert": re.compile(
        r"(?:alert|notify|inform|tell)\s+(?P<to>.*\b(?:team|engineers?|crew|squad|group|department|developers?)\b)",
        re.IGNORECASE,
    ),
    "ticket": re.compile(r"(?:create|open|file|raise|log)\b.{0,30}\b(?:ticket|issue)|ticket only", re.IGNORECASE),
    "office hours": re.compile(r".*\b(?:during|in|within)\s+(?:business|working|office)\s+hours\b", re.IGNORECASE),
    "backlog": re.compile(
        r"(?:track|add|put|log|record|keep)\b.{0,40}\bbacklog|backlog(?: only)?$"
        r"|(?:address|fix|handle|schedule|plan)\b.{0,30}\b(?:next|a later|following)\s+sprint",
        re.IGNORECASE,
    ),
}
_ARTICLE = re.compile(r"^(?:(?:the|our|your|whole|entire|all|an?)\s+)+", re.IGNORECASE)
_TAIL = re.compile(r"\s+(?:immediately|at once|now|via|by|in|on|through|using|within|during|with)\b.*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstResponse:
    """A severity's own words for what happens first. ``to``: whom "page" names; ``team``: whom "alert" names."""

    severity: str
    words: str
    deeds: tuple[Deed, ...]
    to: str = ""
    team: str = ""
    line: int = 0

    @property
    def quiet(self) -> bool:
        """Whether nobody is to be called: it is only tracked."""
        return "backlog" in self.deeds and not {"page", "alert", "war room"} & set(self.deeds)


def first_responses(runbook: Runbook) -> tuple[FirstResponse, ...]:
    """What happens first at each severity, as far as the document says and its words are understood."""
    found = (first_response(each.name, each.action, each.action_line) for each in runbook.severities)
    return tuple(each for each in found if each is not None)


def first_response(severity: str, words: str, line: int) -> FirstResponse | None:
    """What the words beside a severity want; None where nothing in them is understood."""
    text = " ".join(words.split())
    if not text or len(text) > LONGEST:
        return None
    deeds: dict[Deed, str] = {}
    for clause in _CLAUSES.split(text):
        if _NEGATED.search(clause) or _LATER.search(clause):
            continue  # a condition is no first response, and what is not to be done neither
        for deed, pattern in _WORDS.items():
            found = pattern.match(clause.strip())
            if found:
                deeds.setdefault(deed, _name(found.groupdict().get("to") or ""))
    if not deeds:
        return None
    return FirstResponse(
        severity=severity, words=text, deeds=tuple(deeds), to=deeds.get("page", ""), team=deeds.get("alert", ""),
        line=line,
    )  # fmt: skip


def _name(text: str) -> str:
    plain = _TAIL.sub("", text.strip(" .:*_`"))
    return _ARTICLE.sub("", plain).strip()
