"""The server as a process: its address, its end, what survives its death, and connections that mean no good."""

from __future__ import annotations

import contextlib
import resource
import signal
import socket
import threading
import time
from pathlib import Path

import httpx2
import pytest

from tests.web import house
from tests.web.serving import Serving, eventually, serving
from tocsin.errors import Unavailable
from tocsin.store import alerts as alert_store
from tocsin.store import intake
from tocsin.web import connection
from tocsin.web.server import listen


def test_a_port_in_use_is_said_with_the_way_out() -> None:
    """One sentence that names the port, and the hint."""
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Unavailable) as refusal:
            listen("127.0.0.1", port)

    assert refusal.value.message == f"Port {port} on 127.0.0.1 is in use."
    assert "--port 0" in refusal.value.hint


@pytest.mark.parametrize(("host", "port"), [("no.such.host.invalid", 0), ("127.0.0.1", 70_000), ("203.0.113.7", 0)])
def test_an_address_that_cannot_be_is_said(host: str, port: int) -> None:
    """No traceback for a mistyped host or port."""
    with pytest.raises(Unavailable):
        listen(host, port)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_order(server: Serving, how: int) -> None:
    """It returns from `serve`, so that the caller can put things away, with exit code 0 and nothing on stderr."""
    assert server.get("/readyz") == {"status": "ready"}

    assert server.stop(how) == (0, "put away\n")
    assert (server.folder / "stderr.log").read_text() == ""


def half_a_request(server: Serving) -> socket.socket:
    """A request whose body is not complete."""
    opened = socket.create_connection(("127.0.0.1", server.port), 10)
    head = (
        "POST /api/v2/alerts HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {house.TOKENS['agent']}\r\nContent-Length: 100\r\n\r\n["
    )
    opened.sendall(head.encode())
    return opened


def test_open_connections_do_not_hold_up_the_end(server: Serving) -> None:
    """Idle, silent and half-sent connections are given 2 s, then it ends all the same."""
    idle = httpx2.Client()
    idle.get(server.url + "/healthz")
    silent = socket.create_connection(("127.0.0.1", server.port), 10)
    half = half_a_request(server)
    before = time.monotonic()
    code, said = server.stop()

    assert (code, said) == (0, "put away\n")
    assert time.monotonic() - before < 8
    for opened in (silent, half):
        opened.close()
    idle.close()


def test_open_live_streams_do_not_hold_up_the_end(server: Serving) -> None:
    """A page that is open in a browser is no reason to stay."""
    with httpx2.stream("GET", server.url + "/live", headers=house.bearer("viewer"), timeout=20) as stream:
        assert stream.status_code == 200
        before = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        with contextlib.suppress(httpx2.HTTPError):  # the stream may end in the middle
            stream.read()
    said, _ = server.process.communicate(timeout=30)

    assert (server.process.returncode, said) == (0, "put away\n")
    assert time.monotonic() - before < 8


def test_a_request_that_has_begun_is_finished(server: Serving) -> None:
    """SIGTERM in the middle of a body: the rest is read, stored and answered."""
    half = half_a_request(server)
    eventually(lambda: server.get("/healthz"), "An answer")
    server.process.send_signal(signal.SIGTERM)
    refused = eventually(lambda: not accepts(server.port), "The end of listening")
    body = b'{"labels": {"alertname": "LampOut"}}]'
    half.sendall(body + b" " * (99 - len(body)))
    answer = half.recv(1000)
    half.close()
    server.process.wait(30)

    assert refused
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert names(server.folder) == ["LampOut"]


def accepts(port: int) -> bool:
    """Whether somebody listens."""
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def names(folder: Path) -> list[str]:
    """The alerts that a new process finds, merged or still waiting to be."""
    app = house.enter(folder)
    try:
        house.merge(app)
        return sorted(alert.name for alert in app.db.read(alert_store.listing))
    finally:
        app.db.close()


def test_what_was_answered_survives_a_kill(server: Serving) -> None:
    """SIGKILL right after the 2xx: every answered alert is there after opening again."""
    answered: list[str] = []
    killed = threading.Event()

    def send(first: int) -> None:
        with httpx2.Client(headers=house.bearer("agent")) as client:
            for number in range(first, first + 500):
                if killed.is_set():
                    return
                try:
                    answer = client.post(f"{server.url}/api/v2/alerts", json=[house.alert(f"Alert{number:06}")])
                except httpx2.HTTPError:
                    return
                if answer.status_code == 200:
                    answered.append(f"Alert{number:06}")

    senders = [threading.Thread(target=send, args=(first * 1000,)) for first in range(4)]
    for sender in senders:
        sender.start()
    eventually(lambda: len(answered) >= 40, "Forty answers")
    server.process.kill()
    killed.set()
    for sender in senders:
        sender.join()
    server.process.wait(30)

    assert len(answered) >= 40
    assert set(answered) <= set(names(server.folder))


def test_a_restart_goes_on_where_it_was(tmp_path: Path) -> None:
    """Alerts accepted by a process without an engine are merged by the next one."""
    house.furnish(tmp_path)
    app = house.enter(tmp_path)
    with house.client_of(app) as client:
        client.post("/api/v2/alerts", json=[house.alert()], headers=house.bearer("agent"))
    assert app.db.read(intake.backlog)[0] == 1
    app.db.close()
    with serving(tmp_path) as server:
        (found,) = eventually(lambda: server.get("/api/v1/incidents")["incidents"], "The declaration")

    assert found["incident"]["scenario_title"] == "The lamp is out"


def raw(server: Serving, *pieces: bytes) -> bytes:
    """Send bytes and read what comes until the connection ends."""
    with socket.create_connection(("127.0.0.1", server.port), 20) as opened:
        answer = b""
        try:
            for piece in pieces:
                opened.sendall(piece)
            while got := opened.recv(65_536):
                answer += got
        except ConnectionError:
            pass
        return answer


def test_thousands_of_half_open_connections_stop_nobody(server: Serving) -> None:
    """While 1500 senders never finish their heads, alerts are taken and readiness is answered at once."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 4096:
        pytest.skip("this machine allows too few open files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 4096), hard))
    opened: list[socket.socket] = []
    try:
        for _ in range(1500):
            opened.append(socket.create_connection(("127.0.0.1", server.port), 20))
            opened[-1].sendall(b"POST /api/v2/alerts HTTP/1.1\r\nHost:")
        before = time.monotonic()
        assert server.post("/api/v2/alerts", [house.alert()]).status_code == 200
        assert server.get("/readyz") == {"status": "ready"}
        assert time.monotonic() - before < 5
    finally:
        for each in opened:
            each.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_head_without_end_is_cut_off(server: Serving) -> None:
    """A header of megabytes is refused, and the server goes on."""
    answer = raw(server, b"GET / HTTP/1.1\r\nX: ", *[b"y" * 60_000 for _ in range(40)])

    assert b" 431 " in answer or answer == b""
    assert server.get("/readyz") == {"status": "ready"}


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"GET / HTTP/9.9\r\n\r\n", b"\r\n\r\n\r\nnonsense\r\n\r\n",
        b"POST /api/v2/alerts HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
        b"POST /api/v2/alerts HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nA b: c\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ],
)  # fmt: skip
def test_what_is_not_http_is_closed(server: Serving, sent: bytes) -> None:
    """400 or the end of the connection; the server goes on."""
    answer = raw(server, sent)

    assert answer == b"" or answer.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 505 "))
    assert server.get("/readyz") == {"status": "ready"}


def test_a_silent_connection_is_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection that says nothing, or drips its head, is closed when its time is over."""
    import asyncio

    import uvicorn

    monkeypatch.setattr(connection, "HEAD_WITHIN", 0.2)
    house.furnish(tmp_path)
    app = house.enter(tmp_path)
    web = house.client_of(app).app
    listening = listen("127.0.0.1", 0)
    config = uvicorn.Config(web, http=connection.Connection, ws="none", lifespan="off", log_config=None)
    running = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(running.serve(sockets=[listening])))
    thread.start()
    eventually(lambda: running.started, "The start")
    silent, dripping = (socket.create_connection(listening.getsockname(), 10) for _ in range(2))
    try:
        dripping.sendall(b"GET /healthz HTTP/1.1\r\nHo")
        assert (silent.recv(10), dripping.recv(10)) == (b"", b"")
    finally:
        silent.close()
        dripping.close()
        running.should_exit = True
        thread.join()
        listening.close()
        app.db.close()
