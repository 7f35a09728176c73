"""The things around Tocsin in a story: a clock, ways to reach people, a page of metrics, programs with a record."""

from __future__ import annotations

import shlex
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Literal

from tests.stories.script import Tool
from tocsin.core.notices import Notice
from tocsin.errors import Undelivered
from tocsin.ids import slug
from tocsin.plug.kinds import Address, Receipt

BEGIN = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)


class HandClock:
    """A clock that stands still until it is turned."""

    def __init__(self) -> None:
        self.at = BEGIN

    def now(self) -> datetime:
        """Where the hands are."""
        return self.at


@dataclass(frozen=True, slots=True)
class Message:
    """A notice that arrived, and by which way."""

    via: str
    notice: Notice


@dataclass(slots=True)
class PostOffice:
    """What everybody got, and whose devices don't work."""

    got: list[Message] = field(default_factory=list)
    broken: dict[tuple[str, str], Literal["dead", "busy"]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass(frozen=True, slots=True)
class Device:
    """One way to reach people (everybody's phone, everybody's mail)."""

    way: str
    office: PostOffice

    @property
    def reaches(self) -> str:
        """What runbooks call such a channel."""
        return {"phone": "phone", "mail": "email", "chat": "chat"}.get(self.way, "")

    def send(self, notice: Notice, to: Address, timeout: timedelta) -> Receipt:
        """Keep the message, unless the person's device is dead (for good) or busy (for now)."""
        del to, timeout
        broken = self.office.broken.get((notice.to, self.way))
        if broken:
            raise Undelivered(f"{notice.to}'s {self.way} is {broken}.", permanent=broken == "dead")
        with self.office.lock:
            self.office.got.append(Message(self.way, notice))
        return Receipt()


class MetricsPage:
    """A page of gauges on a free port of this machine, as a program under care serves it; read by the real probe."""

    def __init__(self) -> None:
        self.values: dict[str, float] = {}
        values = self.values

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = "".join(f"{name} {value}\n" for name, value in values.items()).encode()
                self.send_response(200)
                self.send_header("content-type", "text/plain; version=0.0.4")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), name="story-metrics")
        self._thread.start()

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/metrics"

    def close(self) -> None:
        """Serve no more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def gauge_of(metric: str) -> str:
    """The name of a metric's gauge on the page."""
    return "story_" + slug(metric).replace("-", "_")


def install(tool: Tool, folder: Path, calls: Path) -> None:
    """Write a tool's program. It notes each call with its words, then does what the story says."""
    words = f"words=$(printf '%s ' {shlex.quote(tool.name)} \"$@\" | tr '\\n' ' ')"
    record = f"printf '%s\\n' \"$words\" >> {shlex.quote(str(calls))}"
    says = f"cat <<'__END__'\n{tool.prints}\n__END__\n" if tool.prints else ""
    script = folder / tool.name
    script.write_text(f"#!/bin/sh\n{words}\n{record}\n{tool.runs}\n{says}exit {tool.exits}\n", "utf-8")
    script.chmod(0o755)
