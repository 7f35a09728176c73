"""A tracker as GitHub's REST API is: built from its published shape, on a free port of this machine.

It remembers issues and requests; it can be told to answer slowly, not at all, or with its limits.
"""

from __future__ import annotations

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "not-a-real-token"
REPOSITORY = "bakery/bread"
_ONE = re.compile(rf"/repos/{REPOSITORY}/issues/(\d+)")


class Tracker:
    """Serves ``/repos/bakery/bread/issues``. ``limits`` are answers that come instead, one for each request."""

    def __init__(self) -> None:
        self.issues: list[dict[str, Any]] = []
        self.requests: list[str] = []
        self.posted: list[dict[str, Any]] = []
        self.limits: list[tuple[int, dict[str, str]]] = []
        self.forgets_to_answer = 0
        tracker = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                tracker.answer(self, "GET", b"")

            def do_POST(self) -> None:
                tracker.answer(self, "POST", self.rfile.read(int(self.headers.get("content-length") or 0)))

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), name="tracker")
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        """Serve no more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, request: BaseHTTPRequestHandler, method: str, body: bytes) -> None:
        """One request, as GitHub answers it."""
        path = urlsplit(request.path)
        self.requests.append(f"{method} {path.path}")
        if self.limits:
            status, headers = self.limits.pop(0)
            self._give(request, status, {"message": "API rate limit exceeded"}, headers)
        elif request.headers.get("authorization") != f"Bearer {TOKEN}":
            self._give(request, 401, {"message": "Bad credentials"})
        elif path.path == "/hook":
            told = {name.lower(): value for name, value in request.headers.items()}
            self.posted.append({**json.loads(body), "id": told.get("webhook-id"), "headers": told, "raw": body})
            self._give(request, 200, {"key": "BAKE-7", "url": "https://tracker.example.org/BAKE-7"})
        elif method == "POST" and path.path == f"/repos/{REPOSITORY}/issues":
            made = self._make(json.loads(body))
            if self.forgets_to_answer:  # it did it, and nobody hears of it
                self.forgets_to_answer -= 1
                request.close_connection = True
                return
            self._give(request, 201, made)
        elif path.path == f"/repos/{REPOSITORY}/issues":
            page, size = (int(parse_qs(path.query).get(name, ["1"])[0]) for name in ("page", "per_page"))
            self._give(request, 200, self.issues[(page - 1) * size : page * size])
        elif (found := _ONE.fullmatch(path.path)) and int(found[1]) <= len(self.issues):
            issue = self.issues[int(found[1]) - 1]
            tag = f'"{issue["state"]}-{issue["number"]}"'
            unchanged = request.headers.get("if-none-match") == tag
            self._give(request, 304 if unchanged else 200, None if unchanged else issue, {"etag": tag})
        else:
            self._give(request, 404, {"message": "Not Found"})

    def _make(self, asked: dict[str, Any]) -> dict[str, Any]:
        number = len(self.issues) + 1
        issue = {
            "number": number, "title": asked["title"], "body": asked.get("body", ""), "state": "open",
            "html_url": f"https://github.com/{REPOSITORY}/issues/{number}",
            "labels": [{"name": name} for name in asked.get("labels", [])],
            "assignees": [{"login": name} for name in asked.get("assignees", [])],
        }  # fmt: skip
        self.issues.append(issue)
        return issue

    @staticmethod
    def _give(request: BaseHTTPRequestHandler, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        data = b"" if body is None else json.dumps(body).encode()
        request.send_response(status)
        for name, value in (headers or {}).items():
            request.send_header(name, value)
        request.send_header("content-length", str(len(data)))
        request.end_headers()
        request.wfile.write(data)
