"""Who is told that something waits, with what, and where the link leads."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.build import ANA, NOW, PEOPLE, after, an_incident
from tests.core.test_sets import ONE, POLICY, TWO
from tocsin.core import facts, sets, steps
from tocsin.core.facts import Entry
from tocsin.core.fold import evolve
from tocsin.core.notices import Notice, Surroundings, notices_for
from tocsin.core.policy import ApprovalPolicy


def told(fact: Any, *approvers: str) -> list[Notice]:
    """What follows on ana's question; ana and ben respond."""
    incident = after(an_incident(), [facts.Assigned(role="commander", person="ana"),
                                     facts.Assigned(role="scribe", person="ben")], ANA)  # fmt: skip
    entry = Entry(seq=incident.version + 1, at=NOW, by=ANA, fact=fact)
    return notices_for(entry, evolve(incident, entry), PEOPLE, "https://t.example", Surroundings(approvers=approvers))


def asked(policy: ApprovalPolicy = POLICY) -> Any:
    """A question about one command."""
    (fact,) = steps.request_step(an_incident(), ONE, policy, NOW)
    return fact


@pytest.mark.parametrize(
    ("approvers", "self_approve", "who"),
    [
        ((), True, ["ana", "ben"]),
        (("ben",), True, ["ana", "ben"]),
        (("ana",), True, ["ana", "ben"]),
        (("ana",), False, ["ana", "ben"]),
        (("ana", "cleo"), False, ["ana", "ben", "cleo"]),
        (("cleo",), True, ["ana", "ben", "cleo"]),
    ],
)
def test_responders_are_told_and_where_none_may_approve_everybody_who_may(
    approvers: tuple[str, ...], self_approve: bool, who: list[str]
) -> None:
    """A question that nobody who hears it can answer would wait until it expires."""
    fact = asked(replace(POLICY, self_approve=self_approve))
    assert [notice.to for notice in told(fact, *approvers)] == who


def test_whom_a_rule_names_is_told() -> None:
    """By the role of the team that they fill."""
    fact = asked(ApprovalPolicy(roles=("head of engineering", "admin"), why="t.toml line 4, rule 1 (stage rollback)"))
    notices = told(fact, "ana")
    assert [notice.to for notice in notices] == ["ana", "ben", "cleo"]
    assert "Only head of engineering or admin can approve." in notices[0].body
    assert "(t.toml line 4, rule 1 (stage rollback))" in notices[0].body


def test_the_link_leads_to_the_question_itself() -> None:
    """At three in the morning nobody should have to look for it."""
    fact = asked()
    (notice, *_) = told(fact)
    assert notice.url == f"https://t.example/approvals#{fact.approval}"
    assert notice.url in notice.body


def test_a_set_is_told_whole() -> None:
    """Every command, numbered, with its verdict and its target."""
    pairs = [(ONE, POLICY), (TWO, POLICY)]
    (fact,) = sets.request_set(an_incident(), pairs, NOW, undoes="shop/mitigation/9")
    (notice, *_) = told(fact)
    assert "approve: 2 commands, first systemctl restart shop" in notice.subject
    for line in ("1. systemctl restart shop", "2. systemctl restart cache", "It undoes shop/mitigation/9",
                 "what does not go well stops the rest", "Verdict: change"):  # fmt: skip
        assert line in notice.body
