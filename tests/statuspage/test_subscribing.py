"""Strangers: asked twice, told once each, gone with one click, and never a way to trouble others."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.statuspage.pier import HandClock, an_incident, post_of, publish
from tocsin.app import App
from tocsin.engine.herald import Herald
from tocsin.errors import Invalid, NotFound, TooMany, Undelivered
from tocsin.plug.mailbody import html_of
from tocsin.service.statuspage import links, maintenance, sending, subscribing
from tocsin.store import statuspage as store
from tocsin.store import subscribers


def link_of(app: App, word: str) -> str:
    """The token behind this word in the last mail."""
    notice, _ = post_of(app).got[-1]
    return f"{notice.body} {notice.why}".partition(f"/{word}/")[2].split()[0]


def join(app: App, address: str = "kim@example.org") -> None:
    """Subscribe and confirm."""
    subscribing.subscribe(app, "mail", address)
    send_all(app)
    subscribing.confirm(app, link_of(app, "confirm"))


def send_all(app: App) -> None:
    """Send what is due."""
    while sending.send_due(app):
        pass


def test_nobody_is_told_before_they_confirmed_it_and_nobody_after_they_left(app: App) -> None:
    """Each mail says how to get no more, in its text and for mail programs."""
    ref = an_incident(app)
    subscribing.subscribe(app, "mail", "kim@example.org")
    send_all(app)
    publish(app, ref)
    send_all(app)
    assert [notice.subject for notice, _ in post_of(app).got] == ["Confirm: updates of Pier status"]
    asked, to = post_of(app).got[0]
    assert "unsubscribe" not in to.fields
    assert f'<a href="{asked.url}"' in html_of(asked) and "/confirm/" in asked.url

    subscribing.confirm(app, link_of(app, "confirm"))
    publish(app, ref, "The ramp moves.")
    send_all(app)
    notice, to = post_of(app).got[-1]
    assert notice.subject == "[Pier status] Investigating: Boarding stands still"
    assert "The ramp moves." in notice.body
    assert "inner words" not in f"{notice}"
    assert ref not in f"{notice}"
    assert to.fields["unsubscribe"].startswith("https://status.pier.example.org/unsubscribe/sub_")

    subscribing.unsubscribe(app, link_of(app, "unsubscribe"))
    subscribing.unsubscribe(app, link_of(app, "unsubscribe"))
    publish(app, ref, "All is well.", stage="resolved")
    send_all(app)
    assert len(post_of(app).got) == 2


def test_an_address_is_asked_once_an_hour_however_often_strangers_ask(app: App, clock: HandClock) -> None:
    """Nobody's mailbox is filled by somebody else; and who is told already is not asked at all."""
    for _ in range(5):
        subscribing.subscribe(app, "mail", "kim@Example.ORG")
    send_all(app)
    assert len(post_of(app).got) == 1
    clock.at += timedelta(hours=2)
    subscribing.subscribe(app, "mail", "kim@example.org")
    send_all(app)
    assert len(post_of(app).got) == 2
    subscribing.confirm(app, link_of(app, "confirm"))
    clock.at += timedelta(hours=2)
    subscribing.subscribe(app, "mail", "kim@example.org")
    send_all(app)
    assert len(post_of(app).got) == 2


def test_who_left_by_mistake_may_come_back_at_once(app: App, clock: HandClock) -> None:
    """They are asked again, and told again; only once, however often somebody asks for it."""
    join(app)
    publish(app, an_incident(app))
    send_all(app)
    subscribing.unsubscribe(app, link_of(app, "unsubscribe"))
    clock.at += timedelta(minutes=5)
    before = len(post_of(app).got)
    for _ in range(3):
        subscribing.subscribe(app, "mail", "kim@example.org")
    send_all(app)
    assert [notice.subject for notice, _ in post_of(app).got[before:]] == ["Confirm: updates of Pier status"]
    assert subscribing.confirm(app, link_of(app, "confirm")).counts


def test_links_are_ours_alone_for_one_purpose_and_for_a_while(app: App, clock: HandClock) -> None:
    """A forged, a swapped, an old link count for nothing."""
    subscribing.subscribe(app, "mail", "kim@example.org")
    send_all(app)
    token = link_of(app, "confirm")
    forged = token[:-1] + ("A" if token[-1] != "A" else "B")
    for bad in (forged, token.replace("sub_", "sub_0"), "x", "", f"{token}x"):
        with pytest.raises(NotFound):
            subscribing.confirm(app, bad)
    with pytest.raises(NotFound):
        subscribing.unsubscribe(app, token)
    clock.at += timedelta(hours=49)
    with pytest.raises(NotFound):
        subscribing.confirm(app, token)


@pytest.mark.parametrize(
    "address", ["", "kim", "kim@", "@example.org", "kim@example", "a b@example.org", "kim@example.org\nBcc: x@y.zz",
                "x" * 300 + "@example.org", "kim@example.org,lee@example.org"],
)  # fmt: skip
def test_what_is_no_mail_address_is_refused(app: App, address: str) -> None:
    """In one sentence, before anything is stored."""
    with pytest.raises(Invalid):
        subscribing.subscribe(app, "mail", address)
    assert app.db.read(subscribers.count) == (0, 0)


def test_too_many_who_never_confirm_are_stopped(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """The table does not grow without end; who did not confirm is forgotten."""
    monkeypatch.setattr(subscribing, "MOST_WAITING", 2)
    for name in ("a", "b"):
        subscribing.subscribe(app, "mail", f"{name}@example.org")
    with pytest.raises(TooMany):
        subscribing.subscribe(app, "mail", "c@example.org")


def test_forgetting(app: App, clock: HandClock) -> None:
    """Two days without a confirmation, and the address is gone."""
    subscribing.subscribe(app, "mail", "a@example.org")
    clock.at += timedelta(days=3)
    subscribing.tidy(app)
    assert app.db.read(subscribers.count) == (0, 0)


def test_a_mail_that_fails_is_tried_again_and_one_that_is_overtaken_is_not(app: App, clock: HandClock) -> None:
    """A receiver who can't be reached for good is told no more."""
    ref = an_incident(app)
    join(app)
    post = post_of(app)
    post.fault = Undelivered("busy")
    publish(app, ref)
    send_all(app)
    publish(app, ref, "Newer words.")
    send_all(app)
    post.fault = None
    clock.at += timedelta(minutes=2)
    send_all(app)
    assert [notice.body.splitlines()[0] for notice, _ in post.got[1:]] == ["Newer words."]
    post.fault = Undelivered("no such mailbox", permanent=True)
    publish(app, ref, "Last words.", stage="resolved")
    send_all(app)
    assert app.db.read(subscribers.count) == (0, 0)


def test_a_maintenance_is_announced_reminded_of_begun_and_ended_once_each(app: App, clock: HandClock) -> None:
    """Also over a restart of the loop that tells it."""
    join(app)
    wanted = maintenance.Planning(
        title="A new ramp", text="No boarding.", starts_at="2026-03-03T09:00", lasts="1h", remind="2h"
    )
    maintenance.plan(app, wanted, "ana", "admin")
    for hours in (0, 20, 22.5, 23, 24.1, 24.2, 25.1, 25.2, 30):
        clock.at = clock.at.replace(day=2, hour=9, minute=0) + timedelta(hours=hours)
        herald = Herald(app)
        while herald.turn():
            pass
        assert not Herald(app).turn()

    assert [notice.subject for notice, _ in post_of(app).got[1:]] == [
        "[Pier status] Planned maintenance: A new ramp",
        "[Pier status] Soon: planned maintenance: A new ramp",
        "[Pier status] Maintenance has begun: A new ramp",
        "[Pier status] Maintenance is over: A new ramp",
    ]


@contextmanager
def a_hook(status: int = 200) -> Iterator[tuple[str, list[tuple[dict[str, str], bytes]]]]:
    """A stranger's webhook on loopback, and what it got."""
    got: list[tuple[dict[str, str], bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            got.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/hook", got
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_webhook_of_a_private_network_is_never_reached(app: App) -> None:
    """Whoever gives such an address makes us send nothing anywhere."""
    with a_hook() as (url, got):
        subscribing.subscribe(app, "webhook", url)
        send_all(app)
    assert got == []
    assert app.db.read(subscribers.count) == (0, 0)
    with pytest.raises(Invalid):
        subscribing.subscribe(app, "webhook", "ftp://example.org/x")
    with pytest.raises(Invalid):
        subscribing.subscribe(app, "webhook", "https://user:secret@example.org/x")


def test_a_webhook_gets_signed_messages_after_it_was_confirmed(app: App) -> None:
    """In Statuspage's shape, signed as Standard Webhooks say, with a secret that is shown once it is confirmed."""
    status = app.settings.status
    assert status is not None
    app.settings = replace(app.settings, status=replace(status, allow=("127.0.0.0/8",)))
    ref = an_incident(app)
    with a_hook() as (url, got):
        subscribing.subscribe(app, "webhook", url)
        send_all(app)
        asked = json.loads(got[0][1])
        assert asked["type"] == "subscription.confirm"
        known = subscribing.confirm(app, asked["confirm_url"].rpartition("/")[2])
        publish(app, ref)
        send_all(app)
    headers, body = got[1]
    told = json.loads(body)
    assert told["incident"]["name"] == "Boarding stands still"
    assert (told["page"]["status_indicator"], bool(told["page"]["status_description"])) == ("critical", True)
    assert "/unsubscribe/" in told["meta"]["unsubscribe"] and told["unsubscribe_url"] == told["meta"]["unsubscribe"]
    secret = b64decode(subscribing.signing_secret(app, known).removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    wanted = b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode()
    assert headers["webhook-signature"] == f"v1,{wanted}"


def test_a_link_for_one_subscriber_says_nothing_of_another(app: App) -> None:
    """Each token holds whose it is, sealed."""
    key = app.db.write(lambda tx: store.secret(tx, subscribing.KEY))
    assert key == app.db.write(lambda tx: store.secret(tx, subscribing.KEY))
    token = links.sign(key, "end", "sub_0000000001_aaaaaaaaaa")
    assert links.subscriber_of(key, "end", token, app.clock.now()) == "sub_0000000001_aaaaaaaaaa"
    assert links.subscriber_of(key, "confirm", token, app.clock.now()) is None
    assert links.subscriber_of("another", "end", token, app.clock.now()) is None
    other = token.replace("sub_0000000001", "sub_0000000002")
    assert links.subscriber_of(key, "end", other, app.clock.now()) is None
