"""Columns in memory: whatever comes in which order, a query sees the same samples."""

from __future__ import annotations

import math
import struct

from hypothesis import given
from hypothesis import strategies as st

from tests.promql.data import Line, line, window_of
from tocsin.promql import STALE, Vector, Window, evaluate, is_stale, parse

NOW = 1_767_225_600_000
MOMENTS = st.integers(NOW - 400_000, NOW)
FINITE = st.floats(allow_nan=False, allow_infinity=False, width=32)


def over(expression: str, *lines: Line, now: int = NOW) -> float | Vector:
    """The expression's value over these series."""
    query = parse(expression)
    return evaluate(query, now, window_of(list(lines), query))


def series(samples: list[tuple[int, float]], **labels: str) -> Line:
    """A series called ``x``."""
    found = line("x", **labels)
    found.samples = samples
    return found


def the(found: float | Vector) -> float:
    """The one value of a vector."""
    assert isinstance(found, dict)
    (value,) = found.values()
    return value


def test_the_mark_of_an_end_is_not_any_nan() -> None:
    """Its bits survive columns, and an ordinary NaN is a value."""
    found = over("x", series([(NOW - 1000, math.nan)]))
    assert math.isnan(the(found)) and not is_stale(the(found))
    assert over("x", series([(NOW - 2000, 1.0), (NOW - 1000, STALE)])) == {}
    assert struct.pack("<d", STALE).hex() == "020000000000f07f"


@given(st.dictionaries(MOMENTS, FINITE, min_size=1, max_size=40), st.randoms())
def test_the_order_of_arrival_does_not_matter(samples: dict[int, float], dice: object) -> None:
    """A push that comes late stands where it belongs."""
    ordered = sorted(samples.items())
    mixed = list(samples.items())
    dice.shuffle(mixed)  # type: ignore[attr-defined]
    for expression in ("rate(x[6m])", "avg_over_time(x[3m])", "x"):
        assert repr(over(expression, series(mixed))) == repr(over(expression, series(ordered)))


@given(st.dictionaries(MOMENTS, st.floats(0, 1e6), min_size=2, max_size=40))
def test_a_rate_is_never_negative_and_an_increase_is_its_multiple(samples: dict[int, float]) -> None:
    """Whatever a counter does."""
    each = series(sorted(samples.items()))
    rate, increase = over("rate(x[5m])", each), over("increase(x[5m])", each)
    assert isinstance(rate, dict) and isinstance(increase, dict)
    for labels, value in rate.items():
        assert value >= 0
        assert math.isclose(increase[labels], value * 300, rel_tol=1e-9, abs_tol=1e-12)


@given(st.dictionaries(MOMENTS, FINITE, min_size=1, max_size=40))
def test_the_middle_lies_between_the_ends(samples: dict[int, float]) -> None:
    """min <= avg, quantile, last <= max over the same range."""
    each = series(sorted(samples.items()))
    if not over("count_over_time(x[5m])", each):
        return
    low, high = the(over("min_over_time(x[5m])", each)), the(over("max_over_time(x[5m])", each))
    slack = 1e-6 * max(1.0, abs(low), abs(high))
    for middle in ("avg_over_time(x[5m])", "quantile_over_time(0.3, x[5m])", "last_over_time(x[5m])"):
        assert low - slack <= the(over(middle, each)) <= high + slack


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz"), FINITE), max_size=9, unique_by=lambda t: t[:2])
)
def test_groups_add_up_to_the_whole(found: list[tuple[str, str, float]]) -> None:
    """The sum of sums is the sum, and the counts of groups are the count."""
    lines = [series([(NOW, value)], one=one, two=two) for one, two, value in found]
    if lines:
        whole = the(over("sum(x)", *lines))
        assert math.isclose(the(over("sum(sum by (one) (x))", *lines)), whole, rel_tol=1e-6, abs_tol=1e-3 + abs(whole))
        assert the(over("sum(count without (one) (x))", *lines)) == len(lines)


def test_what_no_query_reaches_is_let_go() -> None:
    """Memory is bounded by how far the queries reach back."""
    query = parse("rate(x[5m])")
    window = Window(query.reads)
    assert window.name(1, (("__name__", "x"),))
    assert not window.name(2, (("__name__", "y"),))
    ((_, column),) = window.places([1, 2])
    for at in range(0, 3_600_000, 15_000):
        column.add(at, 1.0)
        window.trim(at)
    assert len(column.times) == len(column.values) <= 27
    assert the(evaluate(query, 3_585_000, window)) == 0.0


def test_a_sample_of_the_same_moment_replaces_the_first() -> None:
    """There are never two."""
    assert the(over("sum_over_time(x[1m])", series([(NOW, 1.0), (NOW, 5.0)]))) == 5.0
