"""Sets, doubts, policies and what has changed since, on the pages without a script, and for programs."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.engine.test_sets import BOOK
from tests.web import house
from tests.web.house import bearer
from tocsin.app import App
from tocsin.core.facts import Actor
from tocsin.service import act, respond, sets
from tocsin.service.opening import open_app
from tocsin.store import runs

ANA = Actor("person", "ana")
RULES = """
[approvals]
people = 2
[[approvals.rules]]
stage = "mitigation"
people = 1
roles = ["admin"]
"""


@pytest.fixture
def ferry(tmp_path: Path) -> Iterator[App]:
    """INC-1 of a runbook with a mitigation with a gap, and a rollback."""
    (tmp_path / "lighthouse.md").write_text(BOOK, "utf-8")
    (tmp_path / "tocsin.toml").write_text(house.CONFIG + RULES, "utf-8")
    opened = open_app(
        runbooks=[tmp_path / "lighthouse.md"], config=tmp_path / "tocsin.toml", database=str(tmp_path / "t.db"),
        environ={"PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    respond.declare_by_hand(opened, respond.Declaration(scenario="boarding", severity="P1"), ANA)
    yield opened
    opened.db.close()


@pytest.fixture
def client(ferry: App) -> Iterator[TestClient]:
    """A browser in which the admin has signed in."""
    with house.client_of(ferry) as opened:
        answer = opened.post("/login", data={"token": house.TOKENS["admin"]}, headers={"Origin": "http://tocsin.test"})
        assert answer.status_code == 200
        yield opened


def text(client: TestClient, path: str) -> str:
    """What stands on a page, as somebody reads it."""
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def send(client: TestClient, move: str, **fields: Any) -> str:
    """Send a form of the incident's page; the page that comes back."""
    answer = client.post(f"/incidents/INC-1/{move}", data=fields, headers={"Origin": "http://tocsin.test"})
    assert answer.status_code == 200, answer.text
    return answer.text


def step(app: App, words: str) -> str:
    """The id of a step."""
    return next(each.id for each in app.books[0].steps() if words in each.title)


def in_doubt(app: App) -> str:
    """The step whose run was interrupted after it had printed something."""
    push = step(app, "Push")
    bind(app, "softly")
    (approval,) = act.request_step(app, "INC-1", push, ANA).waiting_approvals
    act.approve(app, "INC-1", approval.id, approval.sha, Actor("person", "ben"), "admin")
    (run,) = app.db.read(lambda tx: runs.queued(tx, 10))
    assert act.started(app, run)
    app.db.write(lambda tx: runs.emit(tx, run.id, 1, "half of it <b>\n", app.clock.now()))
    act.doubted(app, run, "The node died.")
    return push


def bind(app: App, value: str) -> None:
    """Fill the gap."""
    from tocsin.service import catalogue

    catalogue.make(app, "bind", "INC-1", catalogue.Binding(placeholder="<how>", value=value), ANA, "responder")


def test_a_set_is_asked_for_and_answered_with_forms(ferry: App, client: TestClient) -> None:
    """The rollback is chosen unless somebody chooses otherwise; the question shows every command."""
    page = client.get("/incidents/INC-1").text
    offered = dict(re.findall(r'name="(steps\.\d+)" value="([^"]*)"', page))
    checked = re.findall(r'name="steps\.\d+" value="([^"]*)" checked', page)
    assert [step(ferry, each) for each in ("Close", "Lock", "Light")] == checked
    assert step(ferry, "Push") in offered.values()
    fields = {name: value for name, value in offered.items() if value in checked[1:]}
    send(client, "request_set", **fields, go_on="true")
    shown = text(client, "/approvals")
    for words in ("2 commands need 2 approvals", "test -e key && echo locked >> gate.txt", "echo lit >> gate.txt",
                  "what fails does not stop the others", "runs on local", "asked by admin", "[approvals]"):  # fmt: skip
        assert words in shown, words
    (approval,) = respond.exists(ferry, "INC-1").waiting_approvals
    assert approval.steps == tuple(checked[1:])
    assert f'id="{approval.id}"' in client.get("/incidents/INC-1").text
    send(client, "approve", approval=approval.id, sha=approval.sha)
    assert respond.exists(ferry, "INC-1").approvals[approval.id].granted_by == ("admin",)


def test_a_granted_set_is_stopped_from_the_page(ferry: App, client: TestClient) -> None:
    """What has not begun does not begin."""
    (approval,) = sets.request_set(ferry, "INC-1", (), "", go_on=False, by=ANA).waiting_approvals
    for name in ("ben", "cleo"):
        act.approve(ferry, "INC-1", approval.id, approval.sha, Actor("person", name))
    assert "An approved set is under way: 1 of 3 begun, approved by ben, cleo" in text(client, "/incidents/INC-1")
    send(client, "withdraw", approval=approval.id)
    assert "An approved set was stopped: it was withdrawn." in text(client, "/incidents/INC-1")
    assert {state.status for state in respond.exists(ferry, "INC-1").steps.values()} == {"queued"}


def test_what_changed_since_is_shown_side_by_side(ferry: App, client: TestClient) -> None:
    """The old command and the new one, on every page and for programs; a yes is refused."""
    bind(ferry, "softly")
    (approval,) = act.request_step(ferry, "INC-1", step(ferry, "Push"), ANA).waiting_approvals
    assert "Changed since" not in text(client, "/approvals")
    bind(ferry, "hard")
    for path in ("/approvals", "/incidents/INC-1", "/"):
        shown = text(client, path)
        assert "Changed since: Push the gate" in shown, path
        assert shown.count("echo softly pushed") >= 2 and "echo hard pushed" in shown, path
    (told,) = client.get("/api/v1/approvals", headers=bearer("viewer")).json()["approvals"]
    (changed,) = told["changed"]
    assert ("softly" in changed["asked"], "hard" in changed["now"]) == (True, True)
    refused = client.post(
        "/api/v1/incidents/INC-1/approve", json={"approval": approval.id}, headers=bearer("admin"))  # fmt: skip
    assert refused.status_code == 409
    assert "changed since" in refused.json()["detail"]


def test_a_policy_stands_beside_its_question_and_is_kept(ferry: App, client: TestClient) -> None:
    """Who may, and which rule says so; an approver who is no admin is refused."""
    bind(ferry, "softly")
    (approval,) = act.request_step(ferry, "INC-1", step(ferry, "Push"), ANA).waiting_approvals
    shown = text(client, "/approvals")
    assert "Only admin can approve." in shown
    assert re.search(r"Rule: tocsin\.toml line \d+, rule 1 \(stage mitigation\)", shown)
    body = {"approval": approval.id, "sha": approval.sha}
    refused = client.post("/api/v1/incidents/INC-1/approve", json=body, headers=bearer("approver"))
    assert (refused.status_code, "only admin can approve" in refused.json()["detail"]) == (403, True)
    assert client.post("/api/v1/incidents/INC-1/approve", json=body, headers=bearer("admin")).status_code == 200


def test_a_doubt_is_shown_with_all_that_is_known(ferry: App, client: TestClient) -> None:
    """Command, node, what it printed, the verdict, what undoes it; for people and for programs."""
    push = in_doubt(ferry)
    shown = text(client, "/incidents/INC-1")
    for words in ("In doubt: Push the gate", "The node died.", "echo softly pushed >> gate.txt", "half of it <b>",
                  "on the node local", "runs on local", "The document's way back", "Close the gate"):  # fmt: skip
        assert words in shown, words
    (told,) = client.get("/api/v1/incidents/INC-1/doubts", headers=bearer("viewer")).json()["doubts"]
    assert (told["step"], told["printed"], told["node"]) == (push, "half of it <b>\n", "local")
    assert [each["title"] for each in told["undo"]] == ["Close the gate", "Lock the gate", "Light the lamp"]
    assert told["verdict"] == "change" and told["verdict_why"] and told["started_at"]


@pytest.mark.parametrize(("happened", "status"), [("true", "done"), ("false", "cancelled")])
def test_a_doubt_is_settled_with_a_form(ferry: App, client: TestClient, happened: str, status: str) -> None:
    """And the reason stands on the timeline."""
    push = in_doubt(ferry)
    send(client, "settle_step", step=push, happened=happened, why="I looked")
    assert respond.exists(ferry, "INC-1").steps[push].status == status
    shown = text(client, "/incidents/INC-1")
    assert "I looked" in shown and "In doubt: " not in shown


def test_undoing_is_offered_until_it_is_asked_for(ferry: App, client: TestClient) -> None:
    """Then the question waits among the others."""
    push = in_doubt(ferry)
    send(client, "undo_step", step=push)
    shown = text(client, "/incidents/INC-1")
    assert "Undoing it waits for an approval" in shown
    assert "Undoing a step in doubt needs 2 approvals" in shown


def test_a_viewer_sees_it_all_and_is_offered_nothing(ferry: App) -> None:
    """Looking is not doing."""
    in_doubt(ferry)
    with house.client_of(ferry) as client:
        client.post("/login", data={"token": house.TOKENS["viewer"]}, headers={"Origin": "http://tocsin.test"})
        page = client.get("/incidents/INC-1").text
    assert "half of it" in page
    for move in ("settle_step", "undo_step", "request_set"):
        assert f"/incidents/INC-1/{move}" not in page
