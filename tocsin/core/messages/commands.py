"""Gaps of commands that the incident itself fills: its number in the name of a branch, a folder, a channel."""

from __future__ import annotations

from tocsin.core.incident import Incident
from tocsin.core.messages.meanings import is_number
from tocsin.core.runbook import Step


def own_values(incident: Incident, step: Step) -> dict[str, str]:
    """Gap → the incident's number, where each place of the gap asks for it (``hotfix/incident-[id]``)."""
    command = step.command or ""
    return {gap: str(incident.number) for gap in step.placeholders if gap and _asks_for_it(command, gap)}


def _asks_for_it(command: str, gap: str) -> bool:
    parts = command.split(gap)
    return len(parts) > 1 and all(is_number(gap, part[-40:]) for part in parts[:-1])
