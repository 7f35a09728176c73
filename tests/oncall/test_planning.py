"""Overrides, temporary schedules and swaps: who may make them, what they change, that it stays on record who did."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.oncall.ferry import ANA, BEGIN, BEN, ROOT, VERA, HandClock
from tocsin.app import App
from tocsin.errors import Conflict, Denied, Invalid, NotFound, Refused, TocsinError
from tocsin.service import duty, oncall, planning
from tocsin.service.planning import Override, Swap


def who(app: App, at: datetime, role: str = "on-call engineer") -> str | None:
    person = duty.directory_now(app).find(role, at)
    return person.id if person else None


def hours(number: float) -> datetime:
    return BEGIN + timedelta(hours=number)


def test_an_override_counts_at_once_and_until_it_ends(app: App, clock: HandClock) -> None:
    """Ana takes over for two hours, goes home after one, and all of it is on record."""
    made = planning.override(app, Override(schedule="primary", people=("Ana",), lasts="2h", why="Ben is ill"), ANA)
    assert [who(app, hours(each)) for each in (0, 1.9, 2)] == ["ana", "ana", "ben"]
    filled = duty.directory_now(app).filled("on-call engineer", BEGIN)
    assert filled.why == "Ana is on call by primary, override by ana: Ben is ill"

    clock.at = hours(1)
    planning.end(app, made.id, BEN)

    assert [who(app, hours(each)) for each in (0, 0.9, 1)] == ["ana", "ana", "ben"]
    (kept,) = planning.history(app, past=True)
    assert (kept.made_by, kept.settled_by, kept.ends, kept.why) == ("ana", "ben", hours(1), "Ben is ill")
    with pytest.raises(Refused, match="over already"):
        planning.end(app, made.id, BEN)


def test_a_moment_without_a_zone_stands_on_the_wall_of_the_schedule(app: App) -> None:
    """Lisbon is an hour ahead of UTC in summer."""
    naive = Override(schedule="primary", people=("ben",), begins=datetime(2027, 7, 1, 9), lasts="1h")
    assert planning.override(app, naive, ANA).begins == datetime(2027, 7, 1, 8, tzinfo=UTC)


def test_several_people_take_turns_for_a_while(app: App) -> None:
    """A temporary schedule for the days of a regatta."""
    wanted = Override(schedule="primary", people=("zoe", "ana"), lasts="3d", every="1d", why="regatta")
    assert planning.override(app, wanted, ROOT).kind == "temporary"
    assert [who(app, hours(24 * day + 1)) for day in range(4)] == ["zoe", "ana", "zoe", "ben"]


def test_a_swap_counts_when_the_other_one_has_accepted(app: App, clock: HandClock) -> None:
    """Ben gives Wednesday to Ana and takes a day of her week in return; until then nothing changes."""
    wanted = Swap(
        schedule="primary", to="ana", begins=datetime(2026, 11, 25, 9), ends=datetime(2026, 11, 26, 9),
        back_begins=datetime(2026, 12, 2, 9), back_ends=datetime(2026, 12, 3, 9), why="school play",
    )  # fmt: skip
    offered = planning.offer(app, wanted, BEN)
    wednesday, later = datetime(2026, 11, 25, 12, tzinfo=UTC), datetime(2026, 12, 2, 12, tzinfo=UTC)
    assert (who(app, wednesday), who(app, later)) == ("ben", "ana")
    with pytest.raises(Denied, match="offered to Ana"):
        planning.answer(app, offered.id, BEN, accept=True)

    planning.answer(app, offered.id, ANA, accept=True)

    assert (who(app, wednesday), who(app, later)) == ("ana", "ben")
    with pytest.raises(Refused, match="settled already"):
        planning.answer(app, offered.id, ANA, accept=False)
    clock.at = wednesday
    planning.end(app, offered.id, ROOT)
    assert (who(app, wednesday - timedelta(hours=1)), who(app, wednesday), who(app, later)) == ("ana", "ben", "ana")


def test_a_swap_can_be_declined_and_taken_back(app: App) -> None:
    """By whom it was offered to, by who offered it; nobody else."""
    wanted = Swap(schedule="primary", to="ana", begins=hours(1), ends=hours(2))
    for by in (ANA, BEN, ROOT):
        assert planning.answer(app, planning.offer(app, wanted, BEN).id, by, accept=False).state == "declined"
    assert who(app, hours(1.5)) == "ben"


@pytest.mark.parametrize(
    ("wanted", "fault", "says"),
    [
        (Override(schedule="primary", people=("eve",), lasts="1h"), Invalid, "nobody under"),
        (Override(schedule="primary", people=("ana",)), Invalid, "when it ends"),
        (Override(schedule="primary", people=("ana",), lasts="1h", ends=hours(1)), Invalid, "two ends"),
        (Override(schedule="primary", people=("ana",), ends=hours(-1)), Invalid, "end before it begins"),
        (Override(schedule="primary", people=("ana",), lasts="400d"), Invalid, "at most"),
        (Override(schedule="primary", people=("ana",), begins=hours(24 * 400), lasts="1h"), Invalid, "a year away"),
        (Override(schedule="primary", lasts="1h"), Invalid, "Nobody would be on call"),
        (Override(schedule="primary", people=("ana", "ben"), lasts="2d", every="1m"), Invalid, "shorter than an hour"),
        (Override(people=("ana",), lasts="1h"), Invalid, "several schedules"),
        (Override(schedule="tertiary", people=("ana",), lasts="1h"), NotFound, "no schedule"),
    ],
)
def test_what_makes_no_sense_is_refused(app: App, wanted: Override, fault: type[TocsinError], says: str) -> None:
    """With a sentence, and nothing changes."""
    with pytest.raises(fault, match=says):
        planning.override(app, wanted, ANA)
    assert planning.history(app, past=True) == ()


def test_nobody_gives_away_what_is_not_theirs(app: App) -> None:
    """Only who is on call then, only one's own time, only with the role; an admin may for others."""
    theirs = Swap(schedule="primary", to="ben", begins=hours(1), ends=hours(2))
    with pytest.raises(Refused, match="Ana is not on call"):
        planning.offer(app, theirs, ANA)
    with pytest.raises(Denied, match="own time"):
        planning.offer(app, Swap(schedule="primary", to="ana", begins=hours(1), ends=hours(2), offered_by="ben"), ANA)
    with pytest.raises(Denied, match="viewer"):
        planning.override(app, Override(schedule="primary", people=("ana",), lasts="1h"), VERA)
    by_admin = Swap(schedule="primary", to="ana", begins=hours(1), ends=hours(2), offered_by="ben")
    assert planning.offer(app, by_admin, ROOT).instead_of == "ben"


def test_two_who_answer_at_once_are_told_apart(app: App) -> None:
    """The second one is told that it is settled, and what the first one did stays."""
    offered = planning.offer(app, Swap(schedule="primary", to="ana", begins=hours(1), ends=hours(2)), BEN)
    planning.answer(app, offered.id, ANA, accept=False)
    with pytest.raises((Refused, Conflict)):
        planning.answer(app, offered.id, ROOT, accept=True)
    assert who(app, hours(1.5)) == "ben"


def test_the_weeks_ahead_show_shifts_gaps_and_who_is_booked_twice(app: App, clock: HandClock) -> None:
    """What would hurt is said in sentences, with its time in the zone of the schedule."""
    clean = oncall.overview(app)
    assert [(one.name, one.now.name) for one in clean.schedules] == [("primary", "Ben"), ("night", "")]
    assert [shift.name for shift in clean.schedules[0].shifts] == ["Ben", "Ana", "Ben", "Ana", "Ben"]
    assert any("Ben: on call twice at once (primary and night)" in each for each in clean.problems)
    assert not any("Nobody is on call" in each for each in clean.problems)
    assert "Zoe is captain, and nothing tells them: write notify under [people.zoe]." in clean.problems

    planning.override(app, Override(schedule="primary", begins=hours(1), lasts="2h", why="power cut"), ANA)
    clock.at += timedelta(seconds=1)
    planning.override(app, Override(schedule="primary", people=("zoe",), begins=hours(2), lasts="2h"), ROOT)

    told = oncall.overview(app, BEGIN).problems
    assert "Nobody is on call by primary, from Tue 24 Nov 13:00 until Tue 24 Nov 14:00 Europe/Lisbon (1 h)." in told
    assert any("two changes for the same time" in each for each in told)
    assert any(each.startswith("Zoe is on call by primary, and nothing tells them") for each in told)
    at = oncall.overview(app, hours(1.5), weeks=0)
    assert at.schedules[0].now.why == "nobody is on call by primary until Tue 24 Nov 14:00 Europe/Lisbon"


def test_a_schedule_that_is_gone_takes_nothing_with_it(app: App) -> None:
    """Its changes stay on record, and the others go on."""
    planning.override(app, Override(schedule="night", people=("zoe",), lasts="2h"), ANA)
    directory = app.settings.directory
    left = {name: each for name, each in directory.schedules.items() if name != "night"}
    object.__setattr__(directory, "schedules", left)
    assert [one.name for one in oncall.overview(app).schedules] == ["primary"]
    assert planning.history(app)[0].schedule == "night"
