"""Who would be called at every hour ahead: compared with what the ladder itself does, and what of it would hurt."""

from __future__ import annotations

import time as clock
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.build import NOW, a_runbook, after
from tocsin.core import moves
from tocsin.core.calendar import Calendar
from tocsin.core.facts import Escalated
from tocsin.core.oncall import Directory, Person
from tocsin.core.outlook import Outlook, outlooks
from tocsin.core.readiness import (
    ACCESS_LASTS,
    AccessState,
    WayState,
    called_people,
    of_access,
    of_drills,
    of_ways,
    soon,
    unreachable,
)
from tocsin.core.runbook import Access, Coverage, Escalation, Runbook, Severity
from tocsin.core.runbook import Rotation as Turnus
from tocsin.core.schedules import Change, Rotation, Schedule, Turns
from tocsin.core.schedules.windows import parse_window
from tocsin.core.uncovered import uncovered
from tocsin.core.wake import next_wake, wake

HOUR, WEEK = timedelta(hours=1), timedelta(weeks=1)
PEOPLE = {name: Person(id=name, name=name.capitalize(), notify=("phone",)) for name in ("ana", "ben", "cleo")}
LADDER = (
    Escalation(to="desk", after_minutes=0, clock="unresolved", line=41),
    Escalation(to="Harbour master", after_minutes=30, clock="unresolved", line=42),
)


def a_schedule(*people: str, hours: str = "", **more: object) -> Schedule:
    """People who hand over every day at 09:00 in Lisbon."""
    layer = Rotation(
        people=people, first=datetime(2026, 2, 2, 9), turns=Turns(span=timedelta(days=1)), zone="Europe/Lisbon",
        windows=(parse_window(hours),) if hours else (),
    )  # fmt: skip
    return Schedule(name="desk", zone="Europe/Lisbon", layers=(layer,), **more)  # type: ignore[arg-type]


def known(schedule: Schedule, **roles: str) -> Directory:
    """The desk is on the schedule, the harbour master is cleo unless told."""
    bound = {"desk": "schedule:desk", "harbour-master": "cleo", **roles}
    return Directory(PEOPLE, bound, {}, {"desk": schedule})


def look(
    directory: Directory, *, book: Runbook | None = None, ahead: timedelta = WEEK, lost: dict[str, str] | None = None,
    calendar: Calendar | None = None,
) -> tuple[Outlook, ...]:  # fmt: skip
    """The outlook from now on."""
    return outlooks([book or a_runbook(escalations=LADDER)], directory, calendar, NOW, ahead, lost)


def test_the_outlook_says_what_the_ladder_then_does() -> None:
    """At every half hour of a week, an incident that begins then calls exactly whom the outlook named, in its order."""
    directory = known(a_schedule("ana", "ben", hours="Mon-Sat 06:00-22:30"))
    (first, *_) = look(directory)
    for number in range(7 * 48):
        begins = NOW + number * HOUR / 2
        (span,) = (each for each in first.spans if each.begins <= begins < each.ends)
        assert [(call.to, call.person) for call in span.calls if not call.cause] == climbed(directory, begins)


def climbed(directory: Directory, begins: datetime) -> list[tuple[str, str]]:
    """Whom the ladder of a real incident calls within an hour where nobody answers."""
    opening = moves.Opening(number=1, title="The lock is stuck", severity="P1", why="a test says so")
    incident = after(None, moves.declare(a_runbook(escalations=LADDER), opening), at=begins)
    found = []
    while (at := next_wake(incident)) is not None and at < begins + HOUR:
        facts = wake(incident, directory, max(at, begins))
        found += [(fact.to, fact.person) for fact in facts if isinstance(fact, Escalated) and fact.person]
        incident = after(incident, facts, at=max(at, begins))
    return [(to, person) for to, person in dict.fromkeys(found) if person]


def test_a_gap_is_told_once_with_its_first_window_and_how_often() -> None:
    """The nights of a week are one finding for both severities; what begins within a day is news."""
    found = list(uncovered(look(known(a_schedule("ana", hours="06:00-22:00"))), "Europe/Lisbon", PEOPLE))
    (gap,) = (each for each in found if each.code == "gap")
    assert (gap.line, gap.severities, gap.times) == (41, ("P1", "P2"), 8)
    assert gap.begins == NOW
    assert "nobody is on call by desk, from Mon 2 Mar 03:00 until Mon 2 Mar 06:00 Europe/Lisbon (3 h)" in gap.message
    assert "7 times more" in gap.message
    assert gap in soon(found, NOW)


def test_an_override_closes_the_gap_and_a_short_one_is_seen() -> None:
    """Changes of schedules count, to the minute: eleven minutes without anybody are a window of their own."""
    begins = NOW + 5 * HOUR + timedelta(minutes=7)
    nobody = Change(
        id="c", schedule="desk", kind="override", begins=begins, ends=begins + timedelta(minutes=11), people=(),
        made_at=NOW, made_by="ana",
    )  # fmt: skip
    found = list(uncovered(look(known(a_schedule("ana", "ben", changes=(nobody,)))), "UTC", PEOPLE))
    (gap,) = (each for each in found if each.code == "gap")
    assert (gap.begins, gap.ends, gap.times) == (begins, begins + timedelta(minutes=11), 1)
    assert not [each for each in uncovered(look(known(a_schedule("ana", "ben"))), "UTC", PEOPLE) if each.code == "gap"]


def test_who_is_all_there_is_is_a_single_point() -> None:
    """One person on every rung, in the turns in which it is so."""
    both = known(a_schedule("cleo", "ben"))
    (found,) = uncovered(look(both), "UTC", PEOPLE)
    assert (found.code, found.level) == ("single-point", "warning")
    assert "Cleo alone is called by all 2 rungs of P1 and P2" in found.message
    assert found.begins is not None


def test_roles_that_nobody_fills_and_people_whom_nothing_reaches_are_told_with_their_line() -> None:
    """Each with the rung, the reason and what to do; what is always so is no news."""
    lost = {"cleo": "nothing tells them"}
    found = list(uncovered(look(known(a_schedule("ana")), lost=lost), "UTC", PEOPLE))
    (one,) = (each for each in found if each.code == "unreachable")
    assert "Cleo can't be reached: nothing tells them" in one.message
    assert (one.line, one.begins) == (42, None)
    directory = replace(known(a_schedule("ana")), roles={"desk": "schedule:desk"})
    found = list(uncovered(look(directory), "UTC", PEOPLE))
    (one,) = (each for each in found if each.code == "unbound-role")
    assert one.hint == 'Bind it under [roles] in tocsin.toml: "harbour-master" = "NAME".'
    assert soon(found, NOW) == ()
    assert next(uncovered((), "UTC", {})).code == "nobody"


def test_conditions_are_told_once_for_each_role() -> None:
    """Who is only drawn in by an outage or a word has no hours, and is told with all of its lines."""
    more = (
        Escalation(to="Owner", when="The pier burns", line=50),
        Escalation(to="Owner", after_minutes=60, clock="unavailable", line=51),
    )
    book = a_runbook(escalations=(*LADDER, *more))
    (first, *_) = found = look(known(a_schedule("ana")), book=book)
    assert [each.line for each in first.conditions] == [51, 50] or [each.line for each in first.conditions] == [50, 51]
    (one,) = (each for each in uncovered(found, "UTC", PEOPLE) if each.code == "unbound-role")
    assert "by 2 conditions (lines 50, 51)" in one.message


def test_business_hours_hold_the_page_back() -> None:
    """What is covered in business hours only calls whoever is on call when those begin, holidays left out."""
    book = a_runbook(
        escalations=LADDER,
        rotation=Turnus(every="day", coverage=(Coverage(severities=("P2",), hours="business hours"),), line=5),
    )
    calendar = Calendar(zone="UTC", holidays=(NOW.date(),))
    _, p2 = look(known(a_schedule("ana", "ben")), book=book, calendar=calendar)
    assert "business hours" in p2.hours
    opens = datetime(2026, 3, 3, 9, tzinfo=UTC)
    on_then = a_schedule("ana", "ben").on_call(opens)
    assert on_then is not None
    assert p2.spans[0].calls[0].person == on_then.person


def test_ways_are_judged_by_how_they_went() -> None:
    """No way, only broken ways, unverified ones and ones that wake nobody are different findings."""
    ok, bad = NOW - HOUR, NOW
    ways = {
        "ana": [WayState(via="phone", failed_at=bad, ok_at=ok, error="busy")],
        "ben": [WayState(via="phone", failed_at=ok, ok_at=bad), WayState(via="mail", failed_at=bad, error="gone")],
        "cleo": [WayState(via="console", woken=False)],
    }
    people = {**PEOPLE, "dora": Person(id="dora", name="Dora")}
    assert unreachable(people, ways) == {
        "ana": "phone failed last (busy)", "dora": "nothing tells them: there is no notify under [people.dora]"
    }  # fmt: skip
    codes = [each.code for each in of_ways(["ana", "ben", "cleo"], people, ways)]
    assert codes == ["unverified", "failed-way", "wakes-nobody"]


def test_access_is_told_for_each_system_with_those_who_lack_it() -> None:
    """Refused, too long ago and never are told; within the month nothing is."""
    book = replace(a_runbook(), access=(Access(system="pier", what="Pier cameras", line=9),))
    old = AccessState(person="ben", system="pier", at=NOW - ACCESS_LASTS - HOUR, ok=True)
    no = AccessState(person="cleo", system="pier", at=NOW, ok=False, note="no seat")
    yes = AccessState(person="ana", system="pier", at=NOW - HOUR, ok=True)
    refused, silent = of_access(book, list(PEOPLE), PEOPLE, [old, no, yes], NOW)
    assert (refused.level, refused.line) == ("error", 9)
    assert "Cleo (no seat) can't reach “Pier cameras”" in refused.message
    assert "Ben has not said within 35 days" in silent.message
    assert list(of_access(book, ["ana"], PEOPLE, [yes], NOW)) == []


def test_scenarios_without_a_drill_are_told_together() -> None:
    """One note for each runbook; none where all were drilled."""
    (note,) = of_drills(a_runbook(), {})
    assert (note.code, note.level) == ("never-drilled", "note")
    assert list(of_drills(a_runbook(), {a_runbook().scenarios[0].id: NOW})) == []


def test_everybody_who_would_be_called_is_known_first_things_first() -> None:
    """Those who are called at once come before those who are called later."""
    assert called_people(look(known(a_schedule("ana", "ben")))) == ("ana", "ben", "cleo")


@pytest.mark.parametrize("people", [100])
def test_four_weeks_of_a_hundred_people_take_less_than_a_second(people: int) -> None:
    """Ten schedules that hand over each hour, four severities, five rungs: every change in four weeks."""
    names = {f"p{number}": Person(id=f"p{number}", name=f"P{number}", notify=("phone",)) for number in range(people)}
    schedules, roles = {}, {}
    for number in range(10):
        crew = tuple(list(names)[number * 10 : number * 10 + 10])
        layer = Rotation(
            people=crew, first=datetime(2026, 2, 2, 9), turns=Turns(span=timedelta(hours=8)), zone="Europe/Lisbon"
        )
        schedules[f"s{number}"] = Schedule(name=f"s{number}", zone="Europe/Lisbon", layers=(layer,))
        roles[f"r{number}"] = f"schedule:s{number}"
    rungs = tuple(
        Escalation(to=f"r{number}", after_minutes=15 * number, clock="unresolved", line=number + 1)
        for number in range(5)
    )
    scale = tuple(Severity(name=f"P{number}", line=number + 1) for number in range(4))
    book = a_runbook(severities=scale, escalations=rungs)
    directory = Directory(names, roles, {}, schedules)
    began = clock.perf_counter()
    found = look(directory, book=book, ahead=timedelta(weeks=4))
    list(uncovered(found, "Europe/Lisbon", names))
    assert clock.perf_counter() - began < 1.0
    assert all(len(each.spans) > 80 for each in found)
