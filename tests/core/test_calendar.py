"""Business hours and days, with holidays and clocks that are put forward and back."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.core.calendar import Calendar, knows_zone
from tocsin.errors import Invalid

OSLO = Calendar(zone="Europe/Oslo", holidays=(date(2026, 5, 1), date(2026, 12, 25)))
HOUR = timedelta(hours=1)


def at(text: str) -> datetime:
    """A moment in Oslo's wall-clock time."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Oslo")).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "opening"),
    [
        ("2026-04-29T10:00", "2026-04-29T10:00"),
        ("2026-04-29T08:59", "2026-04-29T09:00"),
        ("2026-04-29T17:00", "2026-04-30T09:00"),
        ("2026-04-30T18:00", "2026-05-04T09:00"),  # a holiday and a weekend
        ("2026-03-28T12:00", "2026-03-30T09:00"),  # the clocks are put forward in between
    ],
)
def test_the_next_opening_is_the_first_moment_at_which_people_work(now: str, opening: str) -> None:
    """Evenings, weekends and holidays are passed over, by the wall clock."""
    assert OSLO.next_opening(at(now)) == at(opening)


@pytest.mark.parametrize(
    ("now", "hours", "end"),
    [
        ("2026-04-29T10:00", 4, "2026-04-29T14:00"),
        ("2026-04-29T15:00", 4, "2026-04-30T11:00"),
        ("2026-04-30T16:00", 8, "2026-05-04T16:00"),
        ("2026-10-23T16:00", 9, "2026-10-26T17:00"),  # the clocks are put back on Sunday
    ],
)
def test_business_time_passes_only_while_people_work(now: str, hours: int, end: str) -> None:
    """What is left in the evening goes on in the next morning."""
    assert OSLO.add_business(at(now), hours * HOUR) == at(end)


@pytest.mark.parametrize(
    ("now", "end"),
    [
        ("2026-04-28T23:59", "2026-04-29T17:00"),
        ("2026-04-30T09:00", "2026-05-04T17:00"),
        ("2028-02-28T12:00", "2028-02-29T17:00"),
        ("2026-12-24T12:00", "2026-12-28T17:00"),
    ],
)
def test_the_next_business_day_ends_when_people_stop_working(now: str, end: str) -> None:
    """It is counted from the zone's own day, over holidays and leap days."""
    assert OSLO.end_of_next_business_day(at(now)) == at(end)


def test_a_day_that_closes_at_midnight_ends_with_the_next_day() -> None:
    """00:00 is the end of the day, not its beginning."""
    late = Calendar(opens=time(16), closes=time(0))
    assert late.add_business(datetime(2026, 3, 2, 23, tzinfo=UTC), 2 * HOUR) == datetime(2026, 3, 3, 17, tzinfo=UTC)


@pytest.mark.parametrize("wrong", [{"days": ()}, {"days": (7,)}, {"opens": time(17), "closes": time(9)}])
def test_hours_that_never_are_are_refused(wrong: dict[str, object]) -> None:
    """A calendar that could never be open is a mistake of the configuration."""
    with pytest.raises(Invalid):
        Calendar(**wrong)  # type: ignore[arg-type]


def test_holidays_without_end_are_refused_when_an_hour_is_looked_for() -> None:
    """It does not look for ever."""
    days = tuple(date(2026, 1, 1) + timedelta(days=each) for each in range(5 * 366))
    with pytest.raises(Invalid, match="no business hour"):
        Calendar(holidays=days).next_opening(datetime(2026, 1, 1, tzinfo=UTC))


def test_a_zone_is_known_by_its_name() -> None:
    """What the machine does not know is told before an incident."""
    assert knows_zone("Europe/Oslo")
    assert knows_zone("UTC")
    assert not knows_zone("Europe/Atlantis")


@given(
    st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),
    st.integers(0, 3000),
    st.sampled_from(["UTC", "Europe/Oslo", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"]),
)
def test_business_time_is_what_a_walk_through_the_minutes_counts(now: datetime, minutes: int, zone: str) -> None:
    """The result lies behind as many business minutes as were asked for."""
    calendar, now = Calendar(zone=zone), now.replace(second=0, microsecond=0)
    end = calendar.add_business(now, timedelta(minutes=minutes))
    here, counted = ZoneInfo(zone), 0
    moment = now
    while moment < end:
        wall = moment.astimezone(here)
        counted += wall.weekday() < 5 and 9 <= wall.hour < 17
        moment += timedelta(minutes=1)
    assert counted == minutes
