"""Guarded requests: what must not be asked is not asked, and no answer takes too long or too much."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from tests.plug.serving import LOOPBACK, Site
from tocsin.plug.addresses import check_address
from tocsin.plug.web import NoAnswer, fetch

SOON = timedelta(seconds=5)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1", "192.0.0.8",
        "224.0.0.1", "255.255.255.255", "240.0.0.1", "::1", "::", "fe80::1", "fd00:ec2::254", "fc00::1", "ff02::1",
        "::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::",
        "2001:0:7f00:1::", "fe80::1%eth0", "198.18.0.1", "203.0.113.5",
    ],
)  # fmt: skip
def test_addresses_that_are_not_public_are_refused(address: str) -> None:
    """Loopback, private, link-local, shared, documentation and multicast addresses, and those that wrap them."""
    assert check_address(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "::ffff:8.8.8.8"])
def test_public_addresses_pass(address: str) -> None:
    """What is on the public internet may be asked."""
    assert check_address(address) == ""


def test_private_addresses_pass_where_they_are_meant() -> None:
    """A flag opens private networks but never the metadata service; only naming its network does."""
    assert check_address("127.0.0.1", True) == check_address("10.1.2.3", True) == check_address("fd12::1", True) == ""
    for address in ("169.254.169.254", "fd00:ec2::254", "::ffff:169.254.169.254", "0.0.0.0", "64:ff9b::a9fe:a9fe"):
        assert check_address(address, True)
    assert check_address("10.1.2.3", ["10.1.0.0/16"]) == ""
    assert check_address("10.2.2.3", ["10.1.0.0/16", "fd00::/8"])
    assert check_address("169.254.169.254", ["169.254.169.254/32"]) == ""


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1", "0x7f.1", "2130706433", "localhost", "[::ffff:127.0.0.1]"])
def test_every_spelling_of_this_machine_is_refused(site: Site, host: str) -> None:
    """The number that would be connected to decides, not how the host is written."""
    with pytest.raises(NoAnswer, match=r"not a public address|can't be reached") as caught:
        fetch(f"http://{host}:{site.port}/", SOON)
    assert site.asked == []
    assert "not a public address" not in str(caught.value) or caught.value.permanent


@pytest.mark.parametrize(
    "url",
    [
        "", "/path", "ftp://example.org/", "file:///etc/passwd", "gopher://x/", "http://", "http://user@host/",
        "http://user:password@host/", "http://user@host#@127.0.0.1/", "http://exa mple.org/", "http://x:99999/",
        "http:x", "ftp://user:password@host/",
    ],
)  # fmt: skip
def test_urls_that_are_none_are_refused_for_good(url: str) -> None:
    """Only http and https with a host, without credentials in the URL; a password in it is not repeated."""
    with pytest.raises(NoAnswer) as caught:
        fetch(url, SOON, allow=True)
    assert caught.value.permanent
    assert "password@" not in str(caught.value)


def test_a_name_that_changes_its_address_does_not_pass(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The name is resolved once, and the number that was checked is connected to: a second answer can't come in."""
    answers = iter(["8.8.8.8", "127.0.0.1"])
    monkeypatch.setattr(socket, "getaddrinfo", _resolver(lambda: next(answers)))
    connected: list[object] = []

    def create_connection(address: tuple[str, int], *rest: object, **more: object) -> socket.socket:
        connected.append(address[0])
        raise ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setattr(socket, "create_connection", create_connection)
    with pytest.raises(NoAnswer, match="refused"):
        fetch(f"http://rebinding.example:{site.port}/", SOON)
    assert connected == ["8.8.8.8"]


def test_of_several_addresses_only_those_that_pass_are_tried(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A private address among the answers is left out."""
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, site.port)) for ip in ("10.9.9.9", "127.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *rest, **more: found)
    assert fetch(f"http://both.example:{site.port}/", SOON, allow=LOOPBACK).status == 200


def test_sends_and_reads(site: Site) -> None:
    """Method, headers and body arrive as given; status, headers and body come back."""
    site.status, site.headers, site.body = 202, {"X-Answer": "yes"}, "grüß".encode()
    answer = fetch(f"{site.url}/a?b=c#d", SOON, method="POST", headers={"X-One": "1"}, body=b"body", allow=LOOPBACK)
    assert (answer.status, answer.headers["x-answer"], answer.text) == (202, "yes", "grüß")
    asked = site.asked[0]
    assert (asked.method, asked.path, asked.body) == ("POST", "/a?b=c", b"body")
    assert asked.headers["x-one"] == "1"
    assert asked.headers["host"] == f"127.0.0.1:{site.port}"
    assert asked.headers["user-agent"].startswith("Tocsin/")


def test_redirects_are_not_followed(site: Site) -> None:
    """A public page can't lead to an inner one."""
    site.status, site.headers = 302, {"location": f"{site.url}/inner"}
    assert fetch(site.url, SOON, allow=LOOPBACK).status == 302
    assert len(site.asked) == 1


def test_proxies_of_the_environment_are_not_used(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The checked address would mean nothing if somebody else connected."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert fetch(site.url, SOON, allow=LOOPBACK).status == 200


def test_long_answers_are_cut_off(site: Site) -> None:
    """Size has a limit, whatever the length that was announced."""
    site.body = b"x" * 10_001
    with pytest.raises(NoAnswer, match="longer than 10,000 bytes"):
        fetch(site.url, SOON, allow=LOOPBACK, max_bytes=10_000)


def test_compressed_answers_are_refused(site: Site) -> None:
    """Nothing is unpacked, so nothing can grow."""
    site.headers, site.body = {"content-encoding": "gzip"}, b"x"
    with pytest.raises(NoAnswer, match="compressed"):
        fetch(site.url, SOON, allow=LOOPBACK)


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "a\nb", "a\0b"])
def test_headers_can_not_be_split(site: Site, value: str) -> None:
    """A line break in a value is refused before anything is sent."""
    with pytest.raises(NoAnswer, match="line break"):
        fetch(site.url, SOON, headers={"X-One": value}, allow=LOOPBACK)
    assert site.asked == []


def test_nobody_listens() -> None:
    """A refused connection is named as such and may be tried again."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(NoAnswer, match="connection refused") as caught:
        fetch(f"http://127.0.0.1:{port}/", SOON, allow=LOOPBACK)
    assert not caught.value.permanent


def test_unknown_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that nobody knows is named, and may be known a moment later."""

    def getaddrinfo(*rest: object, **more: object) -> list[object]:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    with pytest.raises(NoAnswer, match=r"no-such-host\.invalid is not known") as caught:
        fetch("http://no-such-host.invalid/", SOON)
    assert not caught.value.permanent


@pytest.mark.parametrize("drip", [b"", b"x", b"HTTP/1.1 200 OK\r\nX: "], ids=["silence", "drops", "headers"])
def test_slow_answers_end_at_the_limit(drip: bytes) -> None:
    """Neither silence nor an answer that comes byte by byte outlives the limit."""
    with _dripping(drip) as url:
        started = time.monotonic()
        with pytest.raises(NoAnswer, match=r"did not answer within 0\.5 s|can't be reached"):
            fetch(url, timedelta(seconds=0.5), allow=LOOPBACK)
        assert time.monotonic() - started < 3


@pytest.mark.parametrize("garbage", [b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\ncontent-length: -5\r\n\r\n", b""])
def test_what_is_not_http_is_no_answer(garbage: bytes) -> None:
    """A sentence, whatever the other side sends."""
    with _dripping(garbage, close=True) as url, pytest.raises(NoAnswer):
        fetch(url, SOON, allow=LOOPBACK)


@contextmanager
def _dripping(data: bytes, close: bool = False) -> Iterator[str]:
    """A server that sends the data once and then a byte now and then, or closes."""
    done = threading.Event()

    def serve(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)
            try:
                connection.sendall(data)
                while not close and not done.wait(0.05):
                    connection.sendall(b"x" if data else b"")
            except OSError:
                return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        finally:
            done.set()
            thread.join(10)


def _resolver(answer: object) -> object:
    def getaddrinfo(host: str, port: int, **more: object) -> list[object]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (answer(), port))]  # type: ignore[operator]

    return getaddrinfo
