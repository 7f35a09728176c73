"""The state machine of a watched threshold, reading by reading."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tocsin.core.runbook import Criterion, Op, Rule
from tocsin.core.watching import (
    Bound,
    NoData,
    Terms,
    Watch,
    bound_of,
    listen,
    observe,
    resume,
    say_threshold,
    say_value,
    silence,
    to_tell,
)

BEGIN = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
ABOVE = Bound(op=">", value=5)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def story(values: str, bound: Bound = ABOVE, terms: Terms | None = None) -> str:
    """One letter for each minute's reading (``_``: none): inactive, pending, firing, or K where it is only kept."""
    watch, told = Watch(), ""
    for minute, word in enumerate(values.split()):
        now, given = BEGIN + minutes(minute), terms or Terms()
        silent = word == "_"
        watch = silence(watch, "gone", given, now) if silent else observe(watch, float(word), bound, given, now)
        told += "K" if watch.kept_since else watch.state[0].upper()
    return told


@pytest.mark.parametrize(
    ("values", "terms", "states"),
    [
        ("5 6 5", Terms(), "IFI"),
        ("6 6 6 5 6", Terms(lasting=minutes(2)), "PPFIP"),
        ("6 5 6 6 6", Terms(lasting=minutes(2)), "PIPPF"),
        ("6 5 5 5 6", Terms(keep_firing=minutes(2)), "FKKIF"),
        ("6 5 6 5 5 5", Terms(keep_firing=minutes(2)), "FKFKKI"),
        ("6 6 5 6", Terms(lasting=minutes(1), keep_firing=minutes(1)), "PFKF"),
        ("6 _ _ 5", Terms(), "FFFI"),
        ("6 _ 6 _", Terms(lasting=minutes(2)), "PPFF"),
        ("6 _ _ 6", Terms(no_data="clear"), "FIIF"),
        ("6 _ _ 6", Terms(no_data="clear", keep_firing=minutes(2)), "FKKF"),
        ("1 _ _ _ 1", Terms(no_data="fire", no_data_after=minutes(2)), "IIIFI"),
        ("6 _ _ _ 1", Terms(no_data="fire", no_data_after=minutes(1), lasting=minutes(9)), "PPFFI"),
    ],
)  # fmt: skip
def test_states(values: str, terms: Terms, states: str) -> None:
    """`for`, `keep_firing_for` and gaps, each as it is documented."""
    assert story(values, terms=terms) == states


def test_it_ends_at_another_number_than_it_began_at() -> None:
    """Between the two numbers what fires goes on, and what does not fire does not begin."""
    bound = Bound(op=">", value=5, end_op="<", end_value=1)
    assert story("3 6 3 1 0.9 3", bound) == "IFFFII"
    floor = Bound(op="<", value=95, end_op=">=", end_value=99)
    assert story("97 94 97 99 97", floor) == "IFFII"


@pytest.mark.parametrize(
    ("op", "clear", "criterion", "end"),
    [
        (">", None, None, None), (">", 1.0, None, ("<=", 1.0)), ("<", 97.0, None, (">=", 97.0)),
        (">", None, ("<", 1.0), ("<", 1.0)), (">", 2.0, ("<", 1.0), ("<=", 2.0)), (">", None, ("==", 0.0), ("==", 0.0)),
        (">", 9.0, None, None), (">", None, (">", 1.0), None), (">", None, ("<", 9.0), None),
        ("<", None, (">", 99.0), (">", 99.0)), ("<", 1.0, None, None), ("==", 1.0, None, None),
    ],
)  # fmt: skip
def test_the_end_is_the_configuration_s_or_the_document_s(
    op: Op, clear: float | None, criterion: tuple[Op, float] | None, end: tuple[str, float] | None
) -> None:
    """An end on the wrong side of the beginning is none."""
    rule = Rule(metric="m", op=op, value=5.0 if op != "<" else 95.0, line=1)
    close = Criterion(text="", metric="m", op=criterion[0], value=criterion[1], line=2) if criterion else None
    bound = bound_of(rule, clear, close)
    assert (None if bound.end_op is None else (bound.end_op, bound.end_value)) == end


def test_absence_does_not_count_as_waiting() -> None:
    """A pending rule waits on as if nobody had been away; after an hour it begins anew; a firing one goes on."""
    pending = Watch(state="pending", since=BEGIN, read_at=BEGIN + minutes(4), looked_at=BEGIN + minutes(4))
    back = resume(pending, BEGIN + minutes(24), minutes(1))
    assert back.since == BEGIN + minutes(20)
    assert resume(pending, BEGIN + minutes(4.5), minutes(1)) == pending
    assert resume(pending, BEGIN + minutes(65), minutes(1)).state == "inactive"
    firing = Watch(state="firing", since=BEGIN, kept_since=BEGIN + minutes(3), looked_at=BEGIN + minutes(4))
    back = resume(firing, BEGIN + minutes(300), minutes(1))
    assert (back.state, back.since, back.kept_since) == ("firing", BEGIN, BEGIN + minutes(299))
    assert resume(Watch(), BEGIN, minutes(1)) == Watch()


def test_what_fires_is_told_again_and_again() -> None:
    """At its beginning, each time the span is over, and once at its end."""
    before = Watch(state="firing", since=BEGIN, told_at=BEGIN)
    assert to_tell(Watch(), before, BEGIN)
    assert not to_tell(before, before, BEGIN + minutes(4), minutes(5))
    assert to_tell(before, before, BEGIN + minutes(5), minutes(5))
    assert to_tell(before, Watch(), BEGIN)
    assert not to_tell(Watch(), Watch(), BEGIN)


@pytest.mark.parametrize("policy", ["say", "keep"])
def test_missing_data_is_a_rule_of_its_own(policy: NoData) -> None:
    """It fires after its time without a reading, and ends with the first one."""
    terms, watch = Terms(no_data=policy, no_data_after=minutes(2)), Watch()
    states = ""
    for minute, problem in enumerate(("gone", "gone", "gone", "", "gone")):
        watch = listen(watch, problem, terms, BEGIN + minutes(minute))
        states += watch.state[0]
    assert states == "ppfip"


@pytest.mark.parametrize(
    ("value", "beside", "said"),
    [
        (0.4, 100, "0.4"),
        (99.95, 100, "99.95"),
        (98.996, 99, "98.996"),
        (99.0, 99, "99"),
        (1.0004, 1, "1.0004"),
        (999.9, 1000, "999.9"),
        (123_456.2, 5, "123,456"),
        (0.123456, 0.1235, "0.123"),
        (5e-15, 0, "5e-15"),
    ],
)
def test_a_number_is_never_said_to_be_on_its_threshold_when_it_is_not(value: float, beside: float, said: str) -> None:
    """Three digits are enough, unless they would put the value on the other side: 98.996 is below 99."""
    assert say_value(value, beside) == said


def test_a_threshold_is_said_in_the_document_s_digits() -> None:
    """A million is no 1e+06."""
    assert say_threshold("boats", ">", 1_000_000, None) == "boats > 1000000"
    assert say_threshold("boats", "<", 0.05, "ratio") == "boats < 0.05"
