"""What the facts about people make of an incident, and what other facts mean to who may see it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tocsin.core import facts
from tocsin.core.facts import Entry
from tocsin.core.incident import Incident
from tocsin.core.teamstate import OWNER, Offer, TeamState
from tocsin.ids import slug

Fold = Callable[[Incident, Entry, Any], Incident]


def _with(incident: Incident, **change: Any) -> Incident:
    return replace(incident, team=replace(incident.team, **change))


def begun(incident: Incident, entry: Entry) -> Incident:
    """The incident with what its declaration says of who may see it and where people meet."""
    made: facts.Declared = entry.fact
    named = _names((*made.named, entry.by.name) if made.private and entry.by.kind == "person" else made.named)
    return replace(incident, team=TeamState(private=made.private, named=named, war_room=made.war_room))


def also(before: Incident, after: Incident, entry: Entry) -> Incident:
    """What any fact means to the team: whoever is drawn in sees it, the end of it ends what was offered."""
    match entry.fact:
        case facts.Assigned(role=role):
            offers = {name: offer for name, offer in after.team.offers.items() if name != role}
            after = _with(after, offers=offers, since={**after.team.since, role: entry.at})
        case facts.Resolved() | facts.Merged():
            after = _with(after, offers={}) if after.team.offers else after
        case facts.Acknowledged():
            after = _with(after, since={**after.team.since, OWNER: entry.at})
        case facts.Reopened(anew=True):
            after = _with(after, owner="") if after.team.owner else after
        case _:
            pass
    if after.team.private and before.team.private:
        drawn = _names(_drawn_in(entry.fact))
        after = _with(after, named=_names((*after.team.named, *drawn))) if drawn else after
    return after


def _drawn_in(fact: Any) -> tuple[str, ...]:
    match fact:
        case facts.Escalated(person=str() as person) | facts.Assigned(person=person):
            return (person,)
        case facts.HandOverOffered(to=person) | facts.HandOverAccepted(person=person):
            return (person,)
        case facts.EveryoneCalled(people=people):
            return people
        case _:
            return ()


def _names(people: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, map(slug, people))))


def _offered(incident: Incident, entry: Entry, made: facts.HandOverOffered) -> Incident:
    offer = Offer(
        role=made.role, to=made.to, before=made.before, at=entry.at, until=made.until, by=entry.by.name, why=made.why
    )
    paged = incident.paged if made.to in incident.paged else (*incident.paged, made.to)
    return _with(replace(incident, paged=paged), offers={**incident.team.offers, made.role: offer})


def _accepted(incident: Incident, entry: Entry, made: facts.HandOverAccepted) -> Incident:
    after = _over(incident, entry, made)
    after = _with(after, since={**after.team.since, made.role: entry.at})
    if made.role == OWNER:
        return _with(after, owner=made.person)
    return replace(after, roles={**after.roles, made.role: made.person})


def _over(incident: Incident, _: Entry, made: Any) -> Incident:
    return _with(incident, offers={role: offer for role, offer in incident.team.offers.items() if role != made.role})


def _left(incident: Incident, _: Entry, made: facts.RoleLeft) -> Incident:
    after = replace(incident, roles={role: who for role, who in incident.roles.items() if role != made.role})
    return _with(after, since={role: at for role, at in after.team.since.items() if role != made.role})


def _step_owned(incident: Incident, _: Entry, made: facts.StepOwned) -> Incident:
    return _with(incident, steps={**incident.team.steps, made.step: made.owner})


def _war_room(incident: Incident, _: Entry, made: facts.WarRoomSet) -> Incident:
    return _with(incident, war_room=made.url)


def _private(incident: Incident, entry: Entry, made: facts.MadePrivate) -> Incident:
    who = (entry.by.name,) if entry.by.kind == "person" else ()
    return _with(incident, private=True, named=_names((*made.people, *who)))


def _let_in(incident: Incident, _: Entry, made: facts.LetIn | facts.GlassBroken) -> Incident:
    return _with(incident, named=_names((*incident.team.named, made.person)))


def _shut_out(incident: Incident, _: Entry, made: facts.ShutOut) -> Incident:
    gone = slug(made.person)
    return _with(incident, named=tuple(name for name in incident.team.named if name != gone))


def _public(incident: Incident, _: Entry, _made: facts.MadePublic) -> Incident:
    return _with(incident, private=False, named=())


FOLDS: dict[type[Any], Fold] = {
    facts.HandOverOffered: _offered,
    facts.HandOverAccepted: _accepted,
    facts.HandOverDeclined: _over,
    facts.HandOverExpired: _over,
    facts.RoleLeft: _left,
    facts.StepOwned: _step_owned,
    facts.WarRoomSet: _war_room,
    facts.MadePrivate: _private,
    facts.LetIn: _let_in,
    facts.ShutOut: _shut_out,
    facts.MadePublic: _public,
    facts.GlassBroken: _let_in,
}
