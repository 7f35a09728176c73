"""Changes of the system under care: a deployment, a push, a finished workflow. They page nobody; they are looked at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change as its source told it: what was done, where, by whom and when. All texts are hostile.

    ``kind`` is the source's word for it (``deployment``, ``push``, …), ``outcome`` how it went, where that is known.
    """

    source: str
    kind: str
    what: str
    where: str
    who: str
    at: datetime
    url: str = ""
    outcome: str = ""
    id: str = ""
