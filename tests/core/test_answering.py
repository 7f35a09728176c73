"""What short answers mean, which one wins, and how roles change hands."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.build import NOW, after, an_incident
from tocsin.core import answering, facts, privacy, roles
from tocsin.core.answering import Said, understood
from tocsin.core.clocks import struck
from tocsin.core.facts import ENGINE, Actor
from tocsin.core.incident import Incident
from tocsin.core.oncall import Directory, Person
from tocsin.errors import Denied, Invalid, Refused
from tocsin.times import say_time

ANA, BEN = Actor("person", "ana"), Actor("person", "ben")
BAD = (
    "",
    "yes",
    "> ack",
    "acknowledgement of debt",
    "1000",
    "on my way. ack",
    "note:",
    "-- ",
    "add",
    "hand over",
    "hand over to",
    "add because x",
)
NO_ADDRESSES = ("javascript:alert(1)", "https://x y", "ftp://x", "https://x/<b>", "", "https://" + "x" * 600)
PEOPLE = Directory(people={name: Person(id=name, name=name.title()) for name in ("ana", "ben", "cleo")})
FIVE = timedelta(minutes=5)


def happens(incident: Incident, *made: Any, by: Actor = ENGINE) -> Incident:
    """The incident after these facts, at the same moment."""
    return after(incident, made, by)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1", Said(deed="acknowledge")),
        ("ack", Said(deed="acknowledge")),
        ("ACK INC-12", Said(deed="acknowledge", ref="INC-12")),
        ("ack 12", Said(deed="acknowledge", ref="INC-12")),
        ("Ack.", Said(deed="acknowledge")),
        ("\n  acknowledge\n\n> escalate", Said(deed="acknowledge")),
        ("ack, I am on my way", Said(deed="acknowledge", words="I am on my way")),
        ("escalate INC-3 nobody knows the code", Said(deed="escalate", ref="INC-3", words="nobody knows the code")),
        ("2", Said(deed="escalate")),
        ("silence 30", Said(deed="hold", minutes=30)),
        ("silence inc-4 2 h the crane", Said(deed="hold", ref="INC-4", minutes=120, words="the crane")),
        ("hold", Said(deed="hold")),
        ("note: the gate\nis shut\n> quoted", Said(deed="note", words="the gate\nis shut")),
        ("note INC-7: 3 of 5 fail", Said(deed="note", ref="INC-7", words="3 of 5 fail")),
        ("note: 3 of 5 fail", Said(deed="note", words="3 of 5 fail")),
        ("hand over to ben", Said(deed="hand_over", people="ben")),
        (
            "Hand over INC-3 to ben because my shift ends",
            Said(deed="hand_over", ref="INC-3", people="ben", words="my shift ends"),
        ),
        ("handover INC-3: ben.", Said(deed="hand_over", ref="INC-3", people="ben")),
        ("add ben, cleo because it grows", Said(deed="add", people="ben, cleo", words="it grows")),
        ("add INC-3 ben", Said(deed="add", ref="INC-3", people="ben")),
        ("decline I am on a train", Said(deed="decline", words="I am on a train")),
    ],
)
def test_a_short_answer_is_understood(text: str, said: Said) -> None:
    """By its first own line; what it quotes says nothing."""
    assert understood(text) == said


@pytest.mark.parametrize("text", BAD)
def test_what_was_not_understood_is_never_guessed(text: str) -> None:
    """It is said that nothing was done, and what could be written."""
    with pytest.raises(Invalid):
        understood(text)


@given(st.text(max_size=300))
def test_any_text_is_an_answer_or_refused(text: str) -> None:
    """Nothing that somebody sends raises anything else, and a number is never an incident by chance of digits."""
    try:
        said = understood(text)
    except Invalid:
        return
    assert said.deed in answering.DEEDS
    assert said.ref in ("", f"INC-{said.ref.removeprefix('INC-')}")


def test_the_second_answer_is_told_whose_the_first_was() -> None:
    """By name, and how long before; who answers twice is told that it is they."""
    taken = happens(an_incident(), *answering.acknowledge(an_incident(), ANA, NOW, PEOPLE, "SMS"), by=ANA)
    with pytest.raises(Refused, match="Ana took it 7 s before you"):
        answering.acknowledge(taken, BEN, NOW + timedelta(seconds=7), PEOPLE)
    with pytest.raises(Refused, match="you, 7 s ago"):
        answering.acknowledge(taken, ANA, NOW + timedelta(seconds=7), PEOPLE)
    assert answering.has_done(taken, "acknowledge", "ana")
    assert not answering.has_done(taken, "acknowledge", "ben")


def test_what_is_offered_changes_hands_by_a_yes_alone() -> None:
    """Until then who had it has it; only the one to whom it was offered can say yes."""
    taken = happens(an_incident(), facts.Acknowledged(), by=ANA)
    offered = happens(taken, *roles.hand_over(taken, PEOPLE, "owner", "ben", FIVE, "my shift", NOW), by=ANA)
    assert offered.owner == "ana"
    with pytest.raises(Denied):
        roles.accept(offered, "owner", Actor("person", "cleo"), NOW)
    with pytest.raises(Refused, match=f"until {say_time(NOW + FIVE)}"):
        roles.hand_over(offered, PEOPLE, "owner", "cleo", FIVE, "", NOW)
    with pytest.raises(Refused, match="ended"):
        roles.accept(offered, "owner", BEN, NOW + FIVE)
    settled = happens(offered, *roles.accept(offered, "", BEN, NOW), by=BEN)
    assert (settled.owner, settled.acknowledged_by, settled.team.offers) == ("ben", "ana", {})


def test_an_offer_that_nobody_answers_ends_by_the_clock() -> None:
    """Not before its time, once, and who had it still has it."""
    taken = happens(an_incident(), facts.Acknowledged(), by=ANA)
    offered = happens(taken, *roles.hand_over(taken, PEOPLE, "owner", "ben", FIVE, "", NOW), by=ANA)
    assert [each for each in struck(offered, NOW + FIVE / 2) if isinstance(each, facts.HandOverExpired)] == []
    ended = [each for each in struck(offered, NOW + FIVE) if isinstance(each, facts.HandOverExpired)]
    assert ended == [facts.HandOverExpired(role="owner", person="ben", before="ana")]
    settled = happens(offered, *ended)
    assert (settled.owner, settled.team.offers) == ("ana", {})
    over = happens(offered, facts.Resolved())
    assert over.team.offers == {}


def test_a_role_is_taken_once_and_left_by_who_has_it() -> None:
    """Somebody else's role is neither taken nor left; the incident itself is never left without anybody."""
    incident = an_incident()
    scribe = happens(incident, *roles.take_role(incident, "scribe", ANA), by=ANA)
    with pytest.raises(Refused, match="ana is scribe"):
        roles.take_role(scribe, "scribe", BEN)
    with pytest.raises(Denied):
        roles.leave_role(scribe, "scribe", "bored", BEN)
    with pytest.raises(Refused, match="without anybody"):
        roles.leave_role(scribe, "owner", "bored", ANA)
    assert happens(scribe, *roles.leave_role(scribe, "scribe", "my train", ANA), by=ANA).roles == {}


def test_who_is_drawn_into_a_private_incident_sees_it() -> None:
    """Called, given a role, offered one: each is named from then on; who was there before is not, unless named."""
    before = happens(an_incident(), facts.Escalated(to="ana", person="ana", why="x"))
    private = happens(before, *privacy.make_private(before, ("Cleo",), "names"), by=BEN)
    assert private.team.named == ("cleo", "ben")
    assert not private.is_shown_to("ana")
    for fact in (
        facts.Escalated(to="ana", person="ana", why="x"),
        facts.Assigned(role="scribe", person="Ana"),
        facts.HandOverOffered(role="scribe", to="ana", before="", until=NOW),
        facts.EveryoneCalled(people=("ana",), why="x"),
    ):
        assert happens(private, fact).is_shown_to("ana")
    assert not happens(private, facts.Noted(text="ana")).is_shown_to("ana")
    assert happens(private, facts.MadePublic(why="over")).is_shown_to("ana")


@pytest.mark.parametrize("url", NO_ADDRESSES)
def test_only_an_address_is_a_war_room(url: str) -> None:
    """What is none never becomes a link."""
    with pytest.raises(Invalid):
        roles.set_war_room(an_incident(), url)
