"""Approved sets and policies, carried out for real on both databases."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.engine.test_trouble import Hands
from tests.house import ANA, BEN, CONFIG, boarding_stops, open_house
from tocsin.app import App
from tocsin.core.facts import Actor
from tocsin.core.incident import Approval
from tocsin.engine.runner import Runner
from tocsin.errors import Denied, Refused, TocsinError
from tocsin.service import act, catalogue, sets
from tocsin.service.respond import exists
from tocsin.store import incidents, runs

BOOK = """# Ferry runbook

## Severity Levels

- **P1 (High)**: nobody crosses

## Scenario 1: Boarding stops

**Alert**: `BoardingStops`

### Mitigation

**If the gate hangs:**
```bash
# Push the gate
echo <how> pushed >> gate.txt
```

### Rollback

```bash
# Close the gate
echo closed >> gate.txt
# Lock the gate
test -e key && echo locked >> gate.txt
# Light the lamp
echo lit >> gate.txt
```
"""
Open = Callable[..., App]


@pytest.fixture
def opened(tmp_path: Path, db_url: str) -> Any:
    """Opens the one application of a test, with what it wants in its configuration."""
    apps: list[App] = []

    def make(config: str = "") -> App:
        apps.append(open_house(tmp_path / "house", db_url, runbook=BOOK, config=CONFIG + config, clock=Hands()))
        boarding_stops(apps[0])
        return apps[0]

    yield make
    for app in apps:
        app.db.close()


def gate(app: App) -> list[str]:
    """What was done to the gate, in its order."""
    path = Path(app.settings.target.workdir) / "gate.txt"
    return path.read_text("utf-8").splitlines() if path.exists() else []


def step(app: App, words: str) -> str:
    """The id of a step."""
    return next(each.id for each in app.books[0].steps() if words in each.title)


def asked(app: App, *words: str, **more: Any) -> Approval:
    """Ana asks for several steps at once."""
    incident = sets.request_set(
        app, "INC-1", [step(app, each) for each in words], "", by=ANA, **{"go_on": False, **more}
    )
    return incident.waiting_approvals[-1]


def carried_out(app: App) -> dict[str, str]:
    """Everything that is ordered is carried out; what became of each step, by the last word of its title."""
    runner = Runner(app)
    for _ in range(8):
        runner.turn()
        runner.rest()
    runner.stop(1)
    assert app.db.read(lambda tx: incidents.verify(tx, "INC-1")) == []
    titles = {each.id: each.title.rpartition(" ")[2] + each.title[0] for each in app.books[0].steps()}
    return {titles[key]: state.status for key, state in exists(app, "INC-1").steps.items()}


def told(app: App, kind: str) -> list[Any]:
    """The facts of one kind."""
    return [entry.fact for entry in app.db.read(lambda tx: incidents.timeline(tx, "INC-1")) if entry.kind == kind]


def test_one_answer_runs_the_rollback_in_its_order(opened: Open) -> None:
    """Without steps named it is the document's rollback; each runs behind the one before, once."""
    app = opened()
    (Path(app.settings.target.workdir) / "key").touch()
    approval = asked(app)
    assert [member.command.split()[-3] for member in approval.members][::2] == ["closed", "lit"]
    act.approve(app, "INC-1", approval.id, approval.sha, BEN)
    assert set(carried_out(app).values()) == {"succeeded"}
    assert gate(app) == ["closed", "locked", "lit"]
    queued = told(app, "StepQueued")
    assert [(each.member, each.approval) for each in queued] == [(number, approval.id) for number in (1, 2, 3)]
    assert queued[1].why == "approved by ben, 2 of 3"


def test_a_failure_stops_the_rest_and_says_so(opened: Open) -> None:
    """What ran and what did not stands on the timeline; what did not is offered again."""
    app = opened()
    approval = asked(app)
    act.approve(app, "INC-1", approval.id, approval.sha, BEN)
    assert carried_out(app) == {"gateC": "succeeded", "gateL": "failed"}
    assert gate(app) == ["closed"]
    (stopped,) = told(app, "SetStopped")
    assert stopped.why == "'Lock the gate' failed"
    assert (stopped.ran, stopped.left) == ((step(app, "Close"), step(app, "Lock")), (step(app, "Light"),))
    assert act.request_step(app, "INC-1", step(app, "Light"), ANA).waiting_approvals


def test_where_it_was_asked_so_a_failure_stops_nothing(opened: Open) -> None:
    """Each result is on record."""
    app = opened()
    approval = asked(app, go_on=True)
    act.approve(app, "INC-1", approval.id, approval.sha, BEN)
    assert carried_out(app) == {"gateC": "succeeded", "gateL": "failed", "lampL": "succeeded"}
    assert gate(app) == ["closed", "lit"]


def test_a_changed_gap_stops_the_rest(opened: Open) -> None:
    """What would run at its turn is no longer what was approved."""
    app = opened()
    bind(app, "softly")
    approval = asked(app, "Close", "Push", "Light")
    act.approve(app, "INC-1", approval.id, approval.sha, BEN)
    bind(app, "hard")
    assert carried_out(app) == {"gateC": "succeeded"}
    assert gate(app) == ["closed"]
    assert told(app, "SetStopped")[0].why == "'Push the gate' is no longer what was approved"


def bind(app: App, value: str) -> None:
    """Fill the gap."""
    catalogue.make(app, "bind", "INC-1", catalogue.Binding(placeholder="<how>", value=value), ANA, "responder")


def test_a_doubt_stops_the_rest(opened: Open) -> None:
    """Nothing builds on what nobody knows."""
    app = opened()
    approval = asked(app)
    act.approve(app, "INC-1", approval.id, approval.sha, BEN)
    (run,) = app.db.read(lambda tx: runs.queued(tx, 10))
    assert act.started(app, run)
    act.doubted(app, run, "the node died")
    assert carried_out(app) == {"gateC": "in_doubt"}
    assert told(app, "SetStopped")[0].why == "'Close the gate' is in doubt"
    assert gate(app) == []


def test_an_incident_is_not_resolved_while_a_set_is_under_way(opened: Open) -> None:
    """Nothing of it would run into an incident that is over."""
    app = opened()
    approval = asked(app)
    act.approve(app, "INC-1", approval.id, approval.sha, BEN)
    end = catalogue.Resolution(summary="over", override="the gate was seen open")
    with pytest.raises(Refused, match=r"while .* runs"):
        catalogue.make(app, "resolve", "INC-1", end, ANA, "responder")


def test_a_doubt_is_undone_by_the_document_s_rollback(opened: Open) -> None:
    """It is asked for, allowed, run; then the doubt is settled, and not before."""
    app = opened()
    (Path(app.settings.target.workdir) / "key").touch()
    bind(app, "softly")
    push = step(app, "Push")
    (approval,) = act.request_step(app, "INC-1", push, ANA).waiting_approvals
    act.approve(app, "INC-1", approval.id, approval.sha, BEN)
    (run,) = app.db.read(lambda tx: runs.queued(tx, 10))
    assert act.started(app, run)
    act.doubted(app, run, "the node died")
    (undo,) = sets.undo_step(app, "INC-1", push, (), ANA).waiting_approvals
    assert [member.step for member in undo.members] == [step(app, each) for each in ("Close", "Lock", "Light")]
    with pytest.raises(Refused, match="asked for already"):
        sets.undo_step(app, "INC-1", push, (), ANA)
    act.approve(app, "INC-1", undo.id, undo.sha, BEN)
    assert exists(app, "INC-1").steps[push].status == "in_doubt"
    assert carried_out(app)["gateP"] == "undone"
    assert told(app, "StepSettled")[0].why == "3 steps undid it, approved by ben"


RULES = """
[approvals]
people = 2

[[approvals.rules]]
verdict = "change"
step = "*/rollback/*"
people = 0

[[approvals.rules]]
stage = "mitigation"
roles = ["team lead"]
people = 1
"""


def test_a_rule_can_let_a_person_s_own_request_run_at_once(opened: Open) -> None:
    """And nobody else's; the timeline names the rule and its place."""
    app = opened(RULES)
    close = step(app, "Close")
    asked_by_agent = act.request_step(app, "INC-1", close, Actor("agent", "helper"))
    (waiting,) = asked_by_agent.waiting_approvals
    assert waiting.needs == 2
    act.request_step(app, "INC-1", close, ANA)
    assert carried_out(app) == {"gateC": "succeeded"}
    line = (Path(app.settings.target.workdir) / "tocsin.toml").read_text("utf-8").splitlines().index(
        "[[approvals.rules]]") + 1  # fmt: skip
    rule = f"tocsin.toml line {line}, rule 1 (verdict change, step */rollback/*)"
    assert told(app, "StepQueued")[-1].why == f"asked for without an approval: {rule} wants nobody's"


def test_a_rule_names_who_may_say_yes(opened: Open) -> None:
    """Ben leads the team; ana does not, whatever her token."""
    app = opened(RULES)
    bind(app, "softly")
    (approval,) = act.request_step(app, "INC-1", step(app, "Push"), ANA).waiting_approvals
    assert (approval.needs, approval.roles) == (1, ("team lead",))
    assert "rule 2 (stage mitigation)" in approval.policy
    with pytest.raises(Denied, match="only team lead"):
        act.approve(app, "INC-1", approval.id, approval.sha, ANA, "admin")
    act.approve(app, "INC-1", approval.id, approval.sha, BEN, "approver")
    assert carried_out(app) == {"gateP": "succeeded"}


def test_a_set_asks_somebody_even_where_each_of_it_would_not(opened: Open) -> None:
    """Several changes at once are never nobody's business."""
    app = opened(RULES)
    assert asked(app).needs == 2


@pytest.mark.parametrize(
    ("branch", "says"), [("If it rains", "is no branch"), ("If the gate hangs", "can't run before")]
)
def test_a_branch_that_can_not_be_asked_for_is_refused(opened: Open, branch: str, says: str) -> None:
    """One that is none, and one with a gap."""
    with pytest.raises(TocsinError, match=says):
        sets.request_set(opened(), "INC-1", (), branch, go_on=False, by=ANA)
