"""What people do from Slack, through the real door of HTTP and through a real websocket."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.chats import house
from tests.chats.house import declare, form, open_bakery
from tests.chats.test_slack import NAME, tell
from tests.chats.workspace import Workspace, running, signed
from tests.house import until
from tests.web.house import TOKENS
from tocsin.app import App
from tocsin.engine.chatter import Chatter
from tocsin.engine.runner import Runner
from tocsin.service import access
from tocsin.service.respond import exists
from tocsin.store import incidents, people
from tocsin.times import EPOCH
from tocsin.web import server

pytest.importorskip("slack_bolt", reason="slack-bolt (tocsin[slack]) is not installed")


@pytest.fixture
def space() -> Iterator[Workspace]:
    """A workspace."""
    with running() as made:
        yield made


@pytest.fixture
def app(tmp_path: Path, space: Workspace) -> Iterator[App]:
    """The bakery, with the Slack app of that workspace, and INC-1 with its channel."""
    opened = open_bakery(tmp_path / "house", house.slack(space))
    declare(opened)
    tell(opened)
    yield opened
    opened.db.close()


@pytest.fixture
def client(app: App) -> Iterator[TestClient]:
    """Whoever sends to it."""
    with TestClient(server.build(app), base_url="http://tocsin.test") as made:
        yield made


def moment(app: App) -> int:
    """The seconds since 1970."""
    return int((app.clock.now() - EPOCH).total_seconds())


def send(app: App, client: TestClient, body: bytes, **headers: str) -> Any:
    """A request that Slack has signed."""
    return client.post("/in/slack", content=body, headers={**signed(body, moment(app)), **headers})


def command(text: str, user: str = "U0ANA", trigger: str = "t1", **more: str) -> bytes:
    """A slash command."""
    return form(
        token="x", team_id="T0", user_id=user, user_name="whoever", command="/tocsin", text=text, trigger_id=trigger,
        channel_id="C9", **more,
    )  # fmt: skip


def payload(value: dict[str, Any]) -> bytes:
    """A click or a filled form."""
    return form(payload=json.dumps({"team": {"id": "T0"}, "token": "x", **value}))


def click(button: dict[str, Any], space: Workspace, user: str = "U0ANA", trigger: str = "c1") -> bytes:
    """A click on a button."""
    return payload({
        "type": "block_actions", "user": {"id": user, "team_id": "T0"}, "channel": {"id": "C0000"},
        "trigger_id": trigger, "response_url": f"{space.url}/reply/1", "container": {"type": "message"},
        "actions": [{"type": "button", "block_id": "b", **button}],
    })  # fmt: skip


def event(kind: dict[str, Any], name: str = "Ev1") -> bytes:
    """Something that happened in a channel."""
    return json.dumps(
        {"type": "event_callback", "team_id": "T0", "api_app_id": "A0", "event_id": name, "event": kind}
    ).encode()


def notes(app: App) -> list[str]:
    """What was noted of INC-1."""
    timeline = app.db.read(lambda tx: incidents.timeline(tx, "INC-1"))
    return [entry.fact.text for entry in timeline if entry.kind == "Noted"]


def test_a_slash_command_is_done_and_answered_to_who_asked(app: App, client: TestClient) -> None:
    """`/tocsin ack INC-1`: the incident is ana's, and only she sees the answer."""
    answer = send(app, client, command("ack INC-1"))
    assert answer.status_code == 200
    assert answer.json() == {"text": "INC-1: ana acknowledged.", "response_type": "ephemeral"}
    assert exists(app, "INC-1").acknowledged_by == "ana"


def test_whom_nobody_knows_can_do_nothing(app: App, client: TestClient) -> None:
    """An account under no person, whatever name it shows."""
    answer = send(app, client, command("ack INC-1", user="U0EVE"))
    assert "U0EVE on slack is nobody" in answer.json()["text"]
    assert exists(app, "INC-1").status == "open"


@pytest.mark.parametrize("change", ["body", "secret", "old", "ahead", "missing", "words", "negative", "signature"])
def test_what_slack_did_not_sign_is_not_heard(app: App, client: TestClient, change: str) -> None:
    """A changed body, another secret, another moment, or none: 401, and nothing is done."""
    body, at = command("ack INC-1"), moment(app)
    headers = signed(body, at)
    if change == "body":
        body += b"&x=1"
    if change == "secret":
        headers = signed(body, at, "another-secret")
    if change in ("old", "ahead"):
        headers = signed(body, at + (301 if change == "ahead" else -301))
    if change == "missing":
        del headers["X-Slack-Request-Timestamp"]
    if change in ("words", "negative"):
        headers["X-Slack-Request-Timestamp"] = {"words": "abc", "negative": "-1"}[change]
    if change == "signature":
        headers["X-Slack-Signature"] = "v0=é"
    sent = {name: value.encode() for name, value in headers.items()}
    assert client.post("/in/slack", content=body, headers=sent).status_code == 401  # type: ignore[arg-type]
    assert exists(app, "INC-1").status == "open"


def test_a_recorded_request_counts_once(app: App, client: TestClient) -> None:
    """The same bytes with the same signature, ten seconds later."""
    body = command("note INC-1 once")
    headers = signed(body, moment(app))
    assert client.post("/in/slack", content=body, headers=headers).status_code == 200
    app.clock.turn(10)  # type: ignore[attr-defined]
    assert client.post("/in/slack", content=body, headers=headers).status_code == 401
    assert notes(app) == ["once"]


def test_slack_says_who_it_is_when_the_address_is_set_up(app: App, client: TestClient) -> None:
    """`url_verification` is answered with its challenge."""
    body = json.dumps({"type": "url_verification", "challenge": "abc", "token": "x"}).encode()
    answer = send(app, client, body, **{"Content-Type": "application/json"})
    assert answer.status_code == 200 and answer.json() == {"challenge": "abc"}


def test_without_a_signing_secret_there_is_no_such_door(tmp_path: Path, space: Workspace) -> None:
    """Nothing is taken by HTTP where the app listens by Socket Mode alone."""
    config = house.slack(space).replace("signing_secret", "# signing_secret")
    app = open_bakery(tmp_path, config)
    with TestClient(server.build(app), base_url="http://tocsin.test") as client:
        assert client.post("/in/slack", content=b"x", headers=signed(b"x", moment(app))).status_code == 401
        known = {"Authorization": f"Bearer {TOKENS['approver']}"}
        assert client.post("/in/slack", content=command("ack INC-1"), headers=known).status_code == 404
    app.db.close()


def test_a_declaration_by_words_and_by_a_form(app: App, client: TestClient, space: Workspace) -> None:
    """With words at once; without any, a form is shown, and what it says is declared."""
    answer = send(app, client, command("declare p1 No bread because I looked"))
    assert answer.json()["text"].startswith("INC-2 is declared P1: No bread")
    assert send(app, client, command("declare", trigger="t2")).status_code == 200
    (view,) = space.views
    assert [option["value"] for option in view["blocks"][1]["element"]["options"]] == ["P1", "P2"]
    values = {
        "title": {"v": {"type": "plain_text_input", "value": "No rolls"}},
        "severity": {"v": {"type": "static_select", "selected_option": {"value": "P2"}}},
        "why": {"v": {"type": "plain_text_input", "value": None}},
    }
    filled = {
        "type": "view_submission", "user": {"id": "U0ANA", "team_id": "T0"},
        "view": {"id": "V1", "type": "modal", "callback_id": "tocsin:declare", "state": {"values": values}},
    }  # fmt: skip
    assert send(app, client, payload(filled)).status_code == 200
    assert (exists(app, "INC-3").title, exists(app, "INC-3").severity) == ("No rolls", "P2")
    values["title"]["v"]["value"] = ""
    filled["view"]["id"] = "V2"  # type: ignore[index]
    assert send(app, client, payload(filled)).json()["response_action"] == "errors"


def buttons(space: Workspace, move: str) -> list[dict[str, Any]]:
    """Everything in the channel of INC-1 that makes a move when it is clicked."""
    parts = [part for each in space.named(NAME).messages for part in json.loads(each["blocks"])]
    every = [each for part in parts if part["type"] == "actions" for each in part["elements"]]
    return [each for each in every if each["action_id"].startswith(f"tocsin:{move}:")]


def test_a_click_is_who_clicked_and_not_what_the_button_holds(
    app: App, client: TestClient, space: Workspace
) -> None:  # fmt: skip
    """Ben approves the exact command; ana, a responder, and a stranger can't by the same button."""
    send(app, client, command("run INC-1 2"))
    tell(app)
    (button,) = buttons(space, "approve")
    send(app, client, click(button, space, "U0EVE", "c1"))
    send(app, client, click(button, space, "U0ANA", "c2"))
    assert len(exists(app, "INC-1").waiting_approvals) == 1
    assert "may not approve" in space.replies[-1]["text"]
    send(app, client, click(button, space, "U0BEN", "c3"))
    assert not exists(app, "INC-1").waiting_approvals
    assert [step.status for step in exists(app, "INC-1").steps.values() if step.approval] == ["queued"]


def test_a_button_of_somebody_s_own_making_makes_no_other_move(
    app: App, client: TestClient, space: Workspace
) -> None:  # fmt: skip
    """Only the moves that we give to buttons; and no value of it reaches another incident's approval."""
    made = {"action_id": "tocsin:resolve:0", "value": json.dumps({"ref": "INC-1", "override": "x"})}
    send(app, client, click(made, space))
    wrong = {"action_id": "tocsin:approve:0", "value": json.dumps({"ref": "INC-1", "approval": "apr_x", "sha": "x"})}
    send(app, client, click(wrong, space, "U0BEN", "c2"))
    send(app, client, click({"action_id": "tocsin:approve:0", "value": "{not json"}, space, "U0BEN", "c3"))
    assert exists(app, "INC-1").open and len(space.replies) == 3


def test_a_proven_step_runs_by_its_button(app: App, client: TestClient, space: Workspace) -> None:
    """The pinned message offers the steps that only read."""
    runner = Runner(app)
    runner.turn()
    runner.rest()
    runner.stop(5)
    button = next(each for each in buttons(space, "request_step"))
    assert button["text"]["text"] == "Run: Which system is this"
    send(app, client, click(button, space))
    assert "ordered" in space.replies[-1]["text"]


def test_messages_become_notes(app: App, client: TestClient, space: Workspace) -> None:
    """One that begins with "note:", and one that somebody marks with 📝; each once, however often Slack tells it."""
    channel = space.named(NAME)
    said = {
        "type": "message",
        "channel": channel.id,
        "user": "U0ANA",
        "text": "note: the gas &amp; <#C1|oven> is off",
        "ts": "5.0",
    }
    headers = {"Content-Type": "application/json"}
    for at in (0, 1, 2):
        app.clock.turn(at)  # type: ignore[attr-defined]
        assert send(app, client, event(said), **headers).status_code == 200
    channel.messages.append({"ts": "6.0", "user": "U0BEN", "text": "the tap is stuck", "blocks": "[]"})
    marked = {
        "type": "reaction_added",
        "user": "U0ANA",
        "reaction": "memo",
        "item": {"type": "message", "channel": channel.id, "ts": "6.0"},
    }
    send(app, client, event(marked, "Ev2"), **headers)
    send(app, client, event({**said, "text": "just talk"}, "Ev3"), **headers)
    send(app, client, event({**said, "user": "U0EVE"}, "Ev4"), **headers)
    send(app, client, event({**said, "channel": "C9"}, "Ev5"), **headers)
    assert notes(app) == ["the gas & oven is off", "ben wrote: the tap is stuck"]


def test_whose_tokens_were_ended_acts_no_more(app: App, client: TestClient) -> None:
    """Somebody who had tokens and has none now is out, in Slack as well."""
    token = people.Token(hash=access.hashed("x" * 20), name="cleo", role="responder", created_at=app.clock.now())
    app.db.write(lambda tx: people.add_token(tx, token))
    assert "cleo noted" in send(app, client, command("note INC-1 a", "U0CLEO", "t1")).json()["text"] or notes(app)
    app.db.write(lambda tx: people.revoke(tx, "cleo", app.clock.now()))
    assert "No token of cleo counts" in send(app, client, command("note INC-1 b", "U0CLEO", "t2")).json()["text"]
    assert notes(app) == ["a"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("status INC-1", "[P2] INC-1"), ("status", "[P2] INC-1"), ("roles INC-1", "taken by nobody yet"),
        ("steps INC-1", "2. Open the tap"), ("help", "escalate [INC-12]"), ("dance", "There is no command"),
        ("escalate INC-1 ben", "Write: escalate"), ("escalate INC-1", "called already"),
        ("add INC-1 ben, cleo because it grows", "called ben; ana called cleo"), ("accept INC-1", "not offered"),
        ("take INC-1 scribe", "ana is scribe"), ("hand over INC-1 to ben", "Acknowledge it first"),
        ("silence INC-1 20m because we know", "holds the escalation"),
        ("escalate INC-1 to ben because I am lost", "called ben"),
        ("assign INC-1 ben as scribe", "ben is scribe"), ("status INC-99", "There is no incident INC-99"),
        ("severity INC-1 P1 because all wait", "P2 to P1"), ("hold INC-1 20m because we know", "holds the escalation"),
        ("resolve INC-1", "can't be resolved while"), ("approve INC-1 0123abcd", "no waiting question"),
        ("update INC-1 customers: soon", "Update to customers"), ("run INC-1 99", "has no step 99"),
        ("mitigate INC-1 by opening it", "Mitigated"), ("", "declare [P1]"), ("ack", "ana acknowledged"),
    ],
)  # fmt: skip
def test_every_command_answers(app: App, client: TestClient, words: str, said: str) -> None:
    """What was done, or how it is written."""
    assert said in send(app, client, command(words)).json()["text"]


def test_hostile_words_in_an_answer_call_nobody(app: App, client: TestClient) -> None:
    """The answer is escaped as every message is."""
    send(app, client, command("declare <!channel> burns", trigger="t1"))
    answer = send(app, client, command("status INC-2", trigger="t2")).json()["text"]
    assert "<" not in answer and "burns" in answer


def test_by_socket_mode_the_same_is_done(tmp_path: Path, space: Workspace) -> None:
    """A command comes in over the connection that we opened, and is acknowledged there with its answer."""
    app = open_bakery(tmp_path, house.slack(space, socket=True))
    declare(app)
    chatter = Chatter(app, "slack", app.settings.chats["slack"])
    try:
        chatter.turn()
        until(lambda: space.sockets)
        told = {"command": "/tocsin", "text": "ack INC-1", "user_id": "U0ANA", "channel_id": "C9", "team_id": "T0",
                "trigger_id": "t1", "response_url": f"{space.url}/reply/1"}  # fmt: skip
        space.send("slash_commands", told)
        (ack,) = until(lambda: space.acks)
        assert ack["envelope_id"] == "e1" and ack["payload"]["text"] == "INC-1: ana acknowledged."
        assert exists(app, "INC-1").acknowledged_by == "ana"
    finally:
        chatter.stop()
        app.db.close()


def test_socket_mode_that_can_t_be_begun_hinders_nothing(tmp_path: Path, space: Workspace) -> None:
    """It is tried again later; the channel is told all the same."""
    app = open_bakery(tmp_path, house.slack(space, socket=True))
    declare(app)
    space.faults["apps.connections.open"] = ["not_allowed_token_type"]
    chatter = Chatter(app, "slack", app.settings.chats["slack"])
    tell(app, chatter)
    assert space.named(NAME).texts and not space.sockets
    app.clock.turn(60)  # type: ignore[attr-defined]
    chatter.turn()
    until(lambda: space.sockets)
    chatter.stop()
    app.db.close()
