"""The whole application on a real database, with a small runbook of our own."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.build import an_alert
from tocsin.app import App
from tocsin.core.facts import Actor
from tocsin.core.incident import Incident
from tocsin.core.runbook import Step
from tocsin.service import ingest
from tocsin.service.opening import open_app
from tocsin.service.respond import exists

ANA, BEN = Actor("person", "ana"), Actor("person", "ben")
LOOKS = 100
"""So often `until` looks at the least."""
RUNBOOK = """# Ferry runbook

## Severity Levels

- **P1 (High)**: nobody crosses
- **P2 (Medium)**: crossings are late

## Scenario 1: Boarding stops

### Symptoms
- Alert: `BoardingStops`

### Diagnosis

```bash
# 1. Which system is this
uname -s

# 2. Is anything written down
cat notes.txt | grep ferry
```

### Mitigation

**If the gate hangs:**
```bash
# Push the gate
echo pushed >> gate.txt

# Oil the gate
echo oiled >> gate.txt
```

## Escalation

1. **0-15 min**: On-call engineer
2. **15+ min**: Team lead
"""
CONFIG = """
[people.ana]
[people.ben]
[roles]
"on-call engineer" = "ana"
"team lead" = "ben"
[target]
workdir = "."
timeout = "5s"
"""


def open_house(folder: Path, database: str, **change: Any) -> App:
    """The application over this database; several over the same one are several nodes."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "ferry.md").write_text(change.pop("runbook", RUNBOOK), "utf-8")
    (folder / "tocsin.toml").write_text(change.pop("config", CONFIG), "utf-8")
    (folder / "notes.txt").write_text("the ferry left\n", "utf-8")
    return open_app(
        runbooks=[folder / "ferry.md"], config=folder / "tocsin.toml", database=database, environ={}, **change
    )


def use(app: App, executor: Any) -> None:
    """Every command of the default target goes to this executor."""
    app.settings = replace(app.settings, default=replace(app.settings.default, executor=executor))


def boarding_stops(app: App) -> Incident:
    """INC-1, declared by its alert."""
    now = app.clock.now()
    ingest.accept(app, "alertmanager", [an_alert("BoardingStops", starts_at=now, updated_at=now)])
    ingest.merge_waiting(app)
    return exists(app, "INC-1")


def step_on(app: App, words: str) -> Step:
    """The step whose title holds these words."""
    return next(step for step in app.books[0].steps() if words in step.title)


def until(what: Callable[[], Any], seconds: float = 10.0) -> Any:
    """Wait for something to become true; its value. Fails when it does not within the time.

    The time alone does not decide: a machine that stood still has looked once when it is over.
    """
    deadline, looks = time.monotonic() + seconds, 0
    while looks < LOOKS or time.monotonic() < deadline:
        found = what()
        if found:
            return found
        looks += 1
        time.sleep(0.02)
    raise AssertionError(f"It did not happen within {seconds} s.")
