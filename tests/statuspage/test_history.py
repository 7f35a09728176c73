"""States, spans and ninety days, as pure values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.core.statuspage.history import history, lost
from tocsin.core.statuspage.model import Affected, Component, Page, Post, Public, Report, Span, State, indicator

NOW = datetime(2026, 3, 20, 10, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
PAGE = Page(name="Pier", components=(Component(id="ramp", name="Ramp"), Component(id="tickets", name="Tickets")))


def post(seq: int, at: datetime, stage: str, state: State | None = None) -> Post:
    """An update that touches the ramp."""
    parts = {"ramp": Affected(state=state)} if state else {}
    return Post(seq=seq, at=at, stage=stage, text="x", components=parts)  # type: ignore[arg-type]


def an_incident(begun: datetime, *posts: Post) -> Report:
    """An incident's public face."""
    return Report(id="pub_1", kind="incident", title="x", begun_at=begun, created_at=begun, posts=posts)


def a_maintenance(begun: datetime, span: timedelta, **change: object) -> Report:
    """A planned maintenance of the ramp."""
    kept = {"id": "mnt_1", "kind": "maintenance", "title": "x", "begun_at": begun, "created_at": begun - 5 * HOUR,
            "ends_at": begun + span, "posts": (post(1, begun - 5 * HOUR, "scheduled", "maintenance"),)}  # fmt: skip
    return Report(**{**kept, **change})  # type: ignore[arg-type]


def public(*reports: Report, known: timedelta = timedelta(days=100)) -> Public:
    """The page with these reports."""
    return Public(page=PAGE, reports=reports, known={"ramp": NOW - known, "tickets": NOW - known})


def test_an_outage_counts_from_when_it_began_and_not_from_when_it_was_published() -> None:
    """Nobody gains uptime by publishing late."""
    begun = NOW - timedelta(days=2)
    report = an_incident(begun, post(1, begun + HOUR, "investigating", "major"), post(2, begun + 2 * HOUR, "resolved"))

    found = history(public(report), "ramp", NOW)

    assert [day.lost_seconds for day in found.bad] == [7200.0]
    assert found.uptime == pytest.approx(1 - 7200 / (NOW - found_begin(found)).total_seconds())
    assert history(public(report), "tickets", NOW).uptime == 1.0


def found_begin(found: object) -> datetime:
    """The midnight at which ninety days begin."""
    day = found.days[0].day  # type: ignore[attr-defined]
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def test_a_partial_outage_counts_by_a_third_and_slowness_not_at_all() -> None:
    """As Statuspage counts; and what lies over each other counts once, by the worst."""
    span = Span(NOW - HOUR, NOW, "partial")
    worse = Span(NOW - HOUR / 2, NOW, "major")

    assert lost([span]) == pytest.approx(0.3 * 3600)
    assert lost([Span(NOW - HOUR, NOW, "degraded"), Span(NOW - HOUR, NOW, "maintenance")]) == 0
    assert lost([span, worse, worse]) == pytest.approx(0.3 * 1800 + 1800)


def test_nothing_is_claimed_of_days_before_a_component_was_known() -> None:
    """A page that is a week old shows a week."""
    found = history(public(known=timedelta(days=7)), "ramp", NOW)

    assert sum(day.state is not None for day in found.days) == 8
    assert found.days[0].state is None
    assert found.uptime == 1.0
    assert history(Public(page=PAGE), "ramp", NOW).uptime is None


def test_days_are_those_of_the_pages_zone() -> None:
    """An outage at 23:30 UTC is of the next day in Berlin."""
    begun = datetime(2026, 3, 10, 23, 30, tzinfo=UTC)
    report = an_incident(begun, post(1, begun, "investigating", "major"), post(2, begun + HOUR / 6, "resolved"))
    berlin = Page(name="Pier", components=PAGE.components, zone="Europe/Berlin")
    there = Public(page=berlin, reports=(report,), known={"ramp": NOW - timedelta(days=90)})

    assert [day.day.day for day in history(there, "ramp", NOW).bad] == [11]
    assert [day.day.day for day in history(public(report), "ramp", NOW).bad] == [10]


def test_a_maintenance_begins_and_ends_by_the_clock_alone() -> None:
    """No row is written, no message needs to come."""
    report = a_maintenance(NOW, HOUR, offline=True)
    here = public(report)

    stages = [report.stage(NOW + offset) for offset in (-HOUR, timedelta(0), HOUR / 2, HOUR)]
    assert stages == ["scheduled", "in_progress", "in_progress", "completed"]
    assert [here.state("ramp", NOW + offset) for offset in (-HOUR, HOUR / 2, HOUR)] == [
        "operational", "maintenance", "operational",
    ]  # fmt: skip
    assert [here.offline(NOW + offset) is not None for offset in (-HOUR, HOUR / 2, HOUR)] == [False, True, False]
    assert indicator(here, NOW + HOUR / 2) == "maintenance"


def test_a_maintenance_that_was_called_off_never_was() -> None:
    """It leaves no mark on the component's days."""
    report = a_maintenance(NOW - 2 * HOUR, HOUR, ended_at=NOW - 2 * HOUR)

    assert report.stage(NOW) == "completed"
    assert history(public(report), "ramp", NOW).bad == ()


def test_an_open_incident_that_touches_no_component_is_minor() -> None:
    """The page never says that all is well beside an open incident."""
    report = an_incident(NOW - HOUR, post(1, NOW - HOUR, "investigating"))

    assert indicator(public(report), NOW) == "minor"
    assert indicator(public(), NOW) == "none"


STATES: st.SearchStrategy[State] = st.sampled_from(["operational", "maintenance", "degraded", "partial", "major"])


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3000), st.integers(1, 3000), STATES), max_size=8))
def test_uptime_is_a_share_whatever_happened(given: list[tuple[int, int, State]]) -> None:
    """Between 0 and 1, and never less than what major outages alone explain."""
    reports = []
    for ago, length, state in given:
        begun = NOW - timedelta(hours=ago)
        posts = (post(1, begun, "investigating", state), post(2, begun + timedelta(hours=length), "resolved"))
        reports.append(an_incident(begun, *posts))
    found = history(public(*reports), "ramp", NOW)

    assert found.uptime is not None
    assert 0 <= found.uptime <= 1
    assert all(0 <= day.lost_seconds <= 86_400 for day in found.days)
    if all(state not in ("partial", "major") for _, _, state in given):
        assert found.uptime == 1
