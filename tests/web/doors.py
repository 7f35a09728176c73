"""Both doors over real sockets, in the test's own process, so that it is seen who took what."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial

import uvicorn
from uvicorn.server import ServerState

from tests.web import house
from tocsin.app import App
from tocsin.service.intaking import intake_of
from tocsin.web import server
from tocsin.web.connection import Connection
from tocsin.web.swift import Door, Head, Line

TOKEN = house.bearer("agent")["Authorization"]


class CountingDoor(Door):
    """Counts what it took."""

    taken = 0

    def take(self, line: Line, head: Head, body: bytes) -> bool:
        """As the real one."""
        took = super().take(line, head, body)
        self.taken += took
        return took


@dataclass
class Doors:
    """A server whose engine stands still."""

    app: App
    port: int
    door: CountingDoor
    connections: set[Connection]
    clients: list[Client] = field(default_factory=list)

    async def enter(self) -> Client:
        """A new connection."""
        self.clients.append(Client(*await asyncio.open_connection("127.0.0.1", self.port)))
        return self.clients[-1]


@dataclass
class Answer:
    """One answer."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class Client:
    """A connection that says exactly what it is told to say."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def send(self, data: bytes) -> None:
        """Say this."""
        self.writer.write(data)

    async def answer(self) -> Answer:
        """The next answer on this connection."""
        async with asyncio.timeout(10):
            lines = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            if lines[0].split(" ")[1] == "100":
                return Answer(100, {}, b"")
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:] if line)}
            body = await self.reader.readexactly(int(headers.get("content-length", "0")))
        return Answer(int(lines[0].split(" ")[1]), headers, body)

    async def ask(self, data: bytes) -> Answer:
        """Say this, and hear the answer."""
        self.send(data)
        return await self.answer()

    async def closed(self) -> bool:
        """Whether the other side ends the connection, within some seconds."""
        async with asyncio.timeout(10):
            return await self.reader.read() == b""


def post(
    body: bytes, *, token: str = TOKEN, length: int | None = None, more: str = "", path: str = "/api/v2/alerts"
) -> bytes:
    """A request as a program writes it."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: tocsin.test\r\nAuthorization: {token}\r\nContent-Type: application/json\r\n"
        f"{more}Content-Length: {len(body) if length is None else length}\r\n\r\n"
    )
    return head.encode("latin-1") + body


@asynccontextmanager
async def both_doors(app: App) -> AsyncIterator[Doors]:
    """A listening server whose swift door knows the agent's token already."""
    web = server.build(app)
    door = CountingDoor(app)
    web.state.door = door
    config = uvicorn.Config(web, http=partial(Connection, door=door), ws="none", log_config=None, lifespan="off")  # type: ignore[arg-type]
    config.load()
    state = ServerState()
    state.default_headers = [(b"date", b"Sat, 21 Nov 2026 12:00:00 GMT")]
    loop = asyncio.get_running_loop()
    with intake_of(app):
        listening = await loop.create_server(
            lambda: config.http_protocol_class(config=config, server_state=state, app_state={}, _loop=loop),
            "127.0.0.1", 0,
        )  # fmt: skip
        opened = Doors(app, listening.sockets[0].getsockname()[1], door, state.connections)  # type: ignore[arg-type]
        try:
            first = await opened.enter()
            assert (await first.ask(post(b"[]"))).status == 200
            first.writer.close()
            yield opened
        finally:
            listening.close()
            for client in opened.clients:
                client.writer.close()
                with suppress(ConnectionError):
                    await client.writer.wait_closed()
            for each in list(state.connections):
                each.transport.close()  # type: ignore[union-attr]
            await listening.wait_closed()
            while state.tasks:
                await asyncio.gather(*state.tasks)
