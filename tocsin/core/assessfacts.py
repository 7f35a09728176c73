"""What people find out when they assess an incident: answers to the document's questions, and what follows from them.

The rules of `facts` hold here too, and everything here is reached as ``facts.QuestionAnswered``.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from tocsin.core.entries import fact


@fact
class QuestionAnswered:
    """A question of the document has an answer. ``yes`` null: it is none of yes or no, or nobody knows yet."""

    question: str
    text: str
    answer: str
    yes: bool | None = None
    line: int = 0


@fact
class RuleFollowed:
    """A sentence of the document fits the answers, and a person had it carried out. What it led to follows."""

    rule: str
    kind: Literal["escalation", "severity", "visibility", "branch"]
    text: str
    line: int = 0
    because: str = ""


@fact
class AffectedCounted:
    """A person says how many users are affected, of how many, or which share of them in per cent."""

    count: float | None = None
    of: float | None = None
    share: float | None = None
    why: str = ""


@fact
class BeginningSet:
    """A person says when the trouble began, which may be before its first sign."""

    at: datetime
    why: str = ""
