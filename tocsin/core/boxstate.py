"""How the boxes of the document's checklists stand: part of an incident's row, the fold of its timeline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxState:
    """A box that was ticked, by whom and when; ``ticked`` false: somebody took the tick away, because of ``note``."""

    ticked: bool
    by: str
    at: datetime
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """When everything was done, or what was left open and why."""

    at: datetime
    by: str
    why: str = ""
    left_open: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChecklistState:
    """All of it: the boxes that somebody has touched, by their ids, and the end of the work on the incident."""

    boxes: Mapping[str, BoxState] = field(default_factory=dict)
    closed: Closing | None = None
