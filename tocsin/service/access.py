"""Who may come in: tokens of the configuration and of the database, sessions of the page. Only hashes are stored."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta

from tocsin.app import App
from tocsin.core.facts import Actor
from tocsin.errors import Invalid, Unauthorized
from tocsin.settings import SHORTEST_TOKEN, Token
from tocsin.store import people
from tocsin.store.db import Tx

SESSION = timedelta(hours=12)
TOKEN_VARIABLE = "TOCSIN_TOKEN"  # noqa: S105 -- the name of a variable, not a token


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody whom we know, and the role in which they come."""

    name: str
    role: str

    @property
    def actor(self) -> Actor:
        """As whom they stand on the timeline."""
        return Actor("agent" if self.role == "agent" else "person", self.name)


def hashed(secret: str) -> str:
    """What is stored of a token or session: a hash that gives nothing away (the secrets are random and long)."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def caller_of(app: App, token: str) -> Caller:
    """Whose token this is. Raises `Unauthorized`."""
    key = hashed(token)
    for known in configured(app):
        if hmac.compare_digest(hashed(known.secret), key):
            return Caller(known.name, known.role)
    row = app.db.read(lambda tx: people.token(tx, key)) if token else None
    if row is None:
        raise Unauthorized("This token is not known.", "Send a valid one as `Authorization: Bearer …`.")
    return Caller(row.name, row.role)


def configured(app: App) -> tuple[Token, ...]:
    """The tokens of the configuration; without any, ``TOCSIN_TOKEN`` is the admin's."""
    variable = app.environ.get(TOKEN_VARIABLE, "")
    if app.settings.tokens or not variable:
        return app.settings.tokens
    if len(variable) < SHORTEST_TOKEN:
        raise Invalid(f"{TOKEN_VARIABLE} is shorter than {SHORTEST_TOKEN} characters.", "Use a longer one.")
    return (Token(name="admin", role="admin", secret=variable),)


def first_token(app: App) -> str | None:
    """Where nobody could come in, make a token for the admin; it is shown this once."""
    if configured(app):
        return None
    secret, now = secrets.token_urlsafe(24), app.clock.now()

    def write(tx: Tx) -> str | None:
        if any(row.revoked_at is None for row in people.tokens(tx)):
            return None
        people.add_token(tx, people.Token(hash=hashed(secret), name="admin", role="admin", created_at=now))
        return secret

    return app.db.write(write)


def start_session(app: App, token: str) -> str:
    """Exchange a token for a session of the page; the answer goes into a cookie."""
    caller = caller_of(app, token)
    cookie, now = secrets.token_urlsafe(32), app.clock.now()
    session = people.Session(
        hash=hashed(cookie), name=caller.name, role=caller.role, created_at=now, expires_at=now + SESSION
    )

    def write(tx: Tx) -> None:
        people.prune_sessions(tx, now)
        people.open_session(tx, session)

    app.db.write(write)
    return cookie


def session_of(app: App, cookie: str) -> Caller | None:
    """Whose session this is; None when it has ended, never was, or its token is no longer known."""
    if not cookie:
        return None

    def read(tx: Tx) -> Caller | None:
        row = people.session(tx, hashed(cookie), app.clock.now())
        if row is None:
            return None
        stored = {(token.name, token.role) for token in people.tokens(tx) if token.revoked_at is None}
        known = {(token.name, token.role) for token in configured(app)} | stored
        return Caller(row.name, row.role) if (row.name, row.role) in known else None

    return app.db.read(read)


def end_session(app: App, cookie: str) -> None:
    """Log out."""
    app.db.write(lambda tx: people.close_session(tx, hashed(cookie)))
