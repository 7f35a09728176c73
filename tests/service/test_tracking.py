"""Action items in other trackers: posted to any address, and followed back by what GitHub tells by itself."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.chats.house import Hands
from tests.house import ANA, CONFIG, boarding_stops, open_house
from tests.tracker import REPOSITORY, TOKEN, Tracker
from tests.web import house
from tocsin.app import App
from tocsin.core.learningstate import ActionState
from tocsin.errors import Refused
from tocsin.service import actions, respond, team, tracking
from tocsin.store import incidents, issues

KEY = b"a key of thirty-two bytes, yes!!"
SECRET = f"whsec_{base64.b64encode(KEY).decode()}"
GITHUB = "a-secret-of-the-webhook"
ITEM = "Oil the gate every week"


@pytest.fixture
def tracker() -> Iterator[Tracker]:
    """A tracker that answers."""
    made = Tracker()
    yield made
    made.close()


def furnish(folder: Path, tracker: Tracker, kind: str, database: str = "") -> App:
    """INC-1 is over, and one thing is to be done."""
    table = {
        "webhook": f'url = "{tracker.url}/hook"\nsecret = "{SECRET}"\n',
        "github": f'url = "{tracker.url}"\nrepository = "{REPOSITORY}"\n',
    }[kind]
    config = (
        f'{CONFIG}\n[tracker]\nkind = "{kind}"\ntoken = "{TOKEN}"\nallow = true\n{table}'
        f'[sources.github]\nkind = "github"\nsecret = "{GITHUB}"\n'
        f'[tokens.ana]\ntoken = "{house.TOKENS["admin"]}"\nrole = "admin"\n'
    )
    app = open_house(folder, database or f"sqlite://{folder}/tocsin.db", config=config, clock=Hands())
    boarding_stops(app)
    actions.add_action(app, "INC-1", actions.NewAction(text=ITEM), ANA)
    return app


def item(app: App) -> ActionState:
    """What is to be done."""
    (found,) = respond.exists(app, "INC-1").learning.actions.values()
    return found


def kinds(app: App) -> list[str]:
    """What stands on the timeline."""
    return [entry.kind for entry in app.db.read(lambda tx: incidents.timeline(tx, "INC-1"))]


def test_an_item_is_posted_to_any_tracker_signed_and_once(tmp_path: Path, tracker: Tracker, db_url: str) -> None:
    """Signed as Standard Webhooks are, the same id when it is tried again; what the tracker calls it is kept."""
    app = furnish(tmp_path, tracker, "webhook", db_url)
    tracker.limits.append((503, {}))
    tracking.track_actions(app, "INC-1", tracking.Chosen(), ANA)
    assert tracking.turn(app) and not tracker.posted and not item(app).key
    (waiting,) = app.db.read(issues.faults)
    assert "503" in waiting.error
    app.clock.turn(40)  # type: ignore[attr-defined]
    assert tracking.turn(app) and not tracking.turn(app)
    (posted,) = tracker.posted
    (name,) = respond.exists(app, "INC-1").learning.actions
    assert (posted["text"], posted["incident"], posted["id"]) == (ITEM, "INC-1", name)
    told = posted["headers"]
    signed = f"{told['webhook-id']}.{told['webhook-timestamp']}.".encode() + posted["raw"]
    expected = base64.b64encode(hmac.new(KEY, signed, hashlib.sha256).digest()).decode()
    assert told["webhook-signature"] == f"v1,{expected}"
    assert (item(app).key, item(app).url) == ("BAKE-7", "https://tracker.example.org/BAKE-7")
    app.clock.turn(3600)  # type: ignore[attr-defined]
    assert not tracking.turn(app), "such a tracker is never asked again"
    with pytest.raises(Refused, match="tracked already"):
        tracking.track_actions(app, "INC-1", tracking.Chosen(), ANA)
    app.db.close()


def test_what_the_tracker_will_never_take_is_said_and_tried_seldom(tmp_path: Path, tracker: Tracker) -> None:
    """Not again before an hour; nothing is lost."""
    app = furnish(tmp_path, tracker, "webhook")
    tracker.limits.append((422, {}))
    tracking.track_actions(app, "INC-1", tracking.Chosen(), ANA)
    tracking.turn(app)
    app.clock.turn(3000)  # type: ignore[attr-defined]
    assert not tracking.turn(app) and not tracker.posted
    app.clock.turn(700)  # type: ignore[attr-defined]
    assert tracking.turn(app) and len(tracker.posted) == 1
    app.db.close()


def test_nothing_of_a_private_incident_goes_to_a_tracker(tmp_path: Path, tracker: Tracker) -> None:
    """It is refused, and what was asked for before it became private is not sent either."""
    app = furnish(tmp_path, tracker, "webhook")
    tracking.track_actions(app, "INC-1", tracking.Chosen(), ANA)
    team.make_private(app, "INC-1", team.Privately(why="a name"), ANA)
    tracking.turn(app)
    assert not tracker.posted and not tracker.requests
    with pytest.raises(Refused, match="private"):
        tracking.track_actions(app, "INC-1", tracking.Chosen(), ANA)
    app.db.close()


def told(number: int, action: str, **change: Any) -> bytes:
    """What GitHub posts when somebody closes or reopens an issue."""
    issue = {"number": number, "html_url": f"https://github.com/{REPOSITORY}/issues/{number}", "state": action}
    return json.dumps({
        "action": action, "issue": {**issue, **change}, "repository": {"full_name": REPOSITORY},
        "sender": {"login": "mara"},
    }).encode()  # fmt: skip


def test_an_issue_that_is_closed_or_reopened_there_is_so_here(tmp_path: Path, tracker: Tracker, db_url: str) -> None:
    """By GitHub's own webhook, at once and once; a word counts that GitHub signed, about an issue of ours."""
    app = furnish(tmp_path, tracker, "github", db_url)
    tracking.track_actions(app, "INC-1", tracking.Chosen(), ANA)
    tracking.turn(app)
    assert item(app).key == "#1"

    def post(body: bytes, secret: str = GITHUB) -> int:
        app.clock.turn(1)  # type: ignore[attr-defined]
        signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        headers = {"X-GitHub-Event": "issues", "X-Hub-Signature-256": f"sha256={signature}"}
        with house.client_of(app) as client:
            return int(client.post("/in/github", content=body, headers=headers).status_code)

    assert post(told(1, "closed"), "another secret") == 401
    assert post(told(9, "closed")) == 202
    assert post(told(1, "labeled")) == 202
    assert item(app).state == "open"
    assert [post(told(1, "closed")), post(told(1, "closed", title="once more"))] == [202, 202]
    assert (item(app).state, kinds(app).count("ActionDone")) == ("done", 1)
    assert post(told(1, "reopened")) == 202
    assert (item(app).state, kinds(app).count("ActionReopened")) == ("open", 1)
    app.db.close()


def test_an_issue_that_was_reopened_is_asked_about_again(tmp_path: Path, tracker: Tracker) -> None:
    """What the webhook said is no end of looking: closed there later, it is done here without a word of GitHub's."""
    app = furnish(tmp_path, tracker, "github")
    tracking.track_actions(app, "INC-1", tracking.Chosen(), ANA)
    tracking.turn(app)
    url = f"https://github.com/{REPOSITORY}/issues/1"
    assert tracking.seen(app, [(url, True), (url, False)]) == 2
    tracker.issues[0]["state"] = "closed"
    app.clock.turn(timedelta(minutes=6).total_seconds())  # type: ignore[attr-defined]
    tracking.turn(app)
    assert item(app).state == "done"
    app.db.close()
