"""Who there is and how they are reached: people, roles and channels become the directory."""

from __future__ import annotations

import re
from collections.abc import Mapping

from tocsin.core.oncall import Directory, Person, channel_id
from tocsin.ids import slug
from tocsin.settings import shapes

CONTACTS = ("email", "phone", "chat", "url")
_MAIL = re.compile(r"[^\s@]+@[^\s@]+")


def directory(raw: shapes.File) -> Directory:
    """The people, roles and channels of a file, each under its id."""
    people = {slug(key): _receiver(slug(key), key, entry) for key, entry in raw.people.items()}
    roles = {slug(role): slug(person) for role, person in raw.roles.items()}
    channels = {}
    for address, entry in raw.channels.items():
        table = shapes.Person(notify=[entry]) if isinstance(entry, str) else entry
        channels[channel_id(address)] = _receiver(channel_id(address), address, table, _contacts_of(address))
    return Directory(people, roles, channels)


def _receiver(name_id: str, key: str, entry: shapes.Person, guessed: Mapping[str, str] | None = None) -> Person:
    told = {kind: text for kind in CONTACTS if (text := str(getattr(entry, kind)))}
    return Person(id=name_id, name=entry.name or key, notify=tuple(entry.notify), contacts={**(guessed or {}), **told})


def _contacts_of(address: str) -> dict[str, str]:
    """What a notifier needs of a channel, where its address as the runbook writes it says so by itself."""
    if address.startswith(("http://", "https://")):
        return {"url": address}
    return {"email": address} if _MAIL.fullmatch(address) else {"chat": address}
