"""The web application put together, and the server that runs it until it is told to stop."""

from __future__ import annotations

import contextlib
import errno
import logging
import resource
import signal
import socket
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from typing import Protocol

import anyio.to_thread
import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response

from tocsin.app import App
from tocsin.engine import Engine
from tocsin.errors import Unavailable
from tocsin.service.intaking import intake_of
from tocsin.times import EPOCH
from tocsin.web import (
    account,
    alerting,
    alertmanager,
    api,
    assessing,
    bookhealth,
    changes,
    deliverypages,
    documents,
    duties,
    figures,
    gauging,
    health,
    learned,
    live,
    messages,
    metrics,
    openapi,
    opsgenie,
    pagerduty,
    pages,
    palette,
    readypages,
    reviewing,
    samples,
    silences,
    slack,
    surroundings,
    telephone,
    traces,
    webhooks,
)
from tocsin.web.auth import Tries
from tocsin.web.connection import Connection
from tocsin.web.endpoints import routes
from tocsin.web.gate import Gate
from tocsin.web.overload import Waterline
from tocsin.web.permissions import guarded
from tocsin.web.statuspage import programs
from tocsin.web.statuspage.answering import Swift
from tocsin.web.statuspage.listening import listening_apart
from tocsin.web.statuspage.publisher import Publisher
from tocsin.web.statuspage.site import Site
from tocsin.web.swift import Door

THREADS = 64
DRAIN_SECONDS = 2
ENGINE_SECONDS = 10.0
BACKLOG = 2048
MOST_FILES = 16_384
SWITCH_SECONDS = 0.001
"""How long a thread that computes keeps the others waiting: merging beside it must not delay each answer by 5 ms."""

_ASKED = (
    *alertmanager.ENDPOINTS,
    *slack.ENDPOINTS,
    *webhooks.ENDPOINTS,
    *pagerduty.ENDPOINTS,
    *opsgenie.ENDPOINTS,
    *health.ENDPOINTS,
    *gauging.ENDPOINTS,
    *silences.ENDPOINTS,
    *alerting.ENDPOINTS,
    *surroundings.ENDPOINTS,
    *palette.ENDPOINTS,
    *documents.ENDPOINTS,
    *assessing.ENDPOINTS,
    *api.ENDPOINTS,
    *changes.ENDPOINTS,
    *figures.ENDPOINTS,
    *programs.ENDPOINTS,
    *deliverypages.ENDPOINTS,
    *learned.ENDPOINTS,
    *messages.ENDPOINTS,
    *traces.ENDPOINTS,
    *reviewing.ENDPOINTS,
    *bookhealth.ENDPOINTS,
    *duties.ENDPOINTS,
    *readypages.ENDPOINTS,
    *samples.ENDPOINTS,
    *account.ENDPOINTS,
    *telephone.ENDPOINTS,
    *metrics.ENDPOINTS,
)
ENDPOINTS = (*_ASKED, openapi.endpoint(_ASKED))
"""Everything that programs can ask for, in the order in which the router looks: what is asked most comes first."""


class Workers(Protocol):
    """What works beside the requests: `tocsin.engine.Engine`."""

    def start(self) -> None:
        """Begin."""

    def stop(self, timeout: float) -> None:
        """End after the present turns."""

    def problems(self) -> list[str]:
        """What is wrong now, each as a sentence."""


def build(app: App, engine: Workers | None = None) -> Starlette:
    """The ASGI application: API, pages and live updates behind one gate; its life is also the engine's."""
    status = app.settings.status
    publisher = Publisher(app, status) if status else None
    public = Site(app, publisher).routes(status.path) if status and publisher else ()
    ours = (*account.routes, *deliverypages.routes, *readypages.routes, *pages.routes, *live.routes)
    web = Starlette(
        routes=[*public, *routes(ENDPOINTS), *map(guarded, ours)],
        middleware=[Middleware(Gate, error_page=pages.error_page)],
        exception_handlers={HTTPException: _to_the_gate},
        lifespan=_lifespan,
    )
    web.state.app = app
    web.state.engine = engine
    web.state.publisher = publisher
    web.state.tries = Tries()
    web.state.waterline = Waterline()
    web.state.started_at = app.clock.now()
    web.state.written_at = EPOCH
    web.state.failure = None
    return web


def serve(app: App, host: str, port: int, *, announce: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT, then drain; ``announce`` is told the address once requests are taken.

    Requests that have begun are finished within 2 s, open event streams are ended, then the engine stops. Port 0 takes
    a free one. Raises `Unavailable` where the address can't be listened on.
    """
    logging.getLogger("uvicorn").setLevel(logging.CRITICAL)  # what went wrong is told by the gate, in one line
    listening = listen(host, port)
    _allow_connections()
    web = build(app, Engine(app))
    web.state.door = Door(app)
    publisher, status = web.state.publisher, app.settings.status
    pages_of = Swift(publisher, status.path) if status and publisher else None
    apart = listen(*status.listen) if status and status.listen else None
    sys.setswitchinterval(SWITCH_SECONDS)
    config = uvicorn.Config(
        web, loop="asyncio", http=partial(Connection, door=web.state.door, pages=pages_of),  # type: ignore[arg-type]
        ws="none", lifespan="on", log_config=None, access_log=False,
        server_header=False, backlog=BACKLOG, timeout_keep_alive=30, timeout_graceful_shutdown=DRAIN_SECONDS,
    )  # fmt: skip
    with contextlib.closing(listening), intake_of(app), listening_apart(app, publisher, apart):
        try:
            _Server(config, lambda: announce(_address(listening))).run(sockets=[listening])
        except SystemExit:
            if web.state.failure is None:
                raise
            raise web.state.failure from None


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens. Raises `Unavailable` with the reason in one sentence."""
    if not 0 <= port <= 65_535:
        raise Unavailable(f"{port} is not a port.", "Use one from 0 to 65535; --port 0 takes a free one.")
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, _, _, _, address = found[0]
        listening = socket.create_server(address[:2], family=family, backlog=BACKLOG)
    except socket.gaierror:
        raise Unavailable(f"{host!r} is not an address of this machine.", "Use for example --host 127.0.0.1.") from None
    except PermissionError:
        raise Unavailable(f"Port {port} is only for root.", "Use a port from 1024 on, or --port 0.") from None
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            hint = "Stop what runs there, or use --port 0 for a free one."
            raise Unavailable(f"Port {port} on {host} is in use.", hint) from None
        raise Unavailable(f"{host}:{port} can't be listened on: {error.strerror}.", "Use another --host.") from None
    # Connections inherit it. asyncio does not set it here, and an answer in two writes would wait 40 ms for an ACK.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


def _allow_connections() -> None:
    """Each connection is an open file, and the usual limit of 1024 is soon reached by senders that mean no good."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(MOST_FILES, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _address(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class _Server(uvicorn.Server):
    """uvicorn's server, which tells when it is ready and returns when it was told to stop."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn's; then say so."""
        await super().startup(sockets)
        if self.started:
            self._ready()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """As uvicorn's, but the signal is not raised again: who called `serve` still has things to put away."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {each: signal.signal(each, self.handle_exit) for each in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)


@contextlib.asynccontextmanager
async def _lifespan(web: Starlette) -> AsyncIterator[None]:
    anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
    engine: Workers | None = web.state.engine
    publisher: Publisher | None = web.state.publisher
    try:
        if engine is not None:
            await run_in_threadpool(engine.start)
        if publisher is not None:
            await run_in_threadpool(publisher.start)
    except Exception as error:
        web.state.failure = error
        raise
    try:
        yield
    finally:
        if publisher is not None:
            await run_in_threadpool(publisher.stop)
        if engine is not None:
            await run_in_threadpool(engine.stop, ENGINE_SECONDS)


async def _to_the_gate(_: Request, error: Exception) -> Response:
    """Every fault is told in one place."""
    raise error
