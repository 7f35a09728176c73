"""A page that arrives nowhere is as good as none: the next one is called at once, and it is shown."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests.build import ANA, NOW, PEOPLE, after, an_incident
from tocsin.core import facts, moves
from tocsin.core.incident import Incident
from tocsin.core.oncall import Directory, Person
from tocsin.core.reaching import unheard_since
from tocsin.core.wake import next_due, wake

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


def called(incident: Incident, at: datetime, directory: Directory = PEOPLE) -> tuple[Incident, list[Any]]:
    """The incident after what its ladder does now, and those facts."""
    new = [fact for fact in wake(incident, directory, at) if not isinstance(fact, facts.ResponseMissed)]
    return after(incident, new, at=at), new


def lost(incident: Incident, person: str, at: datetime) -> Incident:
    """Nothing could tell them."""
    return after(incident, [facts.NotifyFailed(person=person, notice="n", why="the phone is gone")], at=at)


def test_the_next_one_is_called_the_moment_that_nobody_can_have_heard() -> None:
    """Not in fifteen minutes; with its reason, and only this once."""
    incident, _ = called(an_incident(), NOW)
    incident = lost(incident, "ana", NOW + SECOND)
    due = next_due(incident)
    assert due is not None and due.at == NOW + SECOND
    incident, (fact,) = called(incident, NOW + SECOND)
    assert (fact.person, fact.rung) == ("ben", 1)
    assert "called at once, because nobody who was called before could be told (line 11)" in fact.why
    due = next_due(incident)
    assert due is not None and (due.index, due.at) == (2, NOW + 60 * MINUTE)


def test_while_one_of_them_may_have_heard_the_ladder_keeps_its_time() -> None:
    """The second one was told, so that the first one's dead phone changes nothing more."""
    incident, _ = called(an_incident(), NOW)
    incident, _ = called(incident, NOW + 15 * MINUTE)
    incident = lost(incident, "ana", NOW + 16 * MINUTE)
    assert unheard_since(incident) is None
    due = next_due(incident)
    assert due is not None and due.at == NOW + 60 * MINUTE


def test_who_is_told_after_all_was_reached() -> None:
    """A way that works again takes the word back."""
    incident = lost(called(an_incident(), NOW)[0], "ana", NOW + SECOND)
    told = after(incident, [facts.Notified(person="ana", via="mail", notice="n")], at=NOW + 2 * SECOND)
    assert incident.reach.missed["ana"].why == "the phone is gone"
    assert told.reach.missed == {}
    assert next_due(told) == next_due(called(an_incident(), NOW)[0])


def test_who_took_it_needs_nobody_to_be_told() -> None:
    """An answer came by another door."""
    incident = lost(called(an_incident(), NOW)[0], "ana", NOW + SECOND)
    taken = after(incident, moves.acknowledge(incident, ANA), ANA, NOW + 2 * SECOND)
    assert unheard_since(taken) is None


def test_a_held_ladder_stays_held() -> None:
    """A human said so."""
    incident, _ = called(an_incident(), NOW)
    until = NOW + 10 * MINUTE
    incident = after(incident, [facts.EscalationHeld(until=until, why="I am at it")], ANA, NOW)
    due = next_due(lost(incident, "ana", NOW + SECOND))
    assert due is not None and due.at == until


def test_where_no_rung_is_left_everybody_is_called_and_again_in_bounds() -> None:
    """At the last one's silence, all others; a broken mail server does not call them each second."""
    incident, at = an_incident(), NOW
    for person in ("ana", "ben", "cleo"):
        incident, (fact,) = called(incident, at)
        assert fact.person == person
        at += SECOND
        incident = lost(incident, person, at)
    more = Directory({**PEOPLE.people, "dora": Person(id="dora", name="Dora")}, PEOPLE.roles)
    _, (dora,) = called(incident, at, more)
    assert dora.people == ("dora",)
    assert dora.why == "nobody who was called could be told, so everybody who can be reached is called"
    incident, (nobody,) = called(incident, at)
    assert nobody.people == ()
    assert nobody.why == "nobody who was called could be told, and there is nobody else"
    due = next_due(incident)
    assert due is not None and due.at == at + 30 * MINUTE
    _, (everyone,) = called(incident, due.at)
    assert everyone.people == ("ana", "ben", "cleo"), "perhaps a way works again"
