"""An address of its own for the public site, so that it can be open to all while the rest is not.

It has a thread and an event loop of its own: what keeps the server's loop busy keeps nobody waiting here.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response

from tocsin.app import App
from tocsin.errors import TocsinError
from tocsin.web.connection import Connection
from tocsin.web.gate import Gate
from tocsin.web.statuspage.answering import Swift
from tocsin.web.statuspage.publisher import Publisher
from tocsin.web.statuspage.site import Site, nothing_here

STOPPED_WITHIN = 5.0


def build(app: App, publisher: Publisher) -> Starlette:
    """The public site alone: nothing else of Tocsin can be asked for here."""

    def error_page(_: Request, error: TocsinError) -> Response:
        return nothing_here(publisher, error)

    web = Starlette(
        routes=Site(app, publisher).routes(""),
        middleware=[Middleware(Gate, error_page=error_page)],
        exception_handlers={HTTPException: _to_the_gate},
    )
    web.state.app = app
    return web


@contextmanager
def listening_apart(app: App, publisher: Publisher | None, door: socket.socket | None) -> Iterator[None]:
    """Serve the public site at this socket until the end of the block; without one, do nothing."""
    if publisher is None or door is None:
        yield
        return
    config = uvicorn.Config(
        build(app, publisher), loop="asyncio", http=partial(Connection, pages=Swift(publisher, "")),  # type: ignore[arg-type]
        ws="none", lifespan="off", log_config=None, access_log=False, server_header=False, timeout_keep_alive=30,
        timeout_graceful_shutdown=1,
    )  # fmt: skip
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [door]}, name="tocsin-public", daemon=True)
    with closing(door):
        thread.start()
        try:
            yield
        finally:
            server.should_exit = True
            thread.join(STOPPED_WITHIN)


async def _to_the_gate(_: Request, error: Exception) -> Response:
    """Every fault is told in one place."""
    raise error
