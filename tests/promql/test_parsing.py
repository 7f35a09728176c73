"""What is understood of PromQL, and what is refused with a sentence."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.promql.data import SETS, START, window_of
from tests.promql.expressions import EXPRESSIONS
from tocsin.core.labels import Matcher
from tocsin.errors import Invalid, TocsinError, Unsupported
from tocsin.promql import evaluate, parse

MINUTE = 60_000


@pytest.mark.parametrize(
    ("expression", "named"),
    [
        ("holt_winters(queue_depth[5m], 0.1, 0.1)", "holt_winters()"),
        ("mad_over_time(queue_depth[5m])", "mad_over_time()"),
        ("histogram_count(bake_seconds)", "histogram_count()"),
        ("sort_by_label(queue_depth, 'oven')", "sort_by_label()"),
        ("limitk(2, queue_depth)", "limitk()"),
        ("queue_depth @ 1767225600", "@"),
        ("queue_depth[5m] @ 1767225600", "@"),
        ('queue_depth{oven="east" or oven="west"}', "or"),
        ("queue_depth atan2 capacity", "atan2"),
        ("queue_depth + fill(0) capacity", "fill()"),
        ("sin(queue_depth)", "sin()"),
    ],
)
def test_what_only_a_prometheus_evaluates_is_refused_by_name(expression: str, named: str) -> None:
    """One sentence says what it is and what to do instead."""
    with pytest.raises(Unsupported) as refused:
        parse(expression)
    assert named in refused.value.message
    assert "Prometheus" in refused.value.hint


@pytest.mark.parametrize(
    "expression",
    [
        "", "  ", "rate(queue_depth)", "queue_depth[5m", "queue_depth[5m]", "'text'", "sum(queue_depth[5m])", "{}",
        'queue_depth{oven=~"("}', f'queue_depth{{oven=~"{"a" * 600}"}}', "1 + 'a'", "queue_depth[1h:1m]", "a b",
        "max_over_time(queue_depth[1y:1s])", "queue_depth / on(oven) group_left(oven) capacity", "x" * 5_000,
    ],
)  # fmt: skip
def test_what_is_no_value_in_promql_is_refused(expression: str) -> None:
    """Faults of grammar and of types are sentences, not crashes."""
    with pytest.raises(Invalid) as refused:
        parse(expression)
    assert refused.value.message.endswith(".")


@pytest.mark.parametrize(
    "expression",
    ["(" * 1_990 + "x" + ")" * 1_990, "-" * 3_990 + "x", "- " * 1_900 + "x", "x" + "+x" * 1_900, "x" + "-(-x" * 900,
     "abs(" * 790 + "x" + ")" * 790, "x" + " and x" * 600, "{" * 3_000, "x[1m:1m]" + "[1m:1m]" * 400,
     "x" + " or # (\n x" * 300, "'" + "(" * 3_000 + "'", "x" + "*x" * 149, "(" * 40 + "x" + ")" * 40],
)  # fmt: skip
def test_no_expression_ends_the_process(expression: str) -> None:
    """The parser descends by recursion and would run out of stack, which no exception tells."""
    code = (
        "import sys, threading\nfrom tocsin.errors import Invalid\nfrom tocsin.promql import parse\n"
        "def go():\n  try:\n    parse(sys.stdin.read())\n  except Invalid:\n    pass\n  print('alive')\n"
        "thread = threading.Thread(target=go)\nthread.start()\nthread.join()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], input=expression, capture_output=True, text=True, check=False)
    assert done.stdout == "alive\n", (done.returncode, done.stderr[-500:])


@given(st.text(alphabet=st.sampled_from(list("abx_ \n\t(){}[]<>=!~+-*/^%,:\"'`\\0159mshrateoyby@#.")), max_size=120))
def test_any_text_is_understood_or_refused(text: str) -> None:
    """Nothing but our own errors comes out."""
    with contextlib.suppress(TocsinError):
        parse(text)


@given(st.sampled_from(EXPRESSIONS), st.data())
def test_a_damaged_expression_is_understood_or_refused(expression: str, data: st.DataObject) -> None:
    """A piece cut out of a good expression never crashes, neither the reader nor the evaluation."""
    start = data.draw(st.integers(0, len(expression)))
    end = data.draw(st.integers(start, min(len(expression), start + 12)))
    with contextlib.suppress(TocsinError):
        query = parse(expression[:start] + expression[end:])
        evaluate(query, START + 20 * MINUTE, window_of(_LINES, query))


_LINES = SETS["ferry"]()


def test_how_far_back_a_query_reaches_is_told() -> None:
    """Ranges, offsets, subqueries and the lookback add up, for each selector on its own."""
    name = lambda text: (Matcher("__name__", "=", text),)  # noqa: E731
    query = parse("rate(a[10m] offset 5m) + b + max_over_time(rate(c[2m])[1h:1m] offset 10m) + (a offset 1h)")
    assert dict(query.reads) == {name("a"): 65 * MINUTE, name("b"): 5 * MINUTE, name("c"): 72 * MINUTE}


def test_two_threads_may_parse_at_once() -> None:
    """Nothing is shared between two parses."""
    found: list[object] = []
    threads = [
        threading.Thread(target=lambda text=text: found.append(parse(text).text))
        for text in ("sum(rate(a[5m]))", "max(b)") * 8
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 16
