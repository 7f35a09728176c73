"""What people do about people in a story: answer from afar, hand over, take roles, say who may see it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from tests.stories.doing import caller, move
from tests.stories.vocabulary import IN, REF, STEP, WHO, WHY, Seen, action, check, latest, step_of
from tests.stories.world import World
from tocsin.core.answering import understood
from tocsin.errors import TocsinError
from tocsin.service import access, answering, catalogue, respond, signing, team
from tocsin.times import parse_duration

ROLE = r"(?P<role>commander|communications|scribe|operations)"
PEOPLE = r"(?P<people>[a-z]+(?:, [a-z]+)*)"


@action(rf"{WHO} answers `(?P<text>[^`]*)` by (?P<via>SMS|mail|link|telephone){IN}", "ben answers `ack` by SMS")
def _answers(world: World, who: str, text: str, via: str, ref: str | None) -> None:
    """Answer a page without signing in. By SMS the only incident that waits is meant; a signed link has its own."""
    app, said = world.app, understood(text)
    if via == "SMS":
        answering.answer(app, answering.meant(app, said, who), said, answering.From(person=who, via=via))
        return
    now, incident = world.clock.at, latest(world, ref).id
    signed = signing.read(app, said.deed, signing.sign(app, said.deed, who, incident, now), now)
    answering.answer(
        app, signed.ref, replace(said, ref=""), answering.From(person=signed.person, via=via, since=signed.at)
    )


@action(
    rf"{WHO} offers (?:{ROLE}|it) to (?P<to>[a-z]+)(?: for (?P<span>[\dhms ]+?))?{IN}{WHY}",
    "ana offers commander to ben for 10m because my shift ends",
)
def _offers(
    world: World, *, who: str, role: str | None, to: str, span: str | None, ref: str | None, why: str | None
) -> None:
    """Offer a role, or (it) the incident itself, to somebody, who has it when they accept."""
    minutes = (parse_duration(span) if span else timedelta(minutes=5)) / timedelta(minutes=1)
    move(world, who, ref, "hand_over", to=to, role=role or "owner", minutes=minutes, why=why or "")


@action(rf"{WHO} (?P<verb>accepts|declines) (?:{ROLE}|it){IN}{WHY}", "ben accepts it")
def _settles(world: World, *, who: str, verb: str, role: str | None, ref: str | None, why: str | None) -> None:
    """Say yes or no to what was offered."""
    move(world, who, ref, verb.removesuffix("s"), role=role or "owner", why=why or "")


@action(rf"{WHO} takes the role {ROLE}{IN}", "cleo takes the role scribe")
def _takes(world: World, who: str, role: str, ref: str | None) -> None:
    """Take a role that nobody has."""
    move(world, who, ref, "take_role", role=role)


@action(rf"{WHO} leaves the role {ROLE}{IN} because (?P<why>.+)", "cleo leaves the role scribe because I must go")
def _leaves(world: World, who: str, role: str, ref: str | None, why: str) -> None:
    """Give a role up."""
    move(world, who, ref, "leave_role", role=role, why=why)


@action(rf"{WHO} gives {STEP} to (?P<owner>[a-z]+){IN}", "ana gives line 25 to ben")
def _gives_step(world: World, who: str, step: str, owner: str, ref: str | None) -> None:
    """Say who answers for a step."""
    move(world, who, ref, "own_step", step=step_of(world, ref, step).id, owner=owner)


@action(rf"{WHO} adds {PEOPLE}{IN} because (?P<why>.+)", "ana adds ben, cleo because I am alone")
def _adds(world: World, who: str, people: str, ref: str | None, why: str) -> None:
    """Draw several people in at once."""
    move(world, who, ref, "add_people", people=people, why=why)


@action(
    rf"{WHO} declares (?P<severity>[A-Z]+-?\d) privately (?:the scenario on line (?P<line>\d+)|as `(?P<title>[^`]*)`)"
    rf"(?: to {PEOPLE})?{WHY}",
    "ana declares P0 privately as `Our keys are public` to ben",
)
def _declares_privately(
    world: World, *, who: str, severity: str, line: str | None, title: str | None, people: str | None, why: str | None
) -> None:
    """Begin an incident that only those see who are named, who declare it, and who are called."""
    found = [part.id for one in world.app.books for part in one.scenarios if str(part.line) == line]
    wanted = respond.Declaration(
        title=title or "", severity=severity, scenario=found[0] if found else "", why=why or "", private=True,
        people=people or "",
    )  # fmt: skip
    by = caller(world, who)
    catalogue.declare(world.app, wanted, by.actor, by.role)


@action(rf"{WHO} makes{REF} private(?: to {PEOPLE})? because (?P<why>.+)", "ana makes INC-1 private because of a name")
def _makes_private(world: World, who: str, ref: str | None, people: str | None, why: str) -> None:
    """From now on only those named see it."""
    move(world, who, ref, "make_private", people=people or "", why=why)


@action(rf"{WHO} lets (?P<person>[a-z]+) see{REF}", "ana lets cleo see INC-1")
def _lets_in(world: World, who: str, person: str, ref: str | None) -> None:
    """Let somebody see a private incident."""
    move(world, who, ref, "let_in", person=person)


@action(rf"{WHO} makes{REF} public because (?P<why>.+)", "ana makes INC-1 public because it is over")
def _makes_public(world: World, who: str, ref: str | None, why: str) -> None:
    """Let everybody see it again."""
    move(world, who, ref, "make_public", why=why)


@action(
    rf"{WHO} breaks the glass of (?P<ref>INC-\d+) because (?P<why>.+)", "dora breaks the glass of INC-1 because why"
)
def _breaks(world: World, who: str, ref: str, why: str) -> None:
    """Let oneself into a private incident; only admins can."""
    by = caller(world, who)
    access.need(world.app, by, "incidents:write", ref=ref, glass=True)
    catalogue.make(world.app, "break_glass", ref, team.Because(why=why), by.actor, by.role)


@check(r"(?P<who>[a-z]+) has (?P<ref>INC-\d+)", "ben has INC-1")
def _has(seen: Seen, who: str, ref: str) -> None:
    """Who has the incident: who accepted it last, else who acknowledged it."""
    found = latest(seen.world, ref).owner
    assert found == who, f"{found or 'nobody'} has {ref}"


@check(
    rf"(?P<who>[a-z]+) is {ROLE}{IN}(?: since (?P<at>[\d:]{{8}}))?", "ben is commander in INC-1 since 03:05:00"
)  # fmt: skip
def _is(seen: Seen, who: str, role: str, ref: str | None, at: str | None) -> None:
    """Who has a role, or nobody, and since when (stories begin at 03:00)."""
    incident = latest(seen.world, ref)
    found = incident.roles.get(role, "nobody")
    assert found == who, f"{found} is {role}"
    assert at in (None, f"{incident.team.since.get(role, seen.world.clock.at):%H:%M:%S}"), incident.team.since


@check(rf"{STEP}{IN} is owned by (?P<owner>[a-z]+)", "line 30 is owned by ben")
def _owned(seen: Seen, step: str, ref: str | None, owner: str) -> None:
    """Who answers for a step."""
    found = latest(seen.world, ref).team.steps.get(step_of(seen.world, ref, step).id)
    assert found == owner, f"{found or 'nobody'} answers for it"


@check(rf"{PEOPLE} (?P<how>sees?|sees? nothing of) (?P<ref>INC-\d+)", "ana, ben see INC-1")
def _sees(seen: Seen, people: str, how: str, ref: str) -> None:
    """Whether these people, in whichever role, find an incident at all."""
    for who in people.split(", "):
        try:
            access.need(seen.world.app, caller(seen.world, who), "incidents:read", ref=ref)
            found = True
        except TocsinError:
            found = False
        assert found is not how.endswith("of"), f"{who} {'sees' if found else 'does not see'} {ref}"


@check(r"people meet at `(?P<url>[^`]*)`", "people meet at `https://meet.example.org/1`")
def _meet(seen: Seen, url: str) -> None:
    """Where the page says that people meet."""
    assert latest(seen.world, None).team.war_room == url
