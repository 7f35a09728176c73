"""Who is on call when, against a second opinion that watches the clock minute by minute."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.schedules import naive
from tocsin.core.schedules import (
    Booked,
    Change,
    Rotation,
    Schedule,
    Shift,
    Turns,
    clashes,
    gaps,
    instant,
    parse_window,
    shown_at,
)

BERLIN, LORD_HOWE, KATHMANDU, NEW_YORK = "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu", "America/New_York"
FORWARD, BACK = datetime(2026, 3, 29), datetime(2026, 10, 25)  # in Berlin, at 02:00 and at 03:00
ZONES = st.sampled_from([BERLIN, NEW_YORK, LORD_HOWE, KATHMANDU, "UTC"])
DAYS = st.sampled_from(
    [FORWARD, BACK, datetime(2026, 3, 8), datetime(2026, 11, 1), datetime(2026, 4, 5), datetime(2026, 10, 4),
     datetime(2028, 2, 29), datetime(2026, 1, 31)]
)  # fmt: skip


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def weekly(*people: str, first: datetime = datetime(2026, 11, 2, 9), **more: object) -> Rotation:
    return Rotation(people=people, first=first, turns=Turns(span=timedelta(days=7)), zone=BERLIN, **more)  # type: ignore[arg-type]


def only(*layers: Rotation | Booked, changes: tuple[Change, ...] = (), name: str = "primary") -> Schedule:
    return Schedule(name=name, zone=BERLIN, layers=layers, changes=changes)


def change(begins: str, ends: str, *people: str, number: int = 1, **more: object) -> Change:
    return Change(
        id=f"c{number}", schedule="primary", kind="override", begins=utc(begins), ends=utc(ends), people=people,
        made_at=utc("2026-11-01") + timedelta(minutes=number), **more,  # type: ignore[arg-type]
    )  # fmt: skip


def who(schedule: Schedule, moment: str) -> str | None:
    found = schedule.on_call(utc(moment))
    return found.person if found else None


@pytest.mark.parametrize(
    ("shown", "moment"),
    [
        (FORWARD.replace(hour=1, minute=59), "2026-03-29T00:59"),
        (FORWARD.replace(hour=2, minute=30), "2026-03-29T01:00"),  # left out: when the clocks are put forward
        (FORWARD.replace(hour=3), "2026-03-29T01:00"),
        (BACK.replace(hour=2, minute=30), "2026-10-25T00:30"),  # twice: the first time
        (BACK.replace(hour=3), "2026-10-25T02:00"),
    ],
)
def test_an_hour_left_out_is_the_jump_and_an_hour_twice_is_the_first(shown: datetime, moment: str) -> None:
    """The one rule for daylight saving."""
    assert instant(shown, BERLIN) == utc(moment)


def test_a_day_that_the_calendar_left_out_is_the_moment_of_the_jump() -> None:
    """Samoa had no 30 December 2011: whatever was to happen then happens when the 31st begins."""
    assert instant(datetime(2011, 12, 30, 14), "Pacific/Apia") == instant(datetime(2011, 12, 31), "Pacific/Apia")


@given(day=DAYS, minute=st.integers(-600, 2000), zone=ZONES)
@settings(max_examples=200, deadline=None)
def test_a_time_on_the_wall_is_the_first_minute_that_shows_it(day: datetime, minute: int, zone: str) -> None:
    """Computed and watched are the same, in every zone, around every change of the clocks."""
    shown = day + timedelta(minutes=minute)
    assert instant(shown, zone) == naive.first_shown(shown, zone)


@given(
    day=DAYS, before=st.integers(0, 3 * 24 * 4), quarters=st.integers(1, 4 * 50), people=st.integers(1, 4), zone=ZONES
)
@settings(max_examples=40, deadline=None)
def test_a_rotation_is_what_somebody_at_the_clock_would_do(
    day: datetime, before: int, quarters: int, people: int, zone: str
) -> None:
    """Shifts of any length, in every minute of a week around a change of the clocks."""
    names, first, span = list("abcd"[:people]), day - before * timedelta(minutes=15), quarters * timedelta(minutes=15)
    rotation = Rotation(people=tuple(names), first=first, turns=Turns(span=span), zone=zone)
    begins, ends = first.replace(tzinfo=UTC) - timedelta(days=2), day.replace(tzinfo=UTC) + timedelta(days=3)
    plan = {
        minute: shift.person
        for shift in rotation.shifts(begins, ends)
        for minute in naive.minutes(shift.begins, shift.ends)
    }
    for moment, person in naive.on_call_by_minute(names, first, span, zone, ends):
        assert plan.get(moment) == person, moment


@given(day=DAYS, begins=st.integers(0, 95), length=st.integers(1, 95), days=st.sets(st.integers(0, 6)), zone=ZONES)
@settings(max_examples=40, deadline=None)
def test_hours_of_the_week_are_open_when_the_wall_says_so(
    day: datetime, begins: int, length: int, days: set[int], zone: str
) -> None:
    """Windows, over midnight too; in the hours that are there twice the first reading of the wall decides."""
    first, after = begins * 15, begins * 15 + length * 15
    rotation = Rotation(
        people=("ana",), first=datetime(2026, 1, 1), turns=Turns(span=timedelta(days=7)), zone=zone,
        windows=(_window(days, first, after),) if days else (),
    )  # fmt: skip
    schedule, since = Schedule(name="x", zone=zone, layers=(rotation,)), day.replace(tzinfo=UTC) - timedelta(days=1)
    plan = schedule.shifts(since, since + timedelta(days=3))
    latest = datetime.min
    for moment in naive.minutes(since - timedelta(days=1), since + timedelta(days=3)):
        latest = max(latest, naive.wall(moment, zone))
        if moment >= since:
            there = any(shift.begins <= moment < shift.ends for shift in plan)
            assert there == (not days or naive.in_window(latest, days, first, after)), moment


def _window(days: set[int], begins: int, ends: int):  # type: ignore[no-untyped-def]
    whole = parse_window("Mon 00:00-24:00")
    return type(whole)(days=tuple(sorted(days)), begins=begins, ends=ends)


def test_a_shift_of_a_day_lasts_23_and_25_hours_when_the_clocks_are_set() -> None:
    """A handover at 09:00 stays at 09:00 on the wall."""
    daily = Rotation(
        people=("ana", "ben"), first=datetime(2026, 3, 1, 9), turns=Turns(span=timedelta(days=1)), zone=BERLIN
    )
    lasts = {shift.ends - shift.begins for shift in daily.shifts(utc("2026-03-28T08:00"), utc("2026-03-29T07:00"))}
    assert lasts == {timedelta(hours=23)}
    lasts = {shift.ends - shift.begins for shift in daily.shifts(utc("2026-10-24T07:00"), utc("2026-10-25T08:00"))}
    assert lasts == {timedelta(hours=25)}


def test_a_month_that_is_shorter_hands_over_on_its_last_day() -> None:
    """Monthly from the 31st: 28 February, 31 March, 30 April; a leap year has its 29th."""
    monthly = Rotation(people=("ana", "ben"), first=datetime(2027, 1, 31, 9), turns=Turns(months=1), zone="UTC")
    begins = [shift.begins.date() for shift in monthly.shifts(utc("2027-01-31T09:00"), utc("2028-03-30"))]
    assert begins[:4] == [date(2027, 1, 31), date(2027, 2, 28), date(2027, 3, 31), date(2027, 4, 30)]
    assert date(2028, 2, 29) in begins


def test_the_upper_layer_wins_in_its_hours_and_the_lower_one_has_the_rest() -> None:
    """A night layer lies over the week."""
    nights = weekly("zoe", windows=(parse_window("22:00-06:00"),), name="nights")
    schedule = only(weekly("ana", "ben"), nights)
    assert [who(schedule, moment) for moment in ("2026-11-03T20:59", "2026-11-03T21:00", "2026-11-04T04:59")] == [
        "ana", "zoe", "zoe",
    ]  # fmt: skip
    assert who(schedule, "2026-11-04T05:00") == "ana"
    assert who(schedule, "2026-11-09T08:00") == "ben"


def test_a_reason_names_the_week_or_the_day_since_when() -> None:
    """Of a rotation that hands over on Mondays the number of the week, else since when."""
    shift = only(weekly("ana", "ben")).on_call(utc("2026-11-24T12:00"))
    assert shift is not None
    assert (shift.person, shift.why) == ("ben", "week 48")
    since = only(weekly("ana", first=datetime(2026, 11, 6, 17))).on_call(utc("2026-11-24T12:00"))
    assert since is not None
    assert since.why == "since Fri 20 Nov 17:00"


def test_an_override_counts_only_in_its_time_and_tells_who_made_it() -> None:
    """Ben stands in for a morning."""
    schedule = only(
        weekly("ana"), changes=(change("2026-11-24T08:00", "2026-11-24T10:00", "ben", made_by="Ana", why="dentist"),)
    )
    assert [who(schedule, f"2026-11-24T{hour}") for hour in ("07:59", "08:00", "09:59", "10:00")] == [
        "ana",
        "ben",
        "ben",
        "ana",
    ]
    shift = schedule.on_call(utc("2026-11-24T08:00"))
    assert shift is not None
    assert shift.why == "override by Ana: dentist"


def test_who_is_replaced_by_name_is_replaced_only_where_they_are_on_call() -> None:
    """Zoe takes what is Ana's in these two weeks, and nothing of Ben's."""
    schedule = only(weekly("ana", "ben"), changes=(change("2026-11-02", "2026-11-30", "zoe", instead_of="ana"),))
    assert [who(schedule, f"2026-11-{day:02}T12:00") for day in (3, 10, 17, 24)] == ["zoe", "ben", "zoe", "ben"]


def test_what_was_changed_later_lies_on_top() -> None:
    """The second override wins where both stand, in whatever order they are read."""
    first, second = change("2026-11-03", "2026-11-06", "ben"), change("2026-11-04", "2026-11-05", "zoe", number=2)
    for order in ((first, second), (second, first)):
        schedule = only(weekly("ana"), changes=order)
        assert [who(schedule, f"2026-11-{day:02}T12:00") for day in (3, 4, 5, 6)] == ["ben", "zoe", "ben", "ana"]


def test_a_temporary_schedule_hands_over_among_its_own_people() -> None:
    """Three days of a fair, one person a day, whoever's week it is."""
    fair = change("2026-11-06T08:00", "2026-11-09T08:00", "ben", "zoe", every=timedelta(days=1))
    schedule = only(weekly("ana"), changes=(fair,))
    assert [who(schedule, f"2026-11-{day:02}T12:00") for day in (5, 6, 7, 8, 9)] == ["ana", "ben", "zoe", "ben", "ana"]


def test_nobody_is_on_call_where_somebody_was_taken_off_and_that_is_a_gap() -> None:
    """A change without people leaves a hole, and the hole is found."""
    schedule = only(weekly("ana"), changes=(change("2026-11-03T08:00", "2026-11-03T12:00"),))
    assert who(schedule, "2026-11-03T09:00") is None
    found = gaps(schedule, utc("2026-11-02T08:00"), utc("2026-11-30"))
    assert [(gap.begins, gap.ends) for gap in found] == [(utc("2026-11-03T08:00"), utc("2026-11-03T12:00"))]


def test_hours_that_a_schedule_does_not_cover_are_no_gap() -> None:
    """A schedule for business hours has no gap at night, and one where its people are missing."""
    day = only(weekly("ana", windows=(parse_window("Mon-Thu 09:00-17:00"),)))
    covered = Schedule(name="day", zone=BERLIN, layers=day.layers, covers=(parse_window("Mon-Fri 09:00-17:00"),))
    found = gaps(covered, utc("2026-11-02T08:00"), utc("2026-11-09T08:00"))
    assert [(gap.begins, gap.ends) for gap in found] == [(utc("2026-11-06T08:00"), utc("2026-11-06T16:00"))]


def test_before_the_first_handover_nobody_is_on_call_and_after_the_end_neither() -> None:
    """A rotation has a beginning and may have an end."""
    schedule = only(weekly("ana", until=datetime(2026, 11, 16)))
    edges = ("2026-11-02T07:59", "2026-11-02T08:00", "2026-11-15T22:59", "2026-11-15T23:00")
    assert [who(schedule, moment) for moment in edges] == [None, "ana", "ana", None]


def test_who_is_on_call_by_two_schedules_at_once_is_found() -> None:
    """Primary and secondary should not be the same person: nobody is left to escalate to."""
    primary, second = only(weekly("ana", "ben")), only(weekly("zoe", "ben", "ana"), name="second")
    found = clashes((primary, second), utc("2026-11-02T08:00"), utc("2026-11-30"))
    assert [(clash.people, clash.begins) for clash in found] == [
        (("ben",), utc("2026-11-09T08:00")), (("ana",), utc("2026-11-16T08:00")),
    ]  # fmt: skip


def test_two_changes_and_two_entries_for_the_same_time_are_found() -> None:
    """Two overrides that overlap, and two events of an imported calendar that do."""
    schedule = only(
        weekly("ana"),
        changes=(change("2026-11-03", "2026-11-05", "ben"), change("2026-11-04", "2026-11-06", "zoe", number=2)),
    )
    (clash,) = clashes((schedule,), utc("2026-11-02"), utc("2026-11-30"))
    assert (clash.people, clash.begins, clash.ends) == (("ben", "zoe"), utc("2026-11-04"), utc("2026-11-05"))
    booked = Booked(
        booked=tuple(
            Shift(begins=utc(f"2026-11-{day:02}"), ends=utc(f"2026-11-{day + 2:02}"), person=person)
            for day, person in ((3, "ana"), (4, "ben"))
        )
    )
    (clash,) = clashes((only(booked),), utc("2026-11-02"), utc("2026-11-30"))
    assert (clash.people, clash.begins, clash.ends) == (("ana", "ben"), utc("2026-11-04"), utc("2026-11-05"))
    assert who(only(booked), "2026-11-04T12:00") == "ben"


def test_until_when_somebody_is_on_call_counts_what_follows_at_once() -> None:
    """A layer that ends within a shift of the same person ends nothing."""
    schedule = only(weekly("ana", "ben"), weekly("ana", windows=(parse_window("22:00-06:00"),)))
    assert schedule.until(utc("2026-11-03T12:00")) == utc("2026-11-09T08:00")
    assert only(weekly("ana")).until(utc("2026-11-03T12:00")) is None


def test_what_is_written_in_words_is_read_and_what_is_none_is_told() -> None:
    """Hours of the week, as people write them."""
    assert str(parse_window("mon-fri 9:00-17:00")) == "Mon-Fri 09:00-17:00"
    assert str(parse_window("Sat, Sun 00:00 - 24:00")) == "Sat,Sun 00:00-24:00"
    assert str(parse_window("22:00-06:00")) == "daily 22:00-06:00"
    assert parse_window("Fri-Mon 00:00-01:00").days == (0, 4, 5, 6)
    for wrong in ("Mon-Fri", "Mun 09:00-17:00", "09:00-25:00", "09:61-10:00", "09:00-17:00 or so", ""):
        with pytest.raises(ValueError, match=r"write"):
            parse_window(wrong)
    assert shown_at(utc("2026-11-20T12:00"), KATHMANDU) == datetime(2026, 11, 20, 17, 45)


SPANS = st.lists(st.tuples(st.integers(0, 60), st.integers(1, 30), st.sampled_from("abc")), max_size=8)


@given(below=SPANS, above=SPANS)
@settings(max_examples=200, deadline=None)
def test_booked_shifts_and_layers_are_what_looking_at_each_minute_says(
    below: list[tuple[int, int, str]], above: list[tuple[int, int, str]]
) -> None:
    """Of entries that overlap the one that begins later counts, the longer one where they begin together; the upper
    layer counts where it says anything."""

    def booked(spans: list[tuple[int, int, str]]) -> Booked:
        return Booked(
            booked=tuple(
                Shift(begins=minute(first), ends=minute(first + lasts), person=person) for first, lasts, person in spans
            )
        )

    def minute(number: int) -> datetime:
        return utc("2026-11-02") + timedelta(minutes=number)

    def looked(spans: list[tuple[int, int, str]], now: int) -> str | None:
        live = [(first, first + lasts, place, person) for place, (first, lasts, person) in enumerate(spans)]
        there = [each for each in live if each[0] <= now < each[1]]
        return max(there, key=lambda each: each[:3])[3] if there else None

    schedule = only(booked(below), booked(above))
    plan = schedule.shifts(minute(0), minute(100))
    assert all(one.ends <= other.begins for one, other in pairwise(plan))
    for now in range(100):
        found = next((shift.person for shift in plan if shift.begins <= minute(now) < shift.ends), None)
        assert found == (looked(above, now) or looked(below, now))
        shift = schedule.on_call(minute(now))
        assert (shift.person if shift else None) == found


def test_a_calendar_full_of_entries_is_laid_out_quickly() -> None:
    """Five thousand entries that all overlap, over a year of daily turns: the plan is not their product."""
    booked = tuple(
        Shift(begins=utc("2026-01-01") + timedelta(hours=number), ends=utc("2027-01-01"), person=f"p{number % 7}")
        for number in range(5000)
    )
    daily = Rotation(
        people=("ana", "ben"), first=datetime(2026, 1, 1, 9), turns=Turns(span=timedelta(days=1)), zone=BERLIN
    )
    plan = only(Booked(booked=booked), daily).shifts(utc("2026-01-01"), utc("2027-01-01"))
    assert len(plan) == 8 + 365
    assert len(clashes((only(Booked(booked=booked)),), utc("2026-01-01"), utc("2027-01-01"))) == 200
