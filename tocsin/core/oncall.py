"""People, the roles that the runbook names and who fills them, and the channels that it sends messages to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from tocsin.core.contactrules import ContactRule
from tocsin.core.schedules import Change, Schedule, shown_at
from tocsin.ids import slug

_BESIDE = frozenset({
    "secondary", "second", "2nd", "tertiary", "third", "backup", "alternate", "alternative", "deputy", "standby",
    "reserve", "substitute", "shadow", "assistant", "vice", "stellvertretende", "stellvertretender", "vertretung",
    "zweite", "zweiter", "secundario", "secundaria", "suplente", "respaldo", "adjoint", "adjointe", "secondaire",
    "suppléant", "suppléante", "secundário", "reserva",
})  # fmt: skip
"""Words that make another role of the one that they stand beside."""
_FILLERS = frozenset({"a", "an", "the", "to", "for", "of", "de", "der", "die", "das", "den", "des", "la", "le", "el"})
SCHEDULE = "schedule:"
"""What stands before a schedule's name where a role is bound to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who can be told, or a channel. ``notify`` names the notifiers to try, the preferred one first.

    The first of the ``rules`` that fits names others for pages and questions (`tocsin.core.ways`). ``zone``: by which
    clock they sleep, an IANA name; empty where nothing says it. ``public``: a channel that people outside read.
    """

    id: str
    name: str
    contacts: Mapping[str, str] = field(default_factory=dict)
    notify: tuple[str, ...] = ()
    rules: tuple[ContactRule, ...] = ()
    zone: str = ""
    public: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """Who fills a role at a moment. ``person`` null: nobody; ``why`` tells what a schedule has to do with it."""

    person: Person | None
    why: str = ""
    schedule: str = ""


@dataclass(frozen=True, slots=True)
class Directory:
    """Who is who. ``roles`` maps the slug of a role, as the document names it, to a person's id or ``schedule:NAME``.

    ``channels`` are by `channel_id` of the address that the document writes, ``schedules`` by the slug of their name;
    a schedule's name is a role, too.
    """

    people: Mapping[str, Person] = field(default_factory=dict)
    roles: Mapping[str, str] = field(default_factory=dict)
    channels: Mapping[str, Person] = field(default_factory=dict)
    schedules: Mapping[str, Schedule] = field(default_factory=dict)

    def find(self, role: str | None, now: datetime) -> Person | None:
        """The person who fills a role at this moment, or has that id; None where nobody does (`filled` says why)."""
        return self.filled(role, now).person

    def filled(self, role: str | None, now: datetime) -> Filled:
        """Who fills a role at this moment, and by which schedule."""
        bound = self.bound(role)
        if bound is None or not bound.startswith(SCHEDULE):
            return Filled(person=self.people.get(bound or ""))
        schedule = self.schedules.get(bound.removeprefix(SCHEDULE))
        return self.on_call(schedule, now) if schedule else Filled(person=None, why=f"there is no {bound}")

    def on_call(self, schedule: Schedule, now: datetime) -> Filled:
        """Who is on call by a schedule at this moment."""
        shift = schedule.on_call(now)
        if shift is None:
            back = schedule.until(now)
            until = f" until {shown_at(back, schedule.zone):%a %d %b %H:%M} {schedule.zone}" if back else ""
            return Filled(person=None, why=f"nobody is on call by {schedule.name}{until}", schedule=schedule.name)
        person = self.people.get(shift.person)
        if person is None:
            why = f"{shift.person!r} is on call by {schedule.name} and is nobody under [people]"
        else:
            why = f"{person.name} is on call by {schedule.name}, {shift.why}".rstrip(", ")
        return Filled(person=person, why=why, schedule=schedule.name)

    def changed(self, changes: Sequence[Change]) -> Directory:
        """With what people changed about the schedules for a while."""
        if not changes or not self.schedules:
            return self
        theirs = {name: tuple(each for each in changes if each.schedule == name) for name in self.schedules}
        return replace(self, schedules={name: replace(self.schedules[name], changes=theirs[name]) for name in theirs})

    def bound(self, role: str | None) -> str | None:
        """What a role is bound to, a person's id or ``schedule:NAME``; None where nothing is.

        Documents decorate a role ("the on-call engineer", "Escalate to team lead"), so the longest bound role whose
        words all stand in the text, in order, is taken; else the shortest one that begins with the text's words. A
        text that means somebody else beside that role ("the secondary on-call") is not filled by it.
        """
        if not role:
            return None
        wanted = slug(role)
        if wanted in self.roles:
            return self.roles[wanted]
        if wanted in self.people:
            return wanted
        if wanted in self.schedules or wanted.removeprefix("schedule-") in self.schedules:
            return SCHEDULE + (wanted if wanted in self.schedules else wanted.removeprefix("schedule-"))
        fitting = [name for name in self.roles if f"-{name}-" in f"-{wanted}-" and not _other(name, wanted)]
        if fitting:
            return self.roles[max(fitting, key=len)]
        longer = [name for name in self.roles if name.startswith(f"{wanted}-") and not _other(wanted, name)]
        return self.roles[min(longer, key=len)] if longer else None

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


def _other(role: str, text: str) -> bool:
    """Whether the text means somebody else beside the role: it sets a word like "secondary" before or behind it."""
    before, _, behind = f"-{text}-".partition(f"-{role}-")
    leading = [word for word in before.split("-") if word and word not in _FILLERS]
    return bool(leading and leading[-1] in _BESIDE) or behind.partition("-")[0] in _BESIDE
