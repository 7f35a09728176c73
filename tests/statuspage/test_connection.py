"""Public pages, alerts and everything else on one connection, byte by byte over sockets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial

import uvicorn
from uvicorn.server import ServerState

from tests.statuspage import pier
from tests.web.doors import Client, post
from tocsin.app import App
from tocsin.service.intaking import intake_of
from tocsin.web import server
from tocsin.web.connection import Connection
from tocsin.web.statuspage.answering import Swift
from tocsin.web.swift import Door

GET = b"GET /status/ HTTP/1.1\r\nHost: pier.test\r\n\r\n"
HEALTH = b"GET /healthz HTTP/1.1\r\nHost: pier.test\r\n\r\n"
ALERT = post(json.dumps([{"labels": {"alertname": "RampStuck"}}]).encode(), token=f"Bearer {pier.ADMIN}")


class CountingSwift(Swift):
    """Counts what it answered."""

    answered = 0

    def respond(self, raw: bytes, headers: list[tuple[bytes, bytes]]) -> bytes | None:
        """As the real one."""
        found = super().respond(raw, headers)
        self.answered += found is not None
        return found


@asynccontextmanager
async def a_server(app: App) -> AsyncIterator[tuple[CountingSwift, Callable[[], Awaitable[Client]]]]:
    """A listening server with both swift ways, and a way to connect."""
    web = server.build(app)
    web.state.door = Door(app)
    web.state.publisher.refresh()
    swift = CountingSwift(web.state.publisher, "/status")
    http = partial(Connection, door=web.state.door, pages=swift)
    config = uvicorn.Config(web, http=http, ws="none", log_config=None, lifespan="off")  # type: ignore[arg-type]
    config.load()
    state, loop, clients = ServerState(), asyncio.get_running_loop(), list[Client]()
    with intake_of(app):
        listening = await loop.create_server(
            lambda: config.http_protocol_class(config=config, server_state=state, app_state={}, _loop=loop),
            "127.0.0.1", 0,
        )  # fmt: skip
        port = listening.sockets[0].getsockname()[1]

        async def enter() -> Client:
            clients.append(Client(*await asyncio.open_connection("127.0.0.1", port)))
            return clients[-1]

        try:
            yield swift, enter
        finally:
            listening.close()
            for client in clients:
                client.writer.close()
                with suppress(ConnectionError):
                    await client.writer.wait_closed()
            for each in list(state.connections):
                each.transport.close()  # type: ignore[union-attr]
            await listening.wait_closed()
            while state.tasks:
                await asyncio.gather(*state.tasks)


def test_pages_alerts_and_the_rest_take_turns_on_one_connection(app: App) -> None:
    """Each is answered once, in order, whoever answers it."""

    async def run() -> None:
        async with a_server(app) as (swift, enter):
            client = await enter()
            for _ in range(3):
                assert b"Pier status" in (await client.ask(GET)).body
                assert json.loads((await client.ask(HEALTH)).body) == {"status": "ok"}
                assert (await client.ask(ALERT)).status == 200
            assert swift.answered == 3

    asyncio.run(run())


def test_many_at_once_are_answered_in_order(app: App) -> None:
    """Pages behind each other, with something else between them."""

    async def run() -> None:
        async with a_server(app) as (_, enter):
            client = await enter()
            client.send(GET * 3 + HEALTH + GET * 2 + ALERT + GET)
            bodies = [(await client.answer()).body for _ in range(8)]
            kinds = ["page" if b"Pier status" in body else "health" if b"ok" in body else "alert" for body in bodies]
            assert kinds == ["page"] * 3 + ["health"] + ["page"] * 2 + ["alert", "page"]

    asyncio.run(run())


def test_a_head_that_comes_in_pieces_is_answered_too(app: App) -> None:
    """By the ordinary routes, with the same page."""

    async def run() -> None:
        async with a_server(app) as (_, enter):
            client = await enter()
            for at in range(len(GET)):
                client.send(GET[at : at + 1])
                await asyncio.sleep(0)
            assert b"Pier status" in (await client.answer()).body

    asyncio.run(run())


def test_a_reader_who_does_not_read_fills_no_memory(app: App) -> None:
    """Behind a few unread pages the rest waits for the reader, and comes when they read."""

    async def run() -> None:
        async with a_server(app) as (swift, enter):
            client = await enter()
            client.writer.write(GET * 3000)
            while swift.answered == 0:
                await asyncio.sleep(0)
            assert swift.answered < 3000
            for _ in range(300):
                assert (await client.answer()).status == 200

    asyncio.run(run())
