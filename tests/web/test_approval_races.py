"""Fifty at once, over HTTP, against real servers: one process on SQLite, and two nodes on one PostgreSQL.

Whoever wins, the command's own effect (a line in a file) is there exactly once where it was allowed, and never else.
"""

from __future__ import annotations

import itertools
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.cli.terminal import Server, folder_with_runbook, running
from tests.house import until
from tests.servers import PostgresServer

MANY = 50
BOOK = """# Ferry runbook

## Severity Levels

- **P1 (High)**: nobody crosses

## Scenario 1: Boarding stops

### Mitigation

**If the gate hangs:**
```bash
# Push the gate
echo <mark> >> effects.txt
```

### Rollback

```bash
# Close the gate
echo <mark>-one >> effects.txt
# Lock the gate
echo <mark>-two >> effects.txt
# Light the lamp
echo <mark>-three >> effects.txt
```

## Scenario 2: Boats in a hurry

### Mitigation

```bash
# Push the boat
echo <mark> >> effects.txt
```
"""
TOKENS = {name: f"{name}-of-the-ferry-{'0' * 16}" for name in ("ana", "ben")}
CONFIG = "".join(f'[tokens.{name}]\ntoken = "{secret}"\nrole = "approver"\n' for name, secret in TOKENS.items())
CONFIG += '[target]\nworkdir = "."\n[[approvals.rules]]\nscenario = "* hurry"\nexpires = "2s"\n'


@dataclass
class Ferry:
    """One or two nodes over one database."""

    nodes: list[Server]
    folder: Path
    marks: Iterator[int] = field(default_factory=itertools.count)

    def ask(self, node: int, who: str, path: str, body: Any) -> httpx2.Response:
        """One request, to one of the nodes."""
        url = self.nodes[node % len(self.nodes)].url
        return httpx2.post(url + path, json=body, headers={"Authorization": f"Bearer {TOKENS[who]}"}, timeout=30)

    def get(self, path: str) -> Any:
        """What a node tells."""
        answer = httpx2.get(self.nodes[0].url + path, headers={"Authorization": f"Bearer {TOKENS['ana']}"}, timeout=30)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def at_once(self, *calls: Callable[[int], httpx2.Response]) -> list[httpx2.Response]:
        """Fifty requests let go together: the calls in turn."""
        start = threading.Barrier(MANY)

        def one(number: int) -> httpx2.Response:
            start.wait(30)
            return calls[number % len(calls)](number // len(calls))

        with ThreadPoolExecutor(MANY) as pool:
            return list(pool.map(one, range(MANY)))

    def effects(self, mark: str) -> int:
        """How often the command with this mark had its effect."""
        path = self.folder / "effects.txt"
        return path.read_text("utf-8").split().count(mark) if path.exists() else 0


@dataclass
class Case:
    """An incident with its one step, and the mark that the step leaves."""

    ferry: Ferry
    ref: str
    step: str
    mark: str

    def move(self, name: str, who: str = "ben", **body: Any) -> Callable[[int], httpx2.Response]:
        """Make a move; the number says on which node."""
        return lambda node: self.ferry.ask(node, who, f"/api/v1/incidents/{self.ref}/{name}", body)

    def incident(self) -> Any:
        """It as it is now."""
        return self.ferry.get(f"/api/v1/incidents/{self.ref}")["incident"]

    def asked(self) -> Any:
        """Ask for the step; the approval."""
        assert self.move("request_step", step=self.step)(0).status_code == 200
        (approval,) = [each for each in self.incident()["approvals"].values() if each["status"] == "waiting"]
        return approval

    def kinds(self) -> Counter[str]:
        """How often the timeline says what."""
        told = self.ferry.get(f"/api/v1/incidents/{self.ref}/timeline")["timeline"]
        return Counter(entry["kind"] for entry in told)

    def ended(self) -> str:
        """What became of the step when nothing of it is under way any more; none where it never ran."""

        def look() -> str:
            state = self.incident()["steps"].get(self.step)
            return "" if state and state["status"] in ("queued", "running") else (state or {"status": "none"})["status"]

        return str(until(look, 30))


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def ferry(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ferry]:
    """One real server on SQLite, or two on PostgreSQL."""
    folder = folder_with_runbook(tmp_path_factory.mktemp("ferry"), BOOK, CONFIG)
    with ExitStack() as stack:
        if request.param == "sqlite":
            nodes = [stack.enter_context(running(folder))]
        else:
            server: PostgresServer = request.getfixturevalue("postgres_server")
            url = server.url(server.new_database())
            nodes = []
            for number in range(2):
                own = tmp_path_factory.mktemp(f"node{number}")
                told = (str(folder / "shop.md"), "--config", str(folder / "tocsin.toml"), "--database", url)
                nodes.append(stack.enter_context(running(own, *told)))
        yield Ferry(nodes, folder)


@pytest.fixture
def case(ferry: Ferry, request: pytest.FixtureRequest) -> Case:
    """An incident of its own."""
    answer = ferry.ask(0, "ana", "/api/v1/incidents", {"scenario": getattr(request, "param", "boarding")})
    assert answer.status_code == 201, answer.text
    ref, mark = answer.json()["id"], f"mark-{next(ferry.marks)}"
    parts = ferry.get(f"/api/v1/incidents/{ref}")["parts"]
    made = Case(ferry, ref, parts[0]["steps"][0]["step"]["id"], mark)
    assert made.move("bind", placeholder="<mark>", value=mark)(0).status_code == 200
    return made


def statuses(answers: list[httpx2.Response]) -> Counter[int]:
    """How often which status was answered."""
    return Counter(answer.status_code for answer in answers)


def test_fifty_approvals_run_it_once(case: Case) -> None:
    """One is told 200 and the others 409; the line stands in the file once."""
    approval = case.asked()
    answers = case.ferry.at_once(case.move("approve", approval=approval["id"], sha=approval["sha"]))
    assert statuses(answers) == {200: 1, 409: MANY - 1}
    assert case.ended() == "succeeded"
    assert case.ferry.effects(case.mark) == 1
    kinds = case.kinds()
    assert (kinds["ApprovalGranted"], kinds["StepQueued"], kinds["StepStarted"], kinds["StepFinished"]) == (1, 1, 1, 1)


def test_fifty_requests_are_one_question(case: Case) -> None:
    """One asks, the others are told that it is asked already."""
    answers = case.ferry.at_once(case.move("request_step", step=case.step))
    assert statuses(answers) == {200: 1, 409: MANY - 1}
    assert case.kinds()["ApprovalRequested"] == 1
    assert case.ferry.effects(case.mark) == 0


@pytest.mark.parametrize(("against", "fact"), [("deny", "ApprovalDenied"), ("withdraw", "ApprovalWithdrawn")])
def test_of_yes_and_no_one_counts(case: Case, against: str, fact: str) -> None:
    """The first answer is the answer, and the command ran exactly when it was yes."""
    approval = case.asked()
    answers = case.ferry.at_once(
        case.move("approve", approval=approval["id"]), case.move(against, approval=approval["id"], why="not now")
    )
    assert statuses(answers) == {200: 1, 409: MANY - 1}
    allowed = [answer.status_code for answer in answers[0::2]].count(200)
    assert case.ended() == ("succeeded" if allowed else "none")
    assert case.ferry.effects(case.mark) == allowed
    kinds = case.kinds()
    assert (kinds["ApprovalGranted"], kinds[fact]) == (allowed, 1 - allowed)


@pytest.mark.parametrize("case", ["hurry"], indirect=True)
def test_an_approval_at_the_moment_of_its_end_counts_or_does_not(case: Case) -> None:
    """Never both: what has expired does not run, what was allowed does not expire."""
    approval = case.asked()
    end = datetime.fromisoformat(approval["expires_at"]).astimezone(UTC)
    threading.Event().wait(max(0.0, (end - datetime.now(UTC)).total_seconds() - 0.03))
    answers = case.ferry.at_once(case.move("approve", approval=approval["id"]))
    allowed = statuses(answers)[200]
    assert statuses(answers)[409] == MANY - allowed
    until(lambda: case.incident()["approvals"][approval["id"]]["status"] != "waiting", 30)
    assert case.ended() == ("succeeded" if allowed else "none")
    kinds = case.kinds()
    assert (kinds["ApprovalGranted"], kinds["ApprovalExpired"]) == (allowed, 1 - allowed)
    assert case.ferry.effects(case.mark) == allowed


def test_fifty_approvals_of_a_set_run_each_of_it_once_in_its_order(case: Case) -> None:
    """One yes; then one behind the other, whichever node carries them out."""
    assert case.move("request_set")(0).status_code == 200
    (approval,) = [each for each in case.incident()["approvals"].values() if each["status"] == "waiting"]
    answers = case.ferry.at_once(
        case.move("approve", approval=approval["id"]), case.move("withdraw", approval=approval["id"], why="no")
    )
    allowed = [answer.status_code for answer in answers[0::2]].count(200)
    steps = [member["step"] for member in approval["members"]]

    def settled() -> bool:
        now = case.incident()
        busy = {now["steps"].get(step, {}).get("status") for step in steps} & {"queued", "running", "approved"}
        return not busy and now["approvals"][approval["id"]]["status"] != "waiting"

    until(settled, 30)
    assert allowed in (0, 1)
    counts = [case.ferry.effects(f"{case.mark}-{name}") for name in ("one", "two", "three")]
    assert counts in ([allowed] * 3, [1, 1, 0], [1, 0, 0])  # a granted set can be stopped while something waits
    kinds = case.kinds()
    assert kinds["ApprovalGranted"] == allowed
    assert kinds["StepStarted"] == kinds["StepFinished"] == sum(counts)
    assert kinds["SetStopped"] == (1 if allowed and sum(counts) < 3 else 0)


def test_a_command_that_changes_meanwhile_is_not_the_one_that_runs(case: Case) -> None:
    """Either what was asked for runs as it was asked for, or nothing does."""
    approval = case.asked()
    other = f"{case.mark}-other"
    answers = case.ferry.at_once(
        case.move("approve", approval=approval["id"]), case.move("bind", placeholder="<mark>", value=other)
    )
    allowed = [answer.status_code for answer in answers[0::2]].count(200)
    assert allowed in (0, 1)
    assert statuses(answers[1::2]) == {200: MANY // 2}
    assert case.ended() == ("succeeded" if allowed else "awaiting_approval")
    assert (case.ferry.effects(case.mark), case.ferry.effects(other)) == (allowed, 0)
