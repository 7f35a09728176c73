"""Runs on both databases: intent before, outcome after, once per approval, and in doubt rather than twice."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.house import ANA, BEN, boarding_stops, open_house, step_on, until
from tocsin.app import App
from tocsin.core import facts
from tocsin.core.incident import Incident
from tocsin.core.run import FINISHED
from tocsin.engine import Engine
from tocsin.engine.runner import LOST_AFTER, Runner
from tocsin.errors import Refused, TocsinError
from tocsin.service import act
from tocsin.service.respond import exists
from tocsin.store import incidents, runs

SLOW = "# Slow\n\n## Scenario 1: Boarding stops\n\n### Symptoms\n- Alert: `BoardingStops`\n\n"


@pytest.fixture
def app(tmp_path: Path, db_url: str) -> Iterator[App]:
    """One node over an empty database."""
    opened = open_house(tmp_path / "house", db_url)
    yield opened
    opened.db.close()


def asked(app: App) -> Incident:
    """The incident with the first step of its branch asked for."""
    boarding_stops(app)
    return act.choose_branch(app, "INC-1", "If the gate hangs", "it squeaks", ANA)


def gate(app: App) -> list[str]:
    """What was done to the gate."""
    path = Path(app.settings.target.workdir) / "gate.txt"
    return path.read_text("utf-8").split() if path.exists() else []


def test_harmless_diagnosis_starts_by_itself_and_leaves_its_output(app: App) -> None:
    """What is proved to read runs without asking, and the incident shows what it said."""
    boarding_stops(app)
    engine = Engine(app)
    engine.start()
    try:
        look = step_on(app, "Which system")
        until(lambda: exists(app, "INC-1").steps[look.id].status == "succeeded")
        assert exists(app, "INC-1").steps[look.id].excerpt.strip() == "Linux"
        written = step_on(app, "written down")
        until(lambda: "the ferry left" in exists(app, "INC-1").steps[written.id].excerpt)
    finally:
        engine.stop()
    assert gate(app) == []


def test_an_approved_branch_runs_in_its_order_and_each_command_once(app: App) -> None:
    """The second command is asked for when the first has succeeded."""
    incident = asked(app)
    engine = Engine(app)
    engine.start()
    try:
        for step in (step_on(app, "Push"), step_on(app, "Oil")):
            until(lambda step=step: step.id in exists(app, "INC-1").steps)
            incident = exists(app, "INC-1")
            (approval,) = incident.waiting_approvals
            assert approval.step == step.id
            act.approve(app, "INC-1", approval.id, approval.sha, BEN)
            until(lambda step=step: exists(app, "INC-1").steps[step.id].status == "succeeded")
    finally:
        engine.stop()
    assert gate(app) == ["pushed", "oiled"]


def test_fifty_parallel_approvals_run_the_command_once(app: App) -> None:
    """One approval starts one run, whoever presses the button how often."""
    (approval,) = asked(app).waiting_approvals

    def press(_: int) -> str:
        try:
            act.approve(app, "INC-1", approval.id, approval.sha, BEN)
        except Refused as error:
            return str(error)
        return "granted"

    engine = Engine(app)
    engine.start()
    try:
        with ThreadPoolExecutor(50) as pool:
            answers = list(pool.map(press, range(50)))
        until(lambda: exists(app, "INC-1").steps[approval.step].status == "succeeded")
    finally:
        engine.stop()
    assert answers.count("granted") == 1
    assert gate(app) == ["pushed"]


def test_two_nodes_carry_out_each_run_once(tmp_path: Path, postgres_url: str) -> None:
    """Nodes over one database share the work and never do the same twice."""
    nodes = [open_house(tmp_path / "house", postgres_url) for _ in range(2)]
    for number, node in enumerate(nodes):
        node.node = f"node-{number}"
    (approval,) = asked(nodes[0]).waiting_approvals
    engines = [Engine(node) for node in nodes]
    try:
        for engine in engines:
            engine.start()
        act.approve(nodes[1], "INC-1", approval.id, approval.sha, BEN)
        until(lambda: exists(nodes[0], "INC-1").steps[approval.step].status == "succeeded")
    finally:
        for engine in engines:
            engine.stop()
    timeline = nodes[0].db.read(lambda tx: incidents.timeline(tx, "INC-1"))
    started = [entry.fact.run for entry in timeline if isinstance(entry.fact, facts.StepStarted)]
    assert len(started) == len(set(started))
    assert gate(nodes[0]) == ["pushed"]
    assert nodes[0].db.read(lambda tx: incidents.verify(tx, "INC-1")) == []
    for node in nodes:
        node.db.close()


def interrupted(app: App, step_id: str) -> None:
    """A node starts the run of a step and dies before the outcome is known."""
    waiting = app.db.read(lambda tx: runs.queued(tx, 100))
    (run,) = [run for run in waiting if run.step == step_id]
    assert act.started(app, run)
    long_ago = app.clock.now() - 2 * LOST_AFTER
    app.db.write(lambda tx: runs.heartbeat(tx, run.id, app.node, long_ago))


def test_an_interrupted_change_is_in_doubt_and_is_never_repeated(app: App) -> None:
    """Nobody knows whether it happened, so a human is asked; nothing runs it again."""
    (approval,) = asked(app).waiting_approvals
    act.approve(app, "INC-1", approval.id, approval.sha, BEN)
    interrupted(app, approval.step)
    engine = Engine(app)
    app_clock = app.clock
    engine.start()
    try:
        settle_lost(app)
        until(lambda: exists(app, "INC-1").steps[approval.step].status == "in_doubt")
    finally:
        engine.stop()
    assert app.clock is app_clock
    assert gate(app) == []
    with pytest.raises(TocsinError, match="in doubt"):
        act.request_step(app, "INC-1", approval.step, ANA)


def test_an_interrupted_read_runs_again(app: App) -> None:
    """Looking twice harms nobody."""
    boarding_stops(app)
    look = step_on(app, "Which system")
    interrupted(app, look.id)
    engine = Engine(app)
    engine.start()
    try:
        settle_lost(app)
        until(lambda: exists(app, "INC-1").steps[look.id].status == "succeeded")
    finally:
        engine.stop()
    timeline = app.db.read(lambda tx: incidents.timeline(tx, "INC-1"))
    assert [entry.kind for entry in timeline].count("StepStarted") == 3


def settle_lost(app: App) -> None:
    """Settle what a dead node left, as the engine does once a heartbeat is long overdue."""
    runner = Runner(app)
    runner._settle(app.db.read(lambda tx: runs.stale(tx, app.clock.now() - LOST_AFTER)))
    runner.stop(1)


def test_a_command_that_never_ends_is_ended(tmp_path: Path, db_url: str) -> None:
    """The time limit of the target holds, and says so."""
    book = f"{SLOW}### Mitigation\n\n```bash\nsleep 600; true > x\n```\n"
    app = open_house(tmp_path / "house", db_url, runbook=book, config='[target]\ntimeout = "1s"\n')
    boarding_stops(app)
    step = next(app.books[0].steps())
    act.request_step(app, "INC-1", step.id, ANA)
    (approval,) = exists(app, "INC-1").waiting_approvals
    engine = Engine(app)
    engine.start()
    try:
        act.approve(app, "INC-1", approval.id, approval.sha, BEN)
        until(lambda: exists(app, "INC-1").steps[step.id].status == "timed_out")
    finally:
        engine.stop()
        app.db.close()


def test_changing_the_target_after_the_approval_voids_it(app: App) -> None:
    """What runs is what was approved: command, place and runbook."""

    (approval,) = asked(app).waiting_approvals
    act.approve(app, "INC-1", approval.id, approval.sha, BEN)
    elsewhere = replace(app.settings.target, timeout=timedelta(seconds=9), name="other")
    app.settings = replace(app.settings, default=replace(app.settings.default, target=elsewhere))
    engine = Engine(app)
    engine.start()
    try:
        until(lambda: exists(app, "INC-1").steps[approval.step].status == "unrunnable")
    finally:
        engine.stop()
    assert "changed since" in exists(app, "INC-1").steps[approval.step].note
    assert gate(app) == []


def test_stopping_the_engine_waits_for_a_change_and_cuts_a_look_short(tmp_path: Path, db_url: str) -> None:
    """A drain never leaves a change in doubt."""
    look = "### Diagnosis\n\n```bash\nsleep 30\n```\n\n"
    book = f"{SLOW}{look}### Mitigation\n\n```bash\nsleep 1; echo pushed >> gate.txt\n```\n"
    app = open_house(tmp_path / "house", db_url, runbook=book, config='[target]\ntimeout = "60s"\n')
    boarding_stops(app)
    sleep, change = app.books[0].steps()
    act.request_step(app, "INC-1", change.id, ANA)
    (approval,) = exists(app, "INC-1").waiting_approvals
    engine = Engine(app)
    engine.start()
    act.approve(app, "INC-1", approval.id, approval.sha, BEN)
    until(lambda: exists(app, "INC-1").steps[change.id].status == "running")
    stopping = threading.Thread(target=engine.stop)
    stopping.start()
    stopping.join(20)
    assert not stopping.is_alive()
    assert exists(app, "INC-1").steps[change.id].status == "succeeded"
    assert app.db.read(lambda tx: [run.status for run in runs.of_incident(tx, "INC-1") if run.step == sleep.id]) == [
        "queued"
    ]
    app.db.close()


def test_a_sql_fence_reads_through_psql_in_a_read_only_session(tmp_path: Path, postgres_url: str) -> None:
    """A statement that is proved to read runs by itself against the real database, and its address is never shown."""
    book = f"{SLOW}### Diagnosis\n\n```sql\n-- Is it writable here\nSHOW transaction_read_only;\n```\n"
    app = open_house(tmp_path / "house", postgres_url, runbook=book, config='[target]\nenv = ["DATABASE_URL"]\n')
    app.environ = {"DATABASE_URL": postgres_url}
    app.settings = replace(app.settings, secrets=(postgres_url,))
    boarding_stops(app)
    (step,) = app.books[0].steps()
    engine = Engine(app)
    engine.start()
    try:
        until(lambda: exists(app, "INC-1").steps[step.id].status in FINISHED)
    finally:
        engine.stop()
    state = exists(app, "INC-1").steps[step.id]
    assert (state.status, state.excerpt.split()[2:3]) == ("succeeded", ["on"]), state
    timeline = app.db.read(lambda tx: incidents.timeline(tx, "INC-1"))
    assert postgres_url not in repr(timeline)
    app.db.close()
