"""``[commands]``: a team's own scripts and programs, so that they can be proved to read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tocsin.safety.team import Team, read_team


def team(raw: Mapping[str, Mapping[str, Any]], where: str) -> Team:
    """The team that these tables describe. Raises `Invalid` that names the table."""
    return read_team(raw, where)
