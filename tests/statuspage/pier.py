"""A pier with a status page: a runbook of its own, two components, a clock that is turned by hand."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tocsin.app import App
from tocsin.core.facts import Actor
from tocsin.core.notices import Notice
from tocsin.errors import Undelivered
from tocsin.plug.kinds import Address, Receipt
from tocsin.service import respond
from tocsin.service.opening import open_app
from tocsin.service.respond import Declaration
from tocsin.service.statuspage import publishing

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ANA = Actor("person", "ana")
ADMIN = "admin-token-0123456789abcdef"
RUNBOOK = """# Pier runbook

## Severity Levels

- **P1 (High)**: nobody can board
- **P2 (Medium)**: boarding is slow

## Scenario 1: The ramp is stuck

### Symptoms
- Alert: `RampStuck`
"""
CONFIG = f"""
[tokens.ada]
token = "{ADMIN}"
role = "admin"
[status]
name = "Pier status"
url = "https://status.pier.example.org"
mail = "post"
webhooks = true
[[status.components]]
name = "Boarding"
group = "Pier"
scenarios = ["The ramp is stuck"]
degraded = "Board at the other ramp."
[[status.components]]
name = "Tickets"
[notifiers.post]
kind = "console"
"""


@dataclass
class HandClock:
    """Stands still until it is turned."""

    at: datetime = NOW

    def now(self) -> datetime:
        """Where the hands are."""
        return self.at


@dataclass
class Post:
    """Takes mails, or fails as it is told to."""

    got: list[tuple[Notice, Address]] = field(default_factory=list)
    fault: Undelivered | None = None

    def send(self, notice: Notice, to: Address, timeout: timedelta) -> Receipt:
        """Keep the mail."""
        del timeout
        if self.fault is not None:
            raise self.fault
        self.got.append((notice, to))
        return Receipt()


def enter(folder: Path, more: str = "", clock: HandClock | None = None) -> App:
    """Open the application over a new folder."""
    (folder / "pier.md").write_text(RUNBOOK, "utf-8")
    (folder / "tocsin.toml").write_text(CONFIG.replace("[[status", f"{more}\n[[status", 1), "utf-8")
    app = open_app(
        runbooks=[folder / "pier.md"], config=folder / "tocsin.toml", database=str(folder / "tocsin.db"),
        environ={"PATH": "/usr/bin:/bin"}, clock=clock or HandClock(),
    )  # fmt: skip
    app.settings = replace(app.settings, notifiers={**app.settings.notifiers, "post": Post()})
    return app


def post_of(app: App) -> Post:
    """The mails that left."""
    found = app.settings.notifiers["post"]
    assert isinstance(found, Post)
    return found


def an_incident(app: App, title: str = "the inner words") -> str:
    """Declare one of the scenario; its id."""
    wanted = Declaration(title=title, severity="P1", scenario="ramp is stuck")
    return respond.declare_by_hand(app, wanted, ANA).id


def publish(app: App, ref: str, text: str = "Nobody can board.", **change: object) -> None:
    """Publish it, as ana."""
    kept: dict[str, object] = {"title": "Boarding stands still", "components": {"boarding": "major"}, "text": text}
    publishing.publish(app, ref, publishing.Publication(**{**kept, **change}), ANA)  # type: ignore[arg-type]
