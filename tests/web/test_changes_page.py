"""Changes for people and programs, and what lies around an incident, by page and by API."""

from __future__ import annotations

from datetime import datetime, timedelta
from html import unescape

import pytest
from starlette.testclient import TestClient

from tests.web import house
from tests.web.house import bearer
from tests.web.test_permissions import make_token
from tocsin.app import App
from tocsin.core.change import Change
from tocsin.engine.runner import Runner
from tocsin.engine.surveyor import Surveyor
from tocsin.store import changes

ORIGIN = {"Origin": "http://tocsin.test", "Sec-Fetch-Site": "same-origin"}


def tell(app: App, what: str, at: datetime, **more: str) -> None:
    """A source told of a change."""
    one = Change(id=f"c-{what}", source="till", kind="deployment", what=what, where="till", who="mara", at=at, **more)
    app.db.write(lambda tx: changes.append(tx, [one], at))


def test_a_program_tells_of_a_change_and_everybody_sees_it(app: App, client: TestClient) -> None:
    """With a token that may send alerts; by its words, its source and its time it is found again."""
    pipeline = make_token(app, "pipeline", "agent", "alerts:send")
    told = {"what": "v42  deployed", "where": "lamp", "kind": "deployment", "url": "https://ci.example.org/7"}

    answer = client.post("/api/v1/changes", json=told, headers=pipeline)

    assert answer.status_code == 201
    assert answer.json()["what"] == "v42 deployed" and answer.json()["source"] == answer.json()["who"] == "pipeline"
    asked = client.get("/api/v1/changes?words=LAMP&source=pipeline", headers=bearer("viewer")).json()["changes"]
    assert [each["what"] for each in asked] == ["v42 deployed"]
    assert client.get("/api/v1/changes?words=horn", headers=bearer("viewer")).json() == {"changes": []}


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ({"what": " "}, "Nothing says what was changed"),
        ({"what": "x", "at": "tomorrow"}, "not a time with a zone"),
        ({"what": "x", "at": "2999-01-01T00:00:00Z"}, "in the future"),
        ({"what": "x", "url": "javascript:alert(1)"}, "not an address"),
        ({"what": "x" * 1001}, "length"),
        ({"what": "x", "when": "now"}, "no key 'when'"),
        ({}, "what"),
    ],
)
def test_a_change_that_can_t_be_one_is_refused(client: TestClient, told: dict[str, str], says: str) -> None:
    """With a sentence, and nothing is stored."""
    answer = client.post("/api/v1/changes", json=told, headers=bearer("responder"))
    assert answer.status_code == 400 and says in answer.text
    assert client.get("/api/v1/changes", headers=bearer("viewer")).json() == {"changes": []}


def test_a_secret_in_a_change_is_masked(app: App, client: TestClient) -> None:
    """Whoever types one."""
    secret = house.TOKENS["admin"]
    client.post("/api/v1/changes", json={"what": f"rotated {secret}", "where": secret}, headers=bearer("responder"))
    assert secret not in client.get("/api/v1/changes", headers=bearer("viewer")).text


def test_the_page_lists_filters_and_takes_changes(app: App, client: TestClient) -> None:
    """A form without a script; what was typed stays where it was refused; markup is text."""
    tell(app, "<b>old</b> one", app.clock.now() - timedelta(days=3), url="javascript:alert(1)")
    client.headers.update(bearer("responder"))
    fields = {"what": "a <i>switch</i>", "where": "", "at": "", "url": ""}
    assert client.post("/changes", data=fields, headers=ORIGIN, follow_redirects=False).status_code == 303
    page = client.get("/changes").text

    assert "a &lt;i&gt;switch&lt;/i&gt;" in page and "one</bdi>" not in page
    week = client.get("/changes?span=7d&source=till").text
    assert "&lt;b&gt;old&lt;/b&gt; one" in week and "javascript:" not in week and "switch" not in week
    refused = client.post("/changes", data={**fields, "at": "2999-01-01T00:00"}, headers=ORIGIN)
    assert refused.status_code == 400 and "in the future" in refused.text and 'value="2999-01-01T00:00"' in refused.text


def test_who_only_looks_is_offered_no_form(client: TestClient) -> None:
    """Neither the form nor the address takes it."""
    client.headers.update(bearer("viewer"))
    assert "Record a change" not in client.get("/changes").text
    assert client.post("/changes", data={"what": "x"}, headers=ORIGIN).status_code == 403


def test_an_incident_shows_what_lies_around_it(app: App, client: TestClient) -> None:
    """On its page, in the API, on the timeline; the last change before it is marked, and an earlier one is linked."""
    client.headers.update(bearer("responder"))
    runner = Runner(app)
    for _ in range(2):
        ref = client.post("/api/v1/incidents", json={"title": "Dark", "scenario": "the lamp", "severity": "P1"}).json()
        runner.turn()
        runner.rest()
        client.post(f"/api/v1/incidents/{ref['id']}/resolve", json={"summary": "a new fuse", "override": "seen"})
        tell(app, f"v{ref['number']} deployed", app.clock.now())
    last = client.post("/api/v1/incidents", json={"title": "Dark", "scenario": "the lamp", "severity": "P1"}).json()
    empty = client.get(f"/api/v1/incidents/{last['id']}/context").json()
    assert empty["then"] is None
    Surveyor(app).turn()

    found = client.get(f"/api/v1/incidents/{last['id']}/context").json()

    assert [each["nearest"] for each in found["changes"]] == [True, False]
    assert [each["incident"] for each in found["similar"]] == ["INC-2", "INC-1"]
    assert found["similar"][0]["resolution"] == "a new fuse" and found["similar"][0]["why"][0] == "same scenario"
    assert found["then"]["changes"][0]["change"]["what"] == "v2 deployed"
    page = unescape(client.get(f"/incidents/{last['id']}").text)
    assert "the last before it" in page and 'href="/incidents/INC-2"' in page and "a new fuse" in page
    assert "Around it: v2 deployed" in page


def test_an_earlier_incident_out_of_reach_is_not_told(app: App, client: TestClient) -> None:
    """Neither its number nor its words: a token for one incident sees no other one through its context."""
    client.headers.update(bearer("responder"))
    for _ in range(2):
        client.post("/api/v1/incidents", json={"title": "Dark", "scenario": "the lamp", "severity": "P1"})
    Surveyor(app).turn()
    narrow = make_token(app, "guest", "viewer", "incident:INC-2")

    assert client.get("/api/v1/incidents/INC-2/context").json()["similar"]
    assert client.get("/api/v1/incidents/INC-2/context", headers=narrow).json()["similar"] == []
    assert client.get("/api/v1/incidents/INC-1/context", headers=narrow).status_code == 404


def test_a_fresh_house_says_that_nothing_is_known(client: TestClient) -> None:
    """One sentence, and no entry on the timeline."""
    client.headers.update(bearer("responder"))
    client.post("/api/v1/incidents", json={"title": "Dark", "severity": "P1"})
    assert "Nothing is known yet" in client.get("/incidents/INC-1").text
