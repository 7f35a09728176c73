"""People, the roles that the runbook names and who fills them, and the channels that it sends messages to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tocsin.ids import slug


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who can be told, or a channel. ``notify`` names the notifiers to try, the preferred one first."""

    id: str
    name: str
    contacts: Mapping[str, str] = field(default_factory=dict)
    notify: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Directory:
    """Who is who. ``roles`` maps the slug of a role, as the document names it, to a person's id.

    ``channels`` are by `channel_id` of the address that the document writes.
    """

    people: Mapping[str, Person] = field(default_factory=dict)
    roles: Mapping[str, str] = field(default_factory=dict)
    channels: Mapping[str, Person] = field(default_factory=dict)

    def find(self, role: str | None) -> Person | None:
        """The person who fills a role or has that id; None where nobody does.

        Documents decorate a role ("the on-call engineer", "Escalate to team lead"), so the longest bound role whose
        words all stand in the text, in order, is taken; else the shortest one that begins with the text's words.
        """
        if not role:
            return None
        wanted = slug(role)
        if wanted in self.roles:
            return self.people.get(self.roles[wanted])
        if wanted in self.people:
            return self.people[wanted]
        fitting = [name for name in self.roles if f"-{name}-" in f"-{wanted}-"]
        if fitting:
            return self.people.get(self.roles[max(fitting, key=len)])
        longer = [name for name in self.roles if name.startswith(f"{wanted}-")]
        return self.people.get(self.roles[min(longer, key=len)]) if longer else None

    def receiver(self, receiver_id: str) -> Person | None:
        """The person or channel with this id: whom a notice is for."""
        return self.people.get(receiver_id) or self.channels.get(receiver_id)

    def name_of(self, receiver_id: str) -> str:
        """How a person or channel is called; the id itself for somebody we don't know."""
        receiver = self.receiver(receiver_id)
        return receiver.name if receiver else receiver_id


def channel_id(address: str) -> str:
    """A channel's id: its address in small letters, marked where it could be taken for a person's id."""
    plain = " ".join(address.casefold().split())
    return f"channel {plain}" if slug(plain) == plain else plain
