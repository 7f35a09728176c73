"""Steps that run somewhere else than on the default target, from the request to the outcome."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from tests.engine.test_runs import SLOW
from tests.house import ANA, BEN, boarding_stops, open_house
from tocsin.app import App
from tocsin.engine.runner import Runner
from tocsin.service import act
from tocsin.service.respond import exists
from tocsin.store import runs

BOOK = f"""{SLOW}### Diagnosis

```sql
SELECT count(*) AS boats FROM boats;
```

### Mitigation

**If the gate hangs:**
```sql
DELETE FROM boats WHERE name = 'ghost';
```
"""


@pytest.fixture
def harbour(tmp_path: Path) -> Path:
    """A SQLite file with two boats."""
    path = tmp_path / "harbour.db"
    with sqlite3.connect(path) as connection:
        connection.execute("create table boats (name text)")
        connection.execute("insert into boats values ('ghost'), ('swan')")
    connection.close()
    return path


def turned(app: App) -> None:
    runner = Runner(app)
    runner.turn()
    runner.rest()
    runner.stop(1)


def test_statements_go_to_their_database_without_psql(tmp_path: Path, harbour: Path) -> None:
    """The proved one by itself, the changing one once, after a person allowed it there."""
    config = f'[targets.harbour]\nkind = "sql"\nurl = "sqlite://{harbour}"\n[people.ana]\n'
    app = open_house(tmp_path / "house", f"sqlite://{tmp_path}/t.db", runbook=BOOK, config=config)
    boarding_stops(app)
    turned(app)
    (state,) = exists(app, "INC-1").steps.values()
    assert (state.status, state.excerpt) == ("succeeded", " boats\n-------\n     2\n(1 row)\n")
    incident = act.choose_branch(app, "INC-1", "If the gate hangs", "a ghost", ANA)
    (approval,) = incident.waiting_approvals
    assert f"harbour (sql): file {harbour}" in approval.target
    act.approve(app, "INC-1", approval.id, approval.sha, BEN)
    (run,) = app.db.read(lambda tx: runs.queued(tx, 10))
    assert (run.place, run.labels) == ("harbour", ())
    turned(app)
    assert exists(app, "INC-1").steps[approval.step].excerpt == "1 rows changed\n"
    app.db.close()


def test_a_run_whose_target_is_gone_is_not_started(tmp_path: Path, harbour: Path) -> None:
    """Nor anywhere else instead."""
    config = f'[targets.harbour]\nkind = "sql"\nurl = "sqlite://{harbour}"\n'
    app = open_house(tmp_path / "house", f"sqlite://{tmp_path}/t.db", runbook=BOOK, config=config)
    boarding_stops(app)
    app.db.close()
    app = open_house(tmp_path / "house", f"sqlite://{tmp_path}/t.db", runbook=BOOK, config="[people.ana]\n")
    turned(app)
    (state,) = exists(app, "INC-1").steps.values()
    app.db.close()
    assert state.status == "unrunnable"
    assert "The target changed since this was asked for" in state.note
