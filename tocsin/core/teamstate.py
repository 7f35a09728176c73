"""Who answers for what in an incident, and who may see it: part of its row, and like all of it the fold of its
timeline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

OWNER = "owner"
"""The role of who has acknowledged the incident."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A role that was offered and not yet answered. ``before`` has it until then; ``by`` offered it."""

    role: str
    to: str
    before: str
    at: datetime
    until: datetime
    by: str
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamState:
    """All of it. ``owner`` is who accepted the incident itself; empty while who acknowledged it has it.

    ``since``: from when somebody has a role; ``named`` are the ids of those who see a private incident.
    """

    owner: str = ""
    offers: Mapping[str, Offer] = field(default_factory=dict)
    since: Mapping[str, datetime] = field(default_factory=dict)
    steps: Mapping[str, str] = field(default_factory=dict)
    war_room: str = ""
    private: bool = False
    named: tuple[str, ...] = ()
