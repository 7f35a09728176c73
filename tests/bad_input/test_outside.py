"""Other people's servers in trouble: it is said where people look, and the page arrives when they are back.

| server | what is seen | then |
|---|---|---|
| a signal that is down or answers anything else | no value, never zero, and nothing fires | the first value counts |
| mail server down | the page is tried again | it arrives once when the server is back |
| webhook: 500, hangs, closes without a word | tried again, others are paged meanwhile | it arrives |
| webhook: 404 | not tried again; the timeline says so, doctor too | the next way is taken |
| webhook: 200 and a bomb | nothing | the page counts as taken |
"""

from __future__ import annotations

import gzip
import json
import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from tests.bad_input.node import RUNBOOK, node
from tests.cli.terminal import tocsin
from tests.house import until

SECRET = "whsec_dG9jc2luLWJhZC1pbnB1dC1zZWNyZXQtMDEyMzQ1"
PEOPLE = """
[people.ana]
name = "Ana"
email = "ana@example.org"
url = "{url}"
notify = {ways}
[people.ben]
name = "Ben"
url = "{other}"
notify = ["hook"]
[roles]
"on-call engineer" = "ana"
[notifiers.hook]
kind = "webhook"
secret = "{secret}"
allow = ["127.0.0.0/8"]
[notifiers.mail]
kind = "smtp"
host = "127.0.0.1"
port = {port}
security = "none"
sender = "tocsin@example.org"
"""
Answer = Callable[[BaseHTTPRequestHandler], None]


class Neighbour:
    """A web server that somebody else runs; how it answers is changed from outside."""

    def __init__(self) -> None:
        self.answer: Answer = status(200)
        self.asked: list[bytes] = []
        self.closing = threading.Event()
        ours = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                ours.asked.append(self.rfile.read(int(self.headers.get("Content-Length", 0))))
                ours.answer(self)

            def do_GET(self) -> None:
                ours.asked.append(self.path.encode())
                ours.answer(self)

            def log_message(self, *_: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: Any) -> None:
                pass  # who hangs up early resets the connection

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/"

    def hang(self, _: BaseHTTPRequestHandler) -> None:
        """Take the request and say nothing."""
        self.closing.wait(60)

    def was_asked(self, times: int) -> bool:
        """Whether so many requests came."""
        return len(self.asked) >= times

    def got(self) -> list[str]:
        """What was told to somebody here, each once."""
        return sorted({json.loads(body)["data"]["subject"] for body in self.asked})


def status(code: int, body: bytes = b"", kind: str = "text/plain", **headers: str) -> Answer:
    """Answer so."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(code)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def hang_up(handler: BaseHTTPRequestHandler) -> None:
    """Close without a word."""
    handler.close_connection = True


@contextmanager
def a_neighbour() -> Iterator[Neighbour]:
    """A running neighbour."""
    made = Neighbour()
    thread = threading.Thread(target=made.server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield made
    finally:
        made.closing.set()
        made.server.shutdown()
        made.server.server_close()
        thread.join()


@pytest.fixture
def neighbour() -> Iterator[Neighbour]:
    """Ana's."""
    with a_neighbour() as made:
        yield made


@pytest.fixture
def other() -> Iterator[Neighbour]:
    """Ben's."""
    with a_neighbour() as made:
        yield made


def people(url: str = "", other: str = "", ways: str = '["hook"]', port: int = 9) -> str:
    """The configuration that leads to these."""
    return PEOPLE.format(url=url, other=other, ways=ways, port=port, secret=SECRET)


def closed_port() -> int:
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def failures(folder: Path) -> list[str]:
    """What went wrong when somebody was to be told, as it is on record."""
    with closing(sqlite3.connect(f"file:{folder / 'tocsin-data' / 'tocsin.db'}?mode=ro", uri=True)) as link:
        return [detail for (detail,) in link.execute("select detail from deliveries where ok = 0 order by at, id")]


def test_servers_that_are_down_get_the_page_when_they_are_back(neighbour: Neighbour, tmp_path: Path) -> None:
    """Nothing arrives while the mail server is down and the webhook answers 500; then each gets its page, once."""
    port, inbox = closed_port(), list[str]()
    neighbour.answer = status(500, b"<h1>Oops</h1>", "text/html")

    class Inbox:
        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
            inbox.append(envelope.content.decode())
            return "250 OK"

    with node(tmp_path, config=people(other=neighbour.url, ways='["mail"]', port=port)) as ours:
        ours.fire("SwitchStuck")
        ref = ours.incident("SwitchStuck")["id"]
        call = {"to": "ben", "why": "he has the key"}
        assert ours.ask("POST", f"/api/v1/incidents/{ref}/escalate", call).status_code == 200
        until(lambda: len(failures(tmp_path)) >= 2, 20)
        assert ours.lines(ref, "Notified") == []
        assert ours.ready()
        neighbour.answer = status(204)
        controller = Controller(Inbox(), hostname="127.0.0.1", port=port)
        controller.start()
        try:
            told = until(lambda: len(ours.lines(ref, "Notified")) == 2 and ours.lines(ref, "Notified"), 30)
        finally:
            controller.stop()
        said = " ".join(failures(tmp_path))
        ours.is_well()

    assert sorted(name for name in ("Ana", "Ben") for line in told if name in line) == ["Ana", "Ben"]
    assert "did not take the mail" in said and "answers 500" in said and "Oops" not in said
    assert len(inbox) == 1
    assert f"{ref} The switch is stuck" in inbox[0]
    assert len(neighbour.got()) == 1


def test_what_a_webhook_says_besides_its_status_counts_for_nothing(neighbour: Neighbour, tmp_path: Path) -> None:
    """A 2xx is a receipt, also with a bomb behind it; the page is not sent again."""
    bomb = gzip.compress(b"x" * 50_000_000)
    neighbour.answer = status(200, bomb, "text/html", Content_Encoding="gzip")
    with node(tmp_path, config=people(neighbour.url)) as ours:
        before = ours.memory
        ours.fire("SwitchStuck")
        ref = ours.incident("SwitchStuck")["id"]
        (line,) = until(lambda: ours.lines(ref, "Notified"), 20)
        assert ours.memory - before < 40
        ours.is_well()

    assert "Ana" in line
    assert len(neighbour.asked) == 1


def test_a_webhook_that_will_never_take_it_is_given_up_with_a_word(neighbour: Neighbour, tmp_path: Path) -> None:
    """Asked once, then somebody else is called; the timeline says who and why, and doctor lists it with what to do."""
    neighbour.answer = status(404)
    with node(tmp_path, config=people(neighbour.url)) as ours:
        ours.fire("SwitchStuck")
        ref = ours.incident("SwitchStuck")["id"]
        until(lambda: len(ours.lines(ref, "NotifyFailed")) > 1, 20)
        ana, ben = ours.lines(ref, "NotifyFailed")
        (everybody,) = ours.lines(ref, "EveryoneCalled")
        ours.is_well()

    assert "Ana" in ana and "answers 404" in ana
    assert "nobody who was called could be told" in everybody and "Ben has no url" in ben
    assert len(neighbour.asked) == 1
    told = tocsin("doctor", "tram.md", cwd=tmp_path)
    assert told.code == 1
    _, first = [row for row in told.out.splitlines() if "reached nobody" in row]
    assert ref in first and "answers 404" in first


def test_the_next_way_is_taken_where_the_first_does_not_work(neighbour: Neighbour, tmp_path: Path) -> None:
    """No address, then a dead webhook: the console is told."""
    neighbour.answer = status(404)
    with node(tmp_path, config=people(neighbour.url, ways='["hook", "console"]')) as ours:
        ours.fire("SwitchStuck")
        ref = ours.incident("SwitchStuck")["id"]
        (line,) = until(lambda: ours.lines(ref, "Notified"), 20)
        until(lambda: f"Ana: [P2] {ref} The switch is stuck" in ours.words, 10)

    assert "Ana" in line


def test_a_webhook_that_hangs_holds_up_nobody_else(neighbour: Neighbour, other: Neighbour, tmp_path: Path) -> None:
    """While Ana's address says nothing, Ben is paged within moments; Ana is tried again and gets hers."""
    neighbour.answer = neighbour.hang
    with node(tmp_path, config=people(neighbour.url, other.url)) as ours:
        ours.fire("SwitchStuck")
        ref = ours.incident("SwitchStuck")["id"]
        until(lambda: neighbour.asked, 10)
        before = time.monotonic()
        call = {"to": "ben", "why": "Ana does not answer"}
        assert ours.ask("POST", f"/api/v1/incidents/{ref}/escalate", call).status_code == 200
        until(lambda: other.asked, 10)
        assert time.monotonic() - before < 3
        assert not any("Ana" in line for line in ours.lines(ref, "Notified"))
        neighbour.answer = status(200)
        neighbour.closing.set()
        until(lambda: any("Ana" in line for line in ours.lines(ref, "Notified")), 30)
        ours.is_well()


WATCHED = RUNBOOK.replace("- Alert: `SwitchStuck`", "- Alert: `SwitchStuck`\n- late trams > 5 %\n- lost trams > 1")
SIGNALS = """
[signals."late trams"]
probe = "prometheus"
url = "{url}"
query = "late"
every = "0.2s"
[signals."lost trams"]
probe = "prometheus"
url = "http://127.0.0.1:{port}"
query = "lost"
every = "0.2s"
"""


def prometheus(value: str) -> Answer:
    """What Prometheus answers to a query with one value."""
    result = [{"metric": {}, "value": [time.time(), value]}]
    data = {"status": "success", "data": {"resultType": "vector", "result": result}}
    return status(200, json.dumps(data).encode(), "application/json")


UNREADABLE: dict[str, Answer] = {
    "HTML": status(200, b"<!doctype html><h1>Log in</h1>", "text/html"),
    "an error page": status(502, b"<h1>Bad Gateway</h1>", "text/html"),
    "JSON of another shape": status(200, b"[1, 2]", "application/json"),
    "nested JSON": status(200, b"[" * 100_000, "application/json"),
    "a refusal": status(422, b'{"status": "error", "error": "parse error"}', "application/json"),
    "no series": status(200, b'{"status":"success","data":{"resultType":"vector","result":[]}}', "application/json"),
    "not a number": prometheus("NaN"),
    "nothing": status(200),
    "a closed door": hang_up,
}


def test_a_signal_that_can_t_be_read_is_no_value_and_fires_nothing(neighbour: Neighbour, tmp_path: Path) -> None:
    """Whatever it answers is "no data" with a reason and never zero; the first real value counts."""
    neighbour.answer = UNREADABLE["HTML"]
    config = people() + SIGNALS.format(url=neighbour.url, port=closed_port())
    with node(tmp_path, runbook=WATCHED, config=config) as ours:
        for kind, answer in UNREADABLE.items():
            neighbour.answer = answer
            seen = len(neighbour.asked)
            until(partial(neighbour.was_asked, seen + 2), 20)
            assert ours.get("/api/v1/incidents")["incidents"] == [], kind
            assert ours.get("/api/v1/alerts")["alerts"] == [], kind
        assert ours.ready()
        neighbour.answer = prometheus("7.5")
        incident = ours.incident("SwitchStuck")
        shown = {each["metric"]: each for each in ours.get(f"/api/v1/incidents/{incident['id']}")["signals"]}
        assert (shown["late trams"]["value"], shown["late trams"]["bad"]) == (7.5, True)
        assert shown["lost trams"]["value"] is None
        assert "can't be reached" in shown["lost trams"]["problem"]
        with ours.signed_in(ours.token) as browser:
            page = browser.get(f"/incidents/{incident['id']}")
            assert (page.status_code, "Traceback" in page.text) == (200, False)
        ours.is_well()
