"""What somebody reads who is called or told at night: why, who said so, and until when."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from tests.build import ANA, BEN, NOW, PEOPLE, after, an_incident
from tocsin.core import facts, roles
from tocsin.core.briefing import alerts_said, briefing
from tocsin.core.facts import Actor, Entry
from tocsin.core.incident import Incident
from tocsin.core.notices import Notice, Surroundings, notices_for
from tocsin.core.oncall import Directory, Person
from tocsin.core.runbook import SET_BACK
from tocsin.core.wake import wake

DAY = timedelta(days=1)


def told(fact: Any, by: Actor, incident: Incident | None = None, titles: dict[str, str] | None = None) -> list[Notice]:
    """Who hears of a fact that is added to an incident."""
    whole = after(incident or an_incident(), [fact], by)
    entry = Entry(seq=whole.version, at=NOW, by=by, fact=fact)
    return notices_for(entry, whole, PEOPLE, "", Surroundings(titles=titles or {}))


def test_the_first_page_does_not_count_seconds_that_have_not_passed() -> None:
    """Who is called at once reads that, and which line wants it."""
    (called,) = (each for each in wake(an_incident(), PEOPLE, NOW) if isinstance(each, facts.Escalated))
    assert called.why == "called at once for P1 (line 10)"


def test_a_severity_that_rises_and_an_end_say_who_and_from_where() -> None:
    """A reason alone does not say what happened."""
    incident = after(an_incident(), [facts.Escalated(to="on-call", person="ana", why="")])
    (rose,) = told(facts.SeverityChanged(before="P2", after="P1", why="nobody can order"), BEN, incident)
    assert rose.why == "ben raised it from P2 to P1: nobody can order"
    (over,) = told(facts.Resolved(summary="the oven is warm"), BEN, incident)
    assert over.why == "ben resolved it: the oven is warm"
    assert over.subject == f"[P1] INC-1 resolved: {incident.title}"
    (forced,) = told(facts.Resolved(override="it is only a drill"), BEN, incident)
    assert forced.why == "ben resolved it, although it had not recovered: it is only a drill"


def test_nobody_is_paged_for_a_severity_that_they_raised_themselves() -> None:
    """They know; everybody else who was called is woken."""
    called = [facts.Escalated(to="on-call", person=name, why="") for name in ("ana", "ben")]
    rose = facts.SeverityChanged(before="P2", after="P1", why="nobody can order")
    assert [each.to for each in told(rose, ANA, after(an_incident(), called))] == ["ben"]
    assert [each.to for each in told(rose, Actor("engine", "tocsin"), after(an_incident(), called))] == ["ana", "ben"]


def test_an_offer_without_a_reason_has_none() -> None:
    """Nothing is said twice."""
    (offer,) = roles.hand_over(an_incident(), PEOPLE, "commander", "ben", timedelta(minutes=5), "", NOW)
    (notice,) = told(offer, ANA)
    assert notice.why == "ana offers you the role commander until 03:05:00 UTC"


def test_who_is_to_answer_for_something_hears_what_and_until_when() -> None:
    """A step by its title, an action item with its day; nobody is told what they said themselves."""
    (step,) = told(facts.StepOwned(step="a/1", owner="cleo"), ANA, titles={"a/1": "Look at the oven"})
    assert step.to == "cleo" and step.subject.endswith("yours: Look at the oven")
    item = facts.ActionAdded(action="1", text="Buy a thermometer", owner="cleo", due_at=NOW + DAY)
    (action,) = told(item, ANA)
    assert action.why == "Ana says that you answer for it; it is due Tue 03 Mar, 03:00 UTC"
    assert told(item, Actor("person", "cleo")) == []
    assert told(facts.ActionAdded(action="1", text="Buy a thermometer", owner="a friend"), ANA) == []


def test_a_message_of_another_day_says_which_day_it_began() -> None:
    """An hour alone would be taken for today's."""
    fact, incident = (
        facts.Resolved(summary="done"),
        after(an_incident(), [facts.Assigned(role="commander", person="ana")]),
    )
    days = ((NOW, "Declared 03:00:00 UTC: "), (NOW + DAY, "Declared Mon 02 Mar, 03:00 UTC: "))
    for at, words in days:
        (notice,) = notices_for(Entry(seq=9, at=at, by=BEN, fact=fact), incident, PEOPLE, "")
        assert words in notice.body


def test_who_is_asked_reads_which_step_it_is() -> None:
    """A command alone does not say what it is for; a step that is called like its command is not named twice."""
    incident = after(an_incident(), [facts.Escalated(to="on-call", person="ana", why="")])
    asked = facts.ApprovalRequested(
        approval="1", step="a/1", command="ovenctl off", kind="shell", verdict="change", verdict_why="why",
        target="local", sha="0" * 64, needs=1, self_approve=True, expires_at=NOW + timedelta(minutes=30),
    )  # fmt: skip
    (named,) = told(asked, BEN, incident, {"a/1": "Put the oven out"})
    assert named.why == "ben asks for an approval"
    assert "To run “Put the oven out” if you approve:\novenctl off\non local\n" in named.body
    (plain,) = told(asked, BEN, incident, {"a/1": "ovenctl off"})
    assert "\nTo be run if you approve:\novenctl off\n" in plain.body
    (back,) = told(replace(asked, step=SET_BACK + "a/1"), BEN, incident, {"a/1": "Put the oven out"})
    assert "To set back “Put the oven out” if you approve:\n" in back.body


def test_of_several_thresholds_of_one_measure_the_worst_is_told() -> None:
    """Who is past the worst is past the others; alerts that differ in more than their threshold stand side by side."""

    def alert(number: int, oven: str, **labels: str) -> facts.AlertLinked:
        summary = " ".join([f"{oven} is hot", *labels.values()])
        return facts.AlertLinked(fingerprint=f"{number}", name="Hot", summary=summary, labels={"oven": oven, **labels})

    rising = [("> 1", "P2"), ("> 5", "P1"), ("> 3", "P2")]
    told = [alert(n, "left", threshold=over, severity=name) for n, (over, name) in enumerate(rising)]
    incident = after(an_incident(), [*told, alert(8, "right", threshold="> 3", severity="P2"), alert(9, "back")])
    assert alerts_said(incident) == [
        "Alert Hot: left is hot > 5 P1", "Alert Hot: right is hot > 3 P2", "Alert Hot: back is hot",
    ]  # fmt: skip
    many = after(an_incident(), [alert(number, f"{number}") for number in range(12)])
    assert alerts_said(many)[-1] == "and 2 more alerts"


def test_who_is_to_answer_for_a_phase_hears_it() -> None:
    """As for a step, in the document's words."""
    (phase,) = told(facts.PhaseOwned(phase="process/tell", owner="cleo"), ANA, titles={"process/tell": "Tell others"})
    assert (phase.to, phase.why) == ("cleo", "Ana says that you answer for it")
    assert phase.subject.endswith("yours: Tell others")
    assert told(facts.PhaseOwned(phase="process/tell", owner="ana"), ANA) == []


def test_an_end_says_how_long_it_lasted_and_why_it_was() -> None:
    """Who reads the end at breakfast need not open anything."""
    called = [facts.Escalated(to="on-call", person="ana", why="")]
    (plain,) = told(facts.Resolved(), BEN, after(an_incident(), called))
    assert "It lasted 0 s" in plain.body and "Root cause" not in plain.body
    known = after(an_incident(), [*called, facts.RootCauseRecorded(text="A wet fuse")])
    (caused,) = told(facts.Resolved(), BEN, known)
    assert caused.body.splitlines()[3:5] == ["It lasted 0 s", "Root cause: A wet fuse"]


def test_who_is_called_reads_since_when_nobody_suffers_and_what_ran_as_the_document_has_it() -> None:
    """An incident's age is not its mitigation's; steps that ran together stand in the document's order."""
    ran = [facts.StepDone(step=name) for name in ("a/2", "a/1")]
    incident = after(an_incident(), [facts.Mitigated(how="a new fuse"), *ran])
    titles = {"a/1": "Look at the oven", "a/2": "Look at the fuse"}
    said = briefing(incident, PEOPLE, NOW + timedelta(minutes=4), titles)
    assert said[0] == "Status: mitigated 4 min ago, unresolved for 4 min"
    assert said[-1] == "What ran: Look at the oven: done; Look at the fuse: done"
    assert briefing(an_incident(), PEOPLE, NOW)[0] == "Status: open"


def test_people_outside_read_neither_a_number_nor_a_severity() -> None:
    """A message to a public channel has its own title as subject, to one of the house the incident's, too."""
    channels = {name: Person(id=name, name=name, public=name == "guests") for name in ("bakers", "guests")}
    people = Directory(PEOPLE.people, PEOPLE.roles, channels=channels)
    sent = facts.MessageSent(
        message="late", title="No bread before nine", kind="update", text="Sorry", channels=("bakers", "guests")
    )
    entry = Entry(seq=9, at=NOW, by=ANA, fact=sent)
    inside, outside = notices_for(entry, an_incident(), people, "")
    assert (inside.subject, outside.subject) == ("[P1] INC-1 No bread before nine", "No bread before nine")
    assert outside.severity == ""
