"""Moves: each returns facts or refuses with a sentence."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.build import ANA, BEN, NOW, PEOPLE, a_runbook, a_scenario, after, an_alert, an_incident
from tocsin.core import facts, moves
from tocsin.core.facts import Entry
from tocsin.core.notices import notices_for
from tocsin.core.runbook import Criterion
from tocsin.errors import Invalid, Refused
from tocsin.times import EPOCH

MINUTE = timedelta(minutes=1)


def test_a_declaration_freezes_ladder_phases_and_criteria() -> None:
    """What the incident depends on later is on its first entry."""
    incident = an_incident()
    assert [rung.to for rung in incident.ladder] == ["On-call", "Team lead", "Head of engineering"]
    assert [phase.id for phase in incident.phases] == ["acknowledge", "resolve"]
    assert incident.criteria[0].criterion.text == "failed payments stay under 2 %"
    assert incident.response_seconds == 300


def test_a_severity_that_the_document_does_not_define_is_refused_with_the_ones_it_does() -> None:
    """Nothing is guessed: the known severities are named."""
    opening = moves.Opening(number=1, title="x", severity="SEV9", why="")
    with pytest.raises(Invalid, match="P1, P2"):
        moves.declare(a_runbook(), opening)


def test_exactly_one_acknowledgement_wins() -> None:
    """The second is refused and told who has it."""
    incident = after(an_incident(), moves.acknowledge(an_incident(), ANA), ANA)
    assert incident.status == "acknowledged"
    with pytest.raises(Refused, match="by ana"):
        moves.acknowledge(incident, BEN)


def test_acknowledging_reaches_the_documents_phase_of_that_name() -> None:
    """The process of the document ticks itself where a move shows it."""
    incident = after(an_incident(), moves.acknowledge(an_incident(), ANA), ANA)
    assert (incident.phases[0].at, incident.phases[0].by) == (NOW, "ana")


def test_resolving_is_refused_until_the_criterion_holds_for_its_time() -> None:
    """The reasons are sentences: no reading, not holding, holding too short."""
    incident = an_incident(watch=5 * MINUTE)
    with pytest.raises(Refused, match="no reading"):
        moves.resolve(incident, "", "", NOW)
    incident = after(incident, moves.read_criterion(incident, 0, False, 7.5, "failed payments is 7.5 %"))
    with pytest.raises(Refused, match=r"7\.5 %"):
        moves.resolve(incident, "", "", NOW)
    incident = after(incident, moves.read_criterion(incident, 0, True, 0.4, "failed payments is 0.4 %"))
    with pytest.raises(Refused, match="another 3 min"):
        moves.resolve(incident, "", "", NOW + 2 * MINUTE)
    resolved = after(incident, moves.resolve(incident, "rolled back", "", NOW + 5 * MINUTE))
    assert resolved.status == "resolved"


def test_a_criterion_that_breaks_starts_its_watch_anew() -> None:
    """Holding means holding without a break."""
    incident = an_incident(watch=5 * MINUTE)
    for minute, good in ((0, True), (3, False), (4, True)):
        facts_now = moves.read_criterion(incident, 0, good, 1.0, "")
        incident = after(incident, facts_now, at=NOW + minute * MINUTE)
    assert not incident.recovered(incident.criteria[0], NOW + 8 * MINUTE)
    assert incident.recovered(incident.criteria[0], NOW + 9 * MINUTE)


def test_an_override_needs_a_reason_and_stands_on_the_timeline() -> None:
    """Resolving against the criteria is possible, and visible for ever."""
    *_, resolved, _phase = moves.resolve(an_incident(), "", "the bank confirmed by phone", NOW)
    assert resolved.override == "the bank confirmed by phone"
    with pytest.raises(Refused):
        moves.resolve(an_incident(), "", "   ", NOW)


def test_a_firing_alert_keeps_the_incident_open() -> None:
    """An incident whose alert still fires has not recovered."""
    book = a_runbook(scenarios=(a_scenario(criteria=()),))
    incident = an_incident(book)
    incident = after(incident, moves.link_alert(incident, an_alert(), "it names it"))
    with pytest.raises(Refused, match="CheckoutFails still fires"):
        moves.resolve(incident, "", "", NOW)
    cleared = after(incident, moves.clear_alert(incident, an_alert().fingerprint))
    assert after(cleared, moves.resolve(cleared, "", "", NOW)).status == "resolved"


def test_a_measured_criterion_can_not_be_confirmed_by_hand_and_a_human_one_must_be() -> None:
    """Each kind of criterion has its own way."""
    human = Criterion(text="the bank says that it is over", line=61)
    incident = an_incident(a_runbook(scenarios=(a_scenario(criteria=(human,)),)))
    with pytest.raises(Refused, match="Nobody has confirmed"):
        moves.resolve(incident, "", "", NOW)
    incident = after(incident, moves.confirm_criterion(incident, 0, "phoned them"), ANA)
    assert after(incident, moves.resolve(incident, "", "", NOW)).status == "resolved"
    with pytest.raises(Refused, match="measured"):
        moves.confirm_criterion(an_incident(), 0, "")
    with pytest.raises(Invalid, match="there is no number 7"):
        moves.confirm_criterion(an_incident(), 7, "")


@pytest.mark.parametrize("value", ["-9", "7\n8", "", "a" * 501])
def test_a_placeholder_takes_no_value_that_a_program_could_misread(value: str) -> None:
    """Options, line breaks, nothing and novels are refused."""
    with pytest.raises(Invalid):
        moves.bind_placeholder(an_incident(), a_runbook(), "<pid>", value)


def test_calling_somebody_whom_nobody_knows_says_who_is_known() -> None:
    """The sentence helps at 3 a.m."""
    with pytest.raises(Invalid, match="team-lead"):
        moves.escalate(an_incident(), PEOPLE, "the boss", "help", EPOCH)
    (called,) = moves.escalate(an_incident(), PEOPLE, "the team lead", "help", EPOCH)
    assert called.person == "ben"


def test_a_reopened_incident_keeps_its_history_and_forgets_its_recovery() -> None:
    """Recurrence begins the watch anew."""
    incident = an_incident()
    incident = after(incident, moves.read_criterion(incident, 0, True, 0.1, ""))
    incident = after(incident, moves.resolve(incident, "", "", NOW))
    with pytest.raises(Refused, match="Reopen it first"):
        moves.mitigate(incident, "again")
    incident = after(incident, moves.reopen(incident, "it came back"))
    assert (incident.status, incident.criteria[0].holds, incident.resolved_at) == ("open", None, None)


def test_a_severity_that_rises_is_a_fact_and_the_same_one_is_only_confirmed() -> None:
    """Assessing always leaves a trace."""
    book = a_runbook()
    (change,) = moves.assess(an_incident(), book, "P2", "few are hit")
    assert isinstance(change, facts.SeverityChanged)
    (same,) = moves.assess(an_incident(), book, "P1", "all are hit")
    assert isinstance(same, facts.Noted)


def test_an_alert_of_any_size_stands_on_the_timeline_in_short() -> None:
    """Whoever sends alerts can't make an incident heavy: it is written anew with every move."""
    huge = an_alert("N" * 9_000, labels={"alertname": "N" * 9_000, **{f"l{n}": "v" * 9_000 for n in range(200)}})
    (linked,) = moves.link_alert(an_incident(), huge, "")
    assert len(repr(linked)) < 40_000
    assert linked.fingerprint == huge.fingerprint, "it is still the same alert"


def test_a_mail_about_a_storm_is_readable() -> None:
    """A notice names some of the firing alerts and counts the others."""
    incident = an_incident()
    for number in range(60):
        storm = an_alert(f"Storm{number}", labels={"alertname": f"Storm{number}"})
        incident = after(incident, moves.link_alert(incident, storm, ""))
    page = Entry(seq=incident.version, at=NOW, by=ANA, fact=facts.Escalated(to="ana", why="help", person="ana"))
    (notice,) = notices_for(page, incident, PEOPLE, "")
    assert "Alert Storm0" in notice.body
    assert "and 50 more" in notice.body


def test_the_response_target_is_that_of_the_severity_it_has_now() -> None:
    """What was mild for an hour and is now the worst has five minutes, not four hours."""
    opening = moves.Opening(number=1, title="x", severity="P2", why="")
    incident = after(None, moves.declare(a_runbook(), opening))
    assert incident.response_seconds == 30 * 60
    incident = after(incident, moves.assess(incident, a_runbook(), "P1", "all are hit"))
    assert incident.response_seconds == 5 * 60
