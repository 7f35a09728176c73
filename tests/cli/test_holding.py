"""How long something is held, in the terminal: as a number, a span, or until when; and reasons by their name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import click
import pytest

from tests.cli.terminal import Server
from tocsin.cli.spans import Minutes

SAID = Minutes()


@pytest.mark.parametrize(("text", "minutes"), [("90", 90), ("0.5", 0.5), ("1h30m", 90), ("2 h", 120)])
def test_numbers_and_spans_are_minutes(text: str, minutes: float) -> None:
    """What people write for a while is the same number of minutes."""
    assert SAID.convert(text, None, None) == minutes


def test_a_moment_is_held_until_then() -> None:
    """With its zone, or of this terminal's; a time of day is the next one."""
    later = datetime.now(UTC) + timedelta(hours=2)
    assert 119 < SAID.convert(later.isoformat(), None, None) <= 120
    naive = later.astimezone().replace(tzinfo=None).isoformat()
    assert 119 < SAID.convert(naive, None, None) <= 120
    clock = later.astimezone().strftime("%H:%M")
    assert 118 < SAID.convert(clock, None, None) <= 120
    before = (datetime.now(UTC).astimezone() - timedelta(minutes=2)).strftime("%H:%M")
    assert 22 * 60 < SAID.convert(before, None, None) < 26 * 60


@pytest.mark.parametrize("text", ["soon", "", "25:00", "2020-01-01T00:00", "9 parsecs"])
def test_what_is_no_time_says_what_one_is(text: str) -> None:
    """Neither words nor the past are guessed at."""
    with pytest.raises(click.BadParameter, match=r"is no time: write 90|is over already"):
        SAID.convert(text, None, None)


def test_reasons_may_be_named_as_options_are(server: Server) -> None:
    """``--why`` is the same as the word in its place; without any it is said what is missing, twice is too much."""
    ref = server.declare("--scenario", "checkout", "--why", "a test")
    assert server("incident", "hold", ref, "1h30m", "--why", "the supplier comes at nine").code == 0
    assert "the supplier comes at nine" in server("incident", "timeline", ref).out
    missing = server("incident", "hold", ref, "30")
    assert (missing.code, "Missing argument 'WHY'" in missing.err) == (2, True)
    twice = server("incident", "hold", ref, "30", "one", "--why", "two")
    assert (twice.code, "WHY is given twice" in twice.err) == (2, True)
