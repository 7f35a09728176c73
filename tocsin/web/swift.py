"""A swift door for what is posted a thousand times a second: ``POST /api/v2/alerts``, answered without an ASGI cycle.

It takes only what is clearly good: a request as programs write it, whose token was let in by the ordinary door within
the last two seconds, with a body that `tocsin.web.posted.Reader` takes. All else goes to the ordinary door with every
byte that came, so there is one place that says what is wrong. An answer is given when the alerts are on disk.
"""

from __future__ import annotations

import asyncio
import itertools
import re
import secrets
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from starlette.requests import Request

from tocsin.app import App
from tocsin.errors import TocsinError
from tocsin.service.discretion import unmistakable
from tocsin.store import parcels
from tocsin.times import to_micros
from tocsin.web.gate import HEADERS
from tocsin.web.heads import raw_head
from tocsin.web.overload import MOST_BYTES
from tocsin.web.posted import SOURCE, Reader, Unusual

PATH = b"/api/v2/alerts"
LINE = b"POST " + PATH + b" HTTP/1.1\r\n"
LARGEST_HEAD = 8 * 1024
LARGEST_BODY = 256 * 1024
"""A larger body is read in a thread, where it keeps nobody else waiting."""
MOST_HEADS = 2_000
MOST_TOKENS = 1_000
LOOK_AGAIN = 1.0
BELIEVED = 2.0
"""Seconds after which one request with a token goes to the ordinary door; after which all do."""

_HARMLESS = frozenset({
    b"host", b"user-agent", b"accept", b"accept-encoding", b"accept-language", b"content-length", b"content-type",
    b"authorization", b"connection", b"x-request-id", b"x-forwarded-for", b"x-forwarded-proto", b"x-forwarded-host",
    b"x-real-ip", b"forwarded", b"via", b"traceparent", b"tracestate", b"baggage",
})  # fmt: skip
"""Headers that the ordinary door does not look at, or that are looked at here."""
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_NAMES = b"".join(b"%s: %s\r\n" % (name.lower().encode(), value.encode()) for name, value in HEADERS.items())


@dataclass(frozen=True, slots=True)
class Head:
    """A request's head that is taken: how long its body is, whose it is, and the sender's name for it, if any."""

    length: int
    token: bytes
    request_id: bytes


class Line(Protocol):
    """A connection that waits for its answer."""

    def answer(self, request_id: bytes) -> None:
        """The alerts are on disk."""

    def hand_over(self) -> None:
        """They could not be stored: let the ordinary door say why."""


class Door:
    """What the connections of one server share: who was let in, heads that were seen, and the way to the disk."""

    def __init__(self, app: App) -> None:
        named = tuple(filter(unmistakable, app.settings.secrets))
        self._app, self._reader = app, Reader(app.settings.secrets, named)
        self._heads: OrderedDict[bytes, Head] = OrderedDict()
        self._tokens: dict[bytes, list[float]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._waiting: list[tuple[Line, bytes, bytes]] = []
        self._name, self._numbers = secrets.token_hex(4).encode(), itertools.count()
        self._dated: object = None
        self._prefix = b""

    # --- who may come in: what the ordinary door said ---------------------------------------------------------------

    def believe(self, token: bytes) -> None:
        """The ordinary door has let this token in just now. Called from its threads."""
        loop = self._loop
        if loop is not None:
            if len(self._tokens) >= MOST_TOKENS:
                self._tokens = {}
            now = loop.time()
            self._tokens[token] = [now, now]

    def _known(self, token: bytes, loop: asyncio.AbstractEventLoop) -> bool:
        times = self._tokens.get(token)
        if times is None:
            return False
        now = loop.time()
        if now - times[0] > BELIEVED:
            self._tokens.pop(token, None)
            return False
        if now - times[1] > LOOK_AGAIN:
            times[1] = now  # this one looks for all
            return False
        return True

    # --- what is taken ----------------------------------------------------------------------------------------------

    def head(self, data: bytes, end: int, loop: asyncio.AbstractEventLoop) -> Head | None:
        """The head of a request that is taken, if its body is; None for the ordinary door."""
        self._loop = loop
        inbox = self._app.inbox
        if inbox is None or inbox.waiting_bytes > MOST_BYTES:
            return None
        raw = data[:end]
        found = self._heads.get(raw)
        if found is None:
            found = read_head(raw)
            if found is None or not self._known(found.token, loop):
                return None
            self._heads[raw] = found
            if len(self._heads) > MOST_HEADS:
                self._heads.popitem(last=False)
            return found
        return found if self._known(found.token, loop) else None

    def take(self, line: Line, head: Head, body: bytes) -> bool:
        """Store what a body says and have ``line`` answered; False where the ordinary door must look at it."""
        loop = self._loop
        if loop is None:
            return False
        now = to_micros(self._app.clock.now())
        try:
            words = self._reader.words(body, now)
        except Unusual:
            return False
        if not words:
            return False
        self._waiting.append((line, parcels.pack(now, SOURCE.encode(), words), head.request_id))
        if len(self._waiting) == 1:
            loop.call_soon(self._send)
        return True

    def _send(self) -> None:
        """Everything that came in one turn of the loop goes to the disk together."""
        waiting, self._waiting = self._waiting, []
        loop, inbox = self._loop, self._app.inbox
        lines = [(line, request_id) for line, _, request_id in waiting]

        def done(error: Exception | None) -> None:
            if loop is not None and not loop.is_closed():
                loop.call_soon_threadsafe(self._answer, lines, error)

        if inbox is None:  # Tocsin is stopping
            self._answer(lines, Unusual())
            return
        try:
            inbox.put([record for _, record, _ in waiting], done)
        except TocsinError as error:
            self._answer(lines, error)

    def _answer(self, lines: list[tuple[Line, bytes]], error: Exception | None) -> None:
        for line, request_id in lines:
            if error is not None:
                line.hand_over()
            else:
                line.answer(request_id or b"%s%08x" % (self._name, next(self._numbers)))

    def response(self, headers: list[tuple[bytes, bytes]], request_id: bytes) -> bytes:
        """The answer, as the ordinary door gives it; ``headers`` are those that the server puts first."""
        if headers is not self._dated:
            self._dated = headers
            first = b"".join(b"%s: %s\r\n" % pair for pair in headers)
            self._prefix = b"".join(
                (b"HTTP/1.1 200 OK\r\n", first, b"content-length: 0\r\n", _NAMES, b"cache-control: no-store\r\n",
                 b"x-request-id: ")
            )  # fmt: skip
        return b"%s%s\r\n\r\n" % (self._prefix, request_id)


def admit(request: Request) -> None:
    """Tell the swift door, where there is one, that this request's token may post alerts."""
    door: Door | None = getattr(request.app.state, "door", None)
    if door is not None:
        door.believe(request.headers.get("authorization", "").encode("latin-1"))


def read_head(raw: bytes) -> Head | None:
    """A head as programs write it; None where it says anything that the ordinary door would look at."""
    found = raw_head(raw)
    if found is None or not (found.stays and _HARMLESS.issuperset(found.headers)):
        return None
    return _taken(found.headers) if (found.method, found.target) == (b"POST", PATH) else None


def _taken(headers: Mapping[bytes, bytes]) -> Head | None:
    length, token = headers.get(b"content-length", b""), headers.get(b"authorization", b"")
    kind = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
    plain = headers.get(b"connection", b"keep-alive").lower() == b"keep-alive"
    if kind != b"application/json" or not token or not plain or not (length.isdigit() and len(length) < 8):
        return None
    given = headers.get(b"x-request-id", b"")
    request_id = given if _REQUEST_ID.fullmatch(given) else b""
    return Head(int(length), token, request_id) if 0 < int(length) <= LARGEST_BODY else None
