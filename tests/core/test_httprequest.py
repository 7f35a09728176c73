"""A request over HTTP is read in one way, or refused with a sentence; values stay in the gaps they were given for."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.test_rendering import NASTY, TEXT
from tocsin.core.httprequest import Unreadable, filled, parse, with_address
from tocsin.core.rendering import Gap, may_be_header, render
from tocsin.errors import Refused

SENT = """\
POST https://Shop.example:8443/orders?late=1#top HTTP/1.1
Content-Type: application/json
X-Request-Id:   7
Host: shop.example:8443

{"a":
 1}
"""


def fill(command: str, values: dict[str, str], *, read_as: str = "text", **variables: str) -> str:
    gaps = [Gap(text=gap, read_as=read_as) for gap in (*values, *(f"<{name}>" for name in variables))]
    return render(command, "http", gaps, values, {f"<{name}>": value for name, value in variables.items()})


def test_every_part_is_told_apart() -> None:
    """Method, address, headers with their values, body; each piece stands where it says."""
    request = parse(SENT)
    assert (request.method, request.scheme, request.host, request.port) == ("POST", "https", "Shop.example", 8443)
    assert request.target == "/orders?late=1"
    assert request.headers == (
        ("content-type", "application/json"), ("x-request-id", "7"), ("host", "shop.example:8443"),
    )  # fmt: skip
    assert request.body == '{"a":\n 1}'
    assert [SENT[piece.at : piece.end] for piece in request.pieces] == [piece.text for piece in request.pieces]
    assert [piece.role for piece in request.pieces][:3] == ["method", "address", "version"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "not the first line"),
        ("GET", "not the first line"),
        ("GET https://a.example/b c", "not the first line"),
        ("GET https://a.example/ HTTP/9", "not the first line"),
        ("get https://a.example/", "not a method"),
        ("CONNECT https://a.example/", "tunnel"),
        ("TRACE https://a.example/", "secret"),
        ("GET ftp://a.example/", "https://"),
        ("GET a.example/health", "https://"),
        ("GET //a.example/health", "https://"),
        ("GET https:///health", "not a host"),
        ("GET https://a.example:99999/", "not a host"),
        ("GET https://a.example:0/", "not a host"),
        ("GET https://ana:rye@a.example/", "user name or password"),
        ("GET https://a.example@b.example/", "user name or password"),
        ("GET https://a.example\\@b.example/", "can't stand in an address"),
        ("GET https://a.example/é", "can't stand in an address"),
        ("GET https://a.example/{id}", "can't stand in an address"),
        ("GET https://a.example/\r\nX: y", "carriage return"),
        ("GET https://a.example/\nX: y\rZ: w", "carriage return"),
        ("GET https://a.example/\nX: y\x00", "control character"),
        ("GET https://a.example/\x01", "control character"),
        ("GET https://a.example/\nX y: z", "not a header"),
        ("GET https://a.example/\nX : z", "not a header"),
        ("GET https://a.example/\nX: y\n z", "not a header"),
        ("GET https://a.example/\n#X: y", "not a header"),
        ("GET https://a.example/\nX: é", "plain ASCII"),
        ("GET https://a.example/\nX: 1\nx: 2", "stands twice"),
        ("GET https://a.example/\nHost: b.example", "another machine"),
        ("GET https://a.example/\nHost: a.example:8080", "another machine"),
        ("POST https://a.example/\nContent-Length: 3\n\nabc", "how the message travels"),
        ("POST https://a.example/\nTransfer-Encoding: chunked", "how the message travels"),
        ("GET https://a.example/\nGET https://b.example/", "not a header"),
    ],
)  # fmt: skip
def test_what_could_be_read_in_two_ways_is_refused(text: str, says: str) -> None:
    """One sentence says what is wrong, and where it stands."""
    with pytest.raises(Unreadable, match=says) as caught:
        parse(text)
    assert 0 <= caught.value.at <= caught.value.end <= len(text)


@settings(max_examples=300)
@given(st.text(st.sampled_from("GET POST hts:/@.example?#&=\n\r\t:{}\x01%é-HX1"), max_size=60))
def test_any_text_is_a_request_or_a_sentence(text: str) -> None:
    """Nothing else is raised, and what is read has each piece in its place."""
    try:
        request = parse(text)
    except Unreadable as error:
        request, said = None, error.message
    if request is None:
        assert said.endswith(".")
        return
    assert [text[piece.at : piece.end] for piece in request.pieces] == [piece.text for piece in request.pieces]
    assert "\r" not in text


def test_a_path_alone_goes_to_the_base() -> None:
    """Also where gaps are open; an address of its own, and one that only looks like a path, stay as they are."""
    base = "https://shop.example/v1/"
    assert with_address("GET /orders/<id>\nA: b", base) == "GET https://shop.example/v1/orders/<id>\nA: b"
    for text in ("GET https://a.example/b", "GET //a.example/b", "GET <url>/b", "not a request"):
        assert with_address(text, base) == text
    assert with_address("GET /orders", "") == "GET /orders"


@given(TEXT)
@settings(max_examples=200)
def test_a_value_in_a_path_stays_one_part_of_it(value: str) -> None:
    """The server reads the very value, and no other path, query or header."""
    try:
        request = parse(fill("GET https://shop.example/orders/<x>/state?by=1", {"<x>": value}))
    except Refused:
        assert value in (".", "..") or "/../" in f"/{value}/" or "/./" in f"/{value}/"
        return
    path, _, query = request.target.partition("?")
    assert (query, request.host, request.headers) == ("by=1", "shop.example", ())
    assert unquote(path) == f"/orders/{value}/state"


@given(NASTY)
@settings(max_examples=300)
def test_a_value_arrives_where_it_was_written_or_is_refused(value: str) -> None:
    """In the query, in a header, in JSON and in a form: never a part more, never another server."""
    for text, read in (
        ("GET https://shop.example/a?q=<x>&n=1", lambda r: parse_qs(urlsplit(r.target).query, True)["q"][0]),
        ("GET https://shop.example/a\nX-Why: <x>", lambda r: dict(r.headers)["x-why"]),
        ('POST https://shop.example/a\nContent-Type: application/json\n\n{"why": "<x>"}',
         lambda r: json.loads(r.body)["why"]),
        ("POST https://shop.example/a\nContent-Type: application/x-www-form-urlencoded\n\nq=<x>&n=1",
         lambda r: parse_qs(r.body, True)["q"][0]),
    ):  # fmt: skip
        before = parse(text.replace("<x>", "x"))
        try:
            request = parse(fill(text, {"<x>": value}))
        except Refused:
            continue
        assert [(one.role, one.name) for one in request.pieces] == [(one.role, one.name) for one in before.pieces]
        assert request.origin == before.origin
        assert read(request).strip() == value.strip()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("<x> https://shop.example/", "DELETE"),
        ("GET https://<x>/health", "a.example/restart?"),
        ("GET https://<x>.example/health", "evil.com#"),
        ("GET <x>/health", "ftp://a.example"),
        ("GET <x>", "https://ana:rye@a.example/"),
        ("GET https://shop.example/\n<x>: 1", "X-Key"),
        ("GET https://shop.example/\nX-Why: <x>", "$TOKEN"),
        ("GET https://shop.example/\nX-Why: <x>", "brötchen"),
        ('POST https://shop.example/\n\n{"n": <x>}', "1, \"admin\": true"),
        ("POST https://shop.example/\nContent-Type: text/csv\n\n<x>", "a,b;c d"),
    ],
)  # fmt: skip
def test_a_value_that_would_say_more_is_refused(text: str, value: str) -> None:
    """What would be another method, server, header or field is not sent."""
    with pytest.raises(Refused):
        fill(text, {"<x>": value})


def test_an_address_may_begin_with_a_gap() -> None:
    """Then its value says in full who is asked."""
    assert fill("GET {{base}}/health", {"{{base}}": "https://shop.example/"}) == "GET https://shop.example/health"


def test_a_secret_is_named_in_a_header_and_filled_when_it_is_sent() -> None:
    """Its value is in no command that anybody sees; elsewhere than in a header it can't be named."""
    text = "GET https://shop.example/a\nAuthorization: Bearer <token>"
    assert fill(text, {}, token="SHOP_TOKEN").endswith("Authorization: Bearer ${SHOP_TOKEN}")
    assert parse(fill(text, {}, token="SHOP_TOKEN")).variables == ("SHOP_TOKEN",)
    assert filled("Bearer ${SHOP_TOKEN}", {"SHOP_TOKEN": "$rye"}) == "Bearer $rye"
    assert may_be_header(text, "<token>")
    assert not may_be_header("GET https://shop.example/<token>", "<token>")
    assert not may_be_header("no request <token>", "<token>")
