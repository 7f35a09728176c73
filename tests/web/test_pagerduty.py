"""PagerDuty's Events API v2, answer by answer, and what becomes of the events."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.web import house, sending
from tests.web.house import TOKENS, bearer
from tocsin.app import App
from tocsin.web.overload import Waterline

KEY = "0123456789abcdef0123456789abcdef"
OTHER = "fedcba9876543210fedcba9876543210"
SOURCES = f"""
[sources.lamps]
kind = "pagerduty"
token = "{KEY}"
severities = {{critical = "P1"}}
[sources.horns]
kind = "pagerduty"
token = "{OTHER}"
acknowledge = false
"""


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    """The lighthouse with two integrations."""
    opened = sending.enter_with(tmp_path, SOURCES)
    yield opened
    opened.db.close()


def event(action: str = "trigger", key: str = KEY, **more: Any) -> dict[str, Any]:
    """An event as a client posts it."""
    payload = {"summary": "It is dark", "source": "tower", "severity": "critical", "class": "LampOut"}
    told = {"payload": payload} if action == "trigger" else {}
    return {"routing_key": key, "event_action": action, "dedup_key": "lamp", **told, **more}


def test_a_trigger_is_answered_as_pagerduty_does_and_pages(app: App, client: TestClient) -> None:
    """202 with the key; the alert's name selects the scenario, its severity is translated, links are kept."""
    links = [{"href": "https://lamps.example.org/1", "text": "The lamp"}, {"href": "javascript:alert(1)", "text": "no"}]
    answer = client.post("/v2/enqueue", json=event(links=links, client="watch", client_url="https://watch.example.org"))

    assert answer.status_code == 202
    assert answer.json() == {"status": "success", "message": "Event processed", "dedup_key": "lamp"}
    (alert,) = sending.alerts(app)
    assert alert.labels == {"alertname": "LampOut", "severity": "P1", "source": "tower", "class": "LampOut"}
    assert alert.annotations["links"] == "The lamp: https://lamps.example.org/1"
    assert alert.url == "https://watch.example.org"
    (incident,) = sending.incidents(app)
    assert (incident.scenario_title, incident.severity, incident.source) == ("The lamp is out", "P1", "lamps")


def test_resolve_ends_the_alert_of_its_key_and_keeps_what_was_told(app: App, client: TestClient) -> None:
    """The event says nothing but the key; the next trigger is told anew."""
    client.post("/v2/enqueue", json=event())
    house.merge(app)
    assert client.post("/v2/enqueue", json=event("resolve")).status_code == 202

    (alert,) = sending.alerts(app)
    assert (alert.status, alert.name, alert.annotations["summary"]) == ("resolved", "LampOut", "It is dark")
    assert not sending.incidents(app)[0].firing
    client.post("/v2/enqueue", json=event())
    (again,) = sending.alerts(app)
    assert again.status == "firing"


@pytest.mark.parametrize("action", ["acknowledge", "resolve"])
def test_what_is_said_of_no_open_alert_is_taken_and_dropped(app: App, client: TestClient, action: str) -> None:
    """Of a key that nobody triggered, and of another integration's alert: 202, and nothing changes."""
    client.post("/v2/enqueue", json=event())
    house.merge(app)
    for stranger in (event(action, OTHER), event(action, dedup_key="never")):
        assert client.post("/v2/enqueue", json=stranger).status_code == 202

    (alert,) = sending.alerts(app)
    assert alert.status == "firing"
    assert sending.incidents(app)[0].acknowledged_at is None


def test_an_acknowledgement_takes_the_incident_in_the_name_of_the_integration(app: App, client: TestClient) -> None:
    """Once: the second one changes nothing; it may come before the trigger was worked off."""
    for each in (event(), event("acknowledge"), event("acknowledge")):
        assert client.post("/v2/enqueue", json=each).status_code == 202

    (incident,) = sending.incidents(app)
    assert (incident.status, incident.acknowledged_by) == ("acknowledged", "lamps")
    said = [text for by, text in sending.timeline(app) if by == "source lamps"]
    assert sum("acknowledged the alert LampOut in lamps" in text for text in said) == 1


def test_an_acknowledgement_that_does_not_count_is_noted(app: App, client: TestClient) -> None:
    """For an integration that may not, and for a token of the role agent, which decides nothing here."""
    for number, key in enumerate((OTHER, TOKENS["agent"]), 1):
        client.post("/v2/enqueue", json=event(key=key))
        client.post("/v2/enqueue", json=event("acknowledge", key))
        incident = sending.incidents(app)[0]
        assert incident.acknowledged_at is None
        notes = [text for _, text in sending.timeline(app) if "may not acknowledge" in text]
        assert len(notes) == number


def test_a_program_acknowledges_at_no_other_address_either(app: App, client: TestClient) -> None:
    """The kind's own address takes events with a token of ours, whose role counts there too."""
    for action in ("trigger", "acknowledge"):
        assert client.post("/in/pagerduty", json=event(action), headers=bearer("agent")).status_code == 202

    assert sending.incidents(app)[0].acknowledged_at is None
    client.post("/in/pagerduty", json=event("acknowledge"), headers=bearer("responder"))
    assert sending.incidents(app)[0].acknowledged_by == "pagerduty"


def test_a_token_of_a_responder_acknowledges(app: App, client: TestClient) -> None:
    """As it may at every other door."""
    for action in ("trigger", "acknowledge"):
        client.post("/v2/enqueue", json=event(action, TOKENS["responder"]))

    assert sending.incidents(app)[0].acknowledged_by == "pagerduty/responder"


def test_a_trigger_without_a_key_is_given_one(app: App, client: TestClient) -> None:
    """Which then ends it."""
    answer = client.post("/v2/enqueue", json=event(dedup_key=None))
    key = answer.json()["dedup_key"]
    assert len(key) == 32
    client.post("/v2/enqueue", json=event("resolve", dedup_key=key))
    assert [alert.status for alert in sending.alerts(app)] == ["resolved"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"event_action": "explode"}, "'event_action' is invalid (must be one of the following: 'trigger', "),
        ({"event_action": ""}, "'event_action' is missing or blank"),
        ({"payload": None}, "'payload' is missing or blank"),
        ({"payload": {"source": "x", "severity": "info"}}, "'payload.summary' is missing or blank"),
        ({"payload": {"summary": "x", "severity": "info"}}, "'payload.source' is missing or blank"),
        ({"payload": {"summary": "x", "source": "x", "severity": "bad"}}, "'payload.severity' is invalid"),
        ({"dedup_key": "x" * 256}, "'dedup_key' is not a text of at most 255 characters"),
        ({"routing_key": "nobody has this"}, "'routing_key' is not known here"),
    ],
)
def test_what_is_wrong_is_listed_as_pagerduty_lists_it(
    app: App, client: TestClient, change: dict[str, Any], says: str
) -> None:
    """400 with ``errors``; nothing is stored."""
    answer = client.post("/v2/enqueue", json={**event(), **change})

    assert answer.status_code == 400
    assert (answer.json()["status"], answer.json()["message"]) == ("invalid event", "Event object is invalid")
    assert any(error.startswith(says) for error in answer.json()["errors"])
    assert sending.alerts(app) == []


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b'{"event_action": "trigger"}', "'routing_key' is missing or blank"),
        (b'{"routing_key": ""}', "'routing_key' is missing or blank"),
        (b"lamp out", "This is not JSON"),
        (b'{"routing_key": "\\ud800"}', ""),
    ],
)
def test_an_event_that_names_nobody_is_told_so_in_pagerdutys_words(
    app: App, client: TestClient, body: bytes, says: str
) -> None:
    """400 with what is wrong, not a word about headers that PagerDuty's clients never send."""
    answer = client.post("/v2/enqueue", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert any(says in error for error in answer.json()["errors"])
    assert sending.alerts(app) == []


def test_details_of_any_shape_are_taken(app: App, client: TestClient) -> None:
    """Numbers that no database holds, lists in lists, and what looks like markup stay words."""
    payload = {"summary": "x", "source": "y", "severity": "info"}
    for number, details in enumerate(({"n": 2**200, "f": 0.1, "deep": [[{"a": None}]]}, [1, "<b>"], "text", 7, None)):
        sent = event(dedup_key=str(number), payload={**payload, "custom_details": details})
        assert client.post("/v2/enqueue", json=sent).status_code == 202

    told = {alert.key: alert.annotations.get("details", "") for alert in sending.alerts(app)}
    assert told["0"] == f'n: {2**200}\nf: 0.1\ndeep: [[{{"a": null}}]]'
    assert told["1"] == '[1, "<b>"]'


def test_what_is_too_large_is_not_taken(client: TestClient) -> None:
    """413 above PagerDuty's own 512 KB, in its shape."""
    answer = client.post("/v2/enqueue", json=event(more="x" * 600_000))

    assert answer.status_code == 413
    assert "at most 524,288" in answer.json()["errors"][0]


def test_a_role_below_agent_sends_nothing(client: TestClient) -> None:
    """A viewer's token is known, and may not."""
    assert client.post("/v2/enqueue", json=event(key=TOKENS["viewer"])).status_code == 403
    assert client.post("/v2/enqueue", json={}, headers=bearer("viewer")).status_code == 403


def test_keys_that_are_guessed_are_slowed_down(client: TestClient) -> None:
    """After 20 within a minute 429 with Retry-After; a key that counts is let in all the same."""
    answers = [client.post("/v2/enqueue", json=event(key=f"guess-{number}")) for number in range(22)]

    assert [answer.status_code for answer in answers] == [400] * 20 + [429] * 2
    assert answers[-1].headers["retry-after"] == "60"
    assert client.post("/v2/enqueue", json=event()).status_code == 202


def test_a_change_event_is_kept_and_pages_nobody(app: App, client: TestClient) -> None:
    """202 as PagerDuty answers; it is among the changes."""
    change = {
        "routing_key": KEY, "links": [{"href": "https://ci.example.org/7", "text": "Build 7"}],
        "payload": {"summary": "New wick", "source": "workshop", "timestamp": "2026-01-01T00:00:00Z"},
    }  # fmt: skip
    answer = client.post("/v2/change/enqueue", json=change)

    assert (answer.status_code, answer.json()["status"]) == (202, "success")
    (told,) = client.get("/api/v1/changes", headers=bearer("viewer")).json()["changes"]
    assert {key: told[key] for key in ("what", "where", "at", "url", "source")} == {
        "what": "New wick", "where": "workshop", "at": "2026-01-01T00:00:00Z", "url": "https://ci.example.org/7",
        "source": "lamps",
    }  # fmt: skip
    assert sending.incidents(app) == []
    wrong = client.post("/v2/change/enqueue", json={"routing_key": KEY, "payload": {"source": "x"}})
    assert (wrong.status_code, wrong.json()["errors"]) == (400, ["'payload.summary' is missing or blank"])


def test_the_same_event_may_come_in_at_the_sources_own_address(app: App, client: TestClient) -> None:
    """/in/NAME takes it by the key in it; another integration's key does not open it."""
    assert client.post("/in/lamps", json=event()).json() == {"accepted": 1}
    assert client.post("/in/lamps", json=event(key=OTHER)).status_code == 401
    assert client.post("/in/lamps", json=event(key="")).status_code == 401
    assert [alert.source for alert in sending.alerts(app)] == ["lamps"]


def test_a_flood_is_told_to_come_back(app: App, client: TestClient) -> None:
    """503 with Retry-After at every door of alerts while too much waits; nothing more is stored meanwhile."""
    client.post("/v2/enqueue", json=event())
    client.app.state.waterline = Waterline(most=1)  # type: ignore[attr-defined]
    answers = [
        client.post("/v2/enqueue", json=event(dedup_key="two")),
        client.post("/in/lamps", json=event(dedup_key="three")),
        client.post("/api/v2/alerts", json=[house.alert()], headers=bearer("agent")),
    ]

    assert [(answer.status_code, answer.headers["retry-after"]) for answer in answers] == [(503, "10")] * 3
    assert len(sending.alerts(app)) == 1


@pytest.mark.parametrize("agent", ["Alertmanager", "python-pagerduty", "pdpyras"])
def test_what_real_clients_sent_is_taken_byte_for_byte(app: App, client: TestClient, agent: str) -> None:
    """Every captured event is answered 202; what was triggered last is as it was told last."""
    for line in sending.captured("/v2/enqueue", agent):
        answer = client.post("/v2/enqueue", content=line["body"].encode(), headers={"Content-Type": "application/json"})
        assert answer.status_code == 202, answer.text
        house.merge(app)

    (alert,) = sending.alerts(app)
    assert alert.name == ("DatabaseDown" if agent == "Alertmanager" else "DB down")
    assert alert.status == ("firing" if agent == "Alertmanager" else "resolved")
