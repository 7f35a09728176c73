"""A small house to test in: a runbook of our own, a token for each role, a SQLite file."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from tocsin.app import App
from tocsin.service import ingest
from tocsin.service.opening import open_app
from tocsin.settings import ROLES
from tocsin.web import server

TOKENS = {role: f"{role}-token-0123456789abcdef" for role in ROLES}
RUNBOOK = """# Lighthouse runbook

## Severity Levels

- **P1 (High)**: ships see no light
- **P2 (Medium)**: the light is weak

## Scenario 1: The lamp is out

**Alert**: `LampOut`

### Symptoms

- Nothing shines

### Diagnosis

```bash
# What is the machine called
uname -n
```

### Mitigation

**If the fuse is blown**:

```bash
touch new-fuse
```

### Prevention

- Buy better fuses

## Scenario 2: The horn is silent

**Alert**: `HornSilent`

### Diagnosis

```bash
uname -m
```
"""
CONFIG = "\n".join(f'[tokens.{role}]\ntoken = "{secret}"\nrole = "{role}"\n' for role, secret in TOKENS.items())


def furnish(folder: Path) -> None:
    """Write the runbook and the configuration."""
    (folder / "lighthouse.md").write_text(RUNBOOK, "utf-8")
    (folder / "tocsin.toml").write_text(CONFIG, "utf-8")


def enter(folder: Path) -> App:
    """Open the application over what `furnish` wrote."""
    return open_app(
        runbooks=[folder / "lighthouse.md"],
        config=folder / "tocsin.toml",
        database=str(folder / "tocsin.db"),
        environ={"PATH": "/usr/bin:/bin"},
    )


def client_of(app: App) -> TestClient:
    """A client without a token, whose requests arrive as from a browser's address bar."""
    return TestClient(server.build(app), base_url="http://tocsin.test", raise_server_exceptions=True)


def bearer(role: str) -> dict[str, str]:
    """The header of somebody in this role."""
    return {"Authorization": f"Bearer {TOKENS[role]}"}


def basic(role: str) -> dict[str, str]:
    """The same, as a monitoring system would send it."""
    return {"Authorization": "Basic " + base64.b64encode(f"anybody:{TOKENS[role]}".encode()).decode()}


def alert(name: str = "LampOut", **more: Any) -> dict[str, Any]:
    """An alert as Prometheus posts it."""
    return {"labels": {"alertname": name, "tower": "north"}, "annotations": {"summary": "It is dark"}, **more}


def merge(app: App) -> None:
    """Do what the engine does with accepted alerts, until nothing waits."""
    while ingest.merge_waiting(app):
        pass
