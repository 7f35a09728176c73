"""Whether those who watch a live page still may: a revoked token or an ended session ends its streams in seconds."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from tocsin.app import App
from tocsin.errors import TocsinError
from tocsin.service.access import Caller
from tocsin.store import people, secrecy
from tocsin.store.db import Tx
from tocsin.web import auth

LOOK_AGAIN_SECONDS = 2.0
ASK_AGAIN_SECONDS = 60.0
"""Clocks end sessions and tokens too, without anything being stored."""


class Standing:
    """The right of one caller to one stream: asked again when somebody's rights changed, and now and then.

    ``theirs`` tells whether what the stream is about is still shown to them.
    """

    def __init__(self, request: Request, caller: Caller, theirs: Callable[[], bool]) -> None:
        self._request, self._caller, self._stamp, self._theirs = request, caller, "", theirs
        self._ask_at = asyncio.get_running_loop().time() + ASK_AGAIN_SECONDS

    async def gone(self) -> bool:
        """Whether the stream must end."""
        stamp, now = await _doorkeeper(self._request).stamp(), asyncio.get_running_loop().time()
        if stamp == self._stamp and now < self._ask_at:
            return False
        self._stamp, self._ask_at = stamp, now + ASK_AGAIN_SECONDS
        return await run_in_threadpool(self._is_somebody_else)

    def _is_somebody_else(self) -> bool:
        try:
            return auth.ask(self._request) != self._caller or not self._theirs()
        except TocsinError:
            return True


class _Doorkeeper:
    """One look at who may come in for all streams of this node, at most every `LOOK_AGAIN_SECONDS`."""

    def __init__(self, app: App) -> None:
        self._app, self._stamp, self._look_at = app, "", 0.0
        self._looking = asyncio.Lock()

    async def stamp(self) -> str:
        """Another one than before wherever a token or a session began or ended, or who sees an incident changed."""
        async with self._looking:
            now = asyncio.get_running_loop().time()
            if now >= self._look_at:
                self._look_at = now + LOOK_AGAIN_SECONDS
                with contextlib.suppress(TocsinError):  # a database that is away tells nothing new
                    self._stamp = await run_in_threadpool(self._app.db.read, _rights)
            return self._stamp


def _rights(tx: Tx) -> str:
    return f"{people.stamp(tx)} {secrecy.stamp(tx)}"


def _doorkeeper(request: Request) -> _Doorkeeper:
    state = request.app.state
    if not hasattr(state, "doorkeeper"):
        state.doorkeeper = _Doorkeeper(auth.app_of(request))
    keeper: _Doorkeeper = state.doorkeeper
    return keeper
