"""Subscribers: asked twice before they are told anything, and free to go with one click."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from tocsin.app import App
from tocsin.errors import Invalid, NotFound, TooMany
from tocsin.ids import new_id
from tocsin.service.statuspage import links
from tocsin.service.statuspage.showing import configured
from tocsin.store import statuspage as store
from tocsin.store import subscribers
from tocsin.store.db import Tx
from tocsin.store.subscribers import Subscriber

KEY = "links"
ASK_AGAIN = timedelta(hours=1)
"""An address is asked at most once in this time, so that nobody's mailbox is flooded by a stranger."""
_OWN_LINK = "by their own link"
"""Who left by a link that only they have may come back at once."""
MOST_WAITING = 2_000
MOST_TOLD = 50_000
FORGOTTEN = timedelta(days=30)
LONGEST_ADDRESS, LONGEST_URL = 254, 500
_ADDRESS = re.compile(r"[^\s@<>,;:\"\\\x00-\x1f\x7f]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")


def subscribe(app: App, kind: str, address: str) -> None:
    """Somebody wants to be told: they are asked whether they meant it. Says nothing about who is known already."""
    status = configured(app)
    if (kind == "mail" and not status.mail) or (kind == "webhook" and not status.webhooks):
        raise NotFound("The page takes no subscribers of this kind.", "Use its feed.")
    address, now = _checked(kind, address), app.clock.now()

    def write(tx: Tx) -> None:
        known = subscribers.by_address(tx, kind, address)
        if known is not None and (known.counts or (now - known.asked_at < ASK_AGAIN and known.why != _OWN_LINK)):
            return
        told, waiting = subscribers.count(tx)
        if waiting >= MOST_WAITING or told >= MOST_TOLD:
            raise TooMany("Too many people subscribe just now.", "Try again tomorrow, or use the feed.")
        asked = subscribers.add(tx, new_id("sub", now), kind, address, now)
        subscribers.ask(tx, new_id("ask", now), asked.id, now)
        tx.after_commit(app.bell.show)

    app.db.write(write)


def confirm(app: App, token: str) -> Subscriber:
    """They meant it. Raises `NotFound` for a link that is not ours or too old."""
    return app.db.write(lambda tx: _confirm(tx, _whose(app, tx, "confirm", token), app.clock.now()))


def unsubscribe(app: App, token: str) -> Subscriber:
    """They are told no more, from now on; once more does no harm."""

    def write(tx: Tx) -> Subscriber:
        found = _whose(app, tx, "end", token)
        subscribers.end(tx, found.id, _OWN_LINK, app.clock.now())
        return found

    return app.db.write(write)


def known(app: App, purpose: str, token: str) -> Subscriber:
    """Whose link it is; raises as `confirm`."""
    return app.db.write(lambda tx: _whose(app, tx, purpose, token))


def signing_secret(app: App, subscriber: Subscriber) -> str:
    """With what messages to a webhook are signed."""
    return links.secret_of(app.db.write(lambda tx: store.secret(tx, KEY)), subscriber.id)


def remove(app: App, subscriber_id: str) -> None:
    """The team ends a subscription. Raises `NotFound`."""
    if not app.db.write(lambda tx: subscribers.end(tx, subscriber_id, "by the team", app.clock.now())):
        raise NotFound("There is no such subscriber.", "`tocsin status-page subscribers` lists them.")


def tidy(app: App) -> None:
    """Forget who never confirmed, who ended, and what was sent."""
    now = app.clock.now()

    def write(tx: Tx) -> None:
        subscribers.forget(tx, now - links.CONFIRM_WITHIN, now - FORGOTTEN)
        subscribers.prune(tx, now - FORGOTTEN)

    app.db.write(write)


def _whose(app: App, tx: Tx, purpose: str, token: str) -> Subscriber:
    found = links.subscriber_of(store.secret(tx, KEY), purpose, token, app.clock.now())
    subscriber = subscribers.get(tx, found) if found else None
    if subscriber is None:
        raise NotFound("This link does not count, or no longer.", "Subscribe again to get another one.")
    return subscriber


def _confirm(tx: Tx, asked: Subscriber, now: datetime) -> Subscriber:
    if asked.ended_at is not None:
        raise NotFound("This subscription has ended.", "Subscribe again to get another link.")
    subscribers.confirm(tx, asked.id, now)
    return subscribers.get(tx, asked.id) or asked


def _checked(kind: str, address: str) -> str:
    text = address.strip()
    if kind == "mail":
        if len(text) > LONGEST_ADDRESS or not _ADDRESS.fullmatch(text) or not text.isprintable():
            raise Invalid("That is not a mail address.", "Write it as name@example.org.")
        local, _, domain = text.rpartition("@")
        return f"{local}@{domain.lower()}"
    try:
        parts = urlsplit(text)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.username
    except ValueError:
        good = False
    if not good or len(text) > LONGEST_URL or not text.isascii() or not text.isprintable() or " " in text:
        raise Invalid("That is not an address that can be posted to.", "Begin it with https://.")
    return text
