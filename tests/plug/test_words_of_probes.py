"""What a probe says when it has no value: what was asked, what came, what to do."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tocsin.errors import Unread
from tocsin.plug.kinds import Secret
from tocsin.probes.http import Http
from tocsin.probes.sql import Sql

NOW = datetime(2026, 11, 21, tzinfo=UTC)
SOON = timedelta(seconds=5)


class Ovens(BaseHTTPRequestHandler):
    """A page that is no JSON, and one that comes too late."""

    late = threading.Event()

    def do_GET(self) -> None:
        """Answer, or wait until the test is over."""
        if self.path == "/late":
            self.late.wait(20)
        self.send_response(200)
        self.send_header("content-length", "4")
        self.end_headers()
        self.wfile.write(b"warm")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def address() -> Iterator[str]:
    """Where the ovens answer."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Ovens) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"127.0.0.1:{server.server_port}"
        Ovens.late.set()
        server.shutdown()
        thread.join()
        Ovens.late.clear()


def test_a_time_limit_is_told_as_it_was_set(address: str) -> None:
    """Not as what was left of it after the first microseconds."""
    said = Http(url=f"http://{address}/late").read(NOW, timedelta(seconds=0.3)).detail
    assert said == f"http://{address} did not answer within 0.3 s."


def test_what_is_no_json_is_one_sentence(address: str) -> None:
    """With one full stop."""
    with pytest.raises(Unread) as caught:
        Http(url=f"http://{address}/", measure="json", json="ovens").read(NOW, SOON)
    assert str(caught.value).count("..") == 0
    assert "not with JSON" in str(caught.value)


def test_tls_where_nobody_speaks_it_is_told(address: str) -> None:
    """The library's word for it is a version number, which helps nobody."""
    assert "does not speak TLS; is it http:// instead" in Http(url=f"https://{address}/").read(NOW, SOON).detail


def test_a_database_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """With the path that was understood: three slashes and a relative name are an absolute one."""
    probe = Sql(url=Secret("sqlite:///no-such-bakery.db"), query="select 1")
    with pytest.raises(Unread, match=r"There is no file /no-such-bakery\.db"):
        probe.read(NOW, SOON)
    assert not (tmp_path / "no-such-bakery.db").exists()
