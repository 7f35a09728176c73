"""A ferry with two schedules to test on-call in: a clock that is turned by hand, a token for everybody."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from tocsin.app import App
from tocsin.service.access import Caller
from tocsin.service.opening import open_app

BEGIN = datetime(2026, 11, 24, 12, tzinfo=UTC)
"""A Tuesday of week 48; in Lisbon the clocks show the same."""
SECRET = "ferry-token-0123456789"
CONFIG = """
[calendar]
zone = "Europe/Lisbon"
hours = "08:00-18:00"
days = "Mon-Fri"
holidays = [2026-12-08, 2026-12-25]

[people.ana]
name = "Ana"
email = "ana@ferry.example"
notify = ["console"]
[people.ben]
name = "Ben"
notify = ["console"]
[people.zoe]
name = "Zoe"

[schedules.primary]
people = ["ana", "ben"]
every = "week"
handover = "Monday 09:00"
start = 2026-11-02

[[schedules.night.layers]]
people = ["ben", "ana"]
every = "day"
handover = "22:00"
start = 2026-11-01
hours = "22:00-06:00"

[schedules.night]
covers = "22:00-06:00"

[roles]
"on-call engineer" = "schedule:primary"
"night watch" = "schedule:night"
captain = "zoe"

""" + "\n".join(
    f'[tokens.{name}]\ntoken = "{name}-{SECRET}"\nrole = "{role}"\n'
    for name, role in (("ana", "responder"), ("ben", "responder"), ("vera", "viewer"), ("root", "admin"))
)
ANA, BEN, VERA, ROOT = (
    Caller("ana", "responder"), Caller("ben", "responder"), Caller("vera", "viewer"), Caller("root", "admin"),
)  # fmt: skip


class HandClock:
    """A clock that stands still until it is turned."""

    def __init__(self) -> None:
        self.at = BEGIN

    def now(self) -> datetime:
        """What it shows."""
        return self.at


def enter(folder: Path, config: str = CONFIG) -> tuple[App, HandClock]:
    """Open the ferry's application."""
    (folder / "tocsin.toml").write_text(config, "utf-8")
    clock = HandClock()
    app = open_app(
        runbooks=[], config=folder / "tocsin.toml", database=str(folder / "tocsin.db"),
        environ={"PATH": "/usr/bin:/bin"}, clock=clock,
    )  # fmt: skip
    return app, clock


def bearer(name: str) -> dict[str, str]:
    """The header of somebody."""
    return {"Authorization": f"Bearer {name}-{SECRET}"}
