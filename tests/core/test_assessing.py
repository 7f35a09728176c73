"""Answers to a document's questions, the rules that they fit, users counted, the beginning."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.build import ANA, BEN, NOW, PEOPLE, a_runbook, after, an_incident
from tocsin.core import assessing, docrules, facts
from tocsin.core.assessing import Word
from tocsin.core.docrules import subjects_of
from tocsin.core.incident import Incident
from tocsin.core.questions import Question, Users, users_in, yes_or_no
from tocsin.core.runbook import Escalation, Runbook, Severity, Text
from tocsin.errors import Invalid, Refused

QUESTIONS = (
    Question(text="Is data at risk?", line=80),
    Question(text="Is security compromised?", line=81),
    Question(text="How many customers are affected?", line=82),
    Question(text="What is the impact?", line=83),
)
RISK, BREACH, USERS, IMPACT = (each.id for each in QUESTIONS)
WORD = Word(by=ANA, now=NOW, directory=PEOPLE)


def a_book(**change: object) -> Runbook:
    """A shop that calls people, says how severe it is, and who may see it."""
    kept: dict[str, object] = {
        "severities": (
            Severity(name="P1", title="Down", description="a security breach, nobody can pay", line=3),
            Severity(name="P2", title="Degraded", description="slow", line=4),
        ),
        "escalations": (
            Escalation(to="On-call", after_minutes=0, clock="unresolved", line=10),
            Escalation(to="Team lead", when="Data at risk", line=90),
            Escalation(to="Nobody's role", when="Customer data at risk", line=91),
            Escalation(to="Head of engineering", when="Weather", line=92),
        ),
        "confidential": (Text(text="If security incident: keep it private", line=95),),
        "questions": QUESTIONS,
    }
    return a_runbook(**{**kept, **change})


def answered(book: Runbook, **change: str) -> Incident:
    """A P2 with these answers."""
    incident = after(an_incident(book), [facts.SeverityChanged(before="P1", after="P2", why="it is slow")])
    return after(incident, assessing.answer(incident, book, change), ANA)


def rules(book: Runbook, incident: Incident) -> list[tuple[str, tuple[str, ...]]]:
    """What waits for somebody's word, with what each asks for beyond the answers."""
    return [(each.id, each.beyond) for each in docrules.proposed(book, incident)]


def test_a_yes_proposes_the_rules_that_speak_of_it_and_nothing_happens() -> None:
    """What a rule says beyond the answer is named; the weather is not spoken of."""
    book = a_book()
    incident = answered(book, **{RISK: "yes"})
    assert rules(book, incident) == [("L90", ()), ("L91", ("customer",))]
    assert incident.severity == "P2" and incident.paged == an_incident(book).paged


def test_a_form_that_shows_an_answer_gives_it_back_unchanged() -> None:
    """Words that are neither yes nor no stay what they are, so whoever answers another one changes nothing."""
    book = a_book()
    for answer in ("yes", "no, none", "ja: Namen", "yes and more", "not known, we look", "perhaps", "yes and no"):
        incident = answered(book, **{RISK: answer})
        shown = next(each for each in assessing.asked(incident, book) if each.id == RISK)
        with pytest.raises(Refused, match="stand there already"):
            assessing.answer(incident, book, {RISK: shown.shown})


@pytest.mark.parametrize(
    "answer",
    [
        "no",
        "not known",
        "perhaps yes",
        "we look",
        "nobody knows",
        "yes and no",
        "yes/no",
        "yes or no",
        "yes?",
        "no idea",
    ],
)
def test_any_other_answer_is_only_recorded(answer: str) -> None:
    """Nothing is guessed."""
    book = a_book()
    incident = answered(book, **{RISK: answer})
    assert incident.assessment.answers[RISK].answer == answer
    assert rules(book, incident) == []


def test_words_of_an_answer_can_say_what_a_rule_asks_for() -> None:
    """The customer's data was meant."""
    book = a_book()
    assert ("L91", ()) in rules(book, answered(book, **{RISK: "yes, customer names"}))


def test_an_answer_may_be_corrected() -> None:
    """The last one counts."""
    book = a_book()
    incident = answered(book, **{RISK: "yes"})
    incident = after(incident, assessing.answer(incident, book, {"80": "no, a copy"}), BEN)
    assert rules(book, incident) == [] and incident.assessment.answers[RISK].by == "ben"
    with pytest.raises(Refused, match="already"):
        assessing.answer(incident, book, {RISK: "no, a copy"})


def test_rules_set_severity_visibility_and_whom_to_call() -> None:
    """Each with its line, in the reason; what was carried out is proposed no more."""
    book = a_book()
    incident = answered(book, **{BREACH: "yes, a key was used"})
    assert [name for name, _ in rules(book, incident)] == ["L3", "L95"]
    severity = assessing.follow(incident, assessing.rule_named(incident, book, "3"), WORD)
    incident = after(incident, severity, ANA)
    assert incident.severity == "P1" and "line 3 says “a security breach”" in severity[1].why
    incident = after(incident, assessing.follow(incident, assessing.rule_named(incident, book, "L95"), WORD), ANA)
    assert incident.team.private and "ana" in incident.team.named
    assert rules(book, incident) == []
    with pytest.raises(Refused, match="carried out already"):
        assessing.rule_named(incident, book, "L3")


def test_somebody_is_called_and_a_role_that_nobody_fills_is_said() -> None:
    """As by the ladder: the timeline says that there is nobody, and the answers stay."""
    book = a_book()
    incident = answered(book, **{RISK: "yes"})
    incident = after(incident, assessing.follow(incident, assessing.rule_named(incident, book, "90"), WORD), ANA)
    assert "ben" in incident.paged
    nobody = assessing.follow(incident, assessing.rule_named(incident, book, "91"), WORD)[1]
    assert (nobody.person, "nobody is bound" in nobody.why) == (None, True)


@pytest.mark.parametrize(
    ("text", "users"),
    [
        ("340", Users(count=340)),
        ("340 of 12,000", Users(count=340, of=12_000)),
        ("about 12 % of them", Users(share=12)),
        ("2.8 percent", Users(share=2.8)),
        ("1 200 users", Users(count=1200)),
        ("20 of 10", None),
        ("300 %", None),
        ("many", None),
        ("3 regions", None),
        ("", None),
    ],
)
def test_a_number_of_users_is_read_or_left_alone(text: str, users: Users | None) -> None:
    """Only what is clearly one."""
    assert users_in(text) == users


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("yes, names", True), ("Yes and addresses", True), ("ja", True), ("no", False), ("No, only names", False),
        ("no idea yet", None), ("no one knows", None), ("yes / no", None), ("no or yes", None), ("no?", None),
    ],
)  # fmt: skip
def test_a_yes_is_read_where_it_is_clear(text: str, says: bool | None) -> None:
    """Whoever does not know has said neither."""
    assert yes_or_no(text) is says


@given(st.text(max_size=60))
def test_no_answer_breaks_the_reading(text: str) -> None:
    """Hostile words are words."""
    found = users_in(text)
    assert found is None or found.share is None or found.share <= 100
    assert yes_or_no(text) in (True, False, None)
    subjects_of(text)


def test_users_are_counted_over_time_with_the_answer() -> None:
    """The question asks for them; a number stands on the incident, and so does the next one."""
    book = a_book()
    incident = answered(book, **{USERS: "340 of 12,000"})
    incident = after(incident, assessing.count_affected(incident, Users(share=1), "a log"), BEN)
    assert [(each.count, each.of, each.share) for each in incident.assessment.counts] == [
        (340, 12_000, None), (None, None, 1),
    ]  # fmt: skip


def test_the_beginning_is_never_in_the_future() -> None:
    """A moment that has passed, at most 30 days ago."""
    incident = an_incident()
    incident = after(incident, assessing.set_beginning(incident, NOW - timedelta(hours=1), "the log", NOW), ANA)
    assert incident.began_at == NOW - timedelta(hours=1) and incident.detected_at == NOW
    for wrong in (NOW + timedelta(seconds=1), NOW - timedelta(days=31)):
        with pytest.raises(Invalid, match="not in the future"):
            assessing.set_beginning(incident, wrong, "", NOW)


def test_a_question_is_meant_by_its_line_or_by_words_that_only_it_has() -> None:
    """Else it is said which there are."""
    book = a_book()
    assert assessing.find(book, "L83").id == IMPACT and assessing.find(book, "security").id == BREACH
    with pytest.raises(Invalid, match="names 3 questions"):
        assessing.find(book, "is ")
