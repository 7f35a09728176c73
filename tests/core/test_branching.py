"""Branches that compare a number are decided by what was measured, and left to people where words leave them open."""

from __future__ import annotations

import pytest

from tests.build import NOW, a_scenario, a_step
from tocsin.core.amounts import Amount
from tocsin.core.branching import condition_of, decide, measured_by, measured_by_signal
from tocsin.core.incident import StepState
from tocsin.core.runbook import Scenario


def scenario_of(*branches: str) -> Scenario:
    """A scenario with one step in each branch."""
    steps = tuple(
        a_step(f"bakery/mitigation/{number}", branch=branch, stage="mitigation", line=40 + number)
        for number, branch in enumerate(branches)
    )
    return a_scenario(steps=steps)


def printed(excerpt: str, title: str = "Count the stuck jobs", command: str = "jobctl stuck") -> StepState:
    """A step that printed this."""
    del title, command
    return StepState(status="succeeded", at=NOW, by="ana", excerpt=excerpt)


@pytest.mark.parametrize(
    ("branch", "says", "words"),
    [
        ("If error rate > 10 %", "> 10 %", {"error", "rate"}),
        ("If > 5 jobs are stuck", "> 5", {"job", "stuck"}),
        ("If <5 stuck", "< 5", {"stuck"}),
        ("If disk usage below 80%", "< 80 %", {"disk", "usage"}),
        ("If the queue depth is at least 1,000 (or near): restart it", ">= 1000", {"queue", "depth"}),
        ("If 3 or more ovens are cold", ">= 3", {"oven", "cold"}),
        ("When latency exceeds 2 seconds → scale", "> 2 seconds", {"latency"}),
    ],
)
def test_a_condition_is_read_as_a_comparison(branch: str, says: str, words: set[str]) -> None:
    """The number, its unit, and the words of what is compared."""
    condition = condition_of(branch, 7)
    assert condition is not None
    assert (str(condition.comparison), set(condition.words)) == (says, words)


@pytest.mark.parametrize(
    "branch",
    [
        "If the oven is cold", "If > 5", "If >5 stuck and <9 late", "If deployed < 5 minutes ago",
        "If load > 5 for 3 min",
        "If load is not > 5", "If release 42 came before it", "Unless load > 5",
    ],
)  # fmt: skip
def test_a_condition_that_says_more_is_left_to_people(branch: str) -> None:
    """Two comparisons, a time that has passed, a duration, a negation, a name with a number."""
    assert condition_of(branch, 7) is None


COUNT = a_step("bakery/diagnosis/1", title="Count the stuck jobs", command="jobctl stuck")
FEW_OR_MANY = scenario_of("If <5 stuck", "If >5 stuck")


def test_one_branch_that_holds_is_decided_with_its_sentence() -> None:
    """The value, the comparison, where the value comes from, the line of the branch."""
    decision = decide(FEW_OR_MANY, measured_by(COUNT, printed("7\n")))
    assert decision is not None
    assert decision.branch == "If >5 stuck"
    assert decision.why == "7 > 5 (“Count the stuck jobs” at 03:00:00 UTC; line 41)"


@pytest.mark.parametrize(
    ("excerpt", "why"),
    [("5", "fits neither “If <5 stuck” nor “If >5 stuck”")],
)
def test_a_boundary_that_nobody_defined_is_left_open(excerpt: str, why: str) -> None:
    """Exactly five."""
    decision = decide(FEW_OR_MANY, measured_by(COUNT, printed(excerpt)))
    assert decision is not None
    assert decision.branch == ""
    assert why in decision.why


def test_two_branches_that_hold_are_left_open() -> None:
    """Nobody says which goes first."""
    decision = decide(scenario_of("If >5 stuck", "If >3 stuck"), measured_by(COUNT, printed("7")))
    assert decision is not None
    assert (decision.branch, "fits “If >5 stuck” and “If >3 stuck”" in decision.why) == ("", True)


def test_two_measurements_that_disagree_are_left_open() -> None:
    """Either could be meant."""
    other = a_step("bakery/diagnosis/2", title="List stuck ones", command="jobctl list")
    both = (*measured_by(COUNT, printed("7")), *measured_by(other, printed("2")))
    decision = decide(FEW_OR_MANY, both)
    assert decision is not None
    assert (decision.branch, "could mean" in decision.why) == ("", True)


def test_a_branch_without_a_number_leaves_all_of_them_to_people() -> None:
    """It may hold as well."""
    assert decide(scenario_of("If >5 stuck", "If the oven is cold"), measured_by(COUNT, printed("7"))) is None


@pytest.mark.parametrize("excerpt", ["", "none are stuck", "3 of 7"])
def test_nothing_measured_decides_nothing(excerpt: str) -> None:
    """No number, or several without a name."""
    assert decide(FEW_OR_MANY, measured_by(COUNT, printed(excerpt))) is None


def test_a_number_about_something_else_decides_nothing() -> None:
    """The words must meet."""
    step = a_step("bakery/diagnosis/3", title="Heat of the oven", command="ovenctl heat")
    assert decide(FEW_OR_MANY, measured_by(step, printed("7"))) is None


def test_a_failed_step_measures_nothing() -> None:
    """What it printed may be half of it."""
    assert measured_by(COUNT, StepState(status="failed", at=NOW, by="ana", excerpt="7")) == ()


def test_a_field_of_json_is_found_by_its_name() -> None:
    """Among several numbers the one whose name has the words."""
    decision = decide(FEW_OR_MANY, measured_by(COUNT, printed('{"jobs": {"running": 2, "stuckCount": 9}, "ok": true}')))
    assert decision is not None
    assert decision.branch == "If >5 stuck"
    assert decision.why.startswith("9 > 5 (jobs.stuckCount in “Count the stuck jobs”")


def test_a_signal_decides_where_its_unit_is_that_of_the_condition() -> None:
    """5.3 % is above 5 %; a bare 5.3 may be anything."""
    rates = scenario_of("If error rate > 5 %", "If error rate <= 5 %")
    decision = decide(rates, [measured_by_signal("error rate", "%", 5.3, NOW)])
    assert decision is not None
    assert decision.why == "5.3 % > 5 % (signal error rate at 03:00:00 UTC; line 40)"
    bare = decide(rates, [measured_by_signal("error rate", "", 5.3, NOW)])
    assert bare is not None
    assert (bare.branch, "can't be compared" in bare.why) == ("", True)


def test_an_amount_is_said_with_its_unit() -> None:
    """As people write it."""
    assert [str(Amount(value=5.3, unit="%")), str(Amount(value=2, unit="s")), str(Amount(value=2))] == [
        "5.3 %",
        "2 s",
        "2",
    ]
