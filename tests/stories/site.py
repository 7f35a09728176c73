"""A server of the story that answers requests over HTTP as its table says, and notes each one like a program's call."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.stories.script import Page


class Site:
    """Serves the pages of a story on a free port of this machine; what has no page is answered with 404."""

    def __init__(self, pages: tuple[Page, ...], calls: Path) -> None:
        self.answers = answers = {page.request: page for page in pages}
        self.fields = fields = dict[str, dict[str, str]]()

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
                said = " ".join(f"{self.command} {self.path} {self.headers.get('authorization') or ''} {body}".split())
                with calls.open("a", encoding="utf-8") as record:
                    record.write(f"server {said}\n")
                page = answers.get(f"{self.command} {self.path}") or Page(said, 404, "no such page")
                if not page.status:
                    self.close_connection = True  # the request is taken, and nobody hears of it again
                    return
                data = page.prints.encode()
                self.send_response(page.status)
                self.send_header("content-type", "application/json" if page.prints[:1] == "{" else "text/plain")
                self.send_header("content-length", str(len(data)))
                for name, value in fields.get(page.request, {}).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_DELETE = answer  # noqa: N815  the names that http.server looks for

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), name="story-site")
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        """Serve no more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
