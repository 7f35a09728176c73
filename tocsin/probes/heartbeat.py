"""Hears whether something that should happen again and again still does: it calls an address each time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from tocsin.errors import Unread
from tocsin.plug.kinds import Example, Reading
from tocsin.times import say_duration

EXAMPLES = (Example(settings={"name": "nightly-backup"}),)

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """Seconds since ``/in/heartbeat/NAME`` was last called (GET or POST, with a token that may send alerts).

    For jobs that nobody sees: the last line of a backup calls the address, and a threshold such as "backup age > 1 day"
    fires when it ceases. What was never called has no value.
    """

    name: Annotated[str, "What stands in the address: letters, digits, dots, - and _"]
    scale: Annotated[float, "What the seconds are multiplied by: 0.0166667 for minutes"] = 1.0

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"{self.name!r} can't stand in an address; use letters, digits, dots, - and _.")

    @property
    def listens_to(self) -> str:
        """See `tocsin.plug.kinds.Listener`."""
        return self.name

    def heard(self, last: datetime | None, now: datetime) -> Reading:
        """Seconds since the last call; `Unread` where there never was one."""
        if last is None:
            raise Unread(f"no data: /in/heartbeat/{self.name} has never been called.")
        age = max(timedelta(0), now - last)
        return Reading(value=age.total_seconds() * self.scale, at=now, detail=f"last called {say_duration(age)} ago")

    def read(self, now: datetime, timeout: timedelta) -> Reading:
        """As somebody who has heard nothing: `Unread`."""
        del timeout
        return self.heard(None, now)
