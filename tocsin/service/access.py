"""Who may come in: tokens of the configuration and of the database, sessions of the page. Only hashes are stored."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from tocsin.app import App
from tocsin.core.facts import Actor
from tocsin.core.incident import Incident
from tocsin.core.runbook import Runbook
from tocsin.core.scopes import Reach, reach_of
from tocsin.errors import Denied, Invalid, NotFound, TocsinError, Unauthorized
from tocsin.ids import slug
from tocsin.service.books import pinned
from tocsin.settings import SHORTEST_TOKEN, Token
from tocsin.store import incidents, people, secrecy
from tocsin.store.db import Tx
from tocsin.times import say_time

SESSION = timedelta(hours=12)
"""A session ends then at the latest: one shift."""
IDLE = timedelta(hours=4)
"""A session ends when nobody asked for a page for so long; a page that renews itself counts as nobody."""
TAKEN_DOWN_EVERY = timedelta(minutes=1)
"""The last use of tokens and sessions is exact to this, so that asking stays cheap."""
LONGEST_DEVICE = 200
_NAMES = re.compile(r"INC-[0-9]+", re.ASCII)
_UNNAMED = "A private incident is overdue."
SHOWN_OF_A_HASH = 12
GLASS_BREAKER = "admin"
"""The role that may let itself into private incidents."""
TOKEN_VARIABLE = "TOCSIN_TOKEN"  # noqa: S105 -- the name of a variable, not a token


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody whom we know, the role in which they come, and the scopes that narrow it (`tocsin.core.scopes`)."""

    name: str
    role: str
    scopes: tuple[str, ...] = ()

    @property
    def actor(self) -> Actor:
        """As whom they stand on the timeline."""
        return Actor("agent" if self.role == "agent" else "person", self.name)

    @property
    def reach(self) -> Reach:
        """What of the role's they reach."""
        return reach_of(self.scopes)


def hashed(secret: str) -> str:
    """What is stored of a token or session: a hash that gives nothing away (the secrets are random and long)."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def short(hashed_secret: str) -> str:
    """The name of a token or session among others: the beginning of its hash."""
    return hashed_secret[:SHOWN_OF_A_HASH]


def caller_of(app: App, token: str) -> Caller:
    """Whose token this is. Raises `Unauthorized` where it is not known, was revoked or has expired."""
    return _known(app, token)[0]


def configured(app: App) -> tuple[Token, ...]:
    """The tokens of the configuration; without any, ``TOCSIN_TOKEN`` is the admin's."""
    variable = app.environ.get(TOKEN_VARIABLE, "")
    if app.settings.tokens or not variable:
        return app.settings.tokens
    if len(variable) < SHORTEST_TOKEN:
        raise Invalid(f"{TOKEN_VARIABLE} is shorter than {SHORTEST_TOKEN} characters.", "Use a longer one.")
    return (Token(name="admin", role="admin", secret=variable),)


def callers_of(app: App, tx: Tx, person: str) -> tuple[list[Caller], list[people.Token]]:
    """Who somebody is by each token that counts now; and every stored token that they ever had, ended or not."""
    kept, now = [token for token in people.tokens(tx) if slug(token.name) == person], app.clock.now()
    counting = [
        token for token in kept if token.revoked_at is None and (token.expires_at is None or token.expires_at > now)
    ]
    theirs = [Caller(each.name, each.role, each.scopes) for each in configured(app) if slug(each.name) == person]
    return theirs + [Caller(each.name, each.role, each.scopes) for each in counting], kept


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


# --- sessions ------------------------------------------------------------------------------------------------------


def start_session(app: App, token: str, *, device: str = "", instead_of: str = "") -> str:
    """Exchange a token for a session of the page; the answer goes into a cookie.

    ``instead_of`` is the session that the browser had until now, which ends: no cookie lives on through a sign-in.
    """
    caller, key, until = _known(app, token)
    cookie, now = secrets.token_urlsafe(32), app.clock.now()
    session = people.Session(
        hash=hashed(cookie), name=caller.name, role=caller.role, token=key, device=_plain(device), created_at=now,
        seen_at=now, expires_at=min(now + SESSION, until or now + SESSION),
    )  # fmt: skip

    def write(tx: Tx) -> None:
        people.prune_sessions(tx, now, now - IDLE)
        if instead_of:
            people.close_session(tx, hashed(instead_of))
        people.open_session(tx, session)

    app.db.write(write)
    return cookie


def session_of(app: App, cookie: str, *, attended: bool = True) -> Caller | None:
    """Whose session this is; None when it has ended, never was, or its token no longer counts.

    ``attended``: a person asks, and not a page that renews itself; only that keeps a session from ending idle.
    """
    if not cookie:
        return None
    key, now = hashed(cookie), app.clock.now()

    def read(tx: Tx) -> tuple[people.Session, Caller] | None:
        row = people.session(tx, key, now, now - IDLE)
        caller = _still(app, tx, row, now) if row else None
        return (row, caller) if row and caller else None

    found = app.db.read(read)
    if found is None:
        return None
    row, caller = found
    if attended and now - row.seen_at >= TAKEN_DOWN_EVERY:
        with suppress(TocsinError):  # a full disk must not keep anybody from reading
            app.db.write(lambda tx: people.seen(tx, key, now))
    return caller


def end_session(app: App, cookie: str) -> None:
    """Log out."""
    app.db.write(lambda tx: people.close_session(tx, hashed(cookie)))


def sessions_of(app: App, caller: Caller) -> list[people.Session]:
    """Where somebody is signed in, the oldest first; for a token with scopes, only with those scopes."""
    return app.db.read(lambda tx: _own_sessions(app, tx, caller))


def end_own(app: App, caller: Caller, which: str) -> None:
    """End one of somebody's own sessions, by its short name. Raises `NotFound` for anybody else's."""

    def write(tx: Tx) -> bool:
        own = [each.hash for each in _own_sessions(app, tx, caller) if short(each.hash) == which]
        return sum(people.close_session(tx, each) for each in own) > 0

    if not app.db.write(write):
        raise NotFound("You have no such session.", "It may have ended already.")


# --- what is in reach ----------------------------------------------------------------------------------------------


def in_reach(app: App, tx: Tx, caller: Caller, incident: Incident) -> bool:
    """Whether the caller's scopes leave this incident to them, and it is not a private one of others."""
    if not incident.is_shown_to(caller.name):
        return False
    reach = caller.reach
    if reach.every_incident or incident.id in reach.incidents:
        return True
    return bool(reach.runbooks) and reach.holds(incident.id, *_names(app, tx, incident))


def only_in_reach(app: App, caller: Caller, found: list[Incident]) -> list[Incident]:
    """Those of the incidents that the caller may see."""
    if caller.reach.every_incident:
        return [incident for incident in found if incident.is_shown_to(caller.name)]
    return app.db.read(lambda tx: [incident for incident in found if in_reach(app, tx, caller, incident)])


def hidden(app: App, caller: Caller) -> frozenset[str]:
    """The private incidents of others, which the caller must not even hear of."""
    return app.db.read(lambda tx: secrecy.hidden_from(tx, caller.name))


def late(app: App, caller: Caller | None = None) -> list[str]:
    """What the audit of the clocks found, for somebody, or for anybody at all: private incidents are not named."""
    if not app.late:
        return []
    seen = app.db.read(lambda tx: secrecy.hidden_from(tx, caller.name if caller else ""))
    told = (_UNNAMED if seen & set(_NAMES.findall(each)) else each for each in app.late)
    return list(dict.fromkeys(told))


def reaches_book(caller: Caller, book: Runbook) -> bool:
    """Whether the caller's scopes leave this runbook to them."""
    return caller.reach.holds_runbook(book.title, slug(book.title), book.source, Path(book.source).name)


def need(
    app: App, caller: Caller, deed: str, *, ref: str = "", new: bool = False, glass: bool = False
) -> None:  # fmt: skip
    """Raise `Denied` where the caller's scopes do not reach a deed, `NotFound` where they leave out its incident.

    ``new``: the deed begins an incident, so scopes that leave out any do not reach it. Roles are the catalogue's.
    ``glass``: it is how an admin gets into a private incident (`tocsin.core.privacy`).
    """
    reach = caller.reach
    if deed and not reach.may(deed):
        raise Denied("This token's scopes do not reach so far.", f"It takes the scope {deed}, or none.")
    if new and not reach.every_incident:
        raise Denied("This token is for some incidents only, so it can't declare one.", "Take one without scopes.")
    if ref and not (glass and caller.role == GLASS_BREAKER and reach.every_incident):
        need_in_reach(app, caller, ref)


def need_beside(app: App, caller: Caller, beside: str, request: object) -> None:
    """Raise as `need` where a move reaches another incident than its own: the one in this field, or a new one."""
    if beside:
        other = str(getattr(request, beside))
        need(app, caller, "incidents:write", ref=other, new=not other)


def need_in_reach(app: App, caller: Caller, ref: str) -> None:
    """Raise `NotFound`, in the words for an incident that does not exist, unless the caller may see this one."""

    def read(tx: Tx) -> bool:
        if caller.reach.every_incident:
            there = incidents.versions(tx, ref) > 0  # said here for both, so that nobody can tell one from the other
            return there and incidents.id_of(ref) not in secrecy.hidden_from(tx, caller.name)
        incident = incidents.load(tx, ref)
        return incident is not None and in_reach(app, tx, caller, incident)

    if not app.db.read(read):
        raise NotFound(f"There is no incident {ref[:40]}.", "`tocsin incident list` shows them.")


def _names(app: App, tx: Tx, incident: Incident) -> tuple[str, ...]:
    """What a scope may call the runbook of an incident."""
    source = pinned(app, tx, incident.runbook_digest).source
    return incident.runbook, slug(incident.runbook), source, Path(source).name


# --- inside --------------------------------------------------------------------------------------------------------


def _known(app: App, token: str) -> tuple[Caller, str, datetime | None]:
    """Whose token this is, its hash, and until when it counts."""
    key, now = hashed(token), app.clock.now()
    for known in configured(app):
        if hmac.compare_digest(hashed(known.secret), key):
            return Caller(known.name, known.role, known.scopes), key, None
    row = app.db.read(lambda tx: people.token(tx, key)) if token else None
    if row is None or not hmac.compare_digest(row.hash, key):
        raise Unauthorized("This token is not known.", "Send a valid one as `Authorization: Bearer …`.")
    if row.expires_at is not None and row.expires_at <= now:
        when = f"{row.expires_at:%Y-%m-%d} at {say_time(row.expires_at)}"
        raise Unauthorized(f"This token expired on {when}.", "Ask whoever runs this Tocsin for a new one.")
    if row.last_used_at is None or now - row.last_used_at >= TAKEN_DOWN_EVERY:
        with suppress(TocsinError):
            app.db.write(lambda tx: people.used(tx, key, now))
    return Caller(row.name, row.role, row.scopes), key, row.expires_at


def _own_sessions(app: App, tx: Tx, caller: Caller) -> list[people.Session]:
    now = app.clock.now()
    found = people.sessions(tx, caller.name, now, now - IDLE)
    return [each for each in found if caller.reach.everything or _still(app, tx, each, now) == caller]


def _still(app: App, tx: Tx, session: people.Session, now: datetime) -> Caller | None:
    """Who has this session, by the token that it came with; None where that no longer counts."""
    for known in configured(app):
        if hmac.compare_digest(hashed(known.secret), session.token):
            return Caller(known.name, known.role, known.scopes)
    row = people.token(tx, session.token)
    if row is None or (row.expires_at is not None and row.expires_at <= now):
        return None
    return Caller(row.name, row.role, row.scopes)


def _plain(device: str) -> str:
    """What a browser says of itself, made harmless to store and to show."""
    said = device.encode("utf-8", "replace").decode()[:LONGEST_DEVICE]
    return "".join(letter for letter in said if letter.isprintable())
