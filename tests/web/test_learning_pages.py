"""The pages of causes, the post-mortem, action items and a runbook's health."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from tests.web.house import bearer
from tocsin.app import App
from tocsin.store import switches

ORIGIN = {"Origin": "http://tocsin.test", "Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def ref(client: TestClient) -> str:
    """An incident of the scenario with the lamp, seen by a signed-in admin."""
    client.post("/login", data={"token": bearer("admin")["Authorization"][7:]}, headers=ORIGIN)
    body = {"scenario": "lamp", "severity": "P2"}
    return str(client.post("/api/v1/incidents", json=body, headers=bearer("admin")).json()["id"])


def send(client: TestClient, path: str, **fields: str) -> tuple[int, str]:
    """A form as a browser sends it; the page behind it."""
    answer = client.post(path, data=fields, headers=ORIGIN)
    return answer.status_code, answer.text


def test_causes_are_judged_on_the_page_without_a_script(client: TestClient, ref: str) -> None:
    """A name that would be markup is text, evidence is asked for, and what was typed comes back."""
    assert send(client, f"/incidents/{ref}/suspect", text="the <b>fuse</b>")[0] == 200
    page = client.get(f"/incidents/{ref}").text
    assert "the &lt;b&gt;fuse&lt;/b&gt;" in page and "<b>fuse" not in page
    status, text = send(client, f"/incidents/{ref}/confirm_cause", cause="nothing", evidence="seen it")
    assert status == 404 and "no possible cause" in text
    assert "ruled out" in send(client, f"/incidents/{ref}/rule_out_cause", cause="the-b-fuse-b", evidence="measured")[1]
    assert "Root cause:" in send(client, f"/incidents/{ref}/record_root_cause", text="a moth")[1]


def test_two_browsers_that_change_the_same_place_see_both(client: TestClient, ref: str) -> None:
    """The second form comes back with both texts between markers, made from the newest version."""
    path = f"/incidents/{ref}/review"
    assert client.get(path).status_code == 200
    text = client.get(f"/api/v1/incidents/{ref}/review", headers=bearer("admin")).json()["text"]
    heading = text.splitlines()[0]
    assert send(client, path, text=text.replace(heading, "# First"), version="1")[0] == 200
    status, page = send(client, path, text=text.replace(heading, "# Second"), version="1")
    assert status == 409 and "# First" in page and "# Second" in page and "&lt;&lt;&lt;&lt;&lt;&lt;&lt; admin" in page
    assert 'name="version" value="2"' in page
    assert send(client, path, text=text.replace("## Times", "## Clocks"), version="1")[0] == 200, (
        "another place is merged"
    )
    stored = client.get(f"/api/v1/incidents/{ref}/review", headers=bearer("admin")).json()["text"]
    assert "# First" in stored and "## Clocks" in stored


def test_action_items_are_listed_and_changed_where_they_are_listed(client: TestClient, ref: str) -> None:
    """Over all incidents, by their day; of a private incident others see nothing."""
    send(client, f"/incidents/{ref}/add_action", text="Buy a second lamp")
    assert "Buy a second lamp" in client.get("/actions").text
    (item,) = client.get("/api/v1/actions", headers=bearer("viewer")).json()["actions"]
    status, page = send(client, f"/actions/{ref}/change_action", action=item["id"], owner="mara", due="3d", text="")
    assert status == 200 and "mara" in page and "due " in page
    assert send(client, f"/actions/{ref}/drop_action", action=item["id"], why=" ")[0] == 400
    assert "Buy a second lamp" not in client.get("/actions?state=overdue").text
    assert send(client, f"/incidents/{ref}/make_private", why="it is about a person", people="")[0] == 200
    assert client.get("/api/v1/actions", headers=bearer("viewer")).json()["actions"] == []
    assert send(client, f"/actions/{ref}/close_action", action=item["id"])[0] == 200
    assert client.get("/api/v1/actions?state=done", headers=bearer("admin")).json()["actions"][0]["state"] == "done"


def test_a_meeting_is_a_file_that_calendars_take(client: TestClient, ref: str) -> None:
    """With the incident's number; without a meeting there is none."""
    assert client.get(f"/incidents/{ref}/meeting.ics").status_code == 404
    assert send(client, f"/incidents/{ref}/schedule_review", at="2001-01-01T10:00", minutes="60")[0] == 400
    soon = client.get("/api/v1/incidents", headers=bearer("admin")).json()["incidents"][0]["incident"]["declared_at"]
    day = f"{int(soon[:4])}-12-31T10:00" if soon[5:7] in ("10", "11") else f"{soon[:8]}28T23:59"
    if day > soon[:16]:
        assert send(client, f"/incidents/{ref}/schedule_review", at=day, minutes="45")[0] == 200
        got = client.get(f"/incidents/{ref}/meeting.ics")
        assert got.headers["content-type"].startswith("text/calendar") and f"Post-mortem of {ref}" in got.text


def test_a_runbooks_health_is_a_page(client: TestClient, ref: str) -> None:
    """With its commands, its scenarios and what it should learn; of an unknown one a sentence."""
    digest = client.get("/api/v1/runbooks", headers=bearer("viewer")).json()["runbooks"][0]["digest"]
    page = client.get(f"/health/{digest.removeprefix('sha256:')}")
    assert page.status_code == 200 and "Last used" in page.text and "never ran" in page.text, ref
    assert client.get("/health/nothing").status_code == 404
    assert client.get("/api/v1/runbooks/health", headers=bearer("viewer")).json()["incidents"] == 1


def test_what_nobody_switched_off_costs_nothing(app: App) -> None:
    """The index of switches is empty, and says so at once."""
    assert not app.db.read(switches.any_off)
