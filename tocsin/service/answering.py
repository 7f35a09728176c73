"""Answers to a page, by whichever way they come: `answer` is the one function behind the link, the mail, the message
and the key, and the page's, the terminal's and the API's acknowledgement is the same decision.

Exactly one answer wins, because the incident is locked while it is decided; every other one is told whose that was.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tocsin.app import App
from tocsin.core import answering, moves, privacy, roles
from tocsin.core.answering import LABELS, Deed, Said
from tocsin.core.facts import Actor
from tocsin.core.incident import Incident
from tocsin.core.moves import Facts
from tocsin.core.notices import Notice
from tocsin.core.oncall import Directory
from tocsin.core.teamstate import OWNER
from tocsin.core.wake import escalate_next
from tocsin.errors import Invalid, NotFound
from tocsin.ids import slug
from tocsin.service import duty, respond, signing
from tocsin.service.act import find
from tocsin.service.commit import commit
from tocsin.store import incidents, secrecy
from tocsin.store.db import Tx
from tocsin.times import say_duration, say_time

LINKED: dict[str, tuple[Deed, ...]] = {"page": ("acknowledge", "escalate", "hold")}
"""Kind of notice → what its links offer, where nothing was offered to the one who is told."""
VOICE, MAIL = "voice", "mail"
OFFER = timedelta(minutes=10)
"""So long somebody may think who is offered an incident by a short answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of an answer. ``done``: it changed something; ``says``: a sentence for who answered."""

    incident: Incident
    done: bool
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class From:
    """Who answers and by which way. ``since``: when they were asked; ``own``: the other side's name of this answer."""

    person: str
    via: str
    since: datetime | None = None
    own: str = ""


def answer(app: App, ref: str, said: Said, who: From) -> Answer:
    """Do what somebody answered, unless it was done already.

    Raises `Unauthorized` for somebody who may not (any more), `NotFound`, and `Refused` with the reason: for a second
    acknowledgement whose the first was and how long before.
    """

    def write(tx: Tx) -> Answer:
        incident, _ = find(app, tx, ref)
        if not incident.is_shown_to(who.person):
            raise NotFound(f"There is no incident {ref}.")
        signing.need_standing(app, tx, who.person, incident, who.since)
        if answering.has_done(incident, said.deed, who.person):
            return Answer(incident=incident, done=False, says=_already(incident, said.deed))
        if who.own and not secrecy.take(tx, f"{who.via} {said.deed} {who.own}"[:400], app.clock.now()):
            return Answer(incident=incident, done=False, says="This was taken before; nothing was done again.")
        after = commit(app, tx, incident, _facts(app, tx, incident, said, who), Actor("person", who.person))
        return Answer(incident=after, done=True, says=_done(app, after, said))

    return app.db.write(write)


def acknowledge(app: App, ref: str, by: Actor) -> Incident:
    """Take the incident, as a move of the page, the API or the terminal."""
    now, directory = app.clock.now(), app.settings.directory
    return respond.move(app, ref, by, lambda incident, _: answering.acknowledge(incident, by, now, directory))


def meant(app: App, said: Said, person: str) -> str:
    """Which incident a short answer means: the one that it names, else the only one that this person was asked about.

    Raises `NotFound` where it is none, `Invalid` with the list where it may be several.
    """
    concerned = [each for each in app.db.read(incidents.open_ones) if concerns(each, person)]
    if said.ref:
        if all(each.id != said.ref for each in concerned):
            raise NotFound(f"{said.ref} is not open, or you were not called for it.", answering.HELP)
        return said.ref
    waiting = [each for each in concerned if _waits_for(each, said.deed, person)]
    if not waiting and said.deed == "acknowledge" and len(concerned) == 1:
        waiting = concerned
    if not waiting:
        raise NotFound("Nothing waits for this answer of yours.", "Name the incident: ack INC-12.")
    if len(waiting) > 1:
        named = ", ".join(f"{each.id} {each.severity}" for each in waiting[:5])
        raise Invalid(f"{len(waiting)} incidents wait for you: {named}.", f"Name one: {said.deed} {waiting[0].id}.")
    return waiting[0].id


def standing(app: App, incident: Incident, deed: Deed, person: str) -> str:
    """Why an answer would change nothing, as a sentence; empty where it would."""
    if answering.has_done(incident, deed, person):
        return _already(incident, deed)
    if not incident.open:
        return f"{incident.id} is resolved."
    if deed == "acknowledge" and incident.acknowledged_at is not None:
        took = say_duration(app.clock.now() - incident.acknowledged_at)
        return f"{app.settings.directory.name_of(incident.acknowledged_by)} took it {took} before you."
    if deed in ("accept", "decline") and not _role(incident, person):
        return "This is no longer offered to you."
    return ""


def concerns(incident: Incident, person: str) -> bool:
    """Whether somebody was called for an incident, or has a part in it, and may see it."""
    part = {slug(who) for who in (incident.owner, *incident.roles.values(), *incident.paged)}
    return person in part and incident.is_shown_to(person)


def with_ways(app: App, notice: Notice) -> Notice:
    """The notice with its receiver's own ways to answer it, as it is sent; nothing of them is stored."""
    settings = app.settings
    if notice.to not in settings.directory.people or notice.parts or notice.kind not in LINKED:
        return notice
    incident, now = app.db.read(lambda tx: incidents.load(tx, notice.incident)), app.clock.now()
    if incident is None or not incident.open or not incident.is_shown_to(notice.to):
        return notice
    ways: dict[str, str] = {}
    if settings.answers.links and settings.base_url:
        for deed in _offered(incident, notice):
            token = signing.sign(app, deed, notice.to, incident.id, now)
            ways[deed] = f"{settings.base_url}/answer/{deed}/{token}"
    if settings.answers.mail:
        name, _, domain = settings.answers.mail.partition("@")
        ways["reply_to"] = f"{name}+{signing.sign(app, MAIL, notice.to, incident.id, now)}@{domain}"
    if settings.answers.twilio_token and settings.base_url:
        token = signing.sign(app, VOICE, notice.to, incident.id, now)
        ways[VOICE] = f"{settings.base_url}/answers/voice/{token}"
    return replace(notice, answers=ways, body="\n".join([notice.body, *_in_words(app, ways)])) if ways else notice


def told_back(incident: Incident, person: str, says: str, own: str) -> Notice:
    """What somebody is told who answered by a way that can't answer itself."""
    title = "a private incident" if incident.team.private else incident.title
    return Notice(
        id=f"{incident.id}/answer/{person}/{own}",
        incident=incident.id,
        kind="inform",
        to=person,
        why="you answered",
        subject=f"[{incident.severity}] {incident.id} your answer: {title}",
        body=says,
        severity=incident.severity,
        drill=incident.drill,
        status=incident.status,
    )


def _facts(app: App, tx: Tx, incident: Incident, said: Said, who: From) -> Facts:
    by, now, directory = Actor("person", who.person), app.clock.now(), duty.directory(app, tx)
    decide: dict[Deed, Callable[[], Facts]] = {
        "acknowledge": lambda: answering.acknowledge(incident, by, now, directory, who.via),
        "escalate": lambda: escalate_next(incident, directory, said.words or _asks(directory, by), now),
        "hold": lambda: moves.hold(incident, now + timedelta(minutes=said.minutes), said.words or _by(who), now),
        "note": lambda: moves.note(incident, said.words),
        "accept": lambda: roles.accept(incident, _role(incident, who.person), by, now),
        "decline": lambda: roles.decline(incident, _role(incident, who.person), said.words, by),
        "hand_over": lambda: roles.hand_over(incident, directory, OWNER, said.people, OFFER, said.words, now),
        "add": lambda: roles.add_people(
            incident, directory, privacy.names_of(said.people), said.words or _asks(directory, by), now
        ),
    }
    return decide[said.deed]()


def _role(incident: Incident, person: str) -> str:
    """The role that was offered to somebody."""
    return next((offer.role for offer in incident.team.offers.values() if offer.to == person), "")


def _waits_for(incident: Incident, deed: Deed, person: str) -> bool:
    if deed == "acknowledge":
        return incident.acknowledged_at is None
    if deed in ("accept", "decline"):
        return bool(_role(incident, person))
    return deed != "hand_over" or slug(incident.owner) == person


def _offered(incident: Incident, notice: Notice) -> tuple[Deed, ...]:
    if _role(incident, notice.to):
        return ("accept", "decline")
    return tuple(deed for deed in LINKED[notice.kind] if deed != "acknowledge" or incident.acknowledged_at is None)


def _in_words(app: App, ways: dict[str, str]) -> list[str]:
    lines = [f"{LABELS[deed]}: {ways[deed]}" for deed in LABELS if deed in ways]
    if lines:
        lasts = say_duration(app.settings.answers.lasts)
        lines = ["", f"Without signing in (for you alone, {lasts} long; it asks before it does anything):", *lines]
    return lines


def _asks(directory: Directory, by: Actor) -> str:
    return f"{directory.name_of(by.name)} asks for help"


def _by(who: From) -> str:
    return f"silenced by {who.via}"


def _already(incident: Incident, deed: Deed) -> str:
    if deed == "acknowledge" and incident.acknowledged_at is not None:
        return f"You have {incident.id} since {say_time(incident.acknowledged_at)}."
    return f"You have taken over {incident.id} already."


def _done(app: App, after: Incident, said: Said) -> str:
    name_of = app.settings.directory.name_of
    match said.deed:
        case "acknowledge":
            return f"{after.id} is yours. The others are told."
        case "escalate":
            return f"{name_of(after.paged[-1])} is called for {after.id}."
        case "hold":
            return f"The escalation of {after.id} waits for {said.minutes:g} min."
        case "note":
            return f"Your words stand on the timeline of {after.id}."
        case "accept":
            return f"You have taken over {after.id}. The others are told."
        case "hand_over":
            made = after.team.offers[OWNER]
            return f"{after.id} is offered to {name_of(made.to)} until {say_time(made.until)}; until then it is yours."
        case "add":
            return f"{said.people} {'are' if ',' in said.people else 'is'} called for {after.id}."
        case _:
            return f"You have said no; {after.id} stays with who offered it."
