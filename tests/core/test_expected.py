"""What a document expects, compared with what a command printed."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.core.amounts import Amount, amount_in, comparison_of
from tocsin.core.expected import compare

ONE_CELL = " count \n-------\n    {}\n(1 row)\n"
HEAD = "HTTP/1.1 301 Moved\r\nlocation: /a\r\n\r\nHTTP/2 {}\r\nserver: oven\r\n"

AS_EXPECTED = [
    ('{ "oven": "on" }', '{"heat": 220, "oven": "on"}'),
    ('{ "oven": "on" }', 'asking the oven\n{"oven": "on"}\nbye'),
    ('{"a": {"b": [1, 2]}}', '{"a": {"b": [2, 3, 1.0]}}'),
    ('{"status": "ok", "loaves": 8, ...}', '{"loaves": 8, "status": "ok", "x": 1}'),
    ('{"since": "...", "loaves": …}', '{"since": "2024", "loaves": null}'),
    ('{"since": "<time>"}', '{"since": "2024"}'),
    ('{"note": "warm…"}', '{"note": "warm enough"}'),
    ("[]", "[]"),
    ('[{"id": 1}, ...]', '[{"id": 7}, {"id": 1, "b": 2}]'),
    ('{"a": 1}', '{"a": 2}\n{"a": 1}\n'),
    ("true", "true\n"),
    ("< 100", "99\n"),
    ("&lt; 100", "99.5"),
    ("200", "200"),
    ("0", ONE_CELL.format(0)),
    ("0 rows", " id \n----\n(0 rows)\n"),
    ("no rows", ""),
    ("2-5", "3"),
    ("between 2 and 5", " 5 "),
    ("≥ 3 replicas", "3 replicas are ready"),
    ("at least 3 replicas", "3"),
    ("3 or more", "4"),
    ("10+", "10"),
    ("< 2s", "350 ms"),
    ("less than 5 %", "4.2%"),
    ("1,000", "1000"),
    ("200 OK", "HTTP/2 200\r\nserver: oven\r\n"),
    ("HTTP/2 200", "HTTP/1.1 200 OK"),
    ("200", HEAD.format(200)),
    ("2xx", HEAD.format(204)),
    ("200 OK", "200"),
    ("503", '503'),
    ("no output", "\n"),
    ("empty", ""),
    ("Nothing", " "),
    ("not empty", "x"),
    ("some output", "x"),
    ("PONG", "PONG\n"),
    ('"warm"', '"warm"\n'),
    ('"warm"', "warm"),
    ("`warm`", "it is warm"),
    ("oven   is\n on", "the oven is on"),
    ("oven … on", "the oven is still on now"),
    ("Up <time>", "Up 3 hours"),
    ("oven_* ready", "oven_7 ready"),
    ("/^oven \\d+$/", "a\noven 12\nb"),
    ("/WARM/i", "warm"),
    ("loaves: > 3", '{"bakery": {"loaves": 7}}'),
    ("loaves: 7", "name: a\nloaves: 7\n"),
    ("8 (or the present number)", "8"),
    ("name | kind | count", " name | kind  | count\n------+-------+----\n"),
]  # fmt: skip

DIFFERS = [
    ('{ "oven": "on" }', '{"oven": "off"}', '$.oven: expected "on", came "off"'),
    ('{ "oven": "on" }', "{}", '$.oven: expected "on", is missing'),
    ('{ "oven": "on" }', "on", "expected JSON, came text"),
    ('{ "oven": "on" }', "", "expected JSON, came nothing"),
    ('{"a": [1, 2]}', '{"a": [1]}', "$.a: expected 2 in the list, is missing"),
    ('{"a": true}', '{"a": 1}', "$.a: expected true, came 1"),
    ('{"a": "1"}', '{"a": 1}', '$.a: expected "1", came 1'),
    ('{"a": {"b": 1}}', '{"a": 7}', "$.a: expected an object, came 7"),
    ("[]", "[1]", "expected an empty list"),
    ("< 100", "100", "expected < 100, came 100"),
    ("0", ONE_CELL.format(3), "expected = 0, came 3"),
    ("0 rows", " id \n----\n 7\n(1 row)\n", "expected no rows, came 1 row"),
    ("no rows", " id \n----\n 7\n(1 row)\n", "expected no rows, came 1 row"),
    ("2-5", "6", "expected 2 to 5, came 6"),
    ("≥ 3 replicas", "2 replicas", "came 2"),
    ("< 2s", "2500 ms", "came 2500 ms"),
    ("200 OK", HEAD.format(503), "expected status 200, came 503"),
    ("200", HEAD.format(503), "expected status 200, came 503"),
    ("2xx", HEAD.format(301), "expected status 2xx, came 301"),
    ("no output", "an error", "expected no output, came “an error”"),
    ("not empty", " \n", "expected an output, came none"),
    ("PONG", "pong", "expected “PONG”, came “pong”"),
    ("true", "untrue", "expected “true”"),
    ("oven … on", "the oven is off", "expected “oven … on”"),
    ("/^oven \\d+$/", "oven x", "nothing fits"),
    ("loaves: > 3", '{"loaves": 2}', "loaves: expected > 3, came 2"),
    ('"Up"', "exited", "expected “Up”"),
]  # fmt: skip

NOT_COMPARED = [
    ("the page with all the loaves", "<html>", "describes"),
    ("200 OK", "<html>all is well</html>", "no HTTP status"),
    ("< 100", "3 of 7", "not one number"),
    ("< 5 %", "3 ms", "different units"),
    ("8 (or the present number)", "9", "leaves it open"),
    ("no rows", "something else", "how many rows"),
    ("/(a+)+$/", "aaaa", "for ever"),
    ("/(/", "aaaa", "no regular expression"),
    ("…", "aaaa", "describes"),
    ("- one: warm\n- two: cold", "warm", "describes"),
    ('{"a": 1,  ← too much!\n}', "1", "describes"),
]  # fmt: skip


@pytest.mark.parametrize(("expected", "output"), AS_EXPECTED)
def test_what_came_is_what_was_expected(expected: str, output: str) -> None:
    """Order, whitespace and further members don't matter."""
    check = compare(expected, output)
    assert (check.result, check.detail) == ("as expected", "")


@pytest.mark.parametrize(("expected", "output", "detail"), DIFFERS)
def test_the_first_difference_is_told(expected: str, output: str, detail: str) -> None:
    """What was expected, and what came."""
    check = compare(expected, output)
    assert check.result == "differs"
    assert detail in check.detail


@pytest.mark.parametrize(("expected", "output", "why"), NOT_COMPARED)
def test_what_cannot_be_compared_is_shown_side_by_side(expected: str, output: str, why: str) -> None:
    """Nothing is guessed."""
    check = compare(expected, output)
    assert check.result == "not compared"
    assert why in check.detail
    assert check.came == output


def test_an_output_that_was_cut_proves_no_difference() -> None:
    """What is missing may stand in the part that was not kept."""
    assert compare("PONG", "…", cut=True).result == "not compared"
    assert compare("PONG", "PONG…", cut=True).result == "as expected"


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-99, 99) | st.text("ab ", max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", min_size=1, max_size=2), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(value=st.dictionaries(st.text("abc", min_size=1, max_size=2), VALUES, max_size=4), more=VALUES)
def test_json_is_as_expected_whatever_is_added_to_it(value: dict[str, object], more: object) -> None:
    """A document fits itself, in any order and with one member more; and not without one of its own."""
    expected = json.dumps(value)
    turned = {"zz": more, **dict(reversed(value.items()))}
    assert compare(expected, json.dumps(turned)).result == "as expected"
    for key in value:
        less = {name: each for name, each in turned.items() if name != key}
        assert compare(expected, json.dumps(less)).result == "differs"


@given(expected=st.text(max_size=60), output=st.text(max_size=200))
def test_no_text_breaks_a_comparison(expected: str, output: str) -> None:
    """Both come from outside."""
    assert compare(expected, output).result in ("as expected", "differs", "not compared")


@pytest.mark.parametrize(
    "hostile", ["[" * 5000, "{" * 100_000, "a " * 100_000, "((((" * 1000, "1" * 5000, "<a" * 50_000]
)
def test_a_long_text_is_compared_in_a_moment(hostile: str) -> None:
    """A hundred thousand characters, on either side."""
    begun = time.thread_time()
    for expected, output in (
        (hostile, "x"),
        ("a … b … c", hostile),
        ("loaves: 7", hostile),
        ('{"a": 1}', hostile),
        ("3", hostile),
    ):
        compare(expected, output)
    assert time.thread_time() - begun < 3


@pytest.mark.parametrize(
    ("output", "unit", "amount"),
    [
        ("7\n", "", Amount(value=7)),
        ("  12 orders.csv", "", Amount(value=12)),
        ("12.5 %", "", Amount(value=12.5, unit="%")),
        (ONE_CELL.format(41), "", Amount(value=41)),
        ("+-------+\n| count |\n+-------+\n|     9 |\n+-------+\n", "", Amount(value=9)),
        ("3 of 7", "", None),
        ("3 loaves of 7 breads", "breads", Amount(value=7)),
        ("2024-03-01", "", None),
        ("", "", None),
        ("true", "", None),
    ],
)
def test_the_one_number_of_an_output(output: str, unit: str, amount: Amount | None) -> None:
    """A bare number, one cell, one number among words; of several, the one with the unit."""
    assert amount_in(output, unit) == amount


@pytest.mark.parametrize("text", ["warm", "5 < 7 < 9", "9-2", "", "one"])
def test_a_text_that_is_no_comparison_is_none(text: str) -> None:
    """A number must be in it, once or as a range."""
    assert comparison_of(text) is None
