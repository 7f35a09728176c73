"""The ladder: what the clock alone makes true."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.build import ANA, NOW, PEOPLE, a_runbook, after, an_incident
from tocsin.core import facts, moves
from tocsin.core.incident import Incident
from tocsin.core.ladders import ladder
from tocsin.core.oncall import Directory
from tocsin.core.runbook import Escalation
from tocsin.core.wake import next_due, next_wake, wake

MINUTE = timedelta(minutes=1)


def ladder_at(incident: Incident) -> datetime | None:
    """When the ladder does something next."""
    due = next_due(incident)
    return due.at if due else None


def test_the_first_rung_is_climbed_at_once_and_says_its_line() -> None:
    """A rung after 0 minutes pages at the declaration, with the line that asks for it."""
    (first,) = wake(an_incident(), PEOPLE, NOW)
    assert (first.person, first.line, first.rung) == ("ana", 10, 0)
    assert "line 10" in first.why


@pytest.mark.parametrize("acknowledged", [False, True])
def test_the_ladder_climbs_whether_or_not_somebody_acknowledged(acknowledged: bool) -> None:
    """Elapsed time alone climbs an "unresolved" rung."""
    incident = after(an_incident(), wake(an_incident(), PEOPLE, NOW))
    if acknowledged:
        incident = after(incident, moves.acknowledge(incident, ANA), ANA, NOW + MINUTE)
    assert ladder_at(incident) == NOW + 15 * MINUTE
    assert not any(isinstance(fact, facts.Escalated) for fact in wake(incident, PEOPLE, NOW + 14 * MINUTE))
    called = [fact for fact in wake(incident, PEOPLE, NOW + 15 * MINUTE) if isinstance(fact, facts.Escalated)]
    assert [fact.person for fact in called] == ["ben"]


def test_an_unacknowledged_rung_no_longer_counts_after_an_answer() -> None:
    """A rung on the unacknowledged clock is passed over once a human took it."""
    book = a_runbook(escalations=(Escalation(to="Team lead", after_minutes=5, clock="unacknowledged", line=9),))
    incident = an_incident(book)
    incident = after(incident, wake(incident, PEOPLE, NOW))
    assert next_wake(incident) == NOW + 5 * MINUTE
    taken = after(incident, moves.acknowledge(incident, ANA), ANA)
    assert next_due(taken) is None, "the only other call was answered"


def test_a_rung_that_nobody_fills_is_skipped_at_once_with_its_reason() -> None:
    """An empty rung never costs time: the next person is called in the same turn."""
    people = Directory(PEOPLE.people, {"head-of-engineering": "cleo"})
    climbed = wake(an_incident(), people, NOW)
    assert [fact.person for fact in climbed] == [None, None, "cleo"]
    assert "nobody is bound to “On-call”" in climbed[0].why
    assert "at once" in climbed[2].why


def test_where_nobody_fills_a_rung_everybody_who_can_be_reached_is_called_again_and_again() -> None:
    """Nobody sleeps because a role is not bound: all are called every half hour, for a day, until somebody takes it."""
    incident, told = an_incident(), []
    nobody_bound = Directory(PEOPLE.people, {})
    while (at := ladder_at(incident)) is not None:
        new = [fact for fact in wake(incident, nobody_bound, at) if not isinstance(fact, facts.ResponseMissed)]
        told += [(at, fact) for fact in new if not isinstance(fact, facts.Escalated)]
        incident = after(incident, new, at=at)
    everyone = [fact for _, fact in told[:-1]]
    assert all(isinstance(fact, facts.EveryoneCalled) and fact.people == ("ana", "ben", "cleo") for fact in everyone)
    assert [at - NOW for at, _ in told[:3]] == [0 * MINUTE, 30 * MINUTE, 60 * MINUTE]
    assert isinstance(told[-1][1], facts.EscalationEnded)
    assert told[-1][0] - NOW == timedelta(hours=24, minutes=30)
    assert incident.paged == ("ana", "ben", "cleo")


def test_those_of_last_resort_are_called_where_some_are_named() -> None:
    """Who may approve is called before the whole directory is."""
    *_, told = wake(an_incident(), Directory(PEOPLE.people, {}), NOW, ["cleo"])
    assert told.people == ("cleo",)


def test_somebody_who_is_bound_later_is_called_by_their_rung() -> None:
    """Each try looks at the ladder again, so that a mended configuration helps at the next one."""
    incident = after(an_incident(), wake(an_incident(), Directory(PEOPLE.people, {}), NOW))
    assert incident.clocks.stranded
    called = wake(incident, Directory(PEOPLE.people, {"team-lead": "ben"}), NOW + 30 * MINUTE)[-1]
    assert (called.person, called.rung) == ("ben", 1)
    assert not after(incident, [called], at=NOW + 30 * MINUTE).clocks.stranded


def test_who_answers_is_not_called_again_with_everybody() -> None:
    """An answer ends the calling of all."""
    incident = after(an_incident(), wake(an_incident(), Directory(PEOPLE.people, {}), NOW))
    taken = after(incident, moves.acknowledge(incident, ANA), ANA, NOW + MINUTE)
    at = ladder_at(taken)
    assert at is not None
    assert not any(isinstance(fact, facts.EveryoneCalled) for fact in wake(taken, Directory(PEOPLE.people, {}), at))


def test_the_last_rung_is_repeated_and_then_the_ladder_ends_visibly() -> None:
    """Repetition is bounded; the end is a fact."""
    incident, told = an_incident(), []
    while (at := next_wake(incident)) is not None:
        new = wake(incident, PEOPLE, at)
        told += [
            (at - NOW, getattr(fact, "person", "end")) for fact in new if not isinstance(fact, facts.ResponseMissed)
        ]
        incident = after(incident, new, at=at)
    minutes = [(at / MINUTE, who) for at, who in told]
    assert minutes == [(0, "ana"), (15, "ben"), (60, "cleo"), (90, "cleo"), (120, "cleo"), (150, "end")]
    assert incident.ladder_ended


def test_a_held_ladder_waits_until_the_moment_that_was_named() -> None:
    """ "Hold until" delays the next rung and nothing else."""
    incident = after(an_incident(), wake(an_incident(), PEOPLE, NOW))
    incident = after(incident, moves.hold(incident, NOW + 40 * MINUTE, "we know the cause", NOW))
    assert ladder_at(incident) == NOW + 40 * MINUTE


def test_a_rung_for_other_severities_is_not_climbed() -> None:
    """Severity limits a rung."""
    book = a_runbook(
        escalations=(Escalation(to="Team lead", after_minutes=30, severities=("P2",), clock="unresolved", line=9),)
    )
    incident = after(an_incident(book), wake(an_incident(book), PEOPLE, NOW))
    due = next_due(incident)
    assert due is not None
    assert due.rung.to == "on-call"
    assert next_wake(after(incident, moves.assess(incident, book, "P2", "only slow"))) == NOW + 30 * MINUTE


def test_a_resolved_incident_is_never_woken() -> None:
    """The end of the incident ends its clocks."""
    incident = an_incident()
    resolved = after(incident, moves.resolve(incident, "", "false alarm", NOW))
    assert next_wake(resolved) is None
    assert wake(resolved, PEOPLE, NOW + 1000 * MINUTE) == []


@given(st.lists(st.integers(0, 400), min_size=1, max_size=30))
def test_however_irregularly_the_clock_looks_each_rung_is_climbed_once_and_in_order(gaps: list[int]) -> None:
    """After an outage each due page is sent once, not once for every missed tick; nothing due is left behind."""
    incident, now = an_incident(), NOW
    for gap in gaps:
        now += gap * MINUTE
        while (at := next_wake(incident)) is not None and at <= now:
            new = wake(incident, PEOPLE, now)
            assert new, "it was due, and nothing happened"
            incident = after(incident, new, at=now)
        later = next_wake(incident)
        assert later is None or later > now
    assert list(incident.climbed) == sorted(set(incident.climbed))


def test_somebody_is_called_at_once_even_where_the_document_names_nobody_for_it() -> None:
    """The document's "first response" is the first call; without one whoever is on call."""
    told = a_runbook(escalations=(Escalation(to="Team lead", when="First response", line=8),))
    assert [(rung.to, rung.after_seconds) for rung in ladder(told)] == [("Team lead", 0.0)]
    silent = a_runbook(escalations=(Escalation(to="Team lead", after_minutes=30, clock="unresolved", line=8),))
    assert [rung.to for rung in ladder(silent)] == ["on-call", "Team lead"]


def to_the_end(severity: str) -> Incident:
    """An incident of this severity whose ladder has ended, by a document that calls the team lead for P1 only."""
    book = a_runbook(
        escalations=(Escalation(to="Team lead", after_minutes=30, severities=("P1",), clock="unresolved", line=9),)
    )
    incident = after(an_incident(book), [facts.SeverityChanged(before="P1", after=severity, why="a test says so")])
    while (at := next_wake(incident)) is not None:
        incident = after(incident, wake(incident, PEOPLE, at), at=at)
    assert incident.ladder_ended
    return incident


def test_a_severity_that_rises_climbs_its_rungs_even_after_the_ladder_ended() -> None:
    """Who is to be called for the worse severity only has not been called yet."""
    ended = to_the_end("P2")
    later = NOW + 600 * MINUTE
    risen = after(ended, moves.assess(ended, a_runbook(), "P1", "now all are hit"), at=later)
    due = next_due(risen)
    assert due is not None
    assert due.at <= later, "it counts from the beginning, so it is due at once"
    (called,) = wake(risen, PEOPLE, later)
    assert called.person == "ben"
    risen = after(risen, [called], at=later)
    assert not risen.ladder_ended
    again = next_due(risen)
    assert again is not None
    assert (again.rung.to, again.at, again.again) == ("Team lead", later + 30 * MINUTE, 1)


def test_a_severity_that_changes_calls_nobody_a_second_time_after_the_ladder_ended() -> None:
    """Where the new severity has no rung of its own the end stays the end."""
    ended = to_the_end("P1")
    fallen = after(ended, moves.assess(ended, a_runbook(), "P2", "only slow"))
    assert next_due(fallen) is None


def test_a_ladder_of_one_call_is_over_when_that_call_is_answered() -> None:
    """Who has taken the incident is not called again, and the ladder does not "end unresolved" behind their back."""
    book = a_runbook(escalations=(Escalation(to="On-call", after_minutes=0, clock="unresolved", line=9),))
    incident = after(an_incident(book), wake(an_incident(book), PEOPLE, NOW))
    assert ladder_at(incident) == NOW + 30 * MINUTE
    assert next_wake(after(incident, moves.acknowledge(incident, ANA), ANA)) is None
