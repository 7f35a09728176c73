"""Whether a way really leads to its person: a code goes there, and somebody types it back."""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime, timedelta

from tocsin.app import App
from tocsin.core.notices import Notice
from tocsin.core.oncall import Person
from tocsin.errors import Invalid, NotFound, Refused, Undelivered
from tocsin.ids import digest, new_id
from tocsin.service import deliveries
from tocsin.service.deliveries import MethodView, Trial
from tocsin.store import methods
from tocsin.store.db import Tx
from tocsin.times import say_duration

COUNTS_FOR = timedelta(minutes=10)
PAUSE = timedelta(minutes=1)
"""Between two codes to the same address: nobody's phone is flooded by a button."""
MOST_TRIES = 5
DIGITS = 6


def begin(app: App, to: str, via: str, *, by: str) -> Trial:
    """Send a code by one way. Raises `NotFound`, `Invalid`, `Refused` right after another code, `Undelivered`."""
    person, now = _person(app, to), app.clock.now()
    deliveries.check_ways(app, [via])
    code = "".join(secrets.choice("0123456789") for _ in range(DIGITS))
    app.db.write(lambda tx: _ask(app, tx, person, via, code, now))
    sent = deliveries.send_now(app, person, via, _notice(app, person, code, by))
    if not sent.ok:
        raise Undelivered(f"The code did not go out: {sent.detail}", "Mend that, then ask for another one.")
    return sent


def confirm(app: App, to: str, via: str, code: str, *, by: str) -> MethodView:
    """The code came back. Raises `Refused` for a wrong one, one that is too old, and after too many tries."""
    person, now = _person(app, to), app.clock.now()
    deliveries.check_ways(app, [via])

    def write(tx: Tx) -> str:
        kept = methods.get(tx, person.id, via)
        if kept is None or not kept.code or kept.contact != deliveries.contact_of(app, person, via):
            return f"No code was sent to {person.name} by {via}."
        if kept.code_until is None or kept.code_until < now:
            return f"That code counted for {say_duration(COUNTS_FOR)}, which are over."
        if not methods.count_try(tx, person.id, via, MOST_TRIES):
            return f"There were {MOST_TRIES} tries; this code counts no more."
        if not hmac.compare_digest(kept.code, _hashed(person, via, code)):
            return "That is not the code."
        methods.verified(tx, person.id, via, now, by)
        return ""

    refusal = app.db.write(write)
    if refusal:
        raise Refused(refusal, "Ask for another code, or look again.")
    return next(each for each in deliveries.known(app) if (each.person, each.via) == (person.id, via))


def _person(app: App, to: str) -> Person:
    found = deliveries.receiver_of(app, to)
    if found.id not in app.settings.directory.people:
        raise NotFound(f"{found.name} is a channel; only people are verified.", "`tocsin people list` shows them.")
    return found


def _ask(app: App, tx: Tx, person: Person, via: str, code: str, now: datetime) -> None:
    if via not in [name for each, name in deliveries.ways(app.settings.directory) if each.id == person.id]:
        raise Invalid(f"{person.name} is not told by {via}.", "Name it under notify, or in a rule.", where="via")
    methods.know(tx, person.id, via, deliveries.contact_of(app, person, via))
    kept = methods.get(tx, person.id, via)
    if kept is not None and kept.code_until is not None and kept.code_until - COUNTS_FOR + PAUSE > now:
        raise Refused("A code was sent there just now.", "Wait a minute before you ask for another one.")
    methods.asked(tx, person.id, via, _hashed(person, via, code), now + COUNTS_FOR)


def _hashed(person: Person, via: str, code: str) -> str:
    return digest("code", person.id, via, "".join(code.split()))


def _notice(app: App, person: Person, code: str, by: str) -> Notice:
    spaced = " ".join(code) if len(code) == DIGITS else code
    return Notice(
        id=new_id("code", app.clock.now()), incident="", kind="test", to=person.id, why=f"{by} verifies this way",
        subject=f"Tocsin: your code is {code}",
        body=f"The code is {spaced}. It counts for {say_duration(COUNTS_FOR)}. Nobody of us will ever ask you for it.",
    )  # fmt: skip
