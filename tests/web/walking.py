"""Every route of the application, found in its router, and a way to ask it that does not wait for streams to end."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.routing import Route

from tocsin.service import catalogue
from tocsin.web import permissions, server
from tocsin.web.permissions import Permission

SAMPLES = {
    "step": "scenario-1/diagnosis/1",
    "silence": "none",
    "source": "alertmanager",
    "move": "x",
    "name": "app.css",
}
STREAMS = b"text/event-stream"
_ADDRESSES = itertools.count(1)


@dataclass(frozen=True)
class Spot:
    """One method of one route; a page for all moves counts once for each move."""

    method: str
    path: str
    permission: Permission | None
    page: bool
    move: str = ""

    def __str__(self) -> str:
        return f"{self.method} {self.path}{f' ({self.move})' if self.move else ''}"

    @property
    def role(self) -> str:
        """The least role that may."""
        if self.move:
            return catalogue.CATALOGUE[self.move].role
        return self.permission.role if self.permission else ""

    def filled(self, ref: str) -> str:
        """The path with something in each of its gaps."""
        samples = {**SAMPLES, "ref": ref} | ({"move": self.move} if self.move else {})
        return re.sub(r"\{(\w+)(?::\w+)?\}", lambda gap: quote(samples.get(gap[1], "x")), self.path)


@dataclass(frozen=True)
class Answer:
    """How a route answered, up to the first piece of a stream."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def verdict(self) -> str:
        """``nobody``, ``denied``, ``absent`` or ``in``: let in, whatever it then said."""
        to_login = self.status == 303 and self.headers.get("location", "").startswith("/login")
        if self.status == 401 or to_login:
            return "nobody"
        return {403: "denied", 404: "absent"}.get(self.status, "in")


def spots(web: Starlette) -> Iterator[Spot]:
    """All routes that the application answers, each with the permission that is declared for it, if any is."""
    programs = {(one.method, one.path): one.permission for one in server.ENDPOINTS}
    for route in web.routes:
        assert isinstance(route, Route), f"{route} is no route that this walk knows"
        for method in sorted((route.methods or set()) - {"HEAD"}):
            key = (method, route.path)
            if key in programs:
                yield Spot(method, route.path, programs[key], page=False)
                continue
            declared = permissions.PAGES.get(key)
            moves = catalogue.CATALOGUE if declared and declared.by_move else ("",)
            for move in moves:
                yield Spot(method, route.path, declared, page=True, move=move)


async def ask(web: Starlette, method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> Answer:
    """Send a request from an address of its own, so that no limit of tries is met."""
    number = next(_ADDRESSES)
    scope: dict[str, Any] = {
        "type": "http", "method": method, "path": path.partition("?")[0], "raw_path": path.encode(), "root_path": "",
        "query_string": b"", "scheme": "http", "http_version": "1.1", "server": ("tocsin.test", 80),
        "client": (f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}", 1),
        "headers": [
            (name.lower().encode(), text.encode()) for name, text in {"Host": "tocsin.test", **headers}.items()
        ],
    }  # fmt: skip
    begun, ended = asyncio.Event(), asyncio.Event()
    told: dict[str, Any] = {"status": 0, "headers": {}, "body": b""}

    async def receive() -> dict[str, Any]:
        if not told.setdefault("sent", False):
            told["sent"] = True
            return {"type": "http.request", "body": body, "more_body": False}
        await ended.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            told["status"] = message["status"]
            told["headers"] = {name.decode(): text.decode() for name, text in message["headers"]}
            if told["headers"].get("content-type", "").encode().startswith(STREAMS):
                begun.set()
        else:
            told["body"] += message.get("body", b"")

    serving = asyncio.ensure_future(web(scope, receive, send))
    waiting = asyncio.ensure_future(begun.wait())
    await asyncio.wait({serving, waiting}, return_when=asyncio.FIRST_COMPLETED)
    ended.set()
    waiting.cancel()
    if serving.done():
        serving.result()
    else:
        serving.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await serving
    return Answer(told["status"], told["headers"], told["body"])
