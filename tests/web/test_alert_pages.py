"""The pages and the API of alerts and silences: filter, silence in two clicks, plan, end, split, merge."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from tests.build import an_alert
from tests.web.house import TOKENS, alert, bearer, merge
from tocsin.app import App
from tocsin.service import ingest
from tocsin.store import alerts, incidents

AGENT, VIEWER, RESPONDER = bearer("agent"), bearer("viewer"), bearer("responder")


def says(app: App, client: TestClient, name: str = "LampOut", **labels: str) -> str:
    """Monitoring says something; the alert's fingerprint."""
    told = alert(name)
    told["labels"] |= labels
    assert client.post("/api/v2/alerts", json=[told], headers=AGENT).status_code == 200
    merge(app)
    listed = client.get("/api/v1/alerts", params={"state": "all"}, headers=VIEWER).json()["alerts"]
    return str(next(each["fingerprint"] for each in listed if each["labels"] == told["labels"]))


def enter(client: TestClient, role: str) -> None:
    """Somebody logs in."""
    client.headers.update({"Origin": "http://tocsin.test", "Sec-Fetch-Site": "same-origin"})
    assert client.post("/login", data={"token": TOKENS[role]}).status_code == 200


def test_the_page_shows_what_is_asked_for(app: App, client: TestClient) -> None:
    """By state, words, labels, source and incident; what was asked stays in the form, and hostile words stay words."""
    says(app, client)
    says(app, client, "Odd", tower="south", note="<b>bold</b>")
    enter(client, "viewer")
    every = client.get("/alerts").text
    assert "2 alerts" in every
    assert "<b>bold</b>" not in every
    assert "1 alert<" in client.get("/alerts", params={"label": 'tower="south"'}).text
    assert "1 alert<" in client.get("/alerts", params={"text": "odd"}).text
    assert "0 alerts" in client.get("/alerts", params={"state": "resolved"}).text
    assert "0 alerts" in client.get("/alerts", params={"source": "grafana"}).text
    assert "1 alert<" in client.get("/alerts", params={"incident": "inc-1"}).text
    assert "0 alerts" in client.get("/alerts", params={"incident": "'; drop table alerts"}).text
    wrong = client.get("/alerts", params={"label": "tower south"})
    assert wrong.status_code == 400
    assert "is not a matcher" in wrong.text
    assert 'value="tower south"' in wrong.text
    assert 'hx-get="/alerts?text=odd"' in client.get("/alerts", params={"text": "odd"}).text


def test_the_number_beside_alerts_is_how_many_fire(app: App, client: TestClient) -> None:
    """In a storm too: it does not stop at what a page would list."""
    now = app.clock.now()
    many = [
        an_alert("LampOut", labels={"alertname": "LampOut", "lamp": f"{n}"}, starts_at=now, updated_at=now)
        for n in range(1_003)
    ]
    app.db.write(lambda tx: alerts.upsert_all(tx, many))
    enter(client, "viewer")
    assert '1003<span class="sr"> firing' in client.get("/alerts").text


def test_an_alert_is_silenced_in_two_clicks(app: App, client: TestClient) -> None:
    """The link on its row, then one of the buttons; what comes new under its labels is kept back, with the reason."""
    first = says(app, client)
    enter(client, "responder")
    assert f'href="/alerts/{first}#silence"' in client.get("/alerts").text
    page = client.get(f"/alerts/{first}").text
    assert "What became of it" in page
    assert "alertname=&#34;LampOut&#34;" in page
    asked = {"matchers": 'alertname="LampOut"', "why": "known", "lasts": "2h", "next": f"/alerts/{first}"}
    answer = client.post("/silences", data=asked)
    assert answer.url.path == f"/alerts/{first}"
    assert "Silenced by" in answer.text
    kept = says(app, client, tower="south")
    told = client.get(f"/api/v1/alerts/{kept}", headers=VIEWER).json()
    assert told["alert"]["state"] == "silenced"
    assert told["alert"]["muted"] == "silenced by responder: known"
    assert "Kept back: silenced by responder: known" in client.get("/alerts").text
    assert "alert fires under it" in client.get("/").text


def test_a_maintenance_window_is_planned_and_called_off(app: App, client: TestClient) -> None:
    """A refused form comes back with what was typed; ending it looks after what fires."""
    enter(client, "responder")
    typed = {"matchers": 'tower="north"', "why": "new glass", "starts_at": "2030-03-07T22:00", "next": "/alerts"}
    refused = client.post("/silences", data={**typed, "ends_at": "2030-03-07T21:00"})
    assert refused.status_code == 400
    assert "would end before it begins" in refused.text
    assert "new glass" in refused.text
    assert client.post("/silences", data={**typed, "ends_at": "nonsense"}).status_code == 400
    planned = client.post("/silences", data={**typed, "ends_at": "2030-03-08T02:00"})
    assert planned.status_code == 200
    assert "planned" in planned.text
    (silence,) = client.get("/api/v1/silences", headers=VIEWER).json()["silences"]
    assert (silence["state"], silence["starts_at"]) == ("pending", "2030-03-07T22:00:00Z")
    says(app, client)
    assert app.db.read(incidents.references) == ["INC-1"]
    assert client.post(f"/silences/{silence['id']}/end", data={"next": "/alerts"}).status_code == 200
    assert client.get("/api/v1/silences", headers=VIEWER).json() == {"silences": []}
    assert client.post(f"/silences/{silence['id']}/end", data={}).status_code == 409


def test_ending_a_silence_by_amtools_own_address_declares_what_fires(app: App, client: TestClient) -> None:
    """Whoever ends it, by whichever door."""
    body = {"matchers": 'tower="north"', "why": "new glass", "lasts": "2h"}
    silence = client.post("/api/v1/silences", json=body, headers=RESPONDER).json()
    says(app, client)
    assert app.db.read(incidents.references) == []
    assert client.delete(f"/api/v2/silence/{silence['id']}", headers=RESPONDER).status_code == 200
    ingest.lift(app)
    assert app.db.read(incidents.references) == ["INC-1"]


@pytest.mark.parametrize("role", ["viewer", "agent"])
def test_who_may_not_silence_is_offered_nothing(app: App, client: TestClient, role: str) -> None:
    """And is refused where they try."""
    first = says(app, client)
    enter(client, role)
    assert "#silence" not in client.get("/alerts").text
    assert "Silence it for" not in client.get(f"/alerts/{first}").text
    asked = {"matchers": 'alertname="LampOut"', "why": "known", "lasts": "2h", "next": "/alerts"}
    assert client.post("/silences", data=asked).status_code == 403
    assert client.post("/silences/x/end", data={}).status_code == 403


def test_chosen_alerts_are_split_off_from_the_page(app: App, client: TestClient) -> None:
    """Boxes on the list of an incident's alerts; the new incident's page comes."""
    says(app, client)
    second = says(app, client, tower="south")
    enter(client, "responder")
    page = client.get("/alerts", params={"incident": "INC-1", "state": "all"}).text
    assert f'value="{second}"' in page
    answer = client.post("/incidents/INC-1/split", data={"alerts.2": second, "why": "another tower", "into": ""})
    assert answer.url.path == "/incidents/INC-2"
    assert "Split off from" in answer.text
    refused = client.post("/incidents/INC-1/split", data={"alerts.1": second, "why": "", "into": ""})
    assert refused.status_code == 404
    assert "has no alert" in refused.text


def test_a_duplicate_is_merged_from_the_page(app: App, client: TestClient) -> None:
    """The other incident's page comes, and both say so with a link."""
    says(app, client)
    says(app, client, "Odd")
    enter(client, "responder")
    assert '<option value="INC-1">' in client.get("/incidents/INC-2").text
    answer = client.post("/incidents/INC-2/merge", data={"into": "INC-1", "why": "one fuse"})
    assert answer.url.path == "/incidents/INC-1"
    assert 'href="/incidents/INC-2"' in answer.text
    merged = client.get("/incidents/INC-2").text
    assert "merged into INC-1" in merged
    assert 'href="/incidents/INC-1"' in merged


def test_no_such_alert_and_no_such_state_are_sentences(client: TestClient) -> None:
    """404 and 400, by page and API."""
    assert client.get("/api/v1/alerts/0000", headers=VIEWER).status_code == 404
    assert client.get("/api/v1/alerts", params={"state": "angry"}, headers=VIEWER).status_code == 400
    enter(client, "viewer")
    page = client.get("/alerts/0000")
    assert page.status_code == 404
    assert "There is no alert" in page.text
