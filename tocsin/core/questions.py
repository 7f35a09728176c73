"""What a document asks whoever assesses an incident, and how an answer to it is read.

Nothing is guessed: an answer that is none of yes or no, no number and no time is kept as words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from tocsin.ids import slug

Kind = Literal["yes or no", "users", "beginning", "words"]
_CLOSED = re.compile(
    r"^(?:is|are|was|were|does|do|did|has|have|had|can|could|will|ist|sind|war|hat|haben|gibt es|"
    r"есть ли|est-ce|y a-t-il|hay|há|es)\b",
    re.IGNORECASE,
)
_USERS = re.compile(
    r"\b(?:how many|what (?:percentage|percent|share|number|proportion)|percentage|number of|wie viele)\b.*"
    r"\b(?:users?|customers?|people|clients?|accounts?|tenants?|nutzer|kunden)\b",
    re.IGNORECASE,
)
_BEGINNING = re.compile(
    r"^(?:when|since when|at what time)\b.*\b(?:start|began|begin|first)|^(?:seit wann|wann)\b", re.IGNORECASE
)
NOT_KNOWN = "not known"
"""What people choose who were asked and don't know."""
_YES = re.compile(
    r"^(?:(?P<yes>yes|y|ja|oui|s[ií]|sim|да|是)\b(?!\s*(?:,|/|and|or)?\s*no\b|\s*\?)"
    r"|(?P<no>no|n|nein|non|n[ãa]o|нет|否)\b(?!\s+(?:idea|clue|information|one\s+knows)\b|\s*(?:/|or)\s*yes\b|\s*\?)"
    r"|(?P<unknown>not known)\b)",
    re.IGNORECASE,
)
_NUMBER = r"\d{1,3}(?:[, ]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_SHARE = re.compile(rf"^(?:about |some |ca\.? |~)?(?P<share>{_NUMBER})\s*(?:%|per ?cent\b)", re.IGNORECASE)
_COUNT = re.compile(
    rf"^(?:about |some |ca\.? |~)?(?P<count>{_NUMBER})(?:\s*(?:of|/|out of)\s*(?P<of>{_NUMBER}))?"
    r"(?:\s+(?:users?|customers?|people|clients?|accounts?|tenants?)\b|\s*(?:$|[,;.(]))",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Something that people are to find out when they assess an incident. ``group``: the heading above it."""

    text: str
    group: str = ""
    line: int

    @property
    def id(self) -> str:
        """Its name on an incident."""
        return named(self.line, self.text)

    @property
    def kind(self) -> Kind:
        """What a clear answer to it looks like, as its words say."""
        if _USERS.search(self.text):
            return "users"
        if _BEGINNING.search(self.text):
            return "beginning"
        return "yes or no" if _CLOSED.match(self.text) else "words"


@dataclass(frozen=True, slots=True, kw_only=True)
class Users:
    """How many, of how many; or which share of them, in per cent."""

    count: float | None = None
    of: float | None = None
    share: float | None = None


def named(line: int, text: str) -> str:
    """The name of a box or a question on its incident: its line and its words."""
    return slug(f"{line} {text}")[:80].rstrip("-")


def yes_or_no(answer: str) -> bool | None:
    """Whether an answer begins with yes (or no) in one of some languages; None where it says neither."""
    return {"yes": True, "no": False}.get(choice_in(answer)[0])


def choice_in(answer: str) -> tuple[str, str]:
    """An answer as a form shows it: yes, no, not known or nothing of these, and the words behind that."""
    said = answer.strip()
    found = _YES.match(said)
    if found is None:
        return "", said
    choice = "yes" if found["yes"] else "no" if found["no"] else NOT_KNOWN
    return choice, said[found.end() :].lstrip(" ,;:.–-")


def users_in(answer: str) -> Users | None:
    """The number of users at the beginning of an answer: ``30 %``, ``340``, ``340 of 12,000``; None for other words."""
    text = answer.strip()
    share = _SHARE.match(text)
    if share is not None:
        value = _plain(share["share"])
        return Users(share=value) if value <= 100 else None
    found = _COUNT.match(text)
    if found is None:
        return None
    count, of = _plain(found["count"]), _plain(found["of"]) if found["of"] else None
    return None if of is not None and (of <= 0 or count > of) else Users(count=count, of=of)


def _plain(number: str) -> float:
    return float(number.replace(",", "").replace(" ", ""))
