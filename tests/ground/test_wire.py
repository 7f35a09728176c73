"""JSON from outside: everything odd gets one sentence, nothing odd gets in."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.core.alert import Alert
from tocsin.errors import Invalid, TooLarge
from tocsin.wire import convert, decode, encode, read_json


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"[" * 100_000, "too deeply"),
        (b'{"a": 1, "a": 2}', "'a' stands twice"),
        (b"[NaN]", "NaN"),
        (b"[Infinity]", "Infinity"),
        (b"[1e999]", "too large"),
        (b'["\\ud800"]', "surrogate"),
        (b'["\\u0000"]', "NUL"),
        (b'{"\\u0000": 1}', "NUL"),
        (b"\xff\xfe", "UTF-8"),
        (b"9" * 5000, "can't be read"),
    ],
)
def test_odd_json_is_refused_with_one_sentence(body: bytes, says: str) -> None:
    """No stack trace, no silent acceptance."""
    with pytest.raises(Invalid, match=says) as refused:
        read_json(body)
    assert "\n" not in refused.value.message


def test_a_body_that_is_too_large_is_refused_before_it_is_parsed() -> None:
    """The limit is named, so that the sender can send less."""
    with pytest.raises(TooLarge, match="at most 10"):
        read_json(b"[" + b"1," * 20 + b"1]", largest=10)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    """Nothing else is ever raised."""
    with contextlib.suppress(Invalid):
        encode(read_json(body))


def test_a_wrong_type_is_named_by_its_place() -> None:
    """The sender learns which field is wrong."""
    with pytest.raises(Invalid, match=r"\$\.labels"):
        convert(
            Alert,
            {"source": "x", "labels": 7, "starts_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"},
        )


def test_equal_values_are_equal_bytes() -> None:
    """Keys stand in a fixed order, so that states can be compared as text."""
    assert encode({"b": 1, "a": 2}) == encode({"a": 2, "b": 1})


def test_our_own_json_that_was_damaged_is_refused() -> None:
    """A broken row is said, not guessed at."""
    with pytest.raises(Invalid):
        decode(Alert, "{}")
