"""What is known of how bad an incident is: part of its row, the fold of its timeline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The last answer to a question of the document."""

    text: str
    answer: str
    yes: bool | None
    by: str
    at: datetime
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many users were affected at a moment, as a person said; ``share`` in per cent."""

    at: datetime
    by: str
    count: float | None = None
    of: float | None = None
    share: float | None = None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """When a rule of the document was carried out, and who said so."""

    at: datetime
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentState:
    """All of it; ``counts`` the oldest first."""

    answers: Mapping[str, Answer] = field(default_factory=dict)
    counts: tuple[Count, ...] = ()
    began_at: datetime | None = None
    began_by: str = ""
    followed: Mapping[str, Followed] = field(default_factory=dict)
