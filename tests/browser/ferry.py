"""A ferry line in trouble: values to choose, checks, a branch that a number decided, questions, a doubt."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.browser import bakery
from tests.browser.bakery import Bakery
from tests.browser.conftest import House, eventually, served
from tocsin.core.alert import Alert
from tocsin.core.facts import Actor
from tocsin.service import act, ingest
from tocsin.service.respond import exists
from tocsin.store import runs

INES = Actor("person", "ines")
TITLE = "המעבורת תקועה: " + "the queue reaches the church and " * 4 + "a-word-that-does-not-end-" * 5
MANIFEST = f"manifests/{'0' * 60}.json"
LONG = f"./ferryctl send --from north --to south --reason '{'the queue is longer than the deck, ' * 5}' {MANIFEST}"
RUNBOOK = f"""# Ferry line: incidents

## Severity levels

| Severity | Description | Response |
|----------|-------------|----------|
| P1 (High) | nobody crosses | 5 minutes |
| P2 (Medium) | people wait | 30 minutes |

## Scenario 1: Passengers wait (P1)

### Symptoms

- Alert: `PassengersWait`
- Error rate > 5%

### Diagnosis

```bash
# Count the waiting passengers
cat waiting.txt
# Expected: < 20
```

```bash
# List the engines
cat engines.txt
```

```bash
# Read the long log
cat long.log
```

```bash
# Look at one engine
grep <engine-name> engines.txt
```

### Mitigation

**If <20 passengers wait:**

```bash
# Announce a delay
./ferryctl announce
```

**If >20 passengers wait:**

```bash
# Send the second ferry
{LONG}
```

```bash
# Slow down
git config ferry.speed slow
```

```bash
# Stop an engine
./ferryctl stop <engine-name>
```

- Call the harbour master

### Rollback

```bash
# Bring the second ferry home
./ferryctl home
```

```bash
# Start the engines again
./ferryctl start
```

### Resolution

- Error rate returns to < 1%
"""
APPROVALS = """
[approvals]
people = 2
[[approvals.rules]]
step = "*engine*"
people = 1
[[approvals.rules]]
step = "*slow*"
people = 1
"""
FERRYCTL = """#!/bin/sh
echo "ferry: $1"
case "$1" in stop) read -r word < gate;; esac
"""


@contextmanager
def quay(folder: Path) -> Iterator[House]:
    """A served ferry line: INC-1 has diagnosed itself, taken its branch and asks two people for their yes."""
    with bakery.metrics_page() as metrics:
        bakery.furnish(folder, metrics, RUNBOOK)
        settings = folder / "tocsin.toml"
        settings.write_text(settings.read_text("utf-8") + APPROVALS, "utf-8")
        _things(folder / "shop")
        place = bakery.enter(folder, metrics)
        _fire(place)
        bakery.past_samples(place.app)
        try:
            with served(place) as house:
                eventually(lambda: status(house, "Send the second ferry") == "awaiting_approval", "the question")
                eventually(lambda: status(house, "Read the long log") == "succeeded", "the diagnosis")
                yield house
        finally:
            place.app.db.close()


def long_night(house: House) -> None:
    """Everything at once: a change that can be set back, a doubt, a set of commands that waits, long words."""
    house.make("acknowledge", "mara")
    house.make("bind", placeholder="<engine-name>", value="engine-2")
    house.make("request_step", step=step(house, "Slow down"))
    _approve(house, "Slow down")
    eventually(lambda: status(house, "Slow down") == "succeeded", "the change")
    _approve(house, "Stop an engine")  # which the branch has asked for by itself
    app = house.bakery.app
    eventually(lambda: status(house, "Stop an engine") == "running", "the start")
    cut_off = next(run for run in app.db.read(runs.running) if run.step == step(house, "Stop an engine"))
    eventually(lambda: app.db.read(lambda tx: runs.output(tx, cut_off.id)), "its first line")
    act.doubted(app, cut_off, "The node died.")
    ask_for_a_set(house)
    house.make("note", text=TITLE)


def ask_for_a_set(house: House) -> None:
    """Ines asks for the rollback, two commands under one answer."""
    both = tuple(step(house, title) for title in ("Bring the second ferry home", "Start the engines again"))
    house.make("request_set", steps=both)


def step(house: House, title: str) -> str:
    """The id of the step with this title."""
    return next(each.id for each in house.bakery.app.books[0].steps() if each.title == title)


def status(house: House, title: str) -> str:
    """How far a step is; empty before anybody touched it."""
    state: Any = exists(house.bakery.app, "INC-1").steps.get(step(house, title))
    return str(state.status) if state else ""


def _approve(house: House, title: str) -> None:
    wanted = step(house, title)
    eventually(lambda: status(house, title) == "awaiting_approval", f"the question about {title}")
    asked = next(one for one in exists(house.bakery.app, "INC-1").waiting_approvals if one.step == wanted)
    act.approve(house.bakery.app, "INC-1", asked.id, asked.sha, INES)


def _things(shop: Path) -> None:
    (shop / "waiting.txt").write_text("57\n")
    rows = "".join(f"engine-{number}  turns  {20 * number}\n" for number in range(1, 9))
    (shop / "engines.txt").write_text(f"NAME      STATE  HEAT\n{rows}")
    (shop / "long.log").write_text("".join(f"{number:05d} INFO crossing {number} departed\n" for number in range(5000)))
    (shop / "ferryctl").write_text(FERRYCTL)
    (shop / "ferryctl").chmod(0o755)
    subprocess.run(["git", "config", "ferry.speed", "full speed"], cwd=shop, check=True)


def _fire(place: Bakery) -> None:
    now = place.app.clock.now()
    told = Alert(
        source="alertmanager", labels={"alertname": "PassengersWait"}, annotations={"summary": TITLE},
        starts_at=now, updated_at=now,
    )  # fmt: skip
    ingest.accept(place.app, "alertmanager", [told])
    while ingest.merge_waiting(place.app):
        pass
