"""Asks whether somebody listens on a port, and how long the connection takes."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Literal

from tocsin.errors import Unread
from tocsin.plug.addresses import check_networks
from tocsin.plug.kinds import Example, Reading

EXAMPLES = (
    Example(settings={"host": "127.0.0.1", "port": 5432}),
    Example(settings={"host": "mail.example.org", "port": 25, "measure": "milliseconds", "allow": ["10.0.0.0/8"]}),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tcp:
    """Whether a TCP port takes connections: 1 or 0; or how many milliseconds the connection takes.

    Nothing is sent. The time holds the look-up of the name.
    """

    host: Annotated[str, "Name or number of the machine"]
    port: Annotated[int, "Port, 1 to 65535"]
    measure: Annotated[Literal["up", "milliseconds"], "What the value is"] = "up"
    allow: Annotated[bool | tuple[str, ...], "Whether private addresses may be asked, or which networks"] = True

    def __post_init__(self) -> None:
        check_networks(() if isinstance(self.allow, bool) else self.allow)
        if not 0 < self.port < 65_536:
            raise ValueError(f"{self.port} is not a port; write one from 1 to 65535.")
        if not self.host.strip():
            raise ValueError("host is empty.")

    def read(self, now: datetime, timeout: timedelta) -> Reading:
        """1 or 0, or milliseconds; raises `Unread` for an address that must not be asked, and for a time of none."""
        from tocsin.plug.reaching import Forbidden, Unreachable, connected

        begun = time.perf_counter()
        try:
            connected(self.host, self.port, timeout, self.allow).close()
        except Forbidden as error:
            raise Unread(error.message, error.hint) from None
        except Unreachable as error:
            if self.measure == "milliseconds":
                raise Unread(f"no data: {error.message}") from None
            return Reading(value=0.0, at=now, detail=error.message)
        took = (time.perf_counter() - begun) * 1000
        value = took if self.measure == "milliseconds" else 1.0
        return Reading(value=value, at=now, detail=f"connected in {took:.1f} ms")
