"""Health, metrics and the API's own description."""

from __future__ import annotations

import re
import shutil
import subprocess
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from tests.web.house import alert, bearer, merge
from tocsin.app import App
from tocsin.store import intake
from tocsin.web import health, server


def test_the_metrics_please_prometheus(app: App, client: TestClient) -> None:
    """``promtool check metrics`` has nothing to say, and the numbers are true."""
    client.post("/api/v2/alerts", json=[alert()], headers=bearer("agent"))
    waiting = client.get("/metrics").text
    merge(app)
    answer = client.get("/metrics")

    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert "\ntocsin_intake_backlog 1\n" in waiting
    assert "\ntocsin_intake_backlog 0\n" in answer.text
    assert '\ntocsin_incidents_open{severity="P2",status="open"} 1\n' in answer.text
    assert '\ntocsin_runs{status="queued"} 1\n' in answer.text
    if shutil.which("promtool") is None:
        pytest.skip("promtool is not installed")
    checked = subprocess.run(["promtool", "check", "metrics"], input=answer.text, capture_output=True, text=True)
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")


class Engine:
    """An engine that says what it is told to say."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def start(self) -> None:
        """Nothing begins."""

    def stop(self, timeout: float) -> None:
        """Nothing ends."""

    def problems(self) -> list[str]:
        """What it was told."""
        return self.said


def test_readiness_needs_the_engine_and_a_moving_intake(app: App) -> None:
    """503 with the reason when a loop has ended or accepted alerts are not merged."""
    engine = Engine()
    with TestClient(server.build(app, engine)) as client:
        assert client.get("/readyz").json() == {"status": "ready"}
        engine.said.append("The intake loop has ended.")
        dead = client.get("/readyz")
        engine.said.clear()
        long_ago = app.clock.now() - health.OLDEST_INTAKE - timedelta(seconds=1)
        arrival = intake.Arrival(id="in_1", received_at=long_ago, source="prometheus", body="[]")
        app.db.write(lambda tx: intake.append(tx, [arrival]))
        stuck = client.get("/readyz")

    assert (dead.status_code, dead.json()["problems"]) == (503, ["The intake loop has ended."])
    assert stuck.status_code == 503
    assert stuck.json()["problems"][0].startswith("1 messages wait to be merged")


def test_every_route_is_described_and_every_reference_leads_somewhere(client: TestClient) -> None:
    """The document is OpenAPI 3.1 and complete."""
    document = client.get("/openapi.json").json()
    described = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    stated = {(one.method, re.sub(r":\w+\}", "}", one.path)) for one in server.ENDPOINTS}
    operations = [operation for methods in document["paths"].values() for operation in methods.values()]
    references = set(re.findall(r'"#/components/schemas/([^"]+)"', client.get("/openapi.json").text))

    assert document["openapi"].startswith("3.1")
    assert described == stated
    assert len({operation["operationId"] for operation in operations}) == len(operations)
    assert references <= set(document["components"]["schemas"])
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+", name) for name in document["components"]["schemas"])
    assert all(operation["summary"].endswith((".", "4")) for operation in operations)


def test_the_description_knows_what_a_move_needs(client: TestClient) -> None:
    """Made from the catalogue's dataclasses, limits included."""
    document = client.get("/openapi.json").json()
    hold = document["paths"]["/api/v1/incidents/{ref}/hold"]["post"]
    schema = document["components"]["schemas"]["Hold"]

    assert hold["requestBody"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Hold"}
    assert schema["required"] == ["minutes", "why"]
    assert schema["properties"]["minutes"]["maximum"] == 7 * 1440
    assert hold["security"] == [{"bearer": []}, {"session": []}]
    assert document["paths"]["/healthz"]["get"]["security"] == []
