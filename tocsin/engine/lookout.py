"""Who is dead: told by hearts that stand still while we look, never by comparing the clocks of two machines.

A clock that is wrong, or that jumps, would call a node dead whose commands still run. So a beat is only ever compared
with the beat that was seen before: while it changes the node lives, whatever its clock shows.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from tocsin.core.run import Run

LOOKS = 12
"""So many looks in a row at a heart that stands still: a minute, at one look every five seconds."""


class Lookout:
    """Remembers the last beat of every run that somebody carries out."""

    def __init__(self) -> None:
        self._beats: dict[str, tuple[datetime | None, int]] = {}

    def lost(self, running: Iterable[Run]) -> list[Run]:
        """Those of the running runs whose heart has stood still for `LOOKS` looks; call it at regular intervals."""
        beats: dict[str, tuple[datetime | None, int]] = {}
        found: list[Run] = []
        for run in running:
            beat, still = self._beats.get(run.id, (None, 0))
            still = still + 1 if run.id in self._beats and beat == run.heartbeat_at else 0
            beats[run.id] = (run.heartbeat_at, still)
            if still >= LOOKS:
                found.append(run)
        self._beats = beats
        return found
