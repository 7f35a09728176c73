"""What a loop does less often than it turns."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.build import NOW
from tocsin.engine.pace import Pace

MINUTE = timedelta(minutes=1)


def test_it_is_taken_at_once_and_then_once_in_a_span() -> None:
    """However often it is looked at."""
    pace = Pace(MINUTE)
    looks = [pace.taken(NOW + seconds * timedelta(seconds=1)) for seconds in (0, 1, 59, 60, 61)]
    assert looks == [True, False, False, True, False]


def test_one_that_has_begun_waits_for_its_first_span() -> None:
    """So a node that starts lets others go first."""
    pace = Pace(MINUTE, NOW)
    assert not pace.due(NOW)
    assert pace.due(NOW + MINUTE)


def test_what_was_not_done_stays_due() -> None:
    """Only `done` begins the span anew."""
    pace = Pace(MINUTE)
    assert pace.due(NOW)
    assert pace.due(NOW)
    pace.done(NOW)
    assert not pace.due(NOW)


@pytest.mark.parametrize("back", [timedelta(seconds=1), timedelta(hours=5)])
def test_a_clock_that_is_set_back_puts_nothing_off(back: timedelta) -> None:
    """A word that all is well would otherwise stay away for hours, and somebody would be called."""
    pace = Pace(MINUTE)
    pace.done(NOW)
    assert pace.taken(NOW - back)
    assert not pace.due(NOW - back + timedelta(seconds=59))
