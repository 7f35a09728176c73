"""What every request passes."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator, Iterator

import anyio
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient
from starlette.types import Message

from tests.web.house import alert, bearer
from tocsin.app import App
from tocsin.errors import Unavailable
from tocsin.store import intake
from tocsin.store.db import Tx
from tocsin.web.gate import LARGEST_INTAKE, LARGEST_REQUEST, Gate

POLICY = "default-src 'self'"


@pytest.mark.parametrize("path", ["/healthz", "/api/v1/me", "/nowhere", "/login", "/api/v1/nowhere", "/metrics"])
def test_every_answer_has_the_security_headers(client: TestClient, path: str) -> None:
    """Errors too, pages and JSON alike."""
    headers = client.get(path).headers

    assert headers["content-security-policy"].startswith(POLICY)
    assert "unsafe" not in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "x-powered-by" not in headers


def test_a_request_keeps_its_id_where_that_is_harmless(client: TestClient) -> None:
    """The id stands on the answer and in the problem; one that could forge a log line is replaced."""
    kept = client.get("/api/v1/me", headers={"X-Request-Id": "abc-123"})
    replaced = client.get("/api/v1/me", headers={"X-Request-Id": "a b\tc"})

    assert kept.headers["x-request-id"] == kept.json()["request_id"] == "abc-123"
    assert replaced.headers["x-request-id"] not in ("", "a b\tc")


def test_a_wrong_method_is_answered_with_the_right_ones(client: TestClient) -> None:
    """405 with Allow."""
    answer = client.delete("/api/v1/incidents", headers=bearer("admin"))

    assert (answer.status_code, answer.json()["status"]) == (405, 405)
    assert set(answer.headers["allow"].split(", ")) >= {"GET", "POST"}


def chunks(size: int) -> Iterator[bytes]:
    """A body whose length nobody states."""
    for _ in range(size // 65_536 + 1):
        yield b" " * 65_536


def test_a_body_is_cut_off_before_it_is_parsed(app: App, client: TestClient) -> None:
    """413, by its stated length or by what really comes; nothing is stored."""
    headers = {**bearer("admin"), "Content-Type": "application/json"}
    stated = {**headers, "Content-Length": str(LARGEST_INTAKE + 1)}
    absurd = {**headers, "Content-Length": "9" * 30}

    assert client.post("/api/v2/alerts", content=b"[]", headers=stated).status_code == 413
    assert client.post("/api/v2/alerts", content=b"[]", headers=absurd).status_code == 413
    assert client.post("/api/v2/alerts", content=chunks(LARGEST_INTAKE), headers=headers).status_code == 413
    assert client.post("/in/alertmanager", content=chunks(LARGEST_INTAKE), headers=headers).status_code == 413
    assert client.post("/api/v1/incidents", content=chunks(LARGEST_REQUEST), headers=headers).status_code == 413
    assert client.post("/login", content=b"", headers=stated).status_code == 413
    assert app.db.read(intake.backlog) == (0, None)


def test_a_compressed_body_is_not_unpacked(client: TestClient) -> None:
    """A bomb stays packed."""
    headers = {**bearer("agent"), "Content-Type": "application/json", "Content-Encoding": "gzip"}

    assert client.post("/api/v2/alerts", content=b"\x1f\x8b", headers=headers).status_code == 415


def test_overload_is_503_with_the_time_to_wait(client: TestClient, app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """Never 429 and never 500: a sender that hears 503 comes back."""

    def full(*_: object, **__: object) -> None:
        raise Unavailable("The disk is full.", "Make room.", retry_after=7)

    monkeypatch.setattr(type(app.db), "write", full)
    answer = client.post("/api/v2/alerts", json=[alert()], headers=bearer("agent"))

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "7")
    assert answer.json()["detail"] == "The disk is full."
    assert client.get("/readyz").status_code == 503
    assert client.get("/readyz").json()["problems"] == ["The disk is full."]
    assert client.get("/-/ready").status_code == 503
    assert client.get("/healthz").status_code == 200


def test_a_fault_of_ours_shows_only_a_reference(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """500 without a word of the cause; the log has it in one JSON line under the same reference."""

    def broken(_: Tx) -> None:
        raise RuntimeError("secret detail\nof the inside")

    monkeypatch.setattr("tocsin.store.incidents.open_ones", broken)
    with caplog.at_level(logging.ERROR, "tocsin.web"):
        answer = client.get("/api/v1/approvals", headers=bearer("viewer"))
    (line,) = [record.getMessage() for record in caplog.records if record.name == "tocsin.web"]
    logged = json.loads(line)

    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert logged["reference"] in answer.json()["detail"]
    assert logged["request_id"] == answer.headers["x-request-id"]
    assert "\n" not in line
    assert "RuntimeError" in logged["traceback"]


def tiny(endpoint: object, body_within: float = 5.0) -> Starlette:
    """An application of one endpoint behind the gate."""
    return Starlette(
        routes=[Route("/api/x", endpoint, methods=["GET", "POST"])],  # type: ignore[arg-type]
        middleware=[Middleware(Gate, body_within=body_within)],
    )


def test_a_body_that_never_ends_is_not_waited_for(app: App) -> None:
    """408 once its time is over."""

    async def reads(request: Request) -> Response:
        return PlainTextResponse(str(len(await request.body())))

    web = tiny(reads, body_within=0.05)
    sent: list[Message] = []

    async def silence() -> Message:
        if not sent:
            await anyio.sleep_forever()
        return {"type": "http.disconnect"}

    async def keep(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http", "method": "POST", "path": "/api/x", "raw_path": b"/api/x", "query_string": b"",
        "headers": [(b"host", b"x"), (b"authorization", b"Bearer x")], "scheme": "http", "server": ("x", 80),
        "client": ("y", 1), "http_version": "1.1", "root_path": "",
    }  # fmt: skip
    anyio.run(web, scope, silence, keep)

    assert sent[0]["status"] == 408


def test_a_stream_passes_piece_by_piece() -> None:
    """The gate holds nothing back, so live updates are live."""
    from starlette.responses import StreamingResponse

    async def pieces() -> AsyncIterator[bytes]:
        for piece in (b"one", b"two"):
            yield piece

    async def streams(_: Request) -> Response:
        return StreamingResponse(pieces())

    with TestClient(tiny(streams)) as client, client.stream("GET", "/api/x") as answer:
        assert list(answer.iter_raw()) == [b"one", b"two"]
        assert answer.headers["x-request-id"]
