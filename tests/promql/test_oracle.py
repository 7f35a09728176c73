"""The same expression over the same samples at the same moment: a real Prometheus and ours say the same."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pytest

from tests.promql.data import END, SETS, START, Line, window_of
from tests.promql.expressions import EXPRESSIONS
from tests.promql.oracle import Answer, Oracle, program, running
from tocsin.errors import Invalid
from tocsin.promql import evaluate, parse

MOMENTS = {
    "on a sample": START + 40 * 60_000,
    "between samples": START + 33 * 60_000 + 7_123,
    "within a gap": START + 36 * 60_000 + 4_000,
    "at the beginning": START + 65_000,
    "right after the end": END + 20_000,
    "where the lookback ends": END - 15_000 + 300_000,
    "long after the end": END + 700_000,
}


@pytest.fixture(scope="module", params=list(SETS))
def known(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Oracle, list[Line]]]:
    """A Prometheus that holds one of the sets, and the set."""
    if program() is None:
        pytest.skip("prometheus is not installed")
    lines = SETS[request.param]()
    with running(tmp_path_factory.mktemp("oracle") / request.param) as oracle:
        oracle.write(lines)
        yield oracle, lines


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_an_expression_yields_what_prometheus_yields(known: tuple[Oracle, list[Line]], expression: str) -> None:
    """At every moment: the same series with the same values to 1e-9, or both refuse."""
    oracle, lines = known
    for words, moment in MOMENTS.items():
        wanted, found = oracle.ask(expression, moment), ours(expression, moment, lines)
        assert same(found, wanted), f"{expression}, {words}:\nours       {found}\nPrometheus {wanted}"


def test_two_hundred_expressions_are_compared() -> None:
    """No expression stands twice in the list, and they are not all alike."""
    assert len(set(EXPRESSIONS)) == len(EXPRESSIONS) >= 200


def ours(expression: str, moment: int, lines: list[Line]) -> Answer:
    """What we say; None where we refuse."""
    try:
        query = parse(expression)
        return evaluate(query, moment, window_of(lines, query))
    except Invalid:
        return None


def same(found: Answer, wanted: Answer) -> bool:
    """Equal to 1e-9; NaN is NaN."""
    if found is None or wanted is None:
        return found is None and wanted is None
    if isinstance(found, float) or isinstance(wanted, float):
        return isinstance(found, float) and isinstance(wanted, float) and _close(found, wanted)
    return found.keys() == wanted.keys() and all(_close(found[labels], wanted[labels]) for labels in wanted)


def _close(found: float, wanted: float) -> bool:
    if math.isnan(found) or math.isnan(wanted):
        return math.isnan(found) and math.isnan(wanted)
    return math.isclose(found, wanted, rel_tol=1e-9, abs_tol=1e-12)
