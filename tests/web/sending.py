"""What the tests of intake share: a house with sources of its own, and what has become of what they sent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.web import house
from tocsin.app import App
from tocsin.core.alert import Alert
from tocsin.core.change import Change
from tocsin.core.incident import Incident
from tocsin.core.telling import tell
from tocsin.service import views
from tocsin.service.opening import open_app
from tocsin.store import alerts as alert_store
from tocsin.store import changes as change_store
from tocsin.store import incidents as incident_store


def enter_with(folder: Path, sources: str, runbook: str = house.RUNBOOK) -> App:
    """The lighthouse, with these tables in its configuration."""
    (folder / "lighthouse.md").write_text(runbook, "utf-8")
    (folder / "tocsin.toml").write_text(f"{house.CONFIG}\n{sources}", "utf-8")
    return open_app(
        runbooks=[folder / "lighthouse.md"], config=folder / "tocsin.toml", database=str(folder / "tocsin.db"),
        environ={"PATH": "/usr/bin:/bin"},
    )  # fmt: skip


def alerts(app: App) -> list[Alert]:
    """Every alert that is known, after what waits was merged."""
    house.merge(app)
    return app.db.read(alert_store.listing)


def incidents(app: App) -> list[Incident]:
    """Every incident, the oldest first, after what waits was merged."""
    house.merge(app)
    return sorted((summary.incident for summary in views.listing(app)), key=lambda one: one.number)


def changes(app: App) -> list[Change]:
    """Every change that was told."""
    return app.db.read(change_store.listing)


def timeline(app: App, ref: str = "INC-1") -> list[tuple[str, str]]:
    """The timeline's lines, as their actors and what they say."""

    def read(tx: Any) -> list[tuple[str, str]]:
        lines = []
        for entry in incident_store.timeline(tx, ref):
            line = tell(entry, app.settings.directory)
            lines.append((f"{entry.by.kind} {entry.by.name}", f"{line.title} {line.detail}"))
        return lines

    return app.db.read(read)


def captured(path: str, agent: str = "") -> list[dict[str, Any]]:
    """What real clients sent to paths that begin so, from the captures beside the project; skips where they are not."""
    folder = Path(__file__).parents[3] / "shared" / "fixtures"
    texts = [file.read_text("utf-8") for file in sorted(folder.glob("*_captured.jsonl"))]
    lines = [json.loads(line) for text in texts for line in text.splitlines()]
    found = [
        line for line in lines if line["path"].startswith(path) and line["headers"]["User-Agent"].startswith(agent)
    ]
    if not found:
        pytest.skip("the captured messages are not here")
    return found
