"""Thresholds: holes at a boundary, and the same number stated twice."""

from __future__ import annotations

import pytest

from tests.lint.looking import found, problems
from tocsin.lint.thresholds import CHECKS

BRANCHES = """
# Ferry runbook

## Scenario 1: Boats wait

### Mitigation

1. If {low} boats wait: call the harbour master
2. If {high} boats wait: close the ticket desk
"""


@pytest.mark.parametrize(("low", "high"), [("<4", ">4"), ("fewer than 4", "more than 4")])
def test_a_number_between_two_branches_is_a_hole(low: str, high: str) -> None:
    """Below and above a number, and the number itself nowhere: the finding stands at the later branch."""
    assert found(CHECKS, BRANCHES.format(low=low, high=high)) == [(8, "undefined-boundary")]


@pytest.mark.parametrize(("low", "high"), [("<4", ">=4"), ("≤4", ">4"), ("<4", ">9"), ("at most 4", "more than 4")])
def test_branches_that_meet_or_lie_apart_have_no_hole(low: str, high: str) -> None:
    """One of the two takes the number in, or they speak of different numbers."""
    assert found(CHECKS, BRANCHES.format(low=low, high=high)) == []


SEVERITIES = """
# Library runbook

## Severity levels

| Level | Description |
|-------|-------------|
| SEV1 | {first} |
| SEV2 | {second} |
"""


def test_severities_leave_a_hole_like_branches_do() -> None:
    """More than 3 branches closed, fewer than 3 branches closed: exactly 3 has no severity."""
    text = SEVERITIES.format(first="more than 3 reading rooms closed", second="fewer than 3 reading rooms closed")
    assert found(CHECKS, text) == [(8, "undefined-boundary")]


def test_a_range_that_ends_at_the_number_takes_it_in() -> None:
    """``1-3`` beside ``> 3`` leaves nothing open."""
    text = SEVERITIES.format(first="> 3 reading rooms closed", second="1-3 reading rooms closed, never < 3 at night")
    assert found(CHECKS, text) == []


HEADING = """
# Bakery runbook

## Scenario 1: High error rate ({title})

### Symptoms
- {symptom}

### Mitigation
1. Restart the oven controller
"""


def test_a_heading_and_its_symptoms_must_name_the_same_number() -> None:
    """5 % above, 10 % below: the finding names both lines."""
    text = HEADING.format(title=">5%", symptom="Error rate > 10%")
    (problem,) = problems(CHECKS, text)
    assert (problem.line, problem.code) == (6, "conflicting-threshold")
    assert "> 10%" in problem.message
    assert "> 5%" in problem.message
    assert "line 3" in problem.message


@pytest.mark.parametrize(
    ("title", "symptom"),
    [
        (">5%", "errorRate > 0.05"),
        (">5%", "Error rate > 5%"),
        (">5%", "Latency > 800ms"),
        (">5%", "Error rate < 1% on the old shop"),
        (">5%", "Error rate > 5% or latency > 10s"),
    ],
)
def test_the_same_number_in_another_unit_and_other_metrics_are_no_conflict(title: str, symptom: str) -> None:
    """5 % is 0.05; another metric or another direction is another statement."""
    assert found(CHECKS, HEADING.format(title=title, symptom=symptom)) == []


ALERTS = """
# Bakery runbook

## Alert thresholds

**P1 alerts:**
- Oven temperature error rate > 2%
- Queue depth > 50

**{second} alerts:**
- Oven temperature error rate > 4%
"""


def test_two_numbers_for_the_same_metric_and_severity_are_a_conflict() -> None:
    """Two lists for P1 with 2 % and 4 %."""
    assert found(CHECKS, ALERTS.format(second="P1")) == [(10, "conflicting-threshold")]


def test_several_severities_of_one_metric_are_no_conflict() -> None:
    """P1 at 2 % and P2 at 4 % is a scale."""
    assert found(CHECKS, ALERTS.format(second="P2")) == []
