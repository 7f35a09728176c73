"""Quick tests before slow patterns: they may say yes too often, never no where the pattern is."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.reading import deadlines, durations, letters, mentions, numerals, rotations, targets, thresholds, waits

WORDS = (
    "Escalate to the Baker within One Hour", "NO RESPONSE", "unresolved after 5 Min", "> 5 MB/s", "over 12 loaves",
    "Alert at 90%", "the Miller is paged", "WITHIN 2 HOURS", "immediately", "AT ONCE", "weekly",
    "If in doubt, escalate",
    "more than Five boats", "Niemand ANTWORTET", "не решено", "至少 5", "ESKALIEREN AN DEN BÄCKER", "1GB", "P1",
)  # fmt: skip
TEXTS = st.lists(st.sampled_from(WORDS) | st.text(max_size=12), max_size=5).map(" ".join)
PAIRS = (
    (waits._ESTIMATE, waits._SAYS_ESTIMATE), (waits._UNANSWERED, waits._SAYS_UNANSWERED),
    (waits._UNRESOLVED, waits._SAYS_UNRESOLVED), (waits._AT_ONCE, waits._SAYS_AT_ONCE),
    (durations._WORDED, durations._MAY_SPELL), (durations._IMMEDIATE, durations._SAYS_IMMEDIATE),
    (numerals._COMPARED, numerals._MAY_COMPARE), (deadlines._WITHIN, deadlines._MAY_LIMIT),
    (targets._TO, targets._MAY_CALL), (targets._PASSIVE, targets._MAY_BE_CALLED),
    (mentions._TO_NOBODY, mentions._SAYS_TO_NOBODY), (thresholds.BEHIND, thresholds._MAY_COMPARE_BEHIND),
    (thresholds.ALERT_AT, thresholds._MAY_ALERT), (thresholds.PLAIN, thresholds._MAY_COMPARE),
    *((pattern, rotations._MAY_SAY) for _, pattern in rotations._PERIODS),
)  # fmt: skip


@given(TEXTS)
def test_a_quick_test_never_misses_what_its_pattern_finds(text: str) -> None:
    """Whatever the writing, a text that the slow pattern is found in passes its quick test."""
    for pattern, may in PAIRS:
        assert not pattern.search(text) or may(text), (pattern.pattern[:60], text)


@pytest.mark.parametrize(
    ("pattern", "parts"),
    [
        ("a|b", ["a", "b"]),
        ("a(?:b|c)|d", ["a(?:b|c)", "d"]),
        (r"a\|b|[|)]|[^]|]x", [r"a\|b", "[|)]", "[^]|]x"]),
        ("", [""]),
    ],
)
def test_a_pattern_is_split_between_its_own_alternatives(pattern: str, parts: list[str]) -> None:
    """Bars within groups, classes and behind a backslash separate nothing."""
    assert letters.alternatives(pattern) == parts


@given(st.text(alphabet="abx |", max_size=20))
def test_alternatives_at_the_beginning_are_found_there_only(text: str) -> None:
    """Splitting a pattern by where its alternatives may stand changes no answer."""
    pattern = "^ab|x(?:a|b)$|^x |b\\|"
    assert letters.Words(pattern).within(text) is bool(re.search(pattern, text))
