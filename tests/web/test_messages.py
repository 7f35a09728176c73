"""The messages of an incident, on its page without a script and for programs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.web import house
from tests.web.house import bearer
from tocsin.service.opening import open_app

ORIGIN = {"Origin": "http://tocsin.test", "Sec-Fetch-Site": "same-origin"}
TEMPLATES = """
## Messages

### First message

```
[INCIDENT ID]: ships see [symptom]. More every [X] minutes.
```
"""
CHANNELS = '[channels]\n"#ships" = { notify = ["console"], chat = "#ships" }\n'


@pytest.fixture
def sea(tmp_path: Path) -> Iterator[TestClient]:
    """A lighthouse with a template and a channel, seen by a signed-in admin."""
    house.furnish(tmp_path)
    book, config = tmp_path / "lighthouse.md", tmp_path / "tocsin.toml"
    book.write_text(book.read_text("utf-8") + TEMPLATES, "utf-8")
    config.write_text(config.read_text("utf-8") + CHANNELS, "utf-8")
    app = open_app(runbooks=[book], config=config, database=str(tmp_path / "t.db"), environ={"PATH": "/bin"})
    with house.client_of(app) as client:
        client.post("/login", data={"token": bearer("admin")["Authorization"][7:]}, headers=ORIGIN)
        client.post("/api/v1/incidents", json={"scenario": "lamp", "severity": "P2"}, headers=bearer("admin"))
        yield client
    app.db.close()


def post(client: TestClient, move: str, **fields: str) -> tuple[int, str]:
    """A form as a browser sends it; the page behind it."""
    answer = client.post(f"/incidents/INC-1/{move}", data=fields, headers=ORIGIN)
    return answer.status_code, answer.text


def test_a_message_is_filled_written_and_sent_by_forms(sea: TestClient) -> None:
    """Asked in the document's words; hostile answers are text; what was typed comes back where it is refused."""
    page = sea.get("/incidents/INC-1").text
    assert 'id="messages"' in page and "ships see [symptom]" in page and 'name="answers.symptom"' in page
    assert 'action="/incidents/INC-1/send_message' not in page, "nothing can be sent while something is asked"
    status, page = post(sea, "fill_in", **{"answers.symptom": "<b>no light</b>", "answers.cadence": "soon"})
    assert status == 400 and "no number" in page and 'value="&lt;b&gt;no light&lt;/b&gt;"' in page
    status, page = post(sea, "fill_in", **{"answers.symptom": "<b>no light</b>", "answers.cadence": "20"})
    assert status == 200 and "INC-1: ships see &lt;b&gt;no light&lt;/b&gt;. More every 20 minutes." in page
    assert "<b>no light" not in page and 'name="channels.#ships" value="yes" checked' in page
    status, page = post(sea, "draft_message", message="first-message", text="Mind the rocks.\n<i>Tonight</i>")
    assert "Mind the rocks.\n&lt;i&gt;Tonight" in page and "in the words of" in page
    status, page = post(sea, "send_message", message="first-message", exactly="true")
    assert status == 409 and "No channel" in page, "a box that nobody ticked is no channel"
    status, page = post(sea, "send_message", message="first-message", exactly="true", **{"channels.#ships": "yes"})
    assert status == 200 and "sent" in page and "“<b>First message</b>” to #ships: Mind the rocks." in page
    assert "Promised updates: 1 kept, 0 broken" in page


def test_a_form_that_was_open_for_long_takes_nothing_back(sea: TestClient) -> None:
    """Only what its reader changed is said: what somebody else answered meanwhile stays."""
    post(sea, "fill_in", **{"answers.symptom": "no light", "answers.cadence": "20"})
    page = sea.get("/incidents/INC-1").text
    assert 'name="shown.symptom" value="no light"' in page
    post(sea, "fill_in", **{"answers.symptom": "light again"})
    old = {"answers.symptom": "no light", "shown.symptom": "no light", "answers.cadence": "30", "shown.cadence": "20"}
    status, page = post(sea, "fill_in", **old)
    assert status == 200 and "INC-1: ships see light again. More every 30 minutes." in page


def test_two_readers_of_one_page_send_one_message(sea: TestClient) -> None:
    """The second one reads who sent it; a page that was loaded since can send it again."""
    post(sea, "fill_in", **{"answers.symptom": "no light", "answers.cadence": "20"})
    assert 'name="seen" value="0"' in sea.get("/incidents/INC-1").text
    sending = {"message": "first-message", "exactly": "true", "channels.#ships": "yes", "seen": "0"}
    assert post(sea, "send_message", **sending)[0] == 200
    status, page = post(sea, "send_message", **sending)
    assert status == 409 and "after you looked" in page and 'name="seen" value="1"' in page


def test_programs_read_messages_and_send_them(sea: TestClient) -> None:
    """As JSON, or one as plain text; an agent may look and not send; what is not there is told with what is."""
    found = sea.get("/api/v1/incidents/INC-1/messages", headers=bearer("viewer")).json()
    first = found["messages"][0]
    assert (first["id"], first["state"], first["due"]) == ("first-message", "asks", True)
    assert [each["field"] for each in first["fields"]] == ["id", "symptom", "cadence"]
    assert found["channels"][0]["name"] == "#ships" and found["channels"][0]["chosen"]
    path = "/api/v1/incidents/INC-1/messages/first-message?as=text"
    assert sea.get(path, headers=bearer("viewer")).text == "INC-1: ships see [symptom]. More every [X] minutes."
    lost = sea.get("/api/v1/incidents/INC-1/messages/second", headers=bearer("viewer"))
    assert lost.status_code == 404 and "first-message" in lost.text
    sending = {"message": "first-message", "text": "All dark."}
    path = "/api/v1/incidents/INC-1/send_message"
    assert sea.post(path, json=sending, headers=bearer("agent")).status_code == 403
    after = sea.post(path, json=sending, headers=bearer("responder"))
    assert after.status_code == 200 and after.json()["messages"]["sent"]["first-message"]["channels"] == ["#ships"]


def test_an_incident_without_templates_has_no_panel(client: TestClient) -> None:
    """Nothing stands there where the runbook says nothing."""
    client.post("/login", data={"token": bearer("admin")["Authorization"][7:]}, headers=ORIGIN)
    client.post("/api/v1/incidents", json={"scenario": "lamp", "severity": "P2"}, headers=bearer("admin"))
    assert 'id="messages"' not in client.get("/incidents/INC-1").text
