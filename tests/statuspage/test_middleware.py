"""The middleware for the team's own applications: maintenance mode, messages, and failing open."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, MutableMapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.statuspage.pier import NOW, HandClock
from tocsin.middleware import KEY, MaintenanceASGI, MaintenanceWSGI, Standing, Watch, standing_of

ROOT = Path(__file__).resolve().parents[2]
WINDOW = {"title": "A new ramp", "from": "2026-03-02T09:00:00.000Z", "until": "2026-03-02T10:00:00.000Z"}
TOLD = {
    "maintenance": False, "windows": [WINDOW],
    "messages": [{"component": "boarding", "name": "Boarding", "state": "major", "text": "Use the other ramp."}],
}  # fmt: skip


def under_care(environ: MutableMapping[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """An application that shows what it was told."""
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(environ[KEY]).encode()]


def get(app: MaintenanceWSGI, path: str, method: str = "GET") -> tuple[int, dict[str, str], bytes]:
    """One request over WSGI."""
    answered: list[tuple[str, list[tuple[str, str]]]] = []
    body = b"".join(app({"PATH_INFO": path, "REQUEST_METHOD": method}, lambda *said: answered.append(said)))
    status, headers = answered[0]
    return int(status.split()[0]), dict(headers), body


@contextmanager
def a_page(body: Callable[[], bytes | None]) -> Iterator[str]:
    """Something that answers for messages.json on loopback; None hangs up."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            text = body()
            if text is None:
                self.connection.close()
                return
            self.send_response(200 if self.path == "/status/messages.json" else 404)
            self.send_header("content-length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/status"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_health_checks_answer_503_and_all_else_goes_on(tmp_path: Path) -> None:
    """With when to come back; requests learn what is said of each component."""
    flag, clock = tmp_path / "messages.json", HandClock()
    flag.write_text(json.dumps(TOLD), "utf-8")
    app = MaintenanceWSGI(under_care, Watch(str(flag), clock=clock))

    status, headers, body = get(app, "/health")
    assert status == 503
    assert headers["Retry-After"].isdigit()
    assert json.loads(body)["until"].startswith("2026-03-02T10:00")
    assert get(app, "/health", "HEAD")[2] == b""
    status, _, body = get(app, "/boarding")
    assert (status, json.loads(body)[0]["text"]) == (200, "Use the other ramp.")
    clock.at += timedelta(minutes=59)
    assert get(app, "/health")[0] == 503
    clock.at += timedelta(minutes=1)
    assert get(app, "/health")[0] == 200


def test_everything_may_be_closed_but_what_is_spared(tmp_path: Path) -> None:
    """An empty file is a switch: there it is on, gone it is off."""
    flag, clock = tmp_path / "maintenance", HandClock()
    app = MaintenanceWSGI(under_care, Watch(str(flag), clock=clock), everything=True, spare=("/desk",))
    assert get(app, "/")[0] == 200
    flag.touch()
    clock.at += timedelta(seconds=6)
    assert [get(app, path)[0] for path in ("/", "/desk", "/desk/1", "/desktop")] == [503, 200, 200, 503]
    flag.unlink()
    clock.at += timedelta(seconds=6)
    assert get(app, "/")[0] == 200


def test_the_request_that_asks_is_answered_by_what_it_learned(tmp_path: Path) -> None:
    """Also by a clock that goes on meanwhile, as a real one does: a rare check is always the one that asks."""
    flag = tmp_path / "maintenance"
    flag.touch()

    class Running(HandClock):
        def now(self) -> datetime:
            self.at += timedelta(microseconds=1)
            return self.at

    clock = Running()
    app = MaintenanceWSGI(under_care, Watch(str(flag), clock=clock))
    for _ in range(3):
        assert get(app, "/health")[0] == 503
        clock.at += timedelta(seconds=10)


def test_it_asks_a_status_page_beside_the_requests_and_fails_open() -> None:
    """What was known counts for a while when nobody answers any more, never beyond its end, then nothing does."""
    answers: list[bytes | None] = [json.dumps(TOLD).encode()]
    clock = HandClock()
    with a_page(lambda: answers[0]) as url:
        watch = Watch(url, clock=clock, timeout=5.0)
        watch.ask()
        assert watch.now().maintenance
        assert watch.now().message("boarding") == "Use the other ramp."
        for bad in (None, b"", b"[]", b"{" * 9000, b"\xff\xfe", b"<html>"):
            answers[0] = bad
            watch.ask()
            assert watch.now().maintenance
    watch.ask()
    clock.at += timedelta(minutes=4)
    assert watch.now().maintenance
    clock.at += timedelta(minutes=2)
    assert watch.now() == Standing()
    assert Watch("http://127.0.0.1:9/status", clock=clock).now() == Standing()


def test_no_request_ever_waits_for_the_status_page() -> None:
    """A page that takes its time is asked in the background, once at a time."""
    held, asked = threading.Event(), list[int]()

    def slow() -> bytes:
        asked.append(1)
        held.wait(20)
        return json.dumps(TOLD).encode()

    clock = HandClock()
    with a_page(slow) as url:
        app = MaintenanceWSGI(under_care, Watch(url, clock=clock, timeout=20.0))
        for _ in range(50):
            assert get(app, "/health")[0] == 200
            clock.at += timedelta(seconds=6)
        held.set()
        clock.at = NOW
        app.watch.ask()
    assert len(asked) <= 2


@pytest.mark.parametrize(
    "told",
    [{}, {"windows": "x"}, {"windows": [1, None, {}]}, {"windows": [{"from": 1, "until": []}]}, {"messages": {"a": 1}},
     {"messages": [1, {"component": 5}]}, {"maintenance": "yes"}, {"windows": [{"from": "2026-03-02T09:00:00Z"[:4]}]}],
)  # fmt: skip
def test_nonsense_closes_nothing(told: dict[str, Any]) -> None:
    """Whatever a file holds, an application goes on."""
    assert not standing_of(told, NOW).maintenance


def test_over_asgi_it_is_the_same(tmp_path: Path) -> None:
    """Other kinds of scopes pass untouched."""
    flag = tmp_path / "messages.json"
    flag.write_text(json.dumps(TOLD), "utf-8")
    seen: list[Any] = []

    async def inner(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        seen.append(scope.get(KEY))
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"bread"})

    app = MaintenanceASGI(inner, Watch(str(flag), clock=HandClock()))

    def ask(scope: MutableMapping[str, Any]) -> list[Any]:
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        async def receive() -> Any:
            return {"type": "http.request"}

        asyncio.run(app(scope, receive, send))
        return sent

    closed = ask({"type": "http", "path": "/healthz", "method": "GET"})
    assert (closed[0]["status"], json.loads(closed[1]["body"])["title"]) == (503, "A new ramp")
    assert ask({"type": "http", "path": "/bread", "method": "GET"})[0]["status"] == 200
    assert seen[-1][0]["component"] == "boarding"
    ask({"type": "lifespan"})
    assert seen[-1] is None


def test_an_address_that_is_none_is_said_at_once() -> None:
    """Not at the first request."""
    with pytest.raises(ValueError, match="neither"):
        Watch("ftp://status.example.org")


def test_it_needs_nothing_but_python() -> None:
    """An application gets no library of ours by importing it."""
    code = (
        "import sys; before = set(sys.modules); import tocsin.middleware; "
        "print(sorted({n.split('.')[0] for n in set(sys.modules) - before} - set(sys.stdlib_module_names)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.stdout.strip() == "['tocsin']"
