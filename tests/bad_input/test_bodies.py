"""Bodies that mean no good, at every door that takes JSON: 4xx with one sentence, memory flat, nothing lost.

| body | answer |
|---|---|
| not JSON, cut off, NaN, half a surrogate pair, a key twice, NUL, another charset, nested 100,000 deep | 400 |
| JSON of another shape | 400 with the place |
| of another type, compressed | 415 |
| larger than the door takes, by its head or as it comes; without end | 413, and the connection is ended |
| held back for ever | nobody else waits for it |
"""

from __future__ import annotations

import gzip
import http.client
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress

import pytest

from tests.bad_input.node import Node, assert_told, node
from tests.cli.terminal import TOKEN
from tests.house import until

DOORS = ("/api/v2/alerts", "/in/alertmanager", "/api/v1/incidents", "/api/v2/silences")
JSON = {"Content-Type": "application/json"}
DEPTH = 100_000

BAD: dict[str, tuple[bytes, str]] = {
    "words": (b"the tram is late", "This is not JSON: Expecting value (line 1, column 1)."),
    "cut off": (b'[{"labels":', "This is not JSON: Expecting value (line 1, column 12)."),
    "not a number": (b'[{"labels": {}, "x": NaN}]', "NaN is not a JSON number."),
    "infinity": (b"[-Infinity]", "-Infinity is not a JSON number."),
    "too large a number": (b"[1e999]", "the number 1e999 is too large."),
    "a number of thousands of digits": (b"[" + b"7" * 5000 + b"]", "a number has thousands of digits."),
    "half a surrogate pair": (b'[{"labels": {"alertname": "\\ud83d"}}]', "half of a surrogate pair."),
    "a key twice": (b'{"title": "a", "title": "b"}', "the key 'title' stands twice in one object."),
    "NUL": (b'{"title": "a\\u0000b"}', "The JSON holds a NUL character, which no field may have."),
    "a bare NUL": (b'["a\0b"]', "This is not JSON: Invalid control character at (line 1, column 4)."),
    "Latin-1": ('["Zoë"]'.encode("latin-1"), "The body is not UTF-8 text"),
    "UTF-16": ('["Zoë"]'.encode("utf-16"), "The body is not UTF-8 text"),
    "lists in lists": (b"[" * DEPTH + b"]" * DEPTH, "The JSON is nested too deeply."),
    "objects in objects": (b'{"a":' * DEPTH + b"1" + b"}" * DEPTH, "The JSON is nested too deeply."),
}
SHAPES = {
    "/api/v2/alerts": (b'{"labels": {}}', "Expected `array`, got `object`."),
    "/in/alertmanager": (b'{"version": "4"}', "Object missing required field `alerts`."),
    "/api/v1/incidents": (b'{"titel": "x"}', "There is no key 'titel'."),
    "/api/v2/silences": (b'{"matchers": 3}', "`$.matchers`"),
}


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """One node for all of these; whatever a test sends, the next one finds it well."""
    with node(tmp_path_factory.mktemp("bodies")) as made:
        assert made.fire("Before").status_code == 200
        yield made


@pytest.fixture(autouse=True)
def is_well_afterwards(ours: Node) -> Iterator[None]:
    """After each of these: it is ready, calm, and what it had accepted is there."""
    yield
    ours.is_well()


@pytest.mark.parametrize("kind", BAD)
def test_a_body_that_can_t_be_read_is_told_in_one_sentence(kind: str, ours: Node) -> None:
    """The same sentence at every door, within moments."""
    body, sentence = BAD[kind]
    before = time.monotonic()
    for door in DOORS:
        if kind != "a key twice" or door != "/in/alertmanager":
            assert_told(ours.ask("POST", door, content=body, headers=JSON), 400, sentence)

    assert time.monotonic() - before < 5


@pytest.mark.parametrize("door", DOORS)
def test_json_of_another_shape_is_told_with_its_place(door: str, ours: Node) -> None:
    """What was expected, and where."""
    body, sentence = SHAPES[door]

    assert_told(ours.ask("POST", door, content=body, headers=JSON), 400, sentence)


@pytest.mark.parametrize(
    ("headers", "sentence"),
    [
        ({"Content-Type": "text/plain"}, "The body is 'text/plain'."),
        ({"Content-Type": "application/x-www-form-urlencoded"}, "The body is 'application/x-www-form-urlencoded'."),
        ({"Content-Type": ""}, "Nothing says of what type the body is."),
        ({**JSON, "Content-Encoding": "gzip"}, "A compressed body is not read."),
        ({**JSON, "Content-Encoding": "zstd"}, "A compressed body is not read."),
    ],
)
def test_a_body_of_another_type_is_told_what_to_send(headers: dict[str, str], sentence: str, ours: Node) -> None:
    """415. A bomb of 200 MB in 200 kB is not unpacked."""
    bomb = gzip.compress(b" " * 200_000_000, 1) if "Content-Encoding" in headers else b"[]"
    before = ours.memory
    for door in ("/api/v2/alerts", "/api/v1/incidents"):
        assert_told(ours.ask("POST", door, content=bomb, headers=headers), 415, sentence)

    assert ours.memory - before < 20


@pytest.mark.parametrize("door", ["/api/v2/alerts", "/api/v1/incidents", "/login"])
@pytest.mark.parametrize("stated", [True, False])
def test_a_hundred_megabytes_are_refused_without_being_kept(door: str, stated: bool, ours: Node) -> None:
    """413, whether the head states the length or it comes piece by piece; memory stays as it was."""
    before = ours.memory
    status, text = send(ours, door, (b"x" * 65_536 for _ in range(1600)), 1600 * 65_536 if stated else None)

    told = ("The body is too large; at most ", "Field exceeded maximum size of 1024KB.")  # the second of a form's field
    assert status == 413 or (door, status) == ("/login", 400), text
    assert any(sentence in text for sentence in told)
    assert "Traceback" not in text
    assert ours.memory - before < 40


def test_a_body_without_end_is_answered_and_its_connection_ended(ours: Node) -> None:
    """Also where nobody may send it: who goes on after the answer is cut off, and the memory stays as it was."""
    before, ended = ours.memory, list[int]()

    def pour(token: str) -> None:
        with closing(connect(ours)) as link, suppress(ConnectionError):
            link.sendall(head("/api/v2/alerts", token) + b"Transfer-Encoding: chunked\r\n\r\n")
            sent, begun = 0, time.monotonic()
            try:
                while time.monotonic() - begun < 60:
                    link.sendall(b"10000\r\n" + b"x" * 65_536 + b"\r\n")
                    sent += 65_536
            except ConnectionError:
                ended.append(sent)

    senders = [threading.Thread(target=pour, args=(token,)) for token in (TOKEN, "nobody-nobody-nobody")]
    for sender in senders:
        sender.start()
    until(lambda: len(ended) == 2, 30)

    assert ours.memory - before < 40


def test_a_body_that_never_comes_is_not_waited_for_by_others(ours: Node) -> None:
    """While fifty senders hold back the rest of their bodies, alerts are taken at once."""
    links = [connect(ours) for _ in range(50)]
    try:
        for link in links:
            link.sendall(head("/api/v2/alerts") + b"Content-Length: 1000\r\n\r\n[")
        before = time.monotonic()
        assert ours.fire("Meanwhile").status_code == 200
        assert time.monotonic() - before < 5
    finally:
        for link in links:
            link.close()


def test_many_at_once_are_all_answered(ours: Node) -> None:
    """Ten senders of bad bodies, five times each: every one is told."""
    bodies, told = [body for body, _ in BAD.values()], list[int]()

    def post(number: int) -> None:
        for turn in range(5):
            body = bodies[(number + turn) % len(bodies)]
            told.append(ours.ask("POST", "/api/v2/alerts", content=body, headers=JSON).status_code)

    senders = [threading.Thread(target=post, args=(number,)) for number in range(10)]
    for sender in senders:
        sender.start()
    until(lambda: not any(sender.is_alive() for sender in senders), 60)

    assert told == [400] * 50


def connect(ours: Node) -> socket.socket:
    """A bare connection."""
    return socket.create_connection(("127.0.0.1", int(ours.url.rpartition(":")[2])), 30)


def head(door: str, token: str = TOKEN) -> bytes:
    """The head of a request, without its end."""
    lines = (f"POST {door} HTTP/1.1", "Host: here", "Content-Type: application/json", f"Authorization: Bearer {token}")
    return "".join(f"{line}\r\n" for line in lines).encode()


def send(ours: Node, door: str, body: Iterator[bytes], length: int | None) -> tuple[int, str]:
    """Send all of a body, with its length or in chunks, as a client that doesn't listen meanwhile; what it is told."""
    host = ours.url.removeprefix("http://")
    link = http.client.HTTPConnection(host, timeout=30)
    kind = "application/x-www-form-urlencoded" if door == "/login" else "application/json"
    headers = {"Content-Type": kind, "Authorization": f"Bearer {TOKEN}"}
    if length is not None:
        headers["Content-Length"] = str(length)
    try:
        link.request("POST", door, body, headers, encode_chunked=length is None)
        answer = link.getresponse()
        return answer.status, answer.read().decode()
    finally:
        link.close()
