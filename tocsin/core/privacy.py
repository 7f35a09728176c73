"""Moves over who may see an incident.

A private incident exists only for those who are named, and for whoever is drawn in while it is private: they are
called, given a role or offered one. For everybody else, admins too, it is as one that does not exist; an admin can
break the glass, which stands on the timeline for ever and is told to those who are named.
"""

from __future__ import annotations

from collections.abc import Sequence

from tocsin.core import facts
from tocsin.core.facts import Actor
from tocsin.core.incident import Incident
from tocsin.core.moves import LONGEST_TEXT, Facts
from tocsin.errors import Invalid, Refused
from tocsin.ids import slug

MOST_NAMED = 100


def names_of(text: str) -> tuple[str, ...]:
    """The people in a text, divided by commas or line ends, each once."""
    parts = [part.strip() for part in text.replace("\n", ",").split(",")]
    return tuple(dict.fromkeys(part for part in parts if part))


def make_private(incident: Incident, people: Sequence[str], why: str) -> Facts:
    """From now on only these people see it, and who says so."""
    if incident.team.private:
        raise Refused(f"{incident.id} is private already.", "Let people in with let_in.")
    if len(people) > MOST_NAMED:
        raise Invalid(f"At most {MOST_NAMED} people can be named.")
    return [facts.MadePrivate(people=tuple(dict.fromkeys(map(slug, people))), why=_reason(why))]


def let_in(incident: Incident, person: str, why: str) -> Facts:
    """Let somebody see it, too."""
    _must_be_private(incident)
    name = _name(person)
    if name in incident.team.named:
        raise Refused(f"{person} sees {incident.id} already.")
    if len(incident.team.named) >= MOST_NAMED:
        raise Invalid(f"At most {MOST_NAMED} people can be named.")
    return [facts.LetIn(person=name, why=why.strip()[:LONGEST_TEXT])]


def shut_out(incident: Incident, person: str, why: str, by: Actor) -> Facts:
    """Let somebody see it no longer; what they have read they have read."""
    _must_be_private(incident)
    name = _name(person)
    if name not in incident.team.named:
        raise Refused(f"{person} does not see {incident.id}.")
    if name == slug(by.name):
        raise Refused("Nobody shuts themselves out.", "Ask somebody else who is named.")
    if name in {slug(who) for who in (incident.owner, *incident.roles.values())}:
        raise Refused(f"{person} has a role in {incident.id}.", "Give the role to somebody else first.")
    return [facts.ShutOut(person=name, why=why.strip()[:LONGEST_TEXT])]


def make_public(incident: Incident, why: str) -> Facts:
    """Let everybody see it again, with all that was said meanwhile."""
    _must_be_private(incident)
    return [facts.MadePublic(why=_reason(why))]


def break_glass(incident: Incident, why: str, by: Actor) -> Facts:
    """Let oneself in without being named."""
    _must_be_private(incident)
    if incident.is_shown_to(by.name):
        raise Refused(f"{by.name} sees {incident.id} already.")
    return [facts.GlassBroken(person=_name(by.name), why=_reason(why))]


def _must_be_private(incident: Incident) -> None:
    if not incident.team.private:
        raise Refused(f"{incident.id} is not private: everybody sees it.")


def _name(person: str) -> str:
    name = slug(person)
    if not name:
        raise Invalid("This needs a person.")
    return name


def _reason(why: str) -> str:
    text = why.strip()
    if not text:
        raise Invalid("This needs a reason.")
    return text[:LONGEST_TEXT]
