"""Many incidents, counted."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.core.figures.lives import MONTH, NOW, row
from tocsin.core.figures.counting import figures, night_of, spread
from tocsin.core.figures.sheets import SHEETS, as_csv


def at(minutes: float) -> float:
    """So many minutes after `NOW`, as rows tell moments."""
    return (NOW + timedelta(minutes=minutes)).timestamp()


def test_of_a_few_the_values_are_told() -> None:
    """Below five there is neither a median nor a p90."""
    found = spread([9.0, 1.0, 5.0, 2.0])
    assert (found.n, found.median, found.p90, found.values) == (4, None, None, (1.0, 2.0, 5.0, 9.0))
    assert spread([]).values == ()


@pytest.mark.parametrize(
    ("values", "median", "p90"),
    [
        ([1, 2, 3, 4, 5], 3, 5),
        ([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 5.5, 9),
        ([10, 1, 9, 2, 8, 3, 7, 4, 6, 5, 1000], 6, 10),
        ([7] * 40 + [100_000], 7, 7),
    ],
)
def test_median_and_p90_are_by_rank(values: list[float], median: float, p90: float) -> None:
    """The p90 is a value that was measured, and one endless night moves neither."""
    found = spread(map(float, values))
    assert (found.median, found.p90, found.values) == (median, p90, ())


def test_drills_and_duplicates_are_left_out_and_counted() -> None:
    """Of times, promises and steps; their number is told."""
    told = ((at(1), "response", True),)
    ran = ((at(1), "a", "ls", "failed"),)
    rows = [
        row(1, promises=told, ran=ran), row(2, drill=True, promises=told, ran=ran),
        row(3, duplicate_of="INC-1", promises=told, ran=ran),
    ]  # fmt: skip
    found = figures(rows, MONTH, {})
    assert (found.whole.incidents, found.drills, found.duplicates) == (1, 1, 1)
    assert [(one.kind, one.kept) for one in found.promises] == [("response", 1)]
    assert [(one.runs, one.failed) for one in found.steps] == [(1, 1)]


def test_open_ones_are_counted_and_have_no_end() -> None:
    """An incident that lasts makes no time shorter."""
    found = figures([row(1), row(2, status="open", resolved_at=None, resolve=None)], MONTH, {})
    assert (found.whole.incidents, found.whole.open, found.whole.times["resolve"].n) == (2, 1, 1)


def test_the_period_ends_before_its_end() -> None:
    """Two periods behind each other count every incident once."""
    rows = [row(number, declared_at=NOW + timedelta(days=number)) for number in range(6)]
    middle = NOW + timedelta(days=3)
    halves = [replace(MONTH, until=middle), replace(MONTH, since=middle)]
    assert [figures(rows, half, {}).whole.incidents for half in halves] == [3, 3]


@pytest.mark.parametrize(
    ("by", "names"),
    [
        ("severity", ["P1", "P2", ""]),
        ("service", ["oven", "till", ""]),
        ("label:pier", ["1", ""]),
        ("scenario", ["Cold", ""]),
        ("month", ["2026-02", "2026-03"]),
    ],
)
def test_groups(by: str, names: list[str]) -> None:
    """What says nothing stands last; of several values of a label each counts."""
    rows = [
        row(1, labels={"service": ("oven", "till"), "pier": ("1",)}, scenario="Cold"),
        row(2, labels={"service": ("oven",)}, severity="P2"),
        row(3, severity="", declared_at=datetime(2026, 2, 28, 20, tzinfo=UTC)),
    ]
    assert [each.name for each in figures(rows, replace(MONTH, by=by), {}).groups] == names


def test_months_are_those_of_the_zone() -> None:
    """The last evening of February is March already further east."""
    late = row(1, declared_at=datetime(2026, 2, 28, 20, tzinfo=UTC))
    assert [each.name for each in figures([late], replace(MONTH, zone="Asia/Tokyo"), {}).months] == ["2026-03"]


@pytest.mark.parametrize(
    ("clock", "night"),
    [
        ("21:59", None),
        ("22:00", date(2026, 3, 2)),
        ("00:00", date(2026, 3, 1)),
        ("06:59", date(2026, 3, 1)),
        ("07:00", None),
    ],
)
def test_a_night_belongs_to_its_evening(clock: str, night: date | None) -> None:
    """From ten to seven, and one night is one though it has two dates."""
    assert night_of(datetime.fromisoformat(f"2026-03-02T{clock}")) == night


def test_nights_are_told_by_each_person_s_own_clock() -> None:
    """Three in the morning in Lisbon is an evening in Vancouver, where summer time begins on another day."""
    moments = [datetime(2026, 3, 1, 23, 30, tzinfo=UTC), datetime(2026, 3, 2, 3, tzinfo=UTC)]
    summer = datetime(2026, 3, 9, 5, 30, tzinfo=ZoneInfo("UTC"))
    pages = tuple((moment.timestamp(), who) for moment in [*moments, summer] for who in ("ana", "ben"))
    found = figures([row(1, drill=True, pages=pages)], MONTH, {"ana": "Europe/Lisbon", "ben": "America/Vancouver"})
    assert [(one.person, one.pages, one.at_night, one.nights) for one in found.load] == [
        ("ana", 3, 3, 2),
        ("ben", 3, 1, 1),
    ]


def test_pages_count_when_they_came() -> None:
    """Also those of an incident that began before the period."""
    old = row(1, declared_at=NOW - timedelta(days=60), pages=((at(0), "ana"), (at(-60 * 24 * 40), "ana")))
    found = figures([old], MONTH, {})
    assert (found.whole.incidents, [one.pages for one in found.load]) == (0, [1])


def test_an_alert_that_stands_on_two_timelines_fired_once() -> None:
    """Where it was merged into is where somebody acted on it."""
    fired: Any = ((at(0), "GateOpen", "f@1"),)
    rows = [
        row(1, fired=((at(5), "GateOpen", "f@1"),), acted=True, acknowledge=60.0),
        row(2, duplicate_of="INC-1", fired=fired, acknowledge=None),
        row(3, fired=((at(9), "GateOpen", "f@9"), (at(9), "Fog", "g@9")), flapped=((at(9), "Fog"),), acknowledge=None),
    ]
    found = figures(rows, MONTH, {})
    counts = [(one.alert, one.fired, one.incidents, one.acknowledged, one.acted, one.flapped) for one in found.alerts]
    assert counts == [
        ("GateOpen", 2, 2, 1, 1, 0),
        ("Fog", 1, 1, 0, 0, 1),
    ]  # fmt: skip


def test_a_target_is_told_where_all_have_the_same() -> None:
    """And how often it was kept."""
    told = ((at(1), "response", True), (at(2), "response", False))
    rows = [row(1, target=300.0, promises=told), row(2, target=300.0), row(3, severity="P2", target=900.0)]
    found = figures(rows, MONTH, {})
    assert [(one.target, one.responses_kept, one.responses_missed) for one in found.groups] == [
        (300.0, 1, 1), (900.0, 0, 0),
    ]  # fmt: skip
    assert found.whole.target is None


@pytest.mark.parametrize("table", SHEETS)
def test_every_table_is_csv_with_its_head(table: str) -> None:
    """Also of nothing at all; every row is as wide as the head."""
    busy = row(
        1, fired=((at(0), "A", "a"),), pages=((at(0), "ana"),), promises=((at(0), "update", True),),
        ran=((at(0), "s", "ls", "failed"),),
    )  # fmt: skip
    for rows in ([], [busy]):
        read = list(csv.reader(io.StringIO(as_csv(figures(rows, MONTH, {}), table))))
        assert tuple(read[0]) == SHEETS[table][0]
        assert {len(line) for line in read} == {len(read[0])}
    assert len(read) > 1


@pytest.mark.parametrize("name", ["=1+1", "@sum", "-2", "+3", "\tx"])
def test_no_cell_is_a_formula(name: str) -> None:
    """Alerts are called by strangers, and spreadsheets obey."""
    text = as_csv(figures([row(1, fired=((at(0), name, "a"),))], MONTH, {}), "alerts")
    assert next(line for line in csv.reader(io.StringIO(text.partition("\n")[2])))[0] == f"'{name}"
