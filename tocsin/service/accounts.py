"""Who somebody in a chat is to us: an account that the chat has verified, a person of the configuration, a role."""

from __future__ import annotations

from tocsin.app import App
from tocsin.core.oncall import Person
from tocsin.errors import Denied
from tocsin.ids import slug
from tocsin.service import access
from tocsin.service.access import Caller
from tocsin.settings import ROLES
from tocsin.store.db import Tx

WITHOUT_TOKEN = "responder"  # noqa: S105 -- a role
LONGEST_SHOWN = 60


def person_of(app: App, chat: str, account: str) -> Person | None:
    """The person whose table names this account; upper and lower case count, where the chat counts them."""
    if not account:
        return None
    everybody = app.settings.directory.people.values()
    return next((person for person in everybody if person.contacts.get(chat) == account), None)


def account_of(app: App, chat: str, name: str) -> str:
    """The account of a person, by id or name; empty where they have none there."""
    known = app.settings.directory.people
    person = known.get(slug(name)) or next((each for each in known.values() if each.name == name), None)
    return person.contacts.get(chat, "") if person else ""


def caller_of(app: App, chat: str, account: str) -> Caller:
    """Who this is and what they may: as with the best token that they have now; who never had one, as a responder.

    Raises `Denied` for an account that belongs to nobody, and for somebody whose tokens were all ended.
    """
    person = person_of(app, chat, account)
    if person is None:
        shown = "".join(letter for letter in account[:LONGEST_SHOWN] if letter.isprintable()) or "no account"
        hint = f'Whoever runs this Tocsin can write {chat} = "{shown}" under [people.NAME].'
        raise Denied(f"{shown} on {chat} is nobody whom this Tocsin knows, so nothing was done.", hint)
    return app.db.read(lambda tx: _best(app, tx, person))


def _best(app: App, tx: Tx, person: Person) -> Caller:
    theirs, kept = access.callers_of(app, tx, person.id)
    if not theirs and kept:
        raise Denied(f"No token of {person.name} counts any more.", "Ask whoever runs this Tocsin for one.")
    if not theirs:
        return Caller(person.id, WITHOUT_TOKEN)
    return max(theirs, key=lambda caller: (ROLES.index(caller.role), not caller.scopes))
