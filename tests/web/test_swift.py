"""The swift door and the ordinary one behind it, byte by byte over sockets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.web import house
from tests.web.doors import TOKEN, Answer, Doors, both_doors, post
from tocsin.app import App
from tocsin.errors import Unavailable
from tocsin.service import access, claiming
from tocsin.service.opening import open_app
from tocsin.store import alerts as alert_store
from tocsin.store import people
from tocsin.store.inbox import Inbox
from tocsin.web import swift
from tocsin.web.gate import HEADERS, LARGEST_INTAKE


def body(*names: str) -> bytes:
    """Alerts of these names, as Go writes them."""
    return json.dumps([{"labels": {"alertname": name}} for name in names], separators=(",", ":")).encode()


def visit(app: App, what: Callable[[Doors], Awaitable[None]]) -> None:
    """Do something at both doors."""

    async def run() -> None:
        async with both_doors(app) as doors:
            await what(doors)

    asyncio.run(run())


def waiting(app: App) -> list[str]:
    """The names of what was accepted, in order."""
    pieces = app.db.write(lambda tx: claiming.claim(app, tx, 1000, 1000))
    return [json.loads(word.labels)["alertname"] for piece in pieces for word in piece.words]


async def until(what: Callable[[], object]) -> None:
    """Let the loop turn until something is so."""
    async with asyncio.timeout(10):
        while not what():
            await asyncio.sleep(0)


def test_a_good_request_is_taken_swiftly_and_answered_as_at_the_ordinary_door(app: App) -> None:
    """Same status, same headers; the sender's own name for the request is kept."""

    async def what(doors: Doors) -> None:
        client = await doors.enter()
        swift_one = await client.ask(post(body("A"), more="X-Request-Id: mine-1\r\n"))
        ordinary = await client.ask(post(body("B"), more="X-Unheard-Of: x\r\nX-Request-Id: mine-1\r\n"))

        assert doors.door.taken == 1
        assert (swift_one.status, swift_one.headers, swift_one.body) == (200, ordinary.headers, b"")
        assert swift_one.headers["x-request-id"] == "mine-1"
        assert {name.lower(): value for name, value in HEADERS.items()}.items() <= swift_one.headers.items()
        assert waiting(app) == ["A", "B"]
        again = [await client.ask(post(body("A"))) for _ in range(2)]
        assert len({answer.headers["x-request-id"] for answer in again}) == 2

    visit(app, what)


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (post(b"[" + body("A")), 400),
        (post(b'[{"labels":{}}]'), 400),
        (post(body("A"), token="Bearer not-a-token"), 401),
        (post(body("A"), token=house.bearer("viewer")["Authorization"]), 403),
        (post(body("A"), token=house.basic("agent")["Authorization"]), 200),
        (post(body("A"), more="Content-Encoding: gzip\r\n"), 415),
        (post(body("A"), more="Origin: http://evil.test\r\n"), 200),
        (post(body("A"), token=house.basic("agent")["Authorization"], more="Origin: http://evil.test\r\n"), 403),
        (post(body("A"), more="Cookie: a=b\r\n"), 200),
        (post(body("A"), more="content-type: text/plain\r\n"), 200),
        (post(b"", length=0), 400),
        (post(b"", length=LARGEST_INTAKE + 1), 413),
        (post(body("A"), path="/api/v2/alerts?x=1"), 200),
        (post(body("A"), path="/api/v2/alerts/"), 307),
        (post(body("A")).replace(b"POST", b"PUT"), 405),
        (b"HEAD /healthz HTTP/1.1\r\nHost: x\r\n\r\n", 200),
    ],
)
def test_anything_unusual_gets_the_ordinary_answer(app: App, request_bytes: bytes, status: int) -> None:
    """Also between good ones on the same connection, which goes on."""

    async def what(doors: Doors) -> None:
        client = await doors.enter()
        assert (await client.ask(post(body("Before")))).status == 200
        if request_bytes.startswith(b"HEAD"):
            client.send(request_bytes)
            assert b" 200 " in await client.reader.readuntil(b"\r\n\r\n")
        else:
            assert (await client.ask(request_bytes)).status == status
        if status != 413:  # whose body never comes
            assert (await client.ask(post(body("After")))).status == 200
            assert doors.door.taken == 2
            assert [name for name in waiting(app) if name != "A"] == ["Before", "After"]

    visit(app, what)


def test_pipelined_requests_are_answered_in_their_order(app: App) -> None:
    """Swift and ordinary ones mixed in one piece, and cut at every place."""
    mixed = post(body("A")) + post(body("B"), more="X-Unheard-Of: x\r\n") + post(b"[") + post(body("C"))

    async def what(doors: Doors) -> None:
        client = await doors.enter()
        client.send(mixed)
        statuses = [(await client.answer()).status for _ in range(4)]
        assert statuses == [200, 200, 400, 200]
        for cut in range(1, len(mixed), 23):
            client.send(mixed[:cut])
            await client.writer.drain()
            await asyncio.sleep(0)
            client.send(mixed[cut:])
            assert [(await client.answer()).status for _ in range(4)] == [200, 200, 400, 200]
        assert waiting(app)[:6] == ["A", "B", "C"] * 2
        assert doors.door.taken > 20

    visit(app, what)


def test_chunks_and_expectations_are_the_ordinary_doors(app: App) -> None:
    """A body without a stated length, and a sender that asks before it sends."""
    head = f"POST /api/v2/alerts HTTP/1.1\r\nHost: x\r\nAuthorization: {TOKEN}\r\nContent-Type: application/json\r\n"
    data = body("A")

    async def what(doors: Doors) -> None:
        client = await doors.enter()
        chunked = f"{head}Transfer-Encoding: chunked\r\n\r\n{len(data):x}\r\n".encode() + data + b"\r\n0\r\n\r\n"
        assert (await client.ask(chunked)).status == 200
        client.send(f"{head}Expect: 100-continue\r\nContent-Length: {len(data)}\r\n\r\n".encode())
        assert (await client.answer()).status == 100
        assert (await client.ask(data)).status == 200
        assert doors.door.taken == 0
        both = f"{head}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n".encode()
        assert (await client.ask(both)).status == 400
        assert waiting(app) == ["A", "A"]

    visit(app, what)


def test_a_slow_body_is_handed_over(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """In pieces it is taken; where it rests it has the ordinary door's deadline."""
    monkeypatch.setattr("tocsin.web.connection.BODY_WITHIN", 0.2)

    async def what(doors: Doors) -> None:
        client, request = await doors.enter(), post(body("A"))
        client.send(request[:-5])
        await until(lambda: any(each._partial for each in doors.connections))
        assert (await client.ask(request[-5:])).status == 200
        assert doors.door.taken == 1
        client.send(request[:-5])
        await until(lambda: any(each._in_message for each in doors.connections))
        assert (await client.ask(request[-5:])).status == 200
        assert doors.door.taken == 1
        gone = await doors.enter()
        gone.send(request[:-5])
        await gone.writer.drain()
        gone.writer.close()

    visit(app, what)


def test_a_token_that_was_revoked_is_refused_within_two_seconds(app: App) -> None:
    """The ordinary door looks anew once a second; without its word nothing is taken swiftly."""
    now, secret = app.clock.now(), "token-of-a-program-0123456789"
    row = people.Token(hash=access.hashed(secret), name="oven", role="agent", created_at=now, scopes=("alerts:send",))
    app.db.write(lambda tx: people.add_token(tx, row))
    request = post(body("A"), token=f"Bearer {secret}")

    async def what(doors: Doors) -> None:
        client = await doors.enter()

        async def three(seconds_later: float) -> list[int]:
            for times in doors.door._tokens.values():
                times[:] = [each - seconds_later for each in times]
            return [(await client.ask(request)).status for _ in range(3)]

        assert await three(0) == [200] * 3
        assert doors.door.taken == 2
        assert await three(swift.LOOK_AGAIN) == [200] * 3
        assert doors.door.taken == 4  # one of the three went to be looked at
        app.db.write(lambda tx: people.revoke(tx, "oven", app.clock.now()))
        assert await three(swift.BELIEVED) == [401] * 3
        assert doors.door.taken == 4
        assert swift.BELIEVED <= 2

    visit(app, what)


@pytest.mark.parametrize("scopes", [("incidents:read",), ("alerts:read",)])
def test_a_token_for_something_else_is_never_let_in(app: App, scopes: tuple[str, ...]) -> None:
    """403 each time, whatever other tokens may."""
    now, secret = app.clock.now(), "token-of-a-reader-0123456789"
    row = people.Token(hash=access.hashed(secret), name="eye", role="agent", created_at=now, scopes=scopes)
    app.db.write(lambda tx: people.add_token(tx, row))

    async def what(doors: Doors) -> None:
        client = await doors.enter()
        answers = [await client.ask(post(body("A"), token=f"Bearer {secret}")) for _ in range(3)]
        assert [answer.status for answer in answers] == [403] * 3
        assert doors.door.taken == 0

    visit(app, what)


def test_a_full_disk_is_503_with_a_sentence_and_the_connection_goes_on(app: App) -> None:
    """From both doors the same; when there is room again, the next one is taken."""

    async def what(doors: Doors) -> None:
        inbox = app.inbox
        assert inbox is not None
        real, full = inbox._write, Unavailable("The disk is full; nothing of this was stored.", "Free space there.")

        def refuse(_: Any) -> None:
            raise full

        client = await doors.enter()
        inbox._write = refuse
        answers = [await client.ask(post(body("A"))) for _ in range(2)]
        assert [(answer.status, answer.headers["retry-after"]) for answer in answers] == [(503, "5")] * 2
        assert "disk is full" in json.loads(answers[0].body)["detail"]
        inbox._write = real
        assert (await client.ask(post(body("B")))).status == 200
        assert waiting(app) == ["B"]
        assert inbox.waiting == 1

    visit(app, what)


def test_too_much_that_waits_is_503(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """At both doors, until it is worked off."""
    monkeypatch.setattr("tocsin.web.overload.MOST_BYTES", 1)
    monkeypatch.setattr("tocsin.web.swift.MOST_BYTES", 1)

    async def what(doors: Doors) -> None:
        client = await doors.enter()
        assert (await client.ask(post(body("A")))).status == 200
        answer = await client.ask(post(body("B")))
        assert (answer.status, answer.headers["retry-after"]) == (503, "10")
        await asyncio.to_thread(house.merge, app)
        assert (await client.ask(post(body("C")))).status == 200

    visit(app, what)


def test_a_stop_answers_what_has_begun(app: App) -> None:
    """The connection is closed behind the answer, not before it."""

    async def what(doors: Doors) -> None:
        client = await doors.enter()
        assert (await client.ask(post(body("A")))).status == 200
        client.send(post(body("B")))
        await until(lambda: any(each._stored for each in doors.connections))
        for each in list(doors.connections):
            each.shutdown()
        answer = await client.answer()
        assert (answer.status, answer.headers["connection"]) == (200, "close")
        assert await client.closed()

    visit(app, what)


def test_an_idle_connection_is_closed(app: App) -> None:
    """As the ordinary door does it, whichever door it used last."""

    async def what(doors: Doors) -> None:
        client = await doors.enter()
        await until(lambda: doors.connections)
        for each in doors.connections:
            each.timeout_keep_alive = 0
        answer: Answer = await client.ask(post(body("A")))
        assert answer.status == 200
        assert await client.closed()

    visit(app, what)


def test_secrets_never_reach_the_log(app: App) -> None:
    """They are masked before anything is written, at the swift door too."""
    secret = house.TOKENS["admin"]
    told = json.dumps([{"labels": {"alertname": "A"}, "annotations": {"note": secret}}], separators=(",", ":")).encode()

    async def what(doors: Doors) -> None:
        assert app.inbox is not None
        assert app.inbox.log is not None
        assert (await (await doors.enter()).ask(post(told))).status == 200
        assert doors.door.taken == 1
        written = b"".join(file.read_bytes() for file in app.inbox.log.base.parent.glob("*.log"))
        assert b"note" in written
        assert secret.encode() not in written

    visit(app, what)


@pytest.fixture
def logged(app: App) -> Iterator[Inbox]:
    """The application with its log, without sockets."""
    from tocsin.service.intaking import intake_of

    with intake_of(app) as inbox:
        yield inbox


def test_the_ordinary_door_uses_the_log_too(app: App, logged: Inbox, client: TestClient) -> None:
    """Alertmanager's webhook goes the same way as its API."""
    message = {"version": "4", "alerts": [{**house.alert(), "status": "firing"}]}
    assert client.post("/in/alertmanager", json=message, headers=house.bearer("agent")).status_code == 202
    assert logged.waiting == 1
    assert client.get("/readyz").json()["waiting"] == 1
    assert "tocsin_intake_backlog 1" in client.get("/metrics").text
    house.merge(app)
    assert [alert.name for alert in app.db.read(alert_store.listing)] == ["LampOut"]
    assert "waiting" not in client.get("/readyz").json()


@pytest.mark.postgres
def test_on_postgresql_both_doors_write_rows_of_the_table(tmp_path: Path, postgres_url: str) -> None:
    """Nobody else can see this node's disk; a row holds what came in together."""
    house.furnish(tmp_path)
    app = open_app(
        runbooks=[tmp_path / "lighthouse.md"], config=tmp_path / "tocsin.toml", database=postgres_url,
        environ={"PATH": "/usr/bin:/bin"},
    )  # fmt: skip

    async def what(doors: Doors) -> None:
        clients = [await doors.enter() for _ in range(5)]
        for number, client in enumerate(clients):
            client.send(post(body(f"A{number}")))
        assert [(await client.answer()).status for client in clients] == [200] * 5
        assert doors.door.taken == 5
        assert sorted(await asyncio.to_thread(waiting, app)) == [f"A{number}" for number in range(5)]

    try:
        visit(app, what)
    finally:
        app.db.close()
