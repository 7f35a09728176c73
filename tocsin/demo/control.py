"""How a stand-in reaches the demo's processes: one JSON line there, one back, over loopback and with a secret."""

from __future__ import annotations

import hmac
import json
import secrets
import socketserver
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tocsin.demo.repository import Repository
from tocsin.demo.supervisor import Supervisor
from tocsin.errors import TocsinError

LARGEST = 64 * 1024
SYNONYMS = {
    **dict.fromkeys(("api", "app", "web", "server", "backend", "frontend"), "shop"),
    **dict.fromkeys(("jobs", "job", "workers", "queue", "inngest", "celery"), "worker"),
    **dict.fromkeys(("db", "database", "pg", "postgresql"), "postgres"),
}
"""What other teams' runbooks call services like ours."""


class Control:
    """The demo's side. ``address`` is a file that the stand-ins read."""

    def __init__(self, supervisor: Supervisor, repository: Repository, address: Path) -> None:
        self._supervisor, self._repository = supervisor, repository
        self._secret = secrets.token_hex(16)
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), daemon=True)
        address.touch(mode=0o600)
        address.write_text(json.dumps({"port": self._server.server_address[1], "secret": self._secret}), "utf-8")

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._server.server_close()

    def answer(self, line: bytes) -> dict[str, Any]:
        """What one request gets: ``ok`` and the lines to print."""
        try:
            request = json.loads(line)
            secret, verb, names = str(request["secret"]), str(request["verb"]), [str(name) for name in request["names"]]
        except (ValueError, KeyError, TypeError):
            return {"ok": False, "lines": ["This is not a request."]}
        if not hmac.compare_digest(secret.encode(), self._secret.encode()):
            return {"ok": False, "lines": ["This secret is not the demo's."]}
        try:
            return {"ok": True, "lines": self._do(verb, names)}
        except TocsinError as error:
            return {"ok": False, "lines": [str(error)]}

    def _do(self, verb: str, names: list[str]) -> list[str]:
        if verb == "releases":
            return self._repository.history()
        if verb == "rollback":
            self._repository.take_back()
            self._supervisor.restart("shop")
            return [f"The shop runs what {self._repository.history()[0]!r} left."]
        known = self._supervisor.names
        wanted = [self._name(name) for name in names] or list(known)
        act: dict[str, Callable[[str], list[str]]] = {
            "ps": self._ps, "logs": self._log, "start": self._start, "stop": self._stop, "restart": self._restart,
        }  # fmt: skip
        if verb not in act:
            raise TocsinError(f"The demo can't {verb} its services.")
        order = reversed(wanted) if verb == "stop" else wanted
        return [line for name in order for line in act[verb](name)]

    def _name(self, name: str) -> str:
        ours = SYNONYMS.get(name, name)
        if ours not in self._supervisor.names:
            known = ", ".join(self._supervisor.names)
            raise TocsinError(f"no such service: {name} (the demo has {known})")
        return ours

    def _ps(self, name: str) -> list[str]:
        return [f"{name:<10} {self._supervisor.state(name)}"]

    def _log(self, name: str) -> list[str]:
        return [f"{name}\t{self._supervisor.log_of(name)}"]

    def _start(self, name: str) -> list[str]:
        return [f" {name}  {'Started' if self._supervisor.start(name) else 'Running'}"]

    def _stop(self, name: str) -> list[str]:
        return [f" {name}  {'Stopped' if self._supervisor.stop(name) else 'Not running'}"]

    def _restart(self, name: str) -> list[str]:
        self._supervisor.restart(name)
        return [f" {name}  Restarted"]


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, control: Control) -> None:
        self.control = control
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(socketserver.StreamRequestHandler):
    server: _Server
    timeout = 60

    def handle(self) -> None:
        answer = self.server.control.answer(self.rfile.readline(LARGEST))
        self.wfile.write(json.dumps(answer).encode() + b"\n")
