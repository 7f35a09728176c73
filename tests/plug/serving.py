"""A real HTTP server on a free loopback port that answers as a test tells it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

LOOPBACK = ("127.0.0.0/8",)


@dataclass
class Asked:
    """A request as it came in; header names are in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Site:
    """What the server answers next, by ``answer`` where there is one, and what it was asked."""

    url: str = ""
    port: int = 0
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    answer: Callable[[Asked], tuple[int, dict[str, str], bytes]] | None = None
    asked: list[Asked] = field(default_factory=list)


@contextmanager
def serving() -> Iterator[Site]:
    """Serves until the block ends."""
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = Asked(self.command, self.path, headers, body)
            site.asked.append(asked)
            status, more, said = site.answer(asked) if site.answer else (site.status, site.headers, site.body)
            self.send_response(status)
            for name, value in {"content-length": str(len(said)), **more}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(said)

        do_GET = do_POST = _answer  # noqa: N815  the names that http.server looks for

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Keeps the terminal quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    site.port = server.server_address[1]
    site.url = f"http://127.0.0.1:{site.port}"
    try:
        yield site
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
