"""What is known of an incident's causes and of what follows from it: part of its row, the fold of its timeline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseState:
    """A possible cause. ``verdict`` empty: nobody has said; ``line`` 0: a person named it, not the document."""

    text: str
    verdict: Literal["", "confirmed", "ruled out"] = ""
    evidence: str = ""
    by: str = ""
    at: datetime | None = None
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """A command that switches something off. ``place``: the target; ``ran``: it did, or nobody knows that it did not.

    ``steps`` that switch it on again are refused while the root cause is open.
    """

    command: str
    place: str
    at: datetime
    ran: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionState:
    """An action item as it is now. ``set_at``: when its day last was; ``key`` and ``url``: where a tracker has it."""

    text: str
    owner: str = ""
    due_at: datetime | None = None
    state: Literal["open", "done", "dropped"] = "open"
    line: int = 0
    evidence: str = ""
    added_at: datetime
    set_at: datetime
    told_at: datetime | None = None
    missed: int = 0
    tracker: str = ""
    key: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """When and where people talk about the incident. ``due``: by when the document wants that."""

    at: datetime
    minutes: float
    where: str = ""
    people: tuple[str, ...] = ()
    due: datetime | None = None
    line: int = 0
    times: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class LearningState:
    """All of it. ``off``: step → what it switched off; ``overruled``: approval → why the gate does not hold for it.

    ``approved``: who has read the post-mortem, with the version of it.
    """

    causes: Mapping[str, CauseState] = field(default_factory=dict)
    root_cause: str = ""
    root_cause_by: str = ""
    root_cause_at: datetime | None = None
    off: Mapping[str, Switch] = field(default_factory=dict)
    overruled: Mapping[str, str] = field(default_factory=dict)
    actions: Mapping[str, ActionState] = field(default_factory=dict)
    meeting: Meeting | None = None
    approved: Mapping[str, int] = field(default_factory=dict)
