"""One SQL text for two databases."""

from __future__ import annotations

import pytest

from tests.store.making import NOW
from tocsin.errors import Invalid
from tocsin.store.tx import Row, bind, for_postgres, for_sqlite
from tocsin.times import to_micros


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("select :a, :b_2, :a", "select %(a)s, %(b_2)s, %(a)s"),
        ("select :a::bigint", "select %(a)s::bigint"),
        ("select ':a', 'it''s :b', \":c\"", "select ':a', 'it''s :b', \":c\""),
        ("select 1 -- :a\n, :b /* :c\n:d */", "select 1 -- :a\n, %(b)s /* :c\n:d */"),
        ("select 7 % 2, '50%' where x like :p", "select 7 %% 2, '50%%' where x like %(p)s"),
        ("select 1 for update skip locked", "select 1 for update skip locked"),
        ("select '12:30:00'", "select '12:30:00'"),
    ],
)
def test_named_parameters_become_psycopgs(sql: str, expected: str) -> None:
    """Only real parameters are replaced; casts, literals, quoted names and comments keep their text."""
    assert for_postgres(sql) == expected


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("select 1 for update", "select 1 "),
        ("select 1 limit 2 FOR  UPDATE\n SKIP LOCKED", "select 1 limit 2 "),
        ("select 'for update', :a", "select 'for update', :a"),
        ("select 1 -- for update", "select 1 -- for update"),
    ],
)
def test_row_locks_are_left_out_for_sqlite(sql: str, expected: str) -> None:
    """SQLite has one writer and no row locks."""
    assert for_sqlite(sql) == expected


def test_moments_and_truth_are_stored_as_integers() -> None:
    """A moment is microseconds and truth is 0 or 1 on both databases."""
    assert bind({"at": NOW, "yes": True, "text": "ü"}) == {"at": to_micros(NOW), "yes": 1, "text": "ü"}


@pytest.mark.parametrize("value", ["a\0b", "half \ud83d", 2**63, -(2**64)])
def test_what_one_database_could_not_give_back_is_refused_by_both(value: object) -> None:
    """A NUL character, half a surrogate pair and a huge integer are Invalid, with the field's name."""
    with pytest.raises(Invalid, match="The title"):
        bind({"title": value})


def test_a_row_is_read_by_name_and_by_place() -> None:
    """A row acts as a mapping and as a tuple."""
    row = Row({"id": 0, "at": 1, "gone": 2}, ("INC-1", to_micros(NOW), None))
    assert (row["id"], row[0], len(row), next(iter(row)), dict(row)["id"]) == ("INC-1", "INC-1", 3, "INC-1", "INC-1")
    assert row.time("at") == NOW
    assert row.time_or_none("gone") is None
