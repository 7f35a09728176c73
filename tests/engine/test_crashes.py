"""A real process is killed at each named point of a run's life, on both databases; then somebody else looks after it.

| killed | a proved read | a change |
|---|---|---|
| before the intent is committed | runs, once | runs, once: the journal knows that it had not begun |
| from then until the outcome is committed | runs again | is in doubt, and nothing repeats it |
| after the outcome is committed | is over | is over |
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.engine.dying import POINTS
from tests.house import ANA, BEN, boarding_stops, open_house
from tocsin.app import App
from tocsin.core.incident import Incident
from tocsin.engine.runner import HEARTBEAT, LOST_AFTER, Runner
from tocsin.errors import Refused
from tocsin.service import act
from tocsin.service.respond import exists
from tocsin.store import incidents, runs
from tocsin.times import SystemClock

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60
BOOK = """# Ferry runbook

## Scenario 1: Boarding stops

**Alert**: `BoardingStops`

### Diagnosis

```bash
# Is anything written down
cat notes.txt
```

### Mitigation

**If the gate hangs:**
```bash
# Push the gate
echo pushed >> gate.txt; echo begun; sleep 0.2; echo ended
```
"""
NOT_BEGUN, ENDED = POINTS[0], POINTS[-1]


@dataclass
class Hands:
    """A clock that shows the time, and is turned forward by hand."""

    ahead: timedelta = field(default_factory=timedelta)

    def now(self) -> datetime:
        """Where the hands are."""
        return SystemClock().now() + self.ahead


@contextmanager
def opened(folder: Path, database: str, node: str) -> Iterator[App]:
    """A node in this process; nothing of it moves by itself."""
    app = open_house(folder, database, runbook=BOOK, clock=Hands())
    app.node = app.node if app.db.dialect == "sqlite" else node
    try:
        yield app
    finally:
        app.db.close()


def ordered(app: App, verdict: str) -> str:
    """The one step with this verdict, ordered and not begun; its id."""
    incident = boarding_stops(app)
    if verdict == "change":
        incident = act.choose_branch(app, "INC-1", "If the gate hangs", "it squeaks", ANA)
        (approval,) = incident.waiting_approvals
        act.approve(app, "INC-1", approval.id, approval.sha, BEN)
    return next(step.id for step in app.books[0].steps() if step.verdict == verdict)


def killed(folder: Path, database: str, point: str, verdict: str) -> None:
    """Another process carries out what was ordered, until it is killed at this point."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.engine.dying", str(folder), database, point, verdict],
        cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=PATIENCE,
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL, done.stderr


def turn_until_settled(app: App, step: str) -> Incident:
    """A node that lives looks after what a dead one left, for as long as that takes it on its own clock."""
    runner = Runner(app)
    runner.recover()
    beats = int(LOST_AFTER / HEARTBEAT) + 3
    for _ in range(beats):
        runner.turn()
        runner.rest()
        if exists(app, "INC-1").steps[step].status not in ("queued", "running"):
            break
        assert isinstance(app.clock, Hands)
        app.clock.ahead += HEARTBEAT
    runner.stop(1)
    return exists(app, "INC-1")


def effects(folder: Path) -> list[str]:
    """What the change left behind, counted where it happened and not by us."""
    path = folder / "gate.txt"
    return path.read_text("utf-8").split() if path.exists() else []


def told(app: App, step: str) -> Counter[str]:
    """How often the timeline says what of a step."""
    entries = app.db.read(lambda tx: incidents.timeline(tx, "INC-1"))
    return Counter(entry.kind for entry in entries if getattr(entry.fact, "step", "") == step)


@pytest.mark.parametrize("point", POINTS)
def test_a_change_that_was_cut_off_has_its_effect_at_most_once(tmp_path: Path, db_url: str, point: str) -> None:
    """It is over, not begun, or in doubt, exactly as far as the journal knows; and in doubt it stays."""
    folder = tmp_path / "house"
    with opened(folder, db_url, "one") as app:
        step = ordered(app, "change")
    killed(folder, db_url, point, "change")
    before = effects(folder)
    with opened(folder, db_url, "two") as app:
        state = turn_until_settled(app, step).steps[step]
        assert state.status == ("succeeded" if point in (NOT_BEGUN, ENDED) else "in_doubt")
        assert (before, effects(folder)) == {
            NOT_BEGUN: ([], ["pushed"]),
            POINTS[1]: ([], []),
        }.get(point, (["pushed"], ["pushed"]))
        count = told(app, step)
        assert (count["StepQueued"], count["StepStarted"]) == (1, 1)
        assert (count["StepFinished"], count["StepInDoubt"]) == ((1, 0) if point in (NOT_BEGUN, ENDED) else (0, 1))
        assert app.db.read(lambda tx: incidents.verify(tx, "INC-1")) == []
        if state.status == "in_doubt":
            with pytest.raises(Refused, match="in doubt"):
                act.request_step(app, "INC-1", step, ANA)


@pytest.mark.parametrize("point", POINTS)
def test_a_read_that_was_cut_off_is_repeated_and_ends_once(tmp_path: Path, db_url: str, point: str) -> None:
    """Looking again harms nobody, and there is one outcome in the end."""
    folder = tmp_path / "house"
    with opened(folder, db_url, "one") as app:
        step = ordered(app, "read")
    killed(folder, db_url, point, "read")
    with opened(folder, db_url, "two") as app:
        state = turn_until_settled(app, step).steps[step]
        assert (state.status, state.excerpt) == ("succeeded", "the ferry left\n")
        count = told(app, step)
        again = point not in (NOT_BEGUN, ENDED)
        assert (count["StepStarted"], count["StepFinished"]) == (2 if again else 1, 1)
        run = next(each for each in app.db.read(lambda tx: runs.of_incident(tx, "INC-1")) if each.step == step)
        assert run.status == "succeeded"
        assert app.db.read(lambda tx: incidents.verify(tx, "INC-1")) == []


def test_a_node_is_not_called_dead_before_its_time(tmp_path: Path, postgres_url: str) -> None:
    """What another node has begun is left alone while its heart may still beat."""
    folder = tmp_path / "house"
    with opened(folder, postgres_url, "one") as app:
        step = ordered(app, "change")
    killed(folder, postgres_url, POINTS[2], "change")
    with opened(folder, postgres_url, "two") as app:
        runner = Runner(app)
        runner.turn()
        assert isinstance(app.clock, Hands)
        app.clock.ahead += LOST_AFTER - 2 * HEARTBEAT
        runner.turn()
        runner.rest()
        assert exists(app, "INC-1").steps[step].status == "running"
        runner.stop(1)
        assert turn_until_settled(app, step).steps[step].status == "in_doubt"
