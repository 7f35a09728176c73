"""What we sign so that it counts when it comes back: who may do what to which incident, and until when.

A token names the incident and the moment, and is signed over the person and the deed as well; the person does not stand
in it and is found by trying. It counts as long as they would be let in themselves: a revoked token of theirs ends what
was signed before that, and so does another token, or none, in the configuration.
"""

from __future__ import annotations

import base64
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from tocsin.app import App
from tocsin.core.incident import Incident
from tocsin.errors import Unauthorized
from tocsin.ids import digest, slug
from tocsin.service import access
from tocsin.service.access import Caller
from tocsin.settings import ROLES
from tocsin.store import secrecy
from tocsin.store.db import Tx
from tocsin.times import EPOCH

KEY = "answers"
LEAST_ROLE = "responder"
SECOND = timedelta(seconds=1)
_BYTES_OF_MAC = 15
_TOKEN = re.compile(r"([0-9]{1,18})-([0-9]{1,12})-([a-z2-7]{24})", re.ASCII)
_NOT_OURS = "This is no link or address of ours, or it was cut off on its way."


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """What a token says: who, which incident, when it was made."""

    person: str
    ref: str
    at: datetime


def sign(app: App, purpose: str, person: str, incident: str, now: datetime) -> str:
    """A token with which this person can do this (a deed, ``mail``, ``voice``) to this incident for a while."""
    number, issued = incident.removeprefix("INC-"), str((now - EPOCH) // SECOND)
    return f"{number}-{issued}-{_mac(app, purpose, person, number, issued)}"


def read(app: App, purpose: str, token: str, now: datetime) -> Signed:
    """What a token says. Raises `Unauthorized` where it is not ours, for something else, too old, or was ended."""
    found = _TOKEN.fullmatch(token.strip().lower())
    if found is None:
        raise Unauthorized(_NOT_OURS, "Sign in, and answer on the page.")
    number, issued, mac = found.groups()
    known = list(app.settings.directory.people)
    whose = [who for who in known if hmac.compare_digest(_mac(app, purpose, who, number, issued), mac)]
    if not whose:
        raise Unauthorized(_NOT_OURS, "Sign in, and answer on the page.")
    at = EPOCH + int(issued) * SECOND
    if not at - timedelta(minutes=5) <= now < at + app.settings.answers.lasts:
        raise Unauthorized("This has expired.", "Sign in, and answer on the page.")
    return Signed(person=whose[0], ref=f"INC-{int(number)}", at=at)


def need_standing(app: App, tx: Tx, person: str, incident: Incident, since: datetime | None = None) -> None:
    """Raise `Unauthorized` where somebody would not be let in by any token of theirs, or lost one after ``since``.

    Whom the configuration lists under ``[people]`` and who never had a token is let in: being called is what they do.
    """
    if person not in app.settings.directory.people:
        raise Unauthorized("This Tocsin does not know you any more.", "Ask whoever runs it.")
    theirs, kept = access.callers_of(app, tx, person)
    if not kept and not theirs:
        return
    if since is not None and any(token.revoked_at and token.revoked_at >= since for token in kept):
        raise Unauthorized("A token of yours was revoked after this was sent to you.", "Sign in with another one.")
    if not any(_may_answer(app, tx, caller, incident) for caller in theirs):
        raise Unauthorized("No token of yours reaches this any more.", "Ask whoever runs this Tocsin for one.")


def _may_answer(app: App, tx: Tx, caller: Caller, incident: Incident) -> bool:
    role = caller.role in ROLES and ROLES.index(caller.role) >= ROLES.index(LEAST_ROLE)
    return role and caller.reach.may("incidents:write") and access.in_reach(app, tx, caller, incident)


def _mac(app: App, *parts: str) -> str:
    person = parts[1]
    tokens = sorted(access.hashed(token.secret) for token in access.configured(app) if slug(token.name) == person)
    whole = hmac.new(_key(app), digest(*parts, "tokens", *tokens).encode(), "sha256").digest()
    return base64.b32encode(whole[:_BYTES_OF_MAC]).decode().lower()


def _key(app: App) -> bytes:
    """Our key, made when it is needed first; all nodes over one database have the same."""
    if KEY not in app.keys:
        secret = app.db.read(lambda tx: secrecy.key(tx, KEY))
        if secret is None:
            app.db.write(lambda tx: secrecy.keep_key(tx, KEY, secrets.token_hex(32), app.clock.now()))
            secret = app.db.read(lambda tx: secrecy.key(tx, KEY))
        app.keys[KEY] = bytes.fromhex(secret or "")
    return app.keys[KEY]
