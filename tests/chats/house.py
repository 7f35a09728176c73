"""A bakery that talks: the whole application with a chat, on a clock that is turned by hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.build import NOW
from tests.chats.workspace import APP, BOT, SECRET, Workspace
from tests.web.house import TOKENS
from tocsin.app import App
from tocsin.core.facts import Actor
from tocsin.core.incident import Incident
from tocsin.plug.chat import Answer, Heard
from tocsin.service import chatting, respond
from tocsin.service.opening import open_app
from tocsin.service.respond import Declaration

ANA = Actor("person", "ana")
RUNBOOK = """# Bakery runbook

## Severity Levels

- **P1 (High)**: no bread
- **P2 (Medium)**: late bread

## Initial response (first 10 minutes)

- [ ] Take the alert
- [ ] Open a channel of its own (`#bakery-YYYY-MM-DD-short-desc`)

## Scenario 1: The oven is cold

### Symptoms
- Alert: `OvenCold`

### Diagnosis

```bash
# Which system is this
uname -s
```

### Mitigation

**If the gas is off:**
```bash
# Open the tap
touch tap.txt
```
"""
CONFIG = f"""
[people.ana]
slack = "U0ANA"
irc = "ana"
[people.ben]
slack = "U0BEN"
irc = "ben"
[people.cleo]
slack = "U0CLEO"
[roles]
"on-call engineer" = "ana"
[tokens.ben]
token = "{TOKENS["approver"]}"
role = "approver"
[target]
workdir = "."
"""


@dataclass
class Hands:
    """A clock that is turned by hand."""

    at: datetime = NOW

    def now(self) -> datetime:
        """Where the hands are."""
        return self.at

    def turn(self, seconds: float) -> None:
        """Go on."""
        self.at += timedelta(seconds=seconds)


def slack(space: Workspace, more: str = "", socket: bool = False) -> str:
    """The configuration with the Slack app of a workspace."""
    listening = f'app_token = "{APP}"\n' if socket else ""
    return (
        f'{CONFIG}\n[slack]\nbot_token = "{BOT}"\nsigning_secret = "{SECRET}"\napi = "{space.url}/api"\n'
        f"allow = true\n{listening}{more}"
    )


def open_bakery(folder: Path, config: str, database: str = "", **change: Any) -> App:
    """The application over a database."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "bakery.md").write_text(change.pop("runbook", RUNBOOK), "utf-8")
    (folder / "tocsin.toml").write_text(config, "utf-8")
    return open_app(
        runbooks=[folder / "bakery.md"], config=folder / "tocsin.toml",
        database=database or f"sqlite://{folder}/tocsin.db", environ={"PATH": "/usr/bin:/bin"},
        **{"clock": Hands(), **change},
    )  # fmt: skip


def declare(app: App, title: str = "The oven is cold", **more: Any) -> Incident:
    """An incident that ana declares."""
    wanted = Declaration(**{"title": title, "scenario": "oven is cold", **more})
    return respond.declare_by_hand(app, wanted, ANA)


def says(app: App, account: str, text: str, *, channel: str = "", chat: str = "slack", **more: Any) -> Answer:
    """What somebody is answered who gives a command."""
    return chatting.hear(app, chat, Heard(how="command", account=account, text=text, channel=channel, **more))


def form(**fields: str) -> bytes:
    """A body as slash commands have it."""
    return urlencode(fields).encode()
