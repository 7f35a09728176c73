"""The shop's web process: ``python -m tocsin.demo.shop.web REPOSITORY PORT``, the database in ``DATABASE_URL``."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tocsin.demo import lifeline
from tocsin.demo.shop.data import Data
from tocsin.demo.shop.journal import log
from tocsin.demo.shop.metrics import Metrics
from tocsin.demo.shop.release import Release, load
from tocsin.times import SystemClock

LARGEST_BODY = 64 * 1024
PRODUCTS = [
    {"name": "kettle", "cents": 3900},
    {"name": "teapot", "cents": 2450},
    {"name": "cup", "cents": 790},
]
_clock = SystemClock()


class Shop(ThreadingHTTPServer):
    """The server with what its requests share."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, port: int, release: Release, data: Data) -> None:
        self.release, self.data, self.metrics = release, data, Metrics(release.version)
        super().__init__(("127.0.0.1", port), Handler)


class Handler(BaseHTTPRequestHandler):
    """One customer's connection."""

    server: Shop
    protocol_version = "HTTP/1.1"
    timeout = 30
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """``/products``, ``/health``, ``/metrics``."""
        match self.path.partition("?")[0]:
            case "/products":
                self._counted("/products", lambda: (200, PRODUCTS))
            case "/health" | "/api/health":
                self._answer(*self._health())
            case "/metrics":
                self._send(200, "text/plain; version=0.0.4", self._metrics().encode())
            case _:
                self._answer(404, {"error": "The shop has no such page."})

    def do_POST(self) -> None:
        """``/orders`` with ``{"customer": {…}, "basket": […]}``."""
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > LARGEST_BODY:
            self.close_connection = True
            self._answer(413, {"error": "An order has at most 64 KiB."})
            return
        body = self.rfile.read(int(length))
        if self.path == "/orders":
            self._counted("/orders", lambda: self._order(body))
        else:
            self._answer(404, {"error": "The shop has no such page."})

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- the base class calls it so
        """Requests are logged where they are counted."""

    def _order(self, body: bytes) -> tuple[int, object]:
        wanted = json.loads(body)
        cents = self.server.release.price(wanted["basket"], wanted["customer"])
        return 201, {"order": self.server.data.order(wanted["customer"]["name"], cents), "cents": cents}

    def _counted(self, path: str, answer: Any) -> None:
        """Answer, count and log; a fault of the release is a 500 with an ERROR line."""
        begun = _clock.now()
        try:
            code, value = answer()
        except Exception as error:  # noqa: BLE001 -- whatever the deployed code raises is its customers' 500
            code, value = 500, {"error": "Something went wrong."}
            fault = f"{type(error).__name__}: {error}"
            log("ERROR", f"{self.command} {path} failed: {fault}", code=500, release=self.server.release.version)
        self._answer(code, value)
        seconds = _since(begun)
        self.server.metrics.count(self.command, path, code, seconds)
        if code < 500:
            log("INFO", f"{self.command} {path}", code=code, ms=round(seconds * 1000, 1))

    def _health(self) -> tuple[int, object]:
        release = self.server.release.version
        try:
            self.server.data.waiting()
        except Exception as error:  # noqa: BLE001 -- any fault of the database is the same answer here
            return 503, {"status": "error", "database": type(error).__name__, "release": release}
        return 200, {"status": "ok", "database": "ok", "release": release}

    def _metrics(self) -> str:
        try:
            return self.server.metrics.page({"jobs_queue_depth": float(self.server.data.waiting())})
        except Exception:  # noqa: BLE001 -- without the database the other numbers still count
            return self.server.metrics.page({})

    def _answer(self, code: int, value: object) -> None:
        self._send(code, "application/json", json.dumps(value).encode() + b"\n")

    def _send(self, code: int, kind: str, body: bytes) -> None:
        try:
            self.send_response(code)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            self.close_connection = True


def _since(begun: datetime) -> float:
    return max(0.0, (_clock.now() - begun).total_seconds())


def main(repository: Path, port: int, url: str) -> None:
    """Serve the release in ``repository`` until SIGTERM, or until the demo is gone."""
    release, data = load(repository), Data(url, "shop")
    data.prepare()
    shop = Shop(port, release, data)

    def stop() -> None:
        threading.Thread(target=shop.shutdown, daemon=True).start()

    signal.signal(signal.SIGTERM, lambda *_: stop())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    lifeline.watch(stop)
    log("INFO", f"Release {release.version} serves on port {shop.server_address[1]}", database=data.kind)
    shop.serve_forever(poll_interval=0.1)
    shop.server_close()
    data.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), os.environ["DATABASE_URL"])
