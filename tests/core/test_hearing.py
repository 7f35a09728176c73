"""Which words about alerts are repetitions; that leaving them out changes nothing is shown in tests/service."""

from __future__ import annotations

import pytest

from tocsin.core.hearing import HERE, NEVER, RESOLVED, Heard, without_repetitions

NOW = 1000


def word(
    identity: str = "a", starts: int = 0, ends: int = 2000, updated: int = 0, flags: int = 0, key: str = ""
) -> Heard:
    """A word about an alert."""
    return Heard(identity.encode(), starts, ends, updated, flags, b"", key.encode(), b"", b"{}", b"{}")


def left(*words: Heard) -> list[int]:
    """Which of the words stay, by the moment at which each was updated."""
    return [each.updated_at for each in without_repetitions(words, NOW)]


def test_the_first_and_the_last_of_a_row_stay() -> None:
    """Other alerts between them belong to other rows."""
    assert left(*(word(updated=n) for n in range(5))) == [0, 4]
    assert left(word(updated=0), word("b", updated=1), word(updated=2), word("b", updated=3), word(updated=4)) == [
        0, 1, 3, 4
    ]  # fmt: skip
    assert left(*(word(updated=n, flags=RESOLVED) for n in range(3))) == [0, 2]
    assert left() == []


def test_the_last_one_takes_over_the_earliest_start() -> None:
    """Of those that were left out; the first one says its own."""
    (_, last) = without_repetitions([word(starts=9), word(starts=3), word(starts=5)], NOW)
    assert last.starts_at == 3


@pytest.mark.parametrize(
    "between",
    [
        word(flags=RESOLVED, updated=1), word(flags=HERE, updated=1), word(key="own", updated=1),
        word(ends=NOW, updated=1), word(starts=3000, ends=NEVER, updated=1),
    ],
)  # fmt: skip
def test_what_says_more_than_a_state_stays(between: Heard) -> None:
    """An end, an acknowledgement, a name of its own, an end that has passed, a pause before it."""
    assert 1 in left(word(updated=0), between, word(updated=2))
    assert left(word(updated=0), between, word(updated=2)) == [0, 1, 2]
