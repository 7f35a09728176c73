"""Runs of the system under care: told by programs, listed for everybody, beside the incident."""

from __future__ import annotations

import gzip
import json
from datetime import timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.web import house
from tests.web.house import bearer
from tests.web.test_permissions import make_token
from tocsin.app import App

TRACE = "0af7651916cd43dd8448eb211c80319c"


def nanos(app: App, seconds: float = 0) -> str:
    """A moment as OTLP writes it."""
    return str(int((app.clock.now().timestamp() + seconds) * 10**9))


def span(app: App, **more: Any) -> dict[str, Any]:
    """A span as an exporter sends it."""
    return {
        "traceId": TRACE, "spanId": "b7ad6b7169203331", "name": "bake", "kind": 2,
        "startTimeUnixNano": nanos(app, -5), "endTimeUnixNano": nanos(app, -2), **more,
    }  # fmt: skip


def otlp(*spans: Any, service: str = "oven") -> dict[str, Any]:
    """A message of an exporter."""
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": service}}]}
    return {"resourceSpans": [{"resource": resource, "scopeSpans": [{"scope": {"name": "x"}, "spans": list(spans)}]}]}


def traces(client: TestClient, query: str = "") -> list[dict[str, Any]]:
    """What is listed."""
    found: list[dict[str, Any]] = client.get(f"/api/v1/traces{query}", headers=bearer("viewer")).json()["traces"]
    return found


def test_a_run_is_told_as_it_begins_and_again_as_it_ends(app: App, client: TestClient) -> None:
    """With a token that may send alerts; the same id is the same run, and another sender's is another."""
    sender = make_token(app, "assistant", "agent", "alerts:send")
    run = {"id": "run-7", "name": "chat  reply", "status": "running", "service": "chat"}
    assert client.post("/api/v1/traces", json={"traces": [run]}, headers=sender).json() == {"kept": 1}
    assert [(each["status"], each["name"], each["ended_at"]) for each in traces(client)] == [
        ("running", "chat reply", None)
    ]
    ended = {**run, "status": "error", "seconds": 2.5, "error": "the model timed out"}
    assert client.post("/api/v1/traces", json={"traces": [ended]}, headers=sender).status_code == 202
    assert [(each["status"], each["error"]) for each in traces(client)] == [("error", "the model timed out")]
    client.post("/api/v1/traces", json={"traces": [run]}, headers=bearer("admin"))
    assert len(traces(client)) == 2
    assert len(traces(client, "?status=error&service=chat&words=MODEL")) == 1 and traces(client, "?words=%25") == []
    assert client.post("/api/v1/traces", json={"traces": [run]}, headers=bearer("viewer")).status_code == 403


@pytest.mark.parametrize(
    ("run", "says"),
    [
        ({"id": "", "name": "x"}, "length"),
        ({"id": "1", "name": "x", "at": "noon"}, "not a time with a zone"),
        ({"id": "1", "name": "x", "at": "2999-01-01T00:00:00Z"}, "in the future"),
        ({"id": "1", "name": "x", "url": "javascript:alert(1)"}, "not an address"),
        ({"id": "1", "name": "x", "seconds": -1}, ">= 0"),
        ({"id": "1", "name": "x", "status": "fine"}, "Invalid enum"),
        ({"name": "x"}, "id"),
    ],
)
def test_a_message_with_a_run_that_can_t_be_one_is_refused_whole(
    client: TestClient, run: dict[str, Any], says: str
) -> None:
    """With the place of the fault; the good run beside it is not kept either."""
    good = {"id": "good", "name": "good"}
    answer = client.post("/api/v1/traces", json={"traces": [good, run]}, headers=bearer("agent"))
    assert answer.status_code == 400 and says in answer.text and traces(client) == []
    assert client.post("/api/v1/traces", json={"traces": []}, headers=bearer("agent")).status_code == 400


@pytest.mark.parametrize("packed", [False, True])
def test_opentelemetry_s_spans_become_one_run(app: App, client: TestClient, packed: bool) -> None:
    """A part that failed comes before the whole that holds it, in two messages, plain or packed."""

    def send(*spans: Any) -> Any:
        body = json.dumps(otlp(*spans)).encode()
        headers = {**bearer("agent"), "Content-Type": "application/json"}
        if packed:
            body, headers = gzip.compress(body), {**headers, "Content-Encoding": "gzip"}
        answer = client.post("/v1/traces", content=body, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    part = {"parentSpanId": "00f067aa0ba902b7", "name": "heat", "status": {"code": 2, "message": "it is cold"}}
    assert send(span(app, **part)) == {"partialSuccess": {}}
    assert send(span(app, startTimeUnixNano=nanos(app, -9), endTimeUnixNano=nanos(app, -1))) == {"partialSuccess": {}}

    [one] = traces(client)
    assert (one["name"], one["service"], one["status"], one["error"]) == ("bake", "oven", "error", "it is cold")
    assert (one["spans"], one["failed"], one["whole"]) == (2, 1, True)
    assert client.get("/traces?status=error", headers=bearer("viewer")).text.count("it is cold") == 1


@pytest.mark.parametrize(
    ("body", "rejected"),
    [
        ({}, 0), ([], 0), ({"resourceSpans": "x"}, 0), ({"resourceSpans": [None, {"scopeSpans": [7]}]}, 0),
        (otlp({}), 1), (otlp(None, "x", []), 3), (otlp({"traceId": "zz", "startTimeUnixNano": "1"}), 1),
        (otlp({"traceId": TRACE, "startTimeUnixNano": "0"}), 1),
        (otlp({"traceId": TRACE, "startTimeUnixNano": "9" * 19}), 1),
        (otlp({"traceId": TRACE, "startTimeUnixNano": "-5", "status": 7}), 1),
    ],
)  # fmt: skip
def test_what_is_no_span_is_counted_and_passed_over(client: TestClient, body: Any, rejected: int) -> None:
    """An exporter must not send it again, and is told."""
    answer = client.post("/v1/traces", json=body, headers=bearer("agent"))
    assert answer.status_code == 200 and traces(client) == []
    assert answer.json()["partialSuccess"].get("rejectedSpans", "0") == str(rejected)


def test_other_encodings_are_refused_with_the_way_out(client: TestClient) -> None:
    """Protobuf, other packings, a gzip that is none, and one that unpacks without an end."""
    for headers, body, status in (
        ({"Content-Type": "application/x-protobuf"}, b"x", 415),
        ({"Content-Type": "application/json", "Content-Encoding": "zstd"}, b"{}", 415),
        ({"Content-Type": "application/json", "Content-Encoding": "gzip"}, b"{}", 400),
        ({"Content-Type": "application/json", "Content-Encoding": "gzip"}, gzip.compress(b"{}")[:-4], 400),
        ({"Content-Type": "application/json", "Content-Encoding": "gzip"}, gzip.compress(b" " * 20_000_000), 413),
    ):
        answer = client.post("/v1/traces", content=body, headers={**bearer("agent"), **headers})
        assert answer.status_code == status, (headers, answer.text)


def test_the_page_shows_markup_as_text_and_secrets_never(app: App, client: TestClient) -> None:
    """Everything that was sent is somebody else's word."""
    run = {"id": "<b>", "name": "<i>x</i>", "error": f"token {house.TOKENS['admin']}", "status": "error"}
    client.post("/api/v1/traces", json={"traces": [run]}, headers=bearer("agent"))
    page = client.get("/traces", headers=bearer("viewer")).text
    assert "&lt;i&gt;x" in page and house.TOKENS["admin"] not in page
    assert house.TOKENS["admin"] not in str(traces(client))


def test_failed_runs_stand_beside_an_incident(app: App, client: TestClient) -> None:
    """Those from a quarter of an hour before on; earlier ones do not count."""
    early = (app.clock.now() - timedelta(hours=2)).isoformat()
    runs = [
        {"id": "1", "name": "old", "at": early, "status": "error"}, {"id": "2", "name": "fine", "seconds": 1},
        {"id": "3", "name": "bake", "seconds": 4, "status": "error", "error": "it is cold"},
    ]  # fmt: skip
    client.post("/api/v1/traces", json={"traces": runs}, headers=bearer("agent"))
    client.post("/api/v1/incidents", json={"title": "Cold bread"}, headers=bearer("admin"))
    found = client.get("/api/v1/incidents/INC-1/context", headers=bearer("viewer")).json()["traces"]
    assert (found["number"], found["failed"], [each["name"] for each in found["latest"]]) == (2, 1, ["bake"])
    page = client.get("/incidents/INC-1", headers=bearer("viewer")).text
    assert "2 runs, 1 failed (50 %)" in page and "it is cold" in page
