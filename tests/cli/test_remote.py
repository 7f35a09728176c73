"""What is said when the server is not there, not ours or not willing."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.cli.terminal import TOKEN, Server, here, tocsin
from tocsin.cli import remote
from tocsin.cli.remote import Remote
from tocsin.errors import Denied, Invalid, NotFound, Refused, TocsinError, Unauthorized, Unavailable


@contextmanager
def answering(status: int, kind: str, body: bytes, **headers: str) -> Iterator[tuple[str, list[str]]]:
    """Some other server: it answers every request the same, and keeps the tokens that it was sent."""
    tokens: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            tokens.append(self.headers.get("Authorization", ""))
            self.send_response(status)
            for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{httpd.server_address[1]}", tokens
        finally:
            httpd.shutdown()
            thread.join()


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def test_a_server_that_does_not_run_is_said_with_what_to_do(tmp_path: Path) -> None:
    """One sentence: how to start it, or where else to look."""
    url = f"http://127.0.0.1:{free_port()}"
    done = tocsin("incident", "list", cwd=tmp_path, TOCSIN_URL=url)

    sentence = f"tocsin: Nothing answers at {url}. Start it with `tocsin up RUNBOOK.md`, or set TOCSIN_URL.\n"
    assert (done.code, done.out, done.err) == (1, "", sentence)


@pytest.mark.parametrize(
    ("status", "kind"), [(200, "text/html"), (200, ""), (404, "text/plain"), (500, "text/html; charset=utf-8")]
)
def test_another_server_is_not_taken_for_tocsin(status: int, kind: str) -> None:
    """A page of somebody else's is no answer, whatever its status."""
    with answering(status, kind, b"<h1>hello</h1>") as (url, _), pytest.raises(Invalid, match="not answer as Tocsin"):
        Remote(url).get("/api/v1/incidents")


def test_a_redirect_is_not_followed() -> None:
    """The token goes to the address that was named and to no other."""
    with answering(200, "application/json", b"{}") as (elsewhere, tokens):
        moved = {"Location": f"{elsewhere}/"}
        with answering(302, "text/plain", b"", **moved) as (url, _), pytest.raises(Invalid):
            Remote(url, TOKEN).get("/api/v1/incidents")

    assert tokens == []


def test_json_that_is_broken_or_of_another_shape_is_a_sentence() -> None:
    """Half an answer is not understood, and not half understood either."""
    with answering(200, "application/json", b'{"incidents": [') as (url, _), pytest.raises(Invalid, match="not JSON"):
        Remote(url).get("/api/v1/incidents")
    with pytest.raises(Invalid, match="answer is not understood"):
        remote.understood(dict[str, list[int]], {"incidents": 7})


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Invalid), (401, Unauthorized), (403, Denied), (404, NotFound), (409, Refused), (429, Unavailable),
        (500, TocsinError), (503, Unavailable),
    ],
)  # fmt: skip
def test_a_problem_is_the_error_that_the_server_named(status: int, kind: type[TocsinError]) -> None:
    """Its detail is the message, so the sentence is the server's own, and the exit code fits."""
    body = b'{"type": "urn:x", "title": "x", "status": 0, "detail": "It is thus.", "hint": "Do so."}'
    with answering(status, "application/problem+json", body) as (url, _), pytest.raises(kind, match=r"It is thus\."):
        Remote(url, TOKEN).get("/api/v1/incidents")


@pytest.mark.parametrize(
    "url", ["", "127.0.0.1:8080", "ftp://x", "http://", "http://[", "http://a b", "http://x:99999"]
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    """Before anything is sent."""
    with pytest.raises(Invalid, match="is not a server's address"):
        remote.checked(url)


def test_a_wrong_address_in_the_environment_is_one_sentence(tmp_path: Path) -> None:
    """Exit code 2, for every command that asks a server."""
    done = here("status", cwd=tmp_path, TOCSIN_URL="ftp://shop.example.org")

    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("tocsin: 'ftp://shop.example.org' is not a server's address.")


def test_the_token_may_stand_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file counts before the variable; a line end at its end does no harm."""
    monkeypatch.setenv("TOCSIN_TOKEN", "from-the-variable")
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n")

    assert remote.read_token(file) == TOKEN
    assert remote.read_token(None) == "from-the-variable"


@pytest.mark.parametrize("content", [b"", b"  \n", b"two words", b"gr\xc3\xbcn", b"\xff\xfe", b"a\x00b"])
def test_a_file_that_holds_no_token_is_refused(content: bytes, tmp_path: Path) -> None:
    """And what it does hold is not repeated."""
    (tmp_path / "token").write_bytes(content)
    with pytest.raises(Invalid, match="token"):
        remote.read_token(tmp_path / "token")
    with pytest.raises(Invalid, match="can't be read"):
        remote.read_token(tmp_path / "nothing")


def test_the_token_is_not_shown(tmp_path: Path) -> None:
    """Neither by the value's repr nor in a fault's traceback."""
    assert TOKEN not in repr(Remote("http://x", TOKEN))

    done = tocsin("status", cwd=tmp_path, TOCSIN_URL=f"http://127.0.0.1:{free_port()}", TOCSIN_TOKEN=TOKEN)
    assert TOKEN not in done.out + done.err


@pytest.mark.parametrize(
    ("token", "said"), [("", "Nobody is signed in."), ("wrong-wrong-wrong-wrong", "This token is not known.")]
)
def test_a_wrong_token_is_said_with_where_to_put_the_right_one(token: str, said: str, server: Server) -> None:
    """One sentence and exit code 1."""
    done = server("incident", "list", TOCSIN_TOKEN=token)

    assert (done.code, done.out) == (1, "")
    assert said in done.err and "TOCSIN_TOKEN" in done.err and "--token-file" in done.err
