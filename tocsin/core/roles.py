"""Moves over people: who has which role, who hands it over, who answers for a step, where all meet.

A role that somebody has is handed over only by an offer that the other accepts; until then who had it has it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from tocsin.core import facts
from tocsin.core.facts import Actor
from tocsin.core.incident import Incident
from tocsin.core.moves import LONGEST_TEXT, Facts
from tocsin.core.oncall import Directory
from tocsin.core.runbook import Step
from tocsin.core.teamstate import OWNER, Offer
from tocsin.errors import Denied, Invalid, Refused
from tocsin.ids import slug
from tocsin.times import say_time

SHORTEST_OFFER, LONGEST_OFFER = timedelta(minutes=1), timedelta(hours=12)
MOST_ADDED = 20
LONGEST_ROLE = 100
LONGEST_ADDRESS = 500
_ADDRESS = re.compile(r"https?://[^\s\x00-\x1f\x7f<>\"\\^`{|}]+", re.ASCII)


def hand_over(  # noqa: PLR0913, PLR0917  who, to whom, for how long and why
    incident: Incident, directory: Directory, role: str, to: str, lasts: timedelta, why: str, now: datetime
) -> Facts:
    """Offer a role to somebody, who is paged with the context; they have it when they accept."""
    _must_be_open(incident)
    role, before = role_named(role), incident.holder(role_named(role))
    if role == OWNER and not before:
        raise Refused(f"Nobody has {incident.id} yet, so it can't be handed over.", "Acknowledge it first.")
    person = _person(directory, to, now)
    if slug(before) == person:
        raise Refused(f"{person} already {_is(role)} of {incident.id}.")
    if not SHORTEST_OFFER <= lasts <= LONGEST_OFFER:
        raise Invalid("An offer lasts at least 1 minute and at most 12 hours.", "Offer it for 10 minutes.")
    open_offer = incident.team.offers.get(role)
    if open_offer is not None:
        until = say_time(open_offer.until)
        raise Refused(f"It is offered to {open_offer.to} until {until}.", "Wait, or take that back with decline.")
    return [facts.HandOverOffered(role=role, to=person, before=before, until=now + lasts, why=_short(why))]


def accept(incident: Incident, role: str, by: Actor, now: datetime) -> Facts:
    """Take what was offered; only the one to whom it was offered can."""
    offer = _offer(incident, role)
    if offer.to != slug(by.name):
        raise Denied(f"This was offered to {offer.to}, not to {by.name}.", "Ask them, or take the role by assign.")
    if offer.until <= now:
        raise Refused(f"The offer ended at {say_time(offer.until)}.", "Ask for it to be offered again.")
    return [facts.HandOverAccepted(role=offer.role, person=offer.to, before=offer.before)]


def decline(incident: Incident, role: str, why: str, by: Actor) -> Facts:
    """Say no to what was offered; who offered it, or has it, takes it back so."""
    offer = _offer(incident, role)
    name = slug(by.name)
    if name not in (offer.to, slug(offer.by), slug(offer.before)):
        raise Denied(f"This was offered by {offer.by} to {offer.to}.", "One of them can end it.")
    return [
        facts.HandOverDeclined(
            role=offer.role, person=offer.to, before=offer.before, why=_short(why), withdrawn=name != offer.to
        )
    ]


def take_role(incident: Incident, role: str, by: Actor) -> Facts:
    """Take a role that nobody has."""
    _must_be_open(incident)
    role = role_named(role)
    if role == OWNER:
        raise Invalid("The incident itself is taken by acknowledge.", "Acknowledge it.")
    holder = incident.roles.get(role, "")
    if slug(holder) == slug(by.name):
        raise Refused(f"{by.name} already is {role} of {incident.id}.")
    if holder:
        raise Refused(f"{holder} is {role} of {incident.id}.", "Ask them to hand it over, or assign it.")
    return [facts.Assigned(role=role, person=slug(by.name) or by.name)]


def leave_role(incident: Incident, role: str, why: str, by: Actor) -> Facts:
    """Give a role up, so that nobody has it."""
    _must_be_open(incident)
    role = role_named(role)
    if role == OWNER:
        raise Refused("An incident that was taken can't be left without anybody.", "Hand it over.")
    holder = incident.roles.get(role, "")
    if not holder:
        raise Refused(f"Nobody is {role} of {incident.id}.")
    if slug(holder) != slug(by.name):
        raise Denied(f"{holder} is {role} of {incident.id}, so only they can leave it.", "Assign it to somebody else.")
    return [facts.RoleLeft(role=role, person=holder, why=_needed(why))]


def own_step(incident: Incident, step: Step, owner: str) -> Facts:
    """Say who answers for a step."""
    owner = owner.strip()
    if not owner or len(owner) > LONGEST_ROLE:
        raise Invalid("This needs somebody who answers for the step.")
    if incident.team.steps.get(step.id) == owner:
        raise Refused(f"{owner} answers for this step already.")
    return [facts.StepOwned(step=step.id, owner=owner)]


def add_people(incident: Incident, directory: Directory, people: Sequence[str], why: str, now: datetime) -> Facts:
    """Draw several people in at once: each is paged with the context."""
    _must_be_open(incident)
    if not people or len(people) > MOST_ADDED:
        raise Invalid(f"Name 1 to {MOST_ADDED} people.", "Divide them by commas.")
    found = [(name, directory.filled(name, now)) for name in dict.fromkeys(people)]
    unknown = [name for name, filled in found if filled.person is None]
    if unknown:
        known = ", ".join(sorted({*directory.people, *directory.roles})) or "nobody yet"
        raise Invalid(f"Nobody is bound to {unknown[0]!r}.", f"Known: {known}.")
    reason = _needed(why)
    added = {filled.person.id: (name, filled) for name, filled in found if filled.person}
    return [
        facts.Escalated(to=name, person=person, why=reason, on_call=filled.why)
        for person, (name, filled) in added.items()
    ]


def set_war_room(incident: Incident, url: str) -> Facts:
    """Say where people meet."""
    url = url.strip()
    if not is_address(url):
        raise Invalid("That is not an address of a page.", "Write it whole, beginning with https://.")
    if incident.team.war_room == url:
        raise Refused("People are told to meet there already.")
    return [facts.WarRoomSet(url=url)]


def is_address(url: str) -> bool:
    """Whether this is an address that may stand as a link: http or https, of one piece, not too long."""
    return len(url) <= LONGEST_ADDRESS and bool(_ADDRESS.fullmatch(url))


def role_named(role: str) -> str:
    """A role as it stands on the timeline; without a name the incident itself is meant."""
    plain = " ".join(role.split()) or OWNER
    if len(plain) > LONGEST_ROLE:
        raise Invalid(f"This is {len(plain)} characters long, which is no name of a role.", "Name it in a few words.")
    return OWNER if plain.casefold() == OWNER else plain


def _is(role: str) -> str:
    return "is the owner" if role == OWNER else f"is {role}"


def _offer(incident: Incident, role: str) -> Offer:
    _must_be_open(incident)
    offers = incident.team.offers
    wanted = role_named(role)
    if not role.strip() and OWNER not in offers and len(offers) == 1:
        return next(iter(offers.values()))
    if wanted not in offers:
        known = ", ".join(offers) or "nothing"
        what = incident.id if wanted == OWNER else f"{wanted} of {incident.id}"
        raise Refused(f"{what} is not offered to anybody.", f"Offered now: {known}.")
    return offers[wanted]


def _person(directory: Directory, to: str, now: datetime) -> str:
    filled = directory.filled(to.strip(), now)
    if filled.person is None:
        known = ", ".join(sorted(directory.people)) or "nobody yet"
        raise Invalid(f"Nobody can be called as {to[:60]!r}.", f"Known: {known}.")
    return filled.person.id


def _needed(why: str) -> str:
    text = _short(why)
    if not text:
        raise Invalid("This needs a reason.")
    return text


def _short(text: str) -> str:
    cleaned = text.strip()
    if len(cleaned) > LONGEST_TEXT:
        raise Invalid(f"This is {len(cleaned):,} characters long; at most {LONGEST_TEXT:,} are kept.")
    return cleaned


def _must_be_open(incident: Incident) -> None:
    if not incident.open:
        raise Refused(f"{incident.id} is resolved.", "Reopen it first.")
