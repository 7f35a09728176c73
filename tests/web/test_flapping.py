"""An alert that flaps is shown as such, by the pages and by the API."""

from __future__ import annotations

from starlette.testclient import TestClient

from tests.web.house import alert, bearer, merge
from tocsin.app import App

AGENT, VIEWER = bearer("agent"), bearer("viewer")


def says(app: App, client: TestClient, **change: str) -> None:
    """Monitoring says something."""
    assert client.post("/api/v2/alerts", json=[alert(**change)], headers=AGENT).status_code == 200
    merge(app)


def test_an_alert_that_flaps_is_marked_wherever_it_is_listed(app: App, client: TestClient) -> None:
    """On its incident's page, among the firing alerts, on the first page and in the API's answer."""
    listed = ("/", "/alerts", "/incidents/INC-1")
    says(app, client)
    assert not any(">flaps<" in client.get(page, headers=VIEWER).text for page in listed)
    assert [one["flaps"] for one in client.get("/api/v1/alerts", headers=VIEWER).json()["alerts"]] == [False]
    for _ in range(3):
        says(app, client, endsAt=app.clock.now().isoformat())
        says(app, client)
    assert [page for page in listed if ">flaps<" not in client.get(page, headers=VIEWER).text] == []
    assert [one["flaps"] for one in client.get("/api/v1/alerts", headers=VIEWER).json()["alerts"]] == [True]
    assert "flaps: fired 3 times" in client.get("/incidents/INC-1", headers=VIEWER).text
