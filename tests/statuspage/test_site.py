"""The public site over HTTP: kept bytes, nothing of the inside, and answers while the rest is on fire."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from starlette.testclient import TestClient

from tests.statuspage.pier import HandClock, an_incident, post_of, publish
from tocsin.app import App
from tocsin.errors import Unavailable
from tocsin.probes.statuspage import Statuspage
from tocsin.service.statuspage import maintenance, sending, showing
from tocsin.web import server
from tocsin.web.statuspage import listening
from tocsin.web.statuspage.answering import Swift, packs
from tocsin.web.statuspage.publisher import Publisher


@pytest.fixture
def client(app: App) -> Iterator[TestClient]:
    """A stranger, whose requests arrive without a token."""
    with TestClient(server.build(app), base_url="http://tocsin.test") as opened:
        yield opened


def fresh(client: TestClient) -> None:
    """Have what was just published on the page."""
    client.app.state.publisher.refresh()  # type: ignore[attr-defined]


def test_a_stranger_reads_the_page_with_headers_that_let_caches_keep_it(app: App, client: TestClient) -> None:
    """HTML without a script, a style that the policy seals, an ETag that saves the second answer."""
    publish(app, an_incident(app))
    fresh(client)

    answer = client.get("/status/", headers={"Accept-Encoding": "identity"})

    assert answer.status_code == 200
    assert "Boarding stands still" in answer.text
    assert "<script" not in answer.text
    assert "max-age=15" in answer.headers["cache-control"]
    assert "script-src" not in answer.headers["content-security-policy"]
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "set-cookie" not in answer.headers
    again = client.get("/status/", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get("/status", follow_redirects=False).headers["location"] == "/status/"


def test_every_link_of_the_page_leads_to_a_file_of_it(app: App, client: TestClient) -> None:
    """So it can be exported anywhere: all links are relative, none is dead."""
    publish(app, an_incident(app))
    wanted = maintenance.Planning(title="A new ramp", text="x", starts_at="2026-03-05T09:00", lasts="1h")
    maintenance.plan(app, wanted, "ana", "admin")
    fresh(client)
    files = client.app.state.publisher.files  # type: ignore[attr-defined]
    checked = 0
    for name, kept in files.items():
        if not name.endswith(".html"):
            continue
        for link in re.findall(r'(?:href|action)="([^"#]+)"', kept.body.decode()):
            target = f"{name.rpartition('/')[0]}/{link}".lstrip("/") if "/" in name else link
            while "../" in target:
                target = re.sub(r"[^/]+/\.\./", "", target, count=1)
            assert (target or "index.html") in {*files, "subscribe"}, f"{name}: {link}"
            checked += 1
    assert checked > 20


def test_statuspage_clients_read_it_as_one_of_their_own(app: App, client: TestClient) -> None:
    """The eight documents in their shape; our own probe for suppliers' pages reads it, too."""
    publish(app, an_incident(app))
    fresh(client)

    for name in (
        "status", "summary", "components", "incidents", "incidents/unresolved", "scheduled-maintenances",
        "scheduled-maintenances/upcoming", "scheduled-maintenances/active",
    ):  # fmt: skip
        answer = client.get(f"/status/api/v2/{name}.json")
        assert answer.status_code == 200
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.json()["page"]["name"] == "Pier status"
    summary = client.get("/status/api/v2/summary.json").json()
    assert summary["status"]["indicator"] == "critical"
    (boarding,) = (each for each in summary["components"] if each["name"] == "Boarding")
    (group,) = (each for each in summary["components"] if each["group"])
    assert group["updated_at"] == boarding["updated_at"] is not None
    (incident,) = summary["incidents"]
    assert (incident["status"], incident["impact"]) == ("investigating", "critical")
    assert incident["incident_updates"][0]["affected_components"] == [
        {"code": "boarding", "name": "Boarding", "old_status": "operational", "new_status": "major_outage"}
    ]
    assert Statuspage(url="http://127.0.0.1:9/status").supplier
    from tocsin.probes import statuspage as probe

    assert probe._whole(summary)[0] == 3


def test_the_feed_is_atom_and_the_badge_is_a_picture(app: App, client: TestClient) -> None:
    """Both are well-formed XML; the feed has an entry for each report."""
    publish(app, an_incident(app), "It rains <inside> & out.")
    fresh(client)

    feed = ET.fromstring(client.get("/status/history.atom").content)
    space = "{http://www.w3.org/2005/Atom}"
    (entry,) = feed.findall(f"{space}entry")
    assert "It rains <inside> & out." in (entry.findtext(f"{space}content") or "")
    assert all(feed.findtext(f"{space}{name}") for name in ("id", "title", "updated"))
    badge = client.get("/status/badge.svg")
    assert badge.headers["content-type"] == "image/svg+xml"
    assert ET.fromstring(badge.content).get("aria-label") == "Pier status: Some systems are down"


def test_it_is_answered_while_the_database_is_gone_and_maintenance_still_ends(
    app: App, client: TestClient, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From memory: the last known state, with when it was known; the clock goes on."""
    publish(app, an_incident(app))
    maintenance.plan(app, maintenance.Planning(title="x", text="y", lasts="10m", offline=True), "ana", "admin")
    fresh(client)
    assert client.get("/status/health").status_code == 503

    def gone(*_: object, **__: object) -> Any:
        raise Unavailable("The database does not answer.")

    monkeypatch.setattr(type(app.db), "read", gone)
    monkeypatch.setattr(type(app.db), "write", gone)
    clock.at += timedelta(minutes=11)
    fresh(client)

    assert "Boarding stands still" in client.get("/status/").text
    assert "As known at" in client.get("/status/").text
    assert client.get("/status/messages.json").json()["maintenance"] is False
    assert client.get("/status/health").status_code == 200
    assert client.get("/readyz").status_code == 503


def test_health_says_for_how_long(app: App, client: TestClient, clock: HandClock) -> None:
    """503 with Retry-After while it lasts, by the clock to the second."""
    maintenance.plan(app, maintenance.Planning(title="x", text="y", lasts="10m", offline=True), "ana", "admin")
    fresh(client)

    answer = client.get("/status/health")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "601")
    assert answer.json()["until"] == "2026-03-02T09:10:00.000Z"
    clock.at += timedelta(minutes=10)
    assert client.get("/status/health").status_code == 200


def test_somebody_subscribes_by_the_pages_own_forms(app: App, client: TestClient) -> None:
    """Without a script: ask, follow the link, press the button; leave by a mail program's one click."""
    asked = client.post("/status/subscribe", data={"kind": "mail", "address": "kim@example.org"})
    assert asked.status_code == 200
    assert "One more step" in asked.text
    assert "no mail address" not in client.post("/status/subscribe", data={"address": "kim@example.org"}).text
    assert "not a mail address" in client.post("/status/subscribe", data={"address": "x"}).text
    while sending.send_due(app):
        pass
    confirm = post_of(app).got[0][0].body.partition("org/confirm/")[2].split()[0]
    assert "Do you want updates?" in client.get(f"/status/confirm/{confirm}").text
    assert "You will be told" in client.post(f"/status/confirm/{confirm}").text
    publish(app, an_incident(app))
    while sending.send_due(app):
        pass
    end = post_of(app).got[1][1].fields["unsubscribe"].rpartition("/")[2]
    one_click = client.post(f"/status/unsubscribe/{end}", data={"List-Unsubscribe": "One-Click"})
    assert "You will get none any more." in one_click.text
    assert client.post("/status/unsubscribe/nonsense").status_code == 404


def test_one_address_may_ask_only_so_often(client: TestClient) -> None:
    """The eleventh time within ten minutes is refused."""
    codes = [client.post("/status/subscribe", data={"address": f"k{n}@example.org"}).status_code for n in range(11)]

    assert codes == [200] * 10 + [429]


def test_at_an_address_of_its_own_there_is_the_page_and_nothing_else(app: App) -> None:
    """No login, no API, no metrics: what is not the page is not there."""
    publisher = Publisher(app, showing.configured(app))
    publisher.refresh()
    client = TestClient(listening.build(app, publisher), base_url="http://status.test")

    assert client.get("/").status_code == 200
    assert client.get("/api/v2/status.json").json()["status"]["indicator"] == "none"
    for path in ("/login", "/incidents", "/api/v1/incidents", "/metrics", "/healthz", "/openapi.json", "/status/"):
        answer = client.get(path)
        assert answer.status_code == 404, path
        assert "Log in" not in answer.text
    assert client.post("/api/v2/alerts", json=[]).status_code in (404, 405)
    assert client.get("/../../etc/passwd").status_code == 404


@pytest.fixture
def swift(app: App) -> Swift:
    """The swift way over a page that is drawn."""
    publisher = Publisher(app, showing.configured(app))
    publisher.refresh()
    return Swift(publisher, "/status")


def head(path: str = "/status/", *more: str, method: str = "GET", version: str = "1.1") -> bytes:
    """A request's head."""
    return "\r\n".join((f"{method} {path} HTTP/{version}", "Host: x", *more, "", "")).encode()


def test_the_swift_way_answers_as_the_ordinary_one(app: App, client: TestClient, swift: Swift) -> None:
    """The same status, the same headers, the same bytes, packed or not, changed or not."""
    for more in ((), ("Accept-Encoding: gzip, br",)):
        for path in ("/status/", "/status/index.html?x=1", "/status/api/v2/status.json", "/status/badge.svg"):
            raw = swift.respond(head(path, *more), [(b"date", b"now")])
            assert raw is not None
            top, _, body = raw.partition(b"\r\n\r\n")
            lines = top.decode().split("\r\n")
            headers = {line.partition(": ")[0].lower(): line.partition(": ")[2] for line in lines[1:]}
            accept = more[0].partition(": ")[2] if more else "identity"
            with client.stream("GET", path, headers={"Accept-Encoding": accept}) as answer:
                assert b"".join(answer.iter_raw()) == body
                others = {name: value for name, value in answer.headers.items() if name != "x-request-id"}
            assert lines[0] == "HTTP/1.1 200 OK"
            changed = {"last-modified"}  # each of the two publishers has drawn it by itself
            assert {k: v for k, v in headers.items() if k not in {*changed, "date"}} == {
                k: v for k, v in others.items() if k not in changed
            }
    tag = swift.respond(head(), [])
    assert tag is not None
    etag = tag.partition(b"ETag: ")[2].split(b"\r\n")[0].decode()
    unchanged = swift.respond(head("/status/", f"If-None-Match: {etag}"), [])
    assert unchanged is not None
    assert unchanged.startswith(b"HTTP/1.1 304 ")
    assert unchanged.endswith(b"\r\n\r\n")


@pytest.mark.parametrize(
    "raw",
    [
        head(method="HEAD"), head(method="POST"), head(version="1.0"), head("/status/health"), head("/status/nothing"),
        head("/status/", "Connection: close"), head("/status/", "Range: bytes=0-1"), head("/status/", "Host: y"),
        head("/status/", "Content-Length: 3"), head("/status/%69ndex.html"), head("/statusx/"),
        b"GET /status/ HTTP\r\n\r\n",
        head("/status/", "Transfer-Encoding: chunked"), head("/status/", "Upgrade: h2c", "Connection: upgrade"),
        b"GET /status/ HTTP/1.1\r\n\r\n", head("/status/", "X: " + "y" * 5000), head("/status/../login"),
    ],
)  # fmt: skip
def test_what_is_odd_is_left_to_the_ordinary_door(swift: Swift, raw: bytes) -> None:
    """One place says what is wrong with a request."""
    assert swift.respond(raw, []) is None


def test_a_new_drawing_replaces_every_swift_answer(app: App, swift: Swift) -> None:
    """Nobody reads yesterday's page because they asked for it before."""
    first = swift.respond(head(), [])
    publish(app, an_incident(app))
    swift._publisher.refresh()
    second = swift.respond(head(), [])

    assert first is not None
    assert second is not None
    assert b"Boarding stands still" not in first
    assert b"Boarding stands still" in second


@pytest.mark.parametrize(
    ("header", "packed"),
    [("gzip", True), ("br, gzip;q=0.5", True), ("*", True), ("gzip;q=0", False), ("identity", False), ("", False)],
)
def test_what_may_be_packed(header: str, packed: bool) -> None:
    """As RFC 9110 says."""
    assert packs(header) is packed


def test_what_is_packed_unpacks_to_the_page(app: App) -> None:
    """And is a fraction of it."""
    publisher = Publisher(app, showing.configured(app))
    publisher.refresh()
    for kept in publisher.files.values():
        if kept.packed:
            assert gzip.decompress(kept.packed) == kept.body
            assert len(kept.packed) < len(kept.body)


def test_the_page_weighs_little(app: App, client: TestClient) -> None:
    """Under 60 kB with everything that a browser loads."""
    ref = an_incident(app)
    for number in range(10):
        publish(app, ref, f"Update {number}. " + "Nobody can board. " * 20)
    fresh(client)
    files = client.app.state.publisher.files  # type: ignore[attr-defined]

    assert len(files["index.html"].body) + len(files["icon.svg"].body) < 60_000
    assert json.loads(files["messages.json"].body)["messages"] == []
