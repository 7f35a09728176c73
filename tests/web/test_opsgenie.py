"""Opsgenie's Alert API, as far as alerts come in by it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.web import house, sending
from tests.web.house import TOKENS, bearer
from tocsin.app import App

KEY = "a-key-of-the-harbour-01"
GENIE = {"Authorization": f"GenieKey {KEY}"}
SOURCES = f'[sources.harbour]\nkind = "opsgenie"\ntoken = "{KEY}"\nseverities = {{P1 = "P1"}}\n'


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    """The lighthouse with one integration."""
    opened = sending.enter_with(tmp_path, SOURCES)
    yield opened
    opened.db.close()


def told(**more: Any) -> dict[str, Any]:
    """An alert as a client posts it."""
    return {"message": "It is dark", "alias": "lamp/1", "priority": "P1", "details": {"alertname": "LampOut"}, **more}


def test_create_acknowledge_and_close(app: App, client: TestClient) -> None:
    """202 with a request id each time; the incident is taken in the integration's name, then its alert ends."""
    created = client.post("/v2/alerts", json=told(), headers=GENIE)
    assert created.status_code == 202
    assert created.json()["result"] == "Request will be processed"
    assert len(created.json()["requestId"]) == 36

    words = {"user": "mara", "note": "I climb up"}
    taken = client.post("/v2/alerts/lamp%2F1/acknowledge?identifierType=alias", json=words, headers=GENIE)
    (incident,) = sending.incidents(app)
    assert (taken.status_code, incident.acknowledged_by, incident.severity) == (202, "harbour", "P1")
    assert any("mara acknowledged the alert LampOut" in text for _, text in sending.timeline(app))
    assert any("I climb up" in text for _, text in sending.timeline(app))

    assert client.post("/v2/alerts/lamp%2F1/close?identifierType=alias", json={}, headers=GENIE).status_code == 202
    assert [(alert.name, alert.status) for alert in sending.alerts(app)] == [("LampOut", "resolved")]


def test_an_alert_without_an_alias_is_named_by_the_answer(app: App, client: TestClient) -> None:
    """Two of the same words are two alerts; the request id closes the one."""
    ids = [client.post("/v2/alerts", json={"message": "fog"}, headers=GENIE).json()["requestId"] for _ in range(2)]
    house.merge(app)
    client.post(f"/v2/alerts/{ids[0]}/close", headers=GENIE)

    assert sorted(alert.status for alert in sending.alerts(app)) == ["firing", "resolved"]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"message": ""}, "Message can not be empty"),
        ({"message": "x", "priority": "P9"}, "'P9' is not one of P1, P2, P3, P4, P5"),
        ({"message": "x", "alias": "x" * 513}, "at most 512 characters"),
        ([], "expected an object"),
    ],
)
def test_what_is_wrong_is_said_with_422(app: App, client: TestClient, body: Any, says: str) -> None:
    """As Opsgenie does; nothing is stored."""
    answer = client.post("/v2/alerts", json=body, headers=GENIE)

    assert answer.status_code == 422
    assert says in answer.json()["message"]
    assert sending.alerts(app) == []


def test_who_may_send(client: TestClient) -> None:
    """The integration's key or a token from agent on; anything else is nobody."""
    for headers, status in (
        ({}, 401), ({"Authorization": "GenieKey nobody"}, 401), ({"Authorization": "GenieKey"}, 401),
        ({"Authorization": f"GenieKey {TOKENS['viewer']}"}, 403), (GENIE, 202), (bearer("agent"), 202),
        ({"Authorization": f"GenieKey {TOKENS['agent']}"}, 202),
    ):  # fmt: skip
        assert client.post("/v2/alerts", json=told(), headers=headers).status_code == status, headers


def test_what_real_clients_sent_is_taken(app: App, client: TestClient) -> None:
    """The captured requests of the SDK and of Alertmanager, with their keys exchanged for one that counts."""
    for line in sending.captured("/og/v2/"):
        path = line["path"].removeprefix("/og")
        answer = client.post(path, content=line["body"].encode(), headers={**GENIE, "Content-Type": "application/json"})
        assert answer.status_code == 202, answer.text
        house.merge(app)

    assert {alert.name: alert.status for alert in sending.alerts(app)} == {"DatabaseDown": "firing", "hi": "resolved"}
