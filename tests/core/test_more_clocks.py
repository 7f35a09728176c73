"""The clocks beside the ladder: outage, estimate, rising severity, windows, updates, deadlines, conditions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.build import ANA, BEN, NOW, PEOPLE, a_runbook, after, an_alert, an_incident
from tocsin.core import facts, moves, timing
from tocsin.core.calendar import Calendar
from tocsin.core.clockstate import says_unavailable
from tocsin.core.countdowns import countdowns
from tocsin.core.incident import Incident
from tocsin.core.oncall import Directory
from tocsin.core.runbook import Contact, Deadline, Escalation, Phase, Runbook, Severity, UpdatePromise
from tocsin.core.wake import next_wake, wake
from tocsin.errors import Invalid, Refused

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SCALE = (Severity(name="P0", line=2), Severity(name="P1", line=3), Severity(name="P2", line=4))


def a_book(**change: Any) -> Runbook:
    """A runbook whose severities have no response targets, so that only what a test is about strikes."""
    return a_runbook(**{"severities": SCALE, "escalations": (first_call(),), **change})


def first_call() -> Escalation:
    """The rung at 0 minutes."""
    return Escalation(to="On-call", after_minutes=0, clock="unresolved", line=10)


def answered(book: Runbook) -> Incident:
    """INC-1, whose first call was made and answered."""
    incident = after(an_incident(book), wake(an_incident(book), PEOPLE, NOW))
    return after(incident, moves.acknowledge(incident, ANA), ANA)


def lived(
    incident: Incident, until: datetime, people: Directory = PEOPLE
) -> tuple[Incident, list[tuple[timedelta, Any]]]:
    """The incident as the clock alone leaves it at a moment, and what became true when."""
    told = []
    while (at := next_wake(incident)) is not None and at <= until:
        new = wake(incident, people, at)
        assert new, "it was due, and nothing happened"
        told += [(at - NOW, fact) for fact in new]
        incident = after(incident, new, at=at)
    return incident, told


def of(kind: type[Any], told: list[tuple[timedelta, Any]]) -> list[tuple[float, Any]]:
    """Those of one kind, with their minutes."""
    return [(at / MINUTE, fact) for at, fact in told if isinstance(fact, kind)]


# --- the outage clock ------------------------------------------------------------------------------------------------

OUTAGE = a_book(
    escalations=(
        first_call(), Escalation(to="Team lead", after_minutes=60, clock="unavailable", line=20),
        Escalation(to="Head of engineering", after_minutes=240, clock="unavailable", line=21),
    )
)  # fmt: skip


def test_the_outage_clock_counts_from_the_outage_and_not_from_the_incident() -> None:
    """Unavailable for 40 minutes already: the rung of one hour is climbed 20 minutes later, with its line."""
    incident = answered(OUTAGE)
    gone = timing.mark_unavailable(incident, NOW - 40 * MINUTE, "the page is white", ANA, NOW)
    _, told = lived(after(incident, gone, ANA), NOW + 5 * HOUR)
    called = of(facts.Escalated, told)
    assert [(minutes, fact.person, fact.line) for minutes, fact in called] == [(20, "ben", 20), (200, "cleo", 21)]
    assert "unavailable for 1 h (line 20)" in called[0][1].why


def test_a_rung_that_falls_due_while_nobody_fills_any_is_tried_once() -> None:
    """Everybody is called for it once, and not again at every look."""
    nobody = Directory(PEOPLE.people, {})
    incident = after(an_incident(OUTAGE), wake(an_incident(OUTAGE), nobody, NOW))
    incident = after(incident, timing.mark_unavailable(incident, NOW, "", ANA, NOW), ANA)
    _, told = lived(incident, NOW + 70 * MINUTE, nobody)
    assert [minutes for minutes, _ in of(facts.EveryoneCalled, told)] == [30, 60], "each half hour, whatever waits"
    assert [(fact.line, fact.person) for _, fact in of(facts.Escalated, told)] == [(20, None), (21, None)]


def test_without_an_outage_its_rungs_wait() -> None:
    """An incident may be old, and the service there all the time."""
    _, told = lived(answered(OUTAGE), NOW + 10 * HOUR)
    assert of(facts.Escalated, told) == []


def test_an_outage_that_ends_stops_its_clock() -> None:
    """Who was not called by then is not called."""
    incident = answered(OUTAGE)
    incident = after(incident, timing.mark_unavailable(incident, NOW, "", ANA, NOW), ANA)
    incident, _ = lived(incident, NOW + 90 * MINUTE)
    incident = after(incident, timing.mark_available(incident, "I see it", ANA), ANA, NOW + 90 * MINUTE)
    _, told = lived(incident, NOW + 10 * HOUR)
    assert [fact.person for _, fact in of(facts.Escalated, told)] == []
    with pytest.raises(Refused):
        timing.mark_available(incident, "", ANA)


@pytest.mark.parametrize(
    ("name", "labels", "says"),
    [
        ("ShopDown", {}, True), ("FrontendUnavailable", {}, True), ("checkout_outage", {}, True),
        ("HighErrorRate", {}, False), ("SlowdownOfShop", {}, False), ("Downloads", {}, False),
        ("HighErrorRate", {"unavailable": "true"}, True), ("ShopDown", {"unavailable": "false"}, False),
        ("Availability", {"metric": "availability"}, True), ("x", {"metric": "error rate"}, False),
    ],
)  # fmt: skip
def test_an_alert_says_by_its_label_name_or_metric_that_the_service_is_gone(
    name: str, labels: dict[str, str], says: bool
) -> None:
    """A word inside another word says nothing."""
    assert says_unavailable(name, labels) is says


def test_the_alert_begins_the_outage_at_its_own_start_and_the_last_one_ends_it() -> None:
    """The clock runs from when the alert began to fire, and stops when none says so any more."""
    incident = answered(OUTAGE)
    first, second = an_alert("ShopDown", starts_at=NOW - 10 * MINUTE), an_alert("AppDown", starts_at=NOW)
    for alert in (first, second):
        incident = after(incident, moves.link_alert(incident, alert, "it fires"))
    assert incident.clocks.outage is not None
    assert incident.clocks.outage.since == NOW - 10 * MINUTE
    incident = after(incident, moves.clear_alert(incident, first.fingerprint))
    assert incident.clocks.outage is not None
    assert incident.clocks.outage.lasts
    incident = after(incident, moves.clear_alert(incident, second.fingerprint), at=NOW + MINUTE)
    assert incident.clocks.outage is not None
    assert incident.clocks.outage.until == NOW + MINUTE


def test_an_outage_that_a_person_told_of_no_alert_ends() -> None:
    """Nobody guesses that what a human saw is over."""
    incident = answered(OUTAGE)
    incident = after(incident, timing.mark_unavailable(incident, NOW, "", ANA, NOW), ANA)
    alert = an_alert("ShopDown")
    incident = after(incident, moves.link_alert(incident, alert, ""))
    incident = after(incident, moves.clear_alert(incident, alert.fingerprint))
    assert incident.clocks.outage is not None
    assert incident.clocks.outage.lasts


@pytest.mark.parametrize("said", [datetime(1970, 1, 1, tzinfo=UTC), NOW + DAY])
def test_an_alert_can_not_place_an_outage_anywhere(said: datetime) -> None:
    """A start in the future or before all memory is brought into bounds."""
    incident = after(
        an_incident(OUTAGE), moves.link_alert(an_incident(OUTAGE), an_alert("ShopDown", starts_at=said), "")
    )
    assert incident.clocks.outage is not None
    assert NOW - 30 * DAY <= incident.clocks.outage.since <= NOW


# --- the estimate ----------------------------------------------------------------------------------------------------

ESTIMATED = a_book(
    escalations=(
        first_call(),
        Escalation(to=None, when="It takes longer than estimated by 2x", clock="estimate", line=30),
    ),
    contacts=(Contact(role="Team lead", line=40), Contact(role="Head of engineering", line=41)),
)


def test_at_twice_the_estimate_the_next_of_those_whom_the_document_names_is_called() -> None:
    """The line says "escalate" and not to whom; the reason says how the person was found."""
    incident = answered(ESTIMATED)
    incident = after(incident, timing.estimate(incident, 40 * MINUTE, "one restart"), ANA)
    _, told = lived(incident, NOW + DAY)
    ((minutes, called),) = of(facts.Escalated, told)
    assert (minutes, called.person, called.to, called.line) == (80, "ben", "Team lead", 30)
    assert "2 times the estimate of 40 min is over (line 30)" in called.why
    assert "line 40" in called.why


def test_a_new_estimate_counts_anew_also_after_it_was_climbed() -> None:
    """Each estimate is one promise; the second one that is broken calls the next."""
    incident = answered(ESTIMATED)
    incident = after(incident, timing.estimate(incident, 40 * MINUTE, ""), ANA)
    incident = after(incident, timing.estimate(incident, HOUR, "it is worse"), ANA, NOW + 70 * MINUTE)
    incident, told = lived(incident, NOW + DAY)
    assert [(minutes, fact.person) for minutes, fact in of(facts.Escalated, told)] == [(190, "ben")]
    incident = after(incident, timing.estimate(incident, HOUR, ""), ANA, NOW + DAY)
    _, told = lived(incident, NOW + 2 * DAY)
    assert [fact.person for _, fact in of(facts.Escalated, told)] == ["cleo"]


def test_where_all_were_called_somebody_must_decide_and_that_is_said() -> None:
    """Nobody is called twice for a promise, and nothing is silent."""
    book = a_book(escalations=ESTIMATED.escalations)
    incident = answered(book)
    incident = after(incident, timing.estimate(incident, 40 * MINUTE, ""), ANA)
    _, told = lived(incident, NOW + 90 * MINUTE)
    ((_, called),) = of(facts.Escalated, told)
    assert called.person is None
    assert "somebody must decide" in called.why


@pytest.mark.parametrize("rest", [timedelta(0), -MINUTE, 31 * DAY])
def test_an_estimate_is_a_time_that_one_can_wait_for(rest: timedelta) -> None:
    """Nothing, less than nothing and more than a month are refused."""
    with pytest.raises(Invalid):
        timing.estimate(an_incident(), rest, "")


# --- the severity that rises -----------------------------------------------------------------------------------------


def test_each_rise_of_the_severity_escalates_once_where_the_document_wants_that() -> None:
    """P2 to P1 to P0: two calls; a fall calls nobody."""
    rising = Escalation(to=None, when="Severity level increases", severities=("P2", "P1", "P0"), line=31)
    incident = answered(a_book(escalations=(first_call(), rising), contacts=ESTIMATED.contacts))
    book, called = a_book(), []
    for minute, severity in enumerate(("P2", "P1", "P0", "P1"), 1):
        now = NOW + minute * MINUTE
        incident = after(incident, moves.assess(incident, book, severity, "I look"), ANA, now)
        incident, told = lived(incident, now)
        called += [(severity, fact.person, fact.line) for _, fact in of(facts.Escalated, told)]
    assert called == [("P1", "ben", 31), ("P0", "cleo", 31)]


# --- targets, windows, updates ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("minute", "standing"), [(4, "kept"), (5, "kept"), (6, "missed")])
def test_the_response_target_is_recorded_as_kept_or_missed(minute: int, standing: str) -> None:
    """Its being late is said once, at its time."""
    incident, told = lived(an_incident(), NOW + minute * MINUTE - MINUTE / 60)
    assert len(of(facts.ResponseMissed, told)) == (1 if minute > 5 else 0)
    taken = after(incident, moves.acknowledge(incident, ANA), ANA, NOW + minute * MINUTE)
    assert taken.clocks.response == standing


def test_next_business_day_is_a_deadline_by_the_calendar() -> None:
    """Said on a Friday evening, it ends on Monday when people stop working, and a holiday moves it."""
    scale = (Severity(name="P1", next_business_day=True, line=3),)
    friday = datetime(2026, 3, 6, 19, tzinfo=UTC)
    opening = moves.Opening(number=1, title="x", severity="P1", why="", calendar=Calendar())
    incident = after(None, moves.declare(a_book(severities=scale), opening), at=friday)
    assert incident.response_due == datetime(2026, 3, 9, 17, tzinfo=UTC)


def test_a_calendar_that_never_works_again_stops_no_clock() -> None:
    """However odd the holidays are, there is a moment, and nothing raises where pages are computed."""
    scale = (Severity(name="P1", next_business_day=True, line=3),)
    never = Calendar(holidays=tuple((NOW + each * DAY).date() for each in range(4 * 366)))
    opening = moves.Opening(number=1, title="x", severity="P1", why="", calendar=never)
    incident = after(None, moves.declare(a_book(severities=scale, deadlines=TASKS.deadlines), opening))
    assert incident.response_due == NOW + DAY
    assert next_wake(after(incident, moves.resolve(incident, "", "over", NOW), ANA)) is not None


def test_a_phase_that_is_not_reached_in_its_window_is_said_to_be_late_once() -> None:
    """Reached ones are silent."""
    book = a_book(
        phases=(
            Phase(id="acknowledge", title="Acknowledge", from_minutes=0, to_minutes=5, line=6),
            Phase(id="fix", title="Repair", from_minutes=5, to_minutes=30, line=7),
            Phase(id="post", title="Post-incident", from_minutes=0, to_minutes=1440, line=8),
        )
    )  # fmt: skip
    _, told = lived(answered(book), NOW + 2 * DAY)
    assert [(minutes, fact.phase, fact.line) for minutes, fact in of(facts.PhaseMissed, told)] == [(30, "fix", 7)]


PROMISED = a_book(updates=(UpdatePromise(text="every half hour", every_minutes=30, line=50),))


def test_before_each_promised_update_somebody_is_reminded_and_a_broken_promise_is_said() -> None:
    """After 25 of 30 minutes, then at 30, then each half hour, three times in all."""
    _, told = lived(answered(PROMISED), NOW + DAY)
    assert [minutes for minutes, _ in of(facts.UpdateReminded, told)] == [25]
    assert [(minutes, fact.again) for minutes, fact in of(facts.UpdateMissed, told)] == [(30, 0), (60, 1), (90, 2)]


def test_an_update_that_is_posted_begins_the_next_half_hour() -> None:
    """The promise counts from the last word."""
    incident = answered(PROMISED)
    incident = after(incident, moves.post_update(incident, "customers", "we are on it"), ANA, NOW + 28 * MINUTE)
    _, told = lived(incident, NOW + 57 * MINUTE)
    assert [(minutes, type(fact).__name__) for minutes, fact in of(object, told)] == [(53, "UpdateReminded")]


def test_after_an_outage_of_ours_a_broken_promise_is_said_once_and_not_for_every_half_hour() -> None:
    """Nothing is bunched up."""
    late = NOW + 10 * HOUR
    incident, kinds = answered(PROMISED), []
    while (at := next_wake(incident)) is not None and at <= late:
        new = wake(incident, PEOPLE, late)
        kinds += [type(fact).__name__ for fact in new]
        incident = after(incident, new, at=late)
    assert kinds == ["UpdateMissed"]


def test_a_gap_in_the_promise_is_asked_and_reminds_nobody_before_somebody_fills_it() -> None:
    """ "every [X] minutes" is a question to people."""
    incident = answered(a_book(updates=(UpdatePromise(text="every [X] minutes", line=50),)))
    assert next_wake(incident) is None
    (asked,) = [each for each in countdowns(incident, PEOPLE, NOW) if each.kind == "update"]
    assert (asked.state, asked.line) == ("asked", 50)
    incident = after(incident, timing.set_cadence(incident, 20 * MINUTE, ""), ANA, NOW + 10 * MINUTE)
    _, told = lived(incident, NOW + 31 * MINUTE)
    assert [minutes for minutes, _ in of(facts.UpdateMissed, told)] == [30]


# --- deadlines afterwards --------------------------------------------------------------------------------------------

TASKS = a_book(
    deadlines=(
        Deadline(what="Write the post-mortem", hours=48, line=60),
        Deadline(what="Share the lessons", hours=48, business_days=2, line=61),
    )
)


def ended(book: Runbook) -> Incident:
    """INC-1, resolved at `NOW`, a Monday at 03:00."""
    incident = answered(book)
    return after(incident, moves.resolve(incident, "", "it is a test", NOW), ANA)


def test_deadlines_count_from_the_end_and_are_chased_in_bounds() -> None:
    """Near, late, and once a day until the fourth time; those in business days end with a day's work."""
    _, told = lived(ended(TASKS), NOW + 30 * DAY)
    first = [(minutes / 60, type(fact).__name__) for minutes, fact in of(object, told) if fact.what.startswith("Write")]
    assert first == [(36, "DeadlineNear"), *((hours, "DeadlineMissed") for hours in (48, 72, 96, 120))]
    second = next(at for at, fact in of(facts.DeadlineMissed, told) if fact.what.startswith("Share"))
    assert NOW + second * MINUTE == datetime(2026, 3, 4, 17, tzinfo=UTC)


def test_what_was_done_is_chased_no_more() -> None:
    """The one who did it stands there; doing it twice is refused."""
    incident = ended(TASKS)
    name = incident.clocks.timetable.tasks[0].id
    incident = after(incident, timing.meet_deadline(incident, name, "it is on the wiki"), BEN, NOW + HOUR)
    _, told = lived(incident, NOW + 30 * DAY)
    assert all(fact.task != name for _, fact in of(object, told))
    with pytest.raises(Refused, match="ben"):
        timing.meet_deadline(incident, name, "")
    with pytest.raises(Invalid, match="not a deadline"):
        timing.meet_deadline(incident, "nonsense", "")


# --- conditions ------------------------------------------------------------------------------------------------------

CONDITIONS = a_book(
    escalations=(
        first_call(), Escalation(to="Team lead", when="Money is lost", line=70),
        Escalation(to=None, when="Somebody with other skills is needed", line=71),
    )
)  # fmt: skip


def test_a_condition_is_climbed_by_a_humans_word_and_never_by_a_clock() -> None:
    """The document's words and its line stand in the reason."""
    incident = answered(CONDITIONS)
    assert next_wake(incident) is None
    (called,) = timing.climb(incident, PEOPLE, 1, "", "the till is short", NOW)
    assert (called.person, called.rung, called.line, called.condition) == ("ben", 1, 70, "Money is lost")
    assert "the till is short (“Money is lost”, line 70)" in called.why
    assert after(incident, [called], ANA).climbed == (0, 1)


def test_a_condition_that_names_nobody_takes_a_name() -> None:
    """Nobody is guessed."""
    incident = answered(CONDITIONS)
    with pytest.raises(Invalid, match="names nobody"):
        timing.climb(incident, PEOPLE, 2, "", "databases", NOW)
    assert timing.climb(incident, PEOPLE, 2, "cleo", "databases", NOW)[0].person == "cleo"


@pytest.mark.parametrize(
    ("number", "why", "fault"),
    [(0, "x", "A clock climbs"), (9, "x", "no number 9"), (-1, "x", "no number"), (1, " ", "a reason")],
)  # fmt: skip
def test_what_is_no_condition_can_not_be_confirmed(number: int, why: str, fault: str) -> None:
    """A rung of a clock, a rung that is not there, a word without a reason."""
    with pytest.raises((Invalid, Refused), match=fault):
        timing.climb(answered(CONDITIONS), PEOPLE, number, "", why, NOW)


@pytest.mark.parametrize(
    "move",
    [
        lambda incident: timing.estimate(incident, HOUR, ""),
        lambda incident: timing.mark_unavailable(incident, NOW, "", ANA, NOW),
        lambda incident: timing.set_cadence(incident, HOUR, ""),
        lambda incident: timing.climb(incident, PEOPLE, 1, "", "x", NOW),
    ],
)
def test_nothing_is_said_to_the_clocks_of_what_is_over(move: Callable[[Incident], Any]) -> None:
    """Only what the document wants done afterwards can be said to be done."""
    with pytest.raises(Refused, match="Reopen it first"):
        move(ended(CONDITIONS))


def test_every_clock_is_shown_with_what_happens_then_and_its_line() -> None:
    """Nothing strikes that was not to be seen before."""
    book = a_book(
        escalations=(*OUTAGE.escalations, *ESTIMATED.escalations[1:]),
        updates=PROMISED.updates,
        deadlines=TASKS.deadlines,
    )
    incident = answered(book)
    incident = after(incident, timing.mark_unavailable(incident, NOW, "", ANA, NOW), ANA)
    incident = after(incident, timing.estimate(incident, 40 * MINUTE, ""), ANA)
    while (at := next_wake(incident)) is not None and at <= NOW + DAY:
        announced = {(each.at, each.line) for each in countdowns(incident, PEOPLE, at - MINUTE / 60) if each.at}
        new = wake(incident, PEOPLE, at)
        for fact in new:
            if isinstance(fact, facts.Escalated) and not fact.again:
                assert (at, fact.line) in announced
        incident = after(incident, new, at=at)
    assert {each.kind for each in countdowns(incident, PEOPLE, NOW)} >= {"outage", "estimate", "update"}
