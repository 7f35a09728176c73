"""What an incident switched off, on the pages: why it stays off, and the field for a reason where it can't wait."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.web import house
from tocsin.app import App
from tocsin.core.facts import Actor
from tocsin.core.incident import Incident
from tocsin.core.run import Outcome
from tocsin.service import act, catalogue, learning, respond, team
from tocsin.service.opening import open_app
from tocsin.store import runs

ANA, BEN = Actor("person", "ana"), Actor("person", "ben")
BOOK = """# Bakery runbook

## Scenario 1: The oven smokes

### Mitigation

```bash
./oven set NIGHT_BAKING false
```

### Rollback

```bash
./oven set NIGHT_BAKING true
```

```bash
./oven set FAN slow
```
"""


@pytest.fixture
def bakery(tmp_path: Path) -> Iterator[App]:
    """INC-1 has switched baking off, INC-2 follows the same runbook."""
    (tmp_path / "bakery.md").write_text(BOOK, "utf-8")
    (tmp_path / "tocsin.toml").write_text(house.CONFIG, "utf-8")
    opened = open_app(
        runbooks=[tmp_path / "bakery.md"], config=tmp_path / "tocsin.toml", database=str(tmp_path / "t.db"),
        environ={"PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    for _ in range(2):
        respond.declare_by_hand(opened, respond.Declaration(scenario="oven"), ANA)
    (approval,) = act.request_step(opened, "INC-1", step(opened, "false"), ANA).waiting_approvals
    act.approve(opened, "INC-1", approval.id, approval.sha, BEN, "admin")
    (run,) = opened.db.read(lambda tx: runs.queued(tx, 10))
    assert act.started(opened, run)
    act.finished(opened, run, Outcome(status="succeeded", exit_code=0))
    yield opened
    opened.db.close()


@pytest.fixture
def client(bakery: App) -> Iterator[TestClient]:
    """A browser without scripts in which the admin has signed in."""
    with house.client_of(bakery) as opened:
        opened.post("/login", data={"token": house.TOKENS["admin"]}, headers={"Origin": "http://tocsin.test"})
        yield opened


def step(app: App, words: str) -> str:
    """The id of the step whose command has these words."""
    return next(each.id for each in app.books[0].steps() if words in (each.command or ""))


def form(page: str, move: str, step_id: str) -> str:
    """The form of a page that makes a move with a step; empty where there is none."""
    found = re.findall(rf"<form[^>]*/{move}[^>]*>(.*?)</form>", page, re.DOTALL)
    return next((each for each in found if f'value="{html.escape(step_id)}"' in each), "")


@pytest.mark.parametrize("ref", ["INC-1", "INC-2"])
def test_a_gated_step_says_so_and_asks_for_the_reason(bakery: App, client: TestClient, ref: str) -> None:
    """In the incident that switched it off and in any other one; with the reason a second person is asked."""
    on = step(bakery, "true")
    page = client.get(f"/incidents/{ref}").text
    assert "would switch on what INC-1 switched off" in html.unescape(page)
    assert 'name="why" required' in form(page, "request_step", on)
    assert 'name="why"' not in form(page, "request_step", step(bakery, "FAN"))
    assert 'name="why" required' in form(client.get(f"/incidents/{ref}/commands").text, "request_step", on)

    told = {"step": on, "why": "the night shift bakes for the hospital"}
    answer = client.post(f"/incidents/{ref}/request_step", data=told, headers={"Origin": "http://tocsin.test"})
    assert answer.status_code == 200, answer.text
    (approval,) = respond.exists(bakery, ref).waiting_approvals
    assert approval.self_approve is False
    assert "the night shift bakes for the hospital" in html.unescape(answer.text)


def test_a_set_with_a_gated_command_takes_the_reason(bakery: App, client: TestClient) -> None:
    """Without one it is refused, with the page as it was; with one it waits for a second person."""
    assert "switched off; then a second person must approve" in client.get("/incidents/INC-1").text
    fields = {"steps.1": step(bakery, "true"), "steps.2": step(bakery, "FAN")}
    path, origin = "/incidents/INC-1/request_set", {"Origin": "http://tocsin.test"}
    assert "the root cause of INC-1 is not recorded" in html.unescape(
        client.post(path, data=fields, headers=origin).text
    )
    assert not respond.exists(bakery, "INC-1").waiting_approvals
    assert client.post(path, data={**fields, "why": "guests"}, headers=origin).status_code == 200
    assert [each.self_approve for each in respond.exists(bakery, "INC-1").waiting_approvals] == [False]


def test_with_its_root_cause_recorded_it_is_a_step_like_any_other(bakery: App, client: TestClient) -> None:
    """No lock and no field are left."""
    make(bakery, "INC-1", "record_root_cause", learning.RootCause(text="a worn seal"))
    page = client.get("/incidents/INC-2").text
    assert "would switch on" not in page
    assert 'name="why"' not in form(page, "request_step", step(bakery, "true"))


def test_of_a_private_incident_not_even_its_number_is_told(bakery: App, client: TestClient) -> None:
    """Neither on the page, nor in the refusal, nor on the timeline of the one who overrules it."""
    make(bakery, "INC-1", "make_private", team.Privately(people="ana", why="a thief"))
    page = html.unescape(client.get("/incidents/INC-2").text)
    assert "would switch on what a private incident switched off" in page
    assert "INC-1" not in page

    on = step(bakery, "true")
    with pytest.raises(Exception, match="what a private incident switched off") as refused:
        act.request_step(bakery, "INC-2", on, ANA)
    assert "INC-1" not in str(refused.value)
    act.request_step(bakery, "INC-2", on, ANA, why="hungry guests")
    page = html.unescape(client.get("/incidents/INC-2").text)
    assert "asks to switch on what a private incident switched off" in page
    assert "INC-1" not in page


def make(app: App, ref: str, move: str, request: object) -> Incident:
    """One move of the catalogue, by ana."""
    return catalogue.make(app, move, ref, request, ANA, "admin")
