"""Fixed ports that another team's runbook asks (``http://localhost:3000/metrics``): served by the demo where free."""

from __future__ import annotations

import http.client
import json
import re
import threading
from collections.abc import Callable
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tocsin.demo.supervisor import Supervisor

MOST = 4
_PORT = re.compile(r"https?://(?:localhost|127\.0\.0\.1):(\d{4,5})\b")
_OF_THE_SHOP = ("/metrics", "/health")
_OF_THE_WORKER = ("/api/health", "/healthz", "/ready")


def ports_in(text: str) -> tuple[int, ...]:
    """The loopback ports whose pages a runbook asks for, in its order; privileged ones are nobody's to serve."""
    found = dict.fromkeys(int(port) for port in _PORT.findall(text))
    return tuple(port for port in found if 1024 <= port <= 65535)[:MOST]


class Fronts:
    """One small server for each port."""

    def __init__(self, supervisor: Supervisor, shop_port: int) -> None:
        self._supervisor, self._shop_port = supervisor, shop_port
        self._servers: list[ThreadingHTTPServer] = []

    def serve(self, port: int) -> str:
        """Serve a port; the sentence that says what is there, or why nothing of ours is."""
        try:
            server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self.answer))
        except OSError as error:
            return f"Port {port} is not ours to serve ({error.strerror}); a step that asks it gets whoever is there."
        server.daemon_threads = True
        self._servers.append(server)
        threading.Thread(target=server.serve_forever, args=(0.1,), name=f"front-{port}", daemon=True).start()
        return f"Port {port}, which the runbook asks, is served by the demo."

    def stop(self) -> None:
        """Serve nothing any more."""
        for server in self._servers:
            server.shutdown()
            server.server_close()

    def answer(self, path: str) -> tuple[int, str, bytes]:
        """Status, type and body: the shop's own pages passed on, the worker's state, else what there is."""
        if path in _OF_THE_SHOP:
            return self._pass_on(path)
        if path in _OF_THE_WORKER:
            state = self._supervisor.state("worker")
            up = state.startswith("Up")
            return 200 if up else 503, "application/json", _json({"status": "ok" if up else "down", "worker": state})
        known = ", ".join((*_OF_THE_SHOP, *_OF_THE_WORKER))
        return 404, "application/json", _json({"error": f"The demo has {known} here."})

    def _pass_on(self, path: str) -> tuple[int, str, bytes]:
        try:
            with closing(http.client.HTTPConnection("127.0.0.1", self._shop_port, timeout=5)) as connection:
                connection.request("GET", path)
                answer = connection.getresponse()
                return answer.status, answer.getheader("Content-Type", "text/plain"), answer.read()
        except (OSError, http.client.HTTPException):
            return 502, "application/json", _json({"error": "The shop does not answer."})


def _json(value: object) -> bytes:
    return json.dumps(value).encode() + b"\n"


def _handler(answer: Callable[[str], tuple[int, str, bytes]]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 30

        def do_GET(self) -> None:
            """Any page."""
            status, kind, body = answer(self.path.partition("?")[0])
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- the base class calls it so
            """Nobody reads a log of these."""

    return Handler
