"""What stands under ``[schedules]`` and ``[calendar]``, and the sentences for what can't be followed."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from tests.oncall.ferry import CONFIG
from tocsin.core.calendar import Calendar
from tocsin.errors import Invalid
from tocsin.settings import Settings, outline, read_settings

PLAN = '[people.ana]\n[calendar]\nzone = "Europe/Lisbon"\n[schedules.one]\npeople = ["ana"]\nstart = 2026-11-02\n'


def settings_of(folder: Path, text: str) -> Settings:
    (folder / "tocsin.toml").write_text(text, "utf-8")
    return read_settings(folder / "tocsin.toml", {})


def test_a_calendar_says_when_people_work(tmp_path: Path) -> None:
    """Zone, hours, days, holidays; without a zone there is none, because nobody guesses it."""
    made = settings_of(tmp_path, CONFIG)
    days = (date(2026, 12, 8), date(2026, 12, 25))
    assert made.calendar == Calendar(
        zone="Europe/Lisbon", days=(0, 1, 2, 3, 4), opens=time(8), closes=time(18), holidays=days
    )
    assert settings_of(tmp_path, "").calendar is None


def test_a_role_is_filled_by_who_is_on_call_at_the_moment(tmp_path: Path) -> None:
    """By name of the role as documents decorate it, by the schedule's own name, in every week another one."""
    directory = settings_of(tmp_path, CONFIG).directory
    for role in ("the on-call engineer", "primary", "schedule:primary"):
        found = [directory.find(role, datetime(2026, 11, day, 12, tzinfo=UTC)) for day in (3, 10, 17)]
        assert [person.id if person else None for person in found] == ["ana", "ben", "ana"]
    filled = directory.filled("on-call engineer", datetime(2026, 11, 24, 12, tzinfo=UTC))
    assert filled.why == "Ben is on call by primary, week 48"
    nobody = directory.filled("night watch", datetime(2026, 11, 24, 12, tzinfo=UTC))
    assert nobody.person is None
    assert nobody.why == "nobody is on call by night until Tue 24 Nov 22:00 Europe/Lisbon"
    assert directory.bound("captain") == "zoe"


@pytest.mark.parametrize(
    ("every", "handover", "first", "turn"),
    [
        ("week", "Wednesday 10:30", datetime(2026, 11, 4, 10, 30), timedelta(days=7)),
        ("2 weeks", "09:00", datetime(2026, 11, 2, 9), timedelta(days=14)),
        ("daily", "22:00", datetime(2026, 11, 2, 22), timedelta(days=1)),
        ("3 days", "00:00", datetime(2026, 11, 2), timedelta(days=3)),
        ("12h", "07:00", datetime(2026, 11, 2, 7), timedelta(hours=12)),
    ],
)
def test_turns_and_handovers_as_people_write_them(
    tmp_path: Path, every: str, handover: str, first: datetime, turn: timedelta
) -> None:
    """The first handover is on the first such day that is not before the start."""
    made = settings_of(tmp_path, f'{PLAN}every = "{every}"\nhandover = "{handover}"\n')
    (layer,) = made.directory.schedules["one"].layers
    assert (layer.first, layer.turns.span) == (first, turn)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (PLAN + 'every = "sometimes"\n', "is not a duration"),
        (PLAN + 'every = "10m"\n', "shorter than an hour"),
        (PLAN + 'handover = "noonish"\n', "is no handover"),
        (PLAN + 'handover = "Someday 09:00"\n', "is no day of the week"),
        (PLAN + 'every = "day"\nhandover = "Monday 09:00"\n', "does not hand over in whole weeks"),
        (PLAN + 'zone = "Europe/Atlantis"\n', "is no time zone"),
        (PLAN + 'zone = "../../etc/passwd"\n', "is no time zone"),
        (PLAN + 'hours = "Mon-Fri"\n', "are no hours"),
        (PLAN + 'ics = "ftp://example.org/x.ics"\n', "neither a file nor an address"),
        (PLAN + 'ics = "x.ics"\nallow = ["everybody"]\n', "everybody"),
        (PLAN.replace('"ana"', '"nobody"'), "is nobody under [people]"),
        (PLAN.replace("start = 2026-11-02", ""), "when the rotation begins"),
        (PLAN.replace("2026", "1926"), "too far away"),
        (PLAN.replace("start = 2026-11-02", 'start = "someday"'), "start"),
        (PLAN.replace('zone = "Europe/Lisbon"', ""), "in which zone"),
        (PLAN + '[schedules."ONE"]\npeople = ["ana"]\nstart = 2026-11-02\n', "is the same as another one"),
        (PLAN + "[schedules.two]\n", "Nobody ever is on call"),
        (PLAN + '[roles]\nboss = "schedule:three"\n', "is no schedule under [schedules]"),
        ('[calendar]\nhours = "09:00-17:00"\n', "names no zone"),
        ('[calendar]\nzone = "UTC"\nhours = "22:00-06:00"\n', "on the day on which they begin"),
        ('[calendar]\nzone = "UTC"\ndays = "never"\n', "is no day of the week"),
        ('[calendar]\nzone = "UTC"\nholidays = ["Christmas"]\n', "holidays"),
    ],
)
def test_what_can_t_be_followed_is_refused_with_its_place(tmp_path: Path, text: str, says: str) -> None:
    """Before anything starts, and with what to write instead."""
    with pytest.raises(Invalid, match=r"tocsin\.toml") as refused:
        settings_of(tmp_path, text)
    assert says in refused.value.message


def test_the_outline_of_a_file_knows_what_a_schedule_binds(tmp_path: Path) -> None:
    """`tocsin init` and `check` see that a role is bound, without following a reference."""
    seen = outline(
        CONFIG.replace("start = 2026-11-02\n", 'start = 2026-11-02\nics = "env:ROTA"\n').encode(), tmp_path / "t"
    )
    assert seen.directory.bound("the on-call engineer") == "schedule:primary"
