"""Times, ids and labels."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.core.labels import all_match, parse_matchers
from tocsin.errors import Invalid
from tocsin.ids import digest, fingerprint, new_id, slug
from tocsin.times import from_micros, parse_duration, say_duration, to_micros

NOW = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("15m", 900), ("15 min", 900), ("1h 30m", 5400), ("1h30m", 5400), ("2d", 172800)]
)
def test_a_duration_is_read(text: str, seconds: int) -> None:
    """The spellings of the configuration."""
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "soon", "5 parsecs", "5", "m5"])
def test_what_is_no_duration_is_refused_with_an_example(text: str) -> None:
    """The sentence shows how to write it."""
    with pytest.raises(ValueError, match="1h30m"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (5, "5 s"),
        (131, "2 min 11 s"),
        (3900, "1 h 05 min"),
        (273600, "3 d 4 h"),
        (-60, "-1 min"),
        (7200, "2 h"),
        (86400, "1 d"),
    ],
)
def test_a_duration_is_said_in_two_units(seconds: int, words: str) -> None:
    """Short enough for a clock on a page."""
    assert say_duration(timedelta(seconds=seconds)) == words


@given(st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(9999, 1, 1), timezones=st.just(UTC)))
def test_a_moment_survives_its_storage_to_the_microsecond(moment: datetime) -> None:
    """What is stored is what comes back."""
    assert from_micros(to_micros(moment)) == moment


def test_ids_sort_by_the_time_they_were_made_and_never_repeat() -> None:
    """A later id is a larger text."""
    ids = [new_id("run", NOW + timedelta(microseconds=n)) for n in range(1000)]
    assert ids == sorted(ids)
    assert len({new_id("run", NOW) for _ in range(1000)}) == 1000


def test_the_fingerprint_is_alertmanagers_own() -> None:
    """FNV-1a-64 over sorted name 0xFF value 0xFF; known values of the algorithm."""
    assert fingerprint({}) == "cbf29ce484222325"
    assert fingerprint({"a": "1", "b": "2"}) == fingerprint({"b": "2", "a": "1"})
    assert fingerprint({"a": "1b"}) != fingerprint({"a": "1", "b": ""})


@given(st.lists(st.text(), max_size=4), st.lists(st.text(), max_size=4))
def test_two_lists_of_parts_never_share_a_digest(left: list[str], right: list[str]) -> None:
    """Where one part ends and the next begins is part of the digest."""
    assert (digest(*left) == digest(*right)) == (left == right)


@pytest.mark.parametrize(
    ("heading", "link"),
    [
        ("Scenario 1: High Error Rate", "scenario-1-high-error-rate"),
        ("  Ausfälle & Störungen ", "ausfälle-störungen"),
        ("…", ""),
    ],
)
def test_a_heading_becomes_a_link(heading: str, link: str) -> None:
    """Letters of any script are kept."""
    assert slug(heading) == link


@pytest.mark.parametrize(
    ("text", "labels", "hit"),
    [
        ('service="api"', {"service": "api"}, True),
        ("service=api, env!~dev.*", {"service": "api", "env": "prod"}, True),
        ("service=api, env!~dev.*", {"service": "api", "env": "dev-2"}, False),
        ('missing=""', {}, True),
        ('{path=~"a\\"b.*"}', {"path": 'a"bc'}, True),
        ("", {"anything": "x"}, True),
    ],
)
def test_matchers_read_as_alertmanager_reads_them(text: str, labels: dict[str, str], hit: bool) -> None:
    """Anchored regular expressions, absent labels count as empty."""
    assert all_match(parse_matchers(text), labels) is hit


@pytest.mark.parametrize("text", ["service", "service~api", "=x", 'a="b" c="d"', "a=~("])
def test_what_is_no_matcher_is_refused(text: str) -> None:
    """The part that was not understood is in the sentence."""
    with pytest.raises(Invalid):
        parse_matchers(text)


def test_no_test_depends_on_the_machines_zone() -> None:
    """Moments are aware and in UTC, whatever TZ says."""
    assert NOW.tzinfo is UTC
    assert "TZ" not in os.environ or to_micros(NOW) == 1772420400000000
