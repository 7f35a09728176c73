"""What is known of a step in doubt: what people look at before they say whether it happened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tocsin.core.incident import Approval
from tocsin.core.runbook import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """A step in doubt and all that could help: what was to run where, what it printed, what could tell, what undoes it.

    ``looks`` are the reading steps of its scenario, ``expected`` is the document's own check of it, ``undo`` the way
    back that the document has, and ``undoing`` the question about that, once it is asked.
    """

    step: str
    title: str
    line: int = 0
    why: str
    since: datetime
    command: str = ""
    target: str = ""
    verdict: str = ""
    verdict_why: str = ""
    node: str = ""
    started_at: datetime | None = None
    printed: str = ""
    expected: str | None = None
    looks: tuple[Step, ...] = ()
    undo: tuple[Step, ...] = ()
    undoing: Approval | None = None
