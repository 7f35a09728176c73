"""Who may ask: API tokens and sessions of the web. Only hashes of secrets are stored; hashing is the caller's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tocsin.errors import Conflict
from tocsin.store.db import Row, Tx
from tocsin.times import EPOCH

_ADD = """
insert into tokens (hash, name, role, scopes, created_at, expires_at)
values (:hash, :name, :role, :scopes, :created_at, :expires_at) on conflict do nothing
"""
_GET = "select * from tokens where hash = :hash and revoked_at is null"
_EVERY = "select * from tokens order by created_at, hash"
_REVOKE = "update tokens set revoked_at = :now where name = :name and revoked_at is null"
_REVOKE_ONE = "update tokens set revoked_at = :now where hash = :hash and revoked_at is null"
_USED = "update tokens set last_used_at = :now where hash = :hash"
_ADD_SESSION = """
insert into sessions (hash, name, role, token, device, created_at, seen_at, expires_at)
values (:hash, :name, :role, :token, :device, :created_at, :seen_at, :expires_at) on conflict do nothing
"""
_SESSION = "select * from sessions where hash = :hash and expires_at > :now and seen_at > :idle_since"
_SESSIONS = """
select * from sessions where name = :name and expires_at > :now and seen_at > :idle_since order by created_at, hash
"""
_SEEN = "update sessions set seen_at = :now where hash = :hash"
_END = "delete from sessions where hash = :hash"
_END_ALL = "delete from sessions where name = :name"
_END_OF_TOKEN = "delete from sessions where token = :token"  # noqa: S105 -- SQL
_PRUNE = "delete from sessions where expires_at <= :now or seen_at <= :idle_since"
_STAMP = """
select (select count(*) from tokens where revoked_at is null) as tokens,
  (select max(revoked_at) from tokens) as revoked,
  (select count(*) from sessions) as sessions, (select max(created_at) from sessions) as began
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """An API token, by the hash of its secret. ``scopes`` narrow its role (`tocsin.core.scopes`)."""

    hash: str
    name: str
    role: str
    created_at: datetime
    revoked_at: datetime | None = None
    scopes: tuple[str, ...] = ()
    expires_at: datetime | None = None
    last_used_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A signed-in browser, by the hash of its cookie; ``token`` is the hash of the token that it came with.

    It ends at ``expires_at`` at the latest, and when nothing was asked for a while after ``seen_at``.
    """

    hash: str
    name: str
    role: str
    created_at: datetime
    expires_at: datetime
    seen_at: datetime
    token: str = ""
    device: str = ""


def add_token(tx: Tx, token: Token) -> None:
    """Let a token in. Raises `Conflict` where this secret is known already, revoked or not."""
    added = tx.execute(
        _ADD, hash=token.hash, name=token.name, role=token.role, scopes="\n".join(token.scopes),
        created_at=token.created_at, expires_at=token.expires_at,
    )  # fmt: skip
    if not added:
        raise Conflict("This token is known already.", "Make a new one.")


def token(tx: Tx, hashed: str) -> Token | None:
    """The token with this hash, also where it has expired; None where it is unknown or revoked."""
    row = tx.one(_GET, hash=hashed)
    return _token(row) if row else None


def tokens(tx: Tx) -> list[Token]:
    """Every token there ever was, the oldest first."""
    return [_token(row) for row in tx.all(_EVERY)]


def used(tx: Tx, hashed: str, now: datetime) -> None:
    """Take down that a token was used."""
    tx.execute(_USED, hash=hashed, now=now)


def revoke(tx: Tx, name: str, now: datetime) -> int:
    """End every token of this name; returns how many."""
    return tx.execute(_REVOKE, name=name, now=now)


def revoke_one(tx: Tx, hashed: str, now: datetime) -> bool:
    """End one token and the sessions that came with it; False where it was not in force."""
    tx.execute(_END_OF_TOKEN, token=hashed)
    return tx.execute(_REVOKE_ONE, hash=hashed, now=now) == 1


def open_session(tx: Tx, session: Session) -> None:
    """Sign a browser in. Raises `Conflict` where its cookie is known already."""
    added = tx.execute(
        _ADD_SESSION, hash=session.hash, name=session.name, role=session.role, token=session.token,
        device=session.device, created_at=session.created_at, seen_at=session.seen_at, expires_at=session.expires_at,
    )  # fmt: skip
    if not added:
        raise Conflict("This session is open already.", "Sign in again.")


def session(tx: Tx, hashed: str, now: datetime, idle_since: datetime = EPOCH) -> Session | None:
    """The session with this hash; None where it is unknown, over, or was last seen at ``idle_since`` or before."""
    row = tx.one(_SESSION, hash=hashed, now=now, idle_since=idle_since)
    return _session(row) if row else None


def sessions(tx: Tx, name: str, now: datetime, idle_since: datetime = EPOCH) -> list[Session]:
    """The sessions of one person that are not over, the oldest first."""
    return [_session(row) for row in tx.all(_SESSIONS, name=name, now=now, idle_since=idle_since)]


def seen(tx: Tx, hashed: str, now: datetime) -> None:
    """Take down that a session was used."""
    tx.execute(_SEEN, hash=hashed, now=now)


def close_session(tx: Tx, hashed: str) -> bool:
    """Sign a browser out; False where it was not signed in."""
    return tx.execute(_END, hash=hashed) == 1


def close_sessions_of(tx: Tx, name: str) -> int:
    """Sign somebody out everywhere; returns how many browsers that were."""
    return tx.execute(_END_ALL, name=name)


def prune_sessions(tx: Tx, now: datetime, idle_since: datetime = EPOCH) -> int:
    """Forget sessions that are over; returns how many."""
    return tx.execute(_PRUNE, now=now, idle_since=idle_since)


def stamp(tx: Tx) -> str:
    """Names who may come in now: whatever token or session begins or is ended, the name is another."""
    row = tx.one(_STAMP)
    return "" if row is None else "/".join(str(row[name]) for name in ("tokens", "revoked", "sessions", "began"))


def _token(row: Row) -> Token:
    return Token(
        hash=row["hash"], name=row["name"], role=row["role"], created_at=row.time("created_at"),
        revoked_at=row.time_or_none("revoked_at"), scopes=tuple(row["scopes"].split("\n")) if row["scopes"] else (),
        expires_at=row.time_or_none("expires_at"), last_used_at=row.time_or_none("last_used_at"),
    )  # fmt: skip


def _session(row: Row) -> Session:
    return Session(
        hash=row["hash"], name=row["name"], role=row["role"], created_at=row.time("created_at"),
        expires_at=row.time("expires_at"), seen_at=row.time("seen_at"), token=row["token"], device=row["device"],
    )  # fmt: skip
