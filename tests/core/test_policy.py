"""Which rule of `[[approvals.rules]]` counts, what it says, and who may say yes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.build import PEOPLE
from tocsin.core.facts import Actor
from tocsin.core.policy import ApprovalPolicy, ApprovalRule, Asked
from tocsin.core.steps import Approver

ASKED = Asked(
    severity="P1", verdict="change", traits=("destructive", "network"), target="prod",
    scenario=("checkout-fails", "Checkout fails"), step=("checkout-fails/mitigation/1", "Restart the shop"),
    stage="mitigation",
)  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "fits"),
    [
        ({}, True),
        ({"severity": ("P1",)}, True),
        ({"severity": ("p1", "P2")}, True),
        ({"severity": ("P2",)}, False),
        ({"verdict": ("unknown",)}, False),
        ({"trait": ("destructive",)}, True),
        ({"trait": ("secret",)}, False),
        ({"target": ("pro*",)}, True),
        ({"target": ("stage",)}, False),
        ({"scenario": ("Checkout *",)}, True),
        ({"scenario": ("checkout-fails",), "stage": ("rollback",)}, False),
        ({"step": ("*/mitigation/*",), "verdict": ("change",), "severity": ("P1",)}, True),
        ({"step": ("restart the shop",)}, True),
        ({"step": ("mitigation",)}, False),
    ],
)
def test_of_every_condition_that_is_written_one_entry_must_fit(rule: dict[str, tuple[str, ...]], fits: bool) -> None:
    """A condition that is not written fits everything; `*` stands for anything."""
    assert ApprovalRule(**rule, people=7).fits(ASKED) is fits  # type: ignore[arg-type]


def test_the_first_rule_that_fits_counts_and_the_default_completes_it() -> None:
    """What counted, and where it is written, is said."""
    policy = ApprovalPolicy(
        people=2, self_approve=False, roles=("team lead",),
        rules=(
            ApprovalRule(severity=("P3",), people=1, place="t.toml line 3, rule 1"),
            ApprovalRule(severity=("P1",), expires=timedelta(minutes=5), place="t.toml line 7, rule 2"),
            ApprovalRule(people=9, place="t.toml line 9, rule 3"),
        ),
    )  # fmt: skip
    found = policy.of(ASKED)
    assert (found.people, found.self_approve, found.expires) == (2, False, timedelta(minutes=5))
    assert (found.roles, found.why) == (("team lead",), "t.toml line 7, rule 2 (severity P1)")


def test_without_a_rule_that_fits_the_default_counts() -> None:
    """And says so."""
    policy = ApprovalPolicy(people=2, why="t.toml [approvals]", rules=(ApprovalRule(severity=("P9",), people=0),))
    assert (policy.of(ASKED).people, policy.of(ASKED).why) == (2, "t.toml [approvals]")


def test_nobody_is_asked_only_for_a_person_s_own_request() -> None:
    """For a program or the engine the same rule asks as many as the default does."""
    policy = ApprovalPolicy(people=2, rules=(ApprovalRule(people=0, place="rule 1"),))
    assert (policy.of(ASKED, alone=True).people, policy.of(ASKED).people) == (0, 2)


@pytest.mark.parametrize(
    ("roles", "name", "role", "may"),
    [
        ((), "ana", "approver", True),
        (("approver",), "ana", "approver", True),
        (("approver",), "ana", "admin", True),
        (("admin",), "ana", "approver", False),
        (("admin",), "ana", "admin", True),
        (("ben",), "ana", "admin", False),
        (("Ben",), "ben", "approver", True),
        (("team lead",), "ben", "approver", True),
        (("team lead",), "ana", "approver", False),
        (("head of engineering", "on call"), "ana", "approver", True),
        (("head of engineering",), "ana", "admin", False),
    ],
)
def test_a_policy_names_who_may_say_yes(roles: tuple[str, ...], name: str, role: str, may: bool) -> None:
    """By the role of their token, by their name, or by a role of the team that they fill."""
    assert Approver(by=Actor("person", name), role=role, directory=PEOPLE).is_one_of(roles) is may
