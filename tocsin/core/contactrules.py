"""A person's own rules: by which ways they want to be told, by severity and hour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tocsin.core.schedules.walltime import shown_at
from tocsin.core.schedules.windows import Window

_DAY = 24 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRule:
    """When it fits, pages and questions go by ``methods``, each ``wait`` behind the one before it.

    Without severities or windows it fits every severity or hour. ``place`` says where it is written.
    """

    methods: tuple[str, ...]
    severities: tuple[str, ...] = ()
    between: tuple[Window, ...] = ()
    zone: str = "UTC"
    wait: timedelta | None = None
    place: str = ""

    def fits(self, severity: str, now: datetime) -> bool:
        """Whether it counts for this severity at this moment."""
        named = not self.severities or severity.casefold() in map(str.casefold, self.severities)
        return named and (not self.between or is_open(self.between, self.zone, now))

    def when(self) -> str:
        """Its conditions, in a few words."""
        hours = f"{', '.join(map(str, self.between))} {self.zone}" if self.between else ""
        return ", ".join(part for part in (" ".join(self.severities), hours) if part) or "always"


def is_open(windows: Sequence[Window], zone: str, now: datetime) -> bool:
    """Whether the clocks of the zone show an hour of one of the windows."""
    shown = shown_at(now, zone)
    minutes = shown.hour * 60 + shown.minute
    return any(
        (shown.weekday() - back) % 7 in window.days and window.begins <= minutes + back * _DAY < window.ends
        for window in windows
        for back in (0, 1)
    )
