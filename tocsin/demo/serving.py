"""Tocsin itself, whole: the real server with its engine, in a thread of the demo."""

from __future__ import annotations

import threading
from dataclasses import replace

import uvicorn

from tocsin.app import App
from tocsin.engine import Engine
from tocsin.errors import Unavailable
from tocsin.web.connection import Connection
from tocsin.web.server import DRAIN_SECONDS, build, listen

START_SECONDS = 20
STOP_SECONDS = 30


class Serving:
    """The server on loopback. Port 0 takes a free one; raises `Unavailable` where the port is taken."""

    def __init__(self, app: App, port: int) -> None:
        listening = listen("127.0.0.1", port)
        self.address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        app.settings = replace(app.settings, base_url=self.address)
        self._web = build(app, Engine(app))
        config = uvicorn.Config(
            self._web, loop="asyncio", http=Connection, ws="none", lifespan="on", log_config=None, access_log=False,
            server_header=False, timeout_graceful_shutdown=DRAIN_SECONDS,
        )  # fmt: skip
        self._ready = threading.Event()
        self._server = _Server(config, self._ready)
        self._listening = listening
        self._thread = threading.Thread(target=self._run, name="tocsin", daemon=True)

    def start(self) -> None:
        """Serve; returns once requests are taken."""
        self._thread.start()
        if not self._ready.wait(START_SECONDS) or not self._thread.is_alive():
            raise Unavailable("Tocsin's server did not start.", str(self._web.state.failure or ""))

    def stop(self) -> None:
        """Finish what was begun, then end."""
        self._server.should_exit = True
        if self._thread.ident is not None:
            self._thread.join(STOP_SECONDS)

    def _run(self) -> None:
        try:
            self._server.run(sockets=[self._listening])
        except SystemExit:
            return
        finally:
            self._listening.close()
            self._ready.set()


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, ready: threading.Event) -> None:
        super().__init__(config)
        self._announce = ready

    async def startup(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]
        """As uvicorn's; then say so."""
        await super().startup(sockets)  # type: ignore[arg-type]
        if self.started:
            self._announce.set()
