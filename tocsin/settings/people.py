"""Who there is and how they are reached: people, roles and channels become the directory."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from tocsin.core.calendar import knows_zone
from tocsin.core.oncall import Directory, Person, channel_id
from tocsin.core.schedules import Schedule
from tocsin.errors import Invalid
from tocsin.ids import slug
from tocsin.settings import schedules, shapes, telling

CONTACTS = ("email", "phone", "chat", "url")
_MAIL = re.compile(r"[^\s@]+@[^\s@]+")


def directory(raw: shapes.File, planned: Mapping[str, Schedule] | None = None, where: str = "") -> Directory:
    """The people, roles and channels of a file, each under its id."""
    people = {slug(key): _receiver(slug(key), key, entry) for key, entry in raw.people.items()}
    for key, somebody in raw.people.items():
        if somebody.rules:
            made = telling.rules(key, somebody, raw.calendar.zone, where or "tocsin.toml")
            people[slug(key)] = replace(people[slug(key)], rules=made)
    for key, somebody in raw.people.items():
        if somebody.zone and not knows_zone(somebody.zone):
            place = f"{where or 'tocsin.toml'}: [people.{key}] zone"
            raise Invalid(f"{somebody.zone!r} is no time zone.", "Write for example Europe/Berlin.", where=place)
        people[slug(key)] = replace(people[slug(key)], zone=somebody.zone)
    roles = schedules.of_roles(raw.roles)
    channels = {}
    for address, entry in raw.channels.items():
        table = shapes.Channel(notify=[entry]) if isinstance(entry, str) else entry
        channels[channel_id(address)] = _receiver(channel_id(address), address, table, _contacts_of(address))
    return Directory(people, roles, channels, planned or {})


def _receiver(
    name_id: str, key: str, entry: shapes.Person | shapes.Channel, guessed: Mapping[str, str] | None = None
) -> Person:
    told = {kind: text for kind in CONTACTS if (text := str(getattr(entry, kind, "")))}
    return Person(
        id=name_id, name=entry.name or key, notify=tuple(entry.notify), contacts={**(guessed or {}), **told},
        public=isinstance(entry, shapes.Channel) and entry.public,
    )  # fmt: skip


def _contacts_of(address: str) -> dict[str, str]:
    """What a notifier needs of a channel, where its address as the runbook writes it says so by itself."""
    if address.startswith(("http://", "https://")):
        return {"url": address}
    return {"email": address} if _MAIL.fullmatch(address) else {"chat": address}
