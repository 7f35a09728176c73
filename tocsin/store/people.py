"""Who may ask: API tokens and sessions of the web. Only hashes of secrets are stored; hashing is the caller's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tocsin.errors import Conflict
from tocsin.store.db import Row, Tx

_ADD = """
insert into tokens (hash, name, role, created_at) values (:hash, :name, :role, :created_at) on conflict do nothing
"""
_GET = "select * from tokens where hash = :hash and revoked_at is null"
_EVERY = "select * from tokens order by created_at, hash"
_REVOKE = "update tokens set revoked_at = :now where name = :name and revoked_at is null"
_ADD_SESSION = """
insert into sessions (hash, name, role, created_at, expires_at)
values (:hash, :name, :role, :created_at, :expires_at) on conflict do nothing
"""
_SESSION = "select * from sessions where hash = :hash and expires_at > :now"
_END = "delete from sessions where hash = :hash"
_END_ALL = "delete from sessions where name = :name"
_PRUNE = "delete from sessions where expires_at <= :now"


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """An API token, by the hash of its secret."""

    hash: str
    name: str
    role: str
    created_at: datetime
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A signed-in browser, by the hash of its cookie."""

    hash: str
    name: str
    role: str
    created_at: datetime
    expires_at: datetime


def add_token(tx: Tx, token: Token) -> None:
    """Let a token in. Raises `Conflict` where this secret is known already, revoked or not."""
    added = tx.execute(_ADD, hash=token.hash, name=token.name, role=token.role, created_at=token.created_at)
    if not added:
        raise Conflict("This token is known already.", "Make a new one.")


def token(tx: Tx, hashed: str) -> Token | None:
    """The token with this hash; None where it is unknown or revoked."""
    row = tx.one(_GET, hash=hashed)
    return _token(row) if row else None


def tokens(tx: Tx) -> list[Token]:
    """Every token there ever was, the oldest first."""
    return [_token(row) for row in tx.all(_EVERY)]


def revoke(tx: Tx, name: str, now: datetime) -> int:
    """End every token of this name; returns how many."""
    return tx.execute(_REVOKE, name=name, now=now)


def open_session(tx: Tx, session: Session) -> None:
    """Sign a browser in. Raises `Conflict` where its cookie is known already."""
    added = tx.execute(
        _ADD_SESSION, hash=session.hash, name=session.name, role=session.role, created_at=session.created_at,
        expires_at=session.expires_at,
    )  # fmt: skip
    if not added:
        raise Conflict("This session is open already.", "Sign in again.")


def session(tx: Tx, hashed: str, now: datetime) -> Session | None:
    """The session with this hash; None where it is unknown or over."""
    row = tx.one(_SESSION, hash=hashed, now=now)
    if row is None:
        return None
    return Session(
        hash=row["hash"], name=row["name"], role=row["role"], created_at=row.time("created_at"),
        expires_at=row.time("expires_at"),
    )  # fmt: skip


def close_session(tx: Tx, hashed: str) -> bool:
    """Sign a browser out; False where it was not signed in."""
    return tx.execute(_END, hash=hashed) == 1


def close_sessions_of(tx: Tx, name: str) -> int:
    """Sign somebody out everywhere; returns how many browsers that were."""
    return tx.execute(_END_ALL, name=name)


def prune_sessions(tx: Tx, now: datetime) -> int:
    """Forget sessions that are over; returns how many."""
    return tx.execute(_PRUNE, now=now)


def _token(row: Row) -> Token:
    return Token(
        hash=row["hash"], name=row["name"], role=row["role"], created_at=row.time("created_at"),
        revoked_at=row.time_or_none("revoked_at"),
    )  # fmt: skip
