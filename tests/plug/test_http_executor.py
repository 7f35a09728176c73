"""The HTTP executor with real servers on loopback."""

from __future__ import annotations

import gzip
import json
import ssl
import subprocess
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.plug.serving import Site
from tocsin.core.run import Outcome
from tocsin.errors import Invalid, Unavailable, Unrunnable
from tocsin.executors.http import Http
from tocsin.plug import requesting
from tocsin.plug.kinds import Job, Secret
from tocsin.plug.registry import bind, secrets_of, whereabouts


def job(text: str, *, proved: bool = True, limit: float = 10.0, secrets: tuple[str, ...] = (), **env: str) -> Job:
    return Job(
        kind="http", command=text, plan=None, env=env, workdir="/", timeout=timedelta(seconds=limit), proved=proved,
        secrets=secrets,
    )  # fmt: skip


def run(executor: Http, work: Job, cancel: threading.Event | None = None) -> Outcome:
    return executor.run(work, lambda piece: None, cancel or threading.Event())


def shop(site: Site, **headers: str) -> Http:
    return Http(base_url=site.url, headers={name: Secret(value) for name, value in headers.items()})


@contextmanager
def speaking(say: Callable[[BaseHTTPRequestHandler], None], context: ssl.SSLContext | None = None) -> Iterator[int]:
    """A server that lets ``say`` answer every request; its port."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            say(self)

        do_GET = do_HEAD = do_POST = do_DELETE = answer  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Keeps the terminal quiet."""

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """A client that went away is what some tests are about."""

    server = Quiet(("127.0.0.1", 0), Handler)
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_an_answer_is_shown_with_its_status_and_type(site: Site) -> None:
    """The body is the output, so that it can be compared; status and type stand beside it."""
    site.headers, site.body = {"content-type": "application/json; charset=utf-8"}, b'{"loaves": 12}\n'
    outcome = run(shop(site), job(f"GET {site.url}/api/health\nAccept: application/json"))
    assert (outcome.status, outcome.output, outcome.size) == ("succeeded", '{"loaves": 12}\n', 15)
    assert outcome.note == "200 OK, application/json"
    (asked,) = site.asked
    assert (asked.method, asked.path, asked.body) == ("GET", "/api/health", b"")
    assert asked.headers["host"] == f"127.0.0.1:{site.port}"
    assert asked.headers["accept"] == "application/json"
    assert asked.headers["accept-encoding"] == "identity"


@pytest.mark.parametrize("status", [199, 204, 301, 400, 404, 418, 500, 503, 599])
def test_what_is_no_2xx_failed_and_says_its_status(status: int) -> None:
    """The answer's own words are shown all the same; an informational one is none."""

    def say(handler: BaseHTTPRequestHandler) -> None:
        body = b"" if status in (199, 204) else b"sorry"
        handler.send_response(status)
        handler.send_header("content-length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    with speaking(say) as port:
        outcome = run(Http(hosts=(f"127.0.0.1:{port}",)), job(f"GET http://127.0.0.1:{port}/health"))
    assert outcome.status == ("succeeded" if status == 204 else "failed")
    assert status == 199 or outcome.note.startswith(str(status))
    assert outcome.output == ("" if status in (199, 204) else "sorry")


def test_a_redirect_is_an_outcome_and_nobody_follows_it(site: Site) -> None:
    """Where it leads was not approved, and may get the key."""
    site.status, site.headers = 302, {"location": f"{site.url}/api/restart"}
    outcome = run(shop(site, Authorization="Bearer rye"), job(f"GET {site.url}/api/health"))
    assert outcome.status == "failed"
    assert outcome.note == f"302 Found, leads to {site.url}/api/restart, which was not followed"
    assert len(site.asked) == 1


def test_a_change_is_sent_byte_for_byte(site: Site) -> None:
    """Method, headers and body as they were approved; the length is ours."""
    site.status = 201
    text = f'POST {site.url}/orders?x=%2F HTTP/1.1\nContent-Type: application/json\nX-A:  b c \n\n{{"é":\n 1}}\n'
    assert run(shop(site), job(text, proved=False)).status == "succeeded"
    (asked,) = site.asked
    assert (asked.method, asked.path, asked.body.decode()) == ("POST", "/orders?x=%2F", '{"é":\n 1}')
    assert asked.headers["x-a"] == "b c"
    assert asked.headers["content-length"] == str(len(asked.body))


def test_the_targets_headers_go_to_its_own_server_only(site: Site) -> None:
    """Another server that may be asked does not get the key; and it is in no printed answer."""
    executor = Http(base_url=site.url, hosts=(f"localhost:{site.port}",), headers={"Authorization": Secret("rye-4711")})
    site.body = b"you said rye-4711"
    own = run(executor, job(f"GET {site.url}/health", secrets=secrets_of(executor)))
    run(executor, job(f"GET http://localhost:{site.port}/health"))
    assert [one.headers.get("authorization") for one in site.asked] == ["rye-4711", None]
    assert own.output == "you said •••"
    assert "rye" not in repr(whereabouts(executor))
    assert dict(whereabouts(executor))["headers"] == "Authorization"


def test_a_variable_is_filled_in_a_header_when_it_is_sent(site: Site) -> None:
    """From the environment of the target, and only one line of it."""
    text = f"GET {site.url}/health\nAuthorization: Bearer ${{SHOP_TOKEN}}"
    run(shop(site), job(text, SHOP_TOKEN="spelt"))
    assert site.asked[0].headers["authorization"] == "Bearer spelt"
    with pytest.raises(Unrunnable, match=r"SHOP_TOKEN.*has no value"):
        run(shop(site), job(text))
    with pytest.raises(Unrunnable, match="not one line of plain ASCII"):
        run(shop(site), job(text, SHOP_TOKEN="a\r\nX-Admin: 1"))
    assert len(site.asked) == 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("GET http://other.example/health", "not a server that this target may ask"),
        ("GET https://127.0.0.1:{port}/health", "not a server that this target may ask"),
        ("GET http://127.0.0.1/health", "not a server that this target may ask"),
        ("GET /health", "a path alone"),
        ("GET http://127.0.0.1:{port}/health\nHost: x.example", "another machine"),
        ("GET http://127.0.0.1:{port}/health\nAuthorization: mine", "sets the header"),
        ("GET http://127.0.0.1:{port}/health\r\nX: y", "carriage return"),
        ("GET http://127.0.0.1:{port}/<id>", "can't stand in an address"),
    ],
)
def test_what_may_not_be_sent_is_not(site: Site, text: str, says: str) -> None:
    """With a sentence, before anybody is asked."""
    with pytest.raises(Unrunnable, match=says):
        run(shop(site, Authorization="rye"), job(text.replace("{port}", str(site.port))))
    assert site.asked == []


def test_no_metadata_service_and_no_proxy(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Link-local addresses are never asked, and the environment's proxies are not either."""
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert run(shop(site), job(f"GET {site.url}/health")).status == "succeeded"
    outcome = run(Http(hosts=("169.254.169.254",)), job("GET http://169.254.169.254/latest/health"))
    assert outcome.status == "failed"
    assert "link-local or metadata" in outcome.note


def test_nobody_there_fails_a_look_and_starts_no_change() -> None:
    """A refused connection is an answer to a look; of a change it is certain that nothing was sent."""
    executor = Http(hosts=("127.0.0.1:9",))
    outcome = run(executor, job("GET http://127.0.0.1:9/health"))
    assert outcome.status == "failed"
    assert "can't be reached" in outcome.note
    with pytest.raises(Unrunnable, match="Nothing was sent"):
        run(executor, job("POST http://127.0.0.1:9/orders", proved=False))


def test_a_change_without_an_answer_is_in_doubt() -> None:
    """It was sent, and then the connection broke: nobody knows. A look just failed."""

    def say(handler: BaseHTTPRequestHandler) -> None:
        handler.close_connection = True

    with speaking(say) as port:
        executor = Http(hosts=(f"127.0.0.1:{port}",))
        with pytest.raises(Unavailable, match="was sent, and no whole answer came"):
            run(executor, job(f"POST http://127.0.0.1:{port}/orders", proved=False))
        assert run(executor, job(f"GET http://127.0.0.1:{port}/health")).status == "failed"


def test_time_limit_and_cancel_end_the_wait() -> None:
    """A server that says nothing, and one that says little for ever; a change that waits is in doubt."""
    release = threading.Event()

    def say(handler: BaseHTTPRequestHandler) -> None:
        if handler.path == "/drip":
            handler.send_response(200)
            handler.end_headers()
            while not release.wait(0.05):
                handler.wfile.write(b"x\n")
        release.wait(20)

    with speaking(say) as port:
        executor, base = Http(hosts=(f"127.0.0.1:{port}",)), f"http://127.0.0.1:{port}"
        try:
            silent = run(executor, job(f"GET {base}/health", limit=1))
            assert (silent.status, silent.note) == ("timed_out", "no whole answer within its time limit of 1 s")
            drip = run(executor, job(f"GET {base}/drip", limit=0.4))
            assert drip.status == "timed_out"
            assert drip.output.startswith("x\n")
            with pytest.raises(Unavailable):
                run(executor, job(f"POST {base}/orders", proved=False, limit=0.4))
            known = run(executor, job(f"DELETE {base}/drip", proved=False, limit=0.4))
            assert known.status == "succeeded"
            assert "broke off" in known.note
            cancel = threading.Event()
            threading.Timer(0.3, cancel.set).start()
            begun = time.monotonic()
            assert run(executor, job(f"GET {base}/health", limit=20), cancel).status == "cancelled"
            assert time.monotonic() - begun < 5
            assert run(executor, job(f"POST {base}/orders", proved=False), cancel).status == "cancelled"
        finally:
            release.set()


@pytest.mark.parametrize("packed", ["gzip", "deflate"])
def test_an_answer_that_is_compressed_all_the_same_is_unpacked(site: Site, packed: str) -> None:
    """Although plain text was asked for."""
    pack = {"gzip": gzip.compress, "deflate": zlib.compress}[packed]
    site.headers, site.body = {"content-encoding": packed}, pack(b"rye\n" * 100_000)
    outcome = run(shop(site), job(f"GET {site.url}/health"))
    assert (outcome.status, outcome.size) == ("succeeded", 400_000)
    site.body = b"no such thing"
    assert "as it says" in run(shop(site), job(f"GET {site.url}/health")).note
    site.headers = {"content-encoding": "br"}
    assert run(shop(site), job(f"GET {site.url}/health")).note.endswith("compressed with br, so its body is not shown")


def test_a_bomb_is_bounded(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A small answer that would unpack to a large one is cut where every large one is."""
    monkeypatch.setattr(requesting, "MOST_READ", 1024 * 1024)
    site.headers, site.body = {"content-encoding": "gzip"}, gzip.compress(bytes(64 * 1024 * 1024))
    outcome = run(shop(site), job(f"GET {site.url}/health"))
    assert outcome.size == 1024 * 1024
    assert outcome.note.endswith("more than 1,048,576 bytes; the rest was not read")
    site.headers, site.body = {}, b"x" * (2 * 1024 * 1024)
    outcome = run(shop(site), job(f"GET {site.url}/health"))
    assert outcome.size == 1024 * 1024
    assert len(outcome.output) < 300_000


def test_other_charsets_are_read_and_what_is_no_text_is_not_shown(site: Site) -> None:
    """An unknown charset is read as UTF-8; a picture is named, not printed."""
    for charset, body in (("iso-8859-1", "brötchen".encode("latin-1")), ("utf-16", "brötchen".encode("utf-16")),
                          ("hex", "brötchen".encode())):  # fmt: skip
        site.headers, site.body = {"content-type": f"text/plain; charset={charset}"}, body
        assert run(shop(site), job(f"GET {site.url}/health")).output == "brötchen"
    site.headers, site.body = {"content-type": "image/png"}, b"\x89PNG"
    outcome = run(shop(site), job(f"GET {site.url}/health"))
    assert (outcome.output, outcome.note) == ("", "200 OK, image/png, its body is no text and is not shown")


def test_a_head_shows_the_headers() -> None:
    """They are what was asked for; a cookie's value is a secret."""

    def say(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Retry-After", "3")
        handler.send_header("Set-Cookie", "session=rye")
        handler.end_headers()

    with speaking(say) as port:
        outcome = run(Http(hosts=(f"127.0.0.1:{port}",)), job(f"HEAD http://127.0.0.1:{port}/health"))
    assert "retry-after: 3\nset-cookie: •••\n" in outcome.output


def test_certificates_are_verified(tmp_path: Path) -> None:
    """A server with a certificate of its own making gets no request."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost",
         "-keyout", tmp_path / "key", "-out", tmp_path / "cert"],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert", tmp_path / "key")
    asked: list[str] = []
    with (
        speaking(lambda handler: asked.append(handler.path), context) as port,
        pytest.raises(Unrunnable, match="certificate verify failed"),
    ):
        run(Http(hosts=(f"localhost:{port}",)), job(f"POST https://localhost:{port}/orders", proved=False))
    assert asked == []


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ({}, "which servers may be asked"),
        ({"base_url": "shop.example"}, "doesn't begin with https"),
        ({"base_url": "/api"}, "no address"),
        ({"base_url": "https://shop.example/?a=1"}, "no address"),
        ({"base_url": "https://ana:rye@shop.example"}, "user name or password"),
        ({"hosts": ["*"]}, "no server"),
        ({"hosts": ["https://shop.example"]}, "no server"),
        ({"hosts": ["shop.example"], "headers": {"X-Key": "k"}}, "base_url"),
        ({"base_url": "https://shop.example", "headers": {"X Key": "k"}}, "not a header"),
        ({"base_url": "https://shop.example", "headers": {"Content-Length": "3"}}, "how the message travels"),
        ({"base_url": "https://shop.example", "headers": {"X-Key": "a\nb"}}, "one line of plain ASCII"),
    ],
)
def test_a_table_that_would_ask_somebody_else_is_refused(table: dict[str, object], says: str) -> None:
    """At the start, with the table's name."""
    with pytest.raises(Invalid, match=says) as caught:
        bind(Http, table, "[targets.shop]")
    assert str(caught.value).startswith("[targets.shop]: ")


@pytest.mark.parametrize(
    ("text", "reaches"),
    [
        ("GET https://shop.example/health", True),
        ("GET https://SHOP.example:443/health", True),
        ("GET http://shop.example/health", False),
        ("GET https://shop.example:8443/health", False),
        ("GET https://status.example/x", True),
        ("GET http://ovens.example:8443/x", True),
        ("GET https://ovens.example/x", False),
        ("GET https://a.b.bakery.example/x", True),
        ("GET https://bakery.example/x", False),
        ("GET https://evilbakery.example/x", False),
        ("GET https://shop.example.evil.example/x", False),
        ("GET /health", True),
        ("GET https://<host>/health", True),
        ("GET {{base}}/health", True),
    ],
)
def test_it_says_which_requests_are_its_own(text: str, reaches: bool) -> None:
    """Names are whole names, ports are exact; a gap may become anything, and is looked at again before it is sent."""
    hosts = ("status.example", "ovens.example:8443", "*.bakery.example")
    assert Http(base_url="https://shop.example", hosts=hosts).reaches(text) is reaches


def test_the_output_of_json_can_be_compared(site: Site) -> None:
    """Nothing is added to it."""
    site.headers, site.body = {"content-type": "application/json"}, json.dumps({"a": [1, 2]}).encode()
    assert json.loads(run(shop(site), job(f"GET {site.url}/health")).output) == {"a": [1, 2]}
