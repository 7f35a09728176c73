"""Who could not be told, as an incident keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """The last notice to somebody arrived nowhere: when it was given up, and why."""

    at: datetime
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReachState:
    """By their ids, those whom the last notice did not reach: people, and channels of the document."""

    missed: Mapping[str, Missed] = field(default_factory=dict)
