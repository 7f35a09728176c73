"""One state of the whole system out of many checks."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tocsin.core.systemhealth import Check, Crossing, Limit, State, judged, softened, together

NOW = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
UP = Limit(op="==", value=1, else_is="it is not up")
WORST, MILD = Crossing(text="queue > 9", severity="P1", worst=True), Crossing(text="queue > 5", severity="P2")
PENDING = Crossing(text="queue > 9", severity="P1", worst=True, fires=False)


def check(metric: str, state: State, why: str = "because") -> Check:
    """A check in a state."""
    return Check(metric=metric, probe="tcp", state=state, why=why)


@pytest.mark.parametrize(
    ("value", "limit", "crossed", "limits", "supplier", "state"),
    [
        (1.0, UP, (), False, False, "healthy"),
        (0.0, UP, (), False, False, "unhealthy"),
        (3.0, None, (), False, False, "unjudged"),
        (3.0, None, (), True, False, "healthy"),
        (9.5, None, (MILD, WORST), True, False, "unhealthy"),
        (9.5, None, (MILD,), True, False, "degraded"),
        (9.5, None, (PENDING,), True, False, "degraded"),
        (9.5, Limit(op="<", value=20), (MILD,), True, False, "degraded"),
        (30.0, Limit(op="<", value=20), (MILD,), True, False, "unhealthy"),
        (None, UP, (), False, False, "unknown"),
        (None, None, (WORST,), True, False, "unhealthy"),
        (0.0, None, (), False, True, "healthy"),
        (3.0, None, (), False, True, "degraded"),
    ],
)
def test_a_check_is_judged_by_what_was_said_of_it(
    value: float | None, limit: Limit | None, crossed: tuple[Crossing, ...], limits: bool, supplier: bool, state: State
) -> None:
    """By its own limit, its thresholds and their severity; without a value or a limit nothing is guessed."""
    assert judged(value, "no data: gone", limit, crossed, limits=limits, supplier=supplier)[0] == state


def test_the_reason_is_the_worst_one() -> None:
    """Whoever is called reads why, in the words of the runbook."""
    why = judged(9.5, "", None, (MILD, WORST), limits=True, supplier=False)[1]
    assert why == "P1: queue > 9 fires"
    assert "must last" in judged(9.5, "", None, (PENDING,), limits=True, supplier=False)[1]
    assert judged(None, "no data: it is gone", None, (), limits=True, supplier=False)[1] == "it is gone"


@pytest.mark.parametrize(
    ("states", "whole"),
    [
        ((), "unknown"),
        (("unjudged",), "unknown"),
        (("healthy", "unjudged"), "healthy"),
        (("healthy", "unknown"), "unknown"),
        (("unknown", "degraded", "healthy"), "degraded"),
        (("degraded", "unhealthy"), "unhealthy"),
    ],
)
def test_the_whole_is_as_its_worst_part_that_counts(states: tuple[State, ...], whole: State) -> None:
    """What nobody can judge does not count, and nothing measured is not health."""
    found = together([check(f"m{place}", state) for place, state in enumerate(states)], NOW)
    assert found.state == whole
    assert found.why


def test_the_worst_parts_are_named_and_counted() -> None:
    """Three by name, the others by number, the worst first."""
    found = together([check("fine", "healthy"), *(check(f"pier {n}", "unhealthy", "shut") for n in range(5))], NOW)
    assert found.why == "pier 0: shut; pier 1: shut; pier 2: shut; and 2 more"
    assert found.checks[-1].metric == "fine"


def test_what_is_not_essential_degrades_at_most() -> None:
    """The side entrance is shut, the shop serves."""
    assert [softened(state) for state in ("unhealthy", "degraded", "unknown")] == ["degraded", "degraded", "unknown"]
