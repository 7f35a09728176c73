"""The second look at the clocks: it agrees with the first as long as that is right, and speaks up where it is not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.build import ANA, NOW, PEOPLE, after, an_alert, an_incident
from tests.core.test_more_clocks import a_book, first_call
from tocsin.core import moves, timing
from tocsin.core.audit import fault, next_step
from tocsin.core.incident import Incident
from tocsin.core.moves import Facts
from tocsin.core.runbook import Contact, Escalation, Phase, Runbook, Severity
from tocsin.core.wake import next_wake, wake
from tocsin.errors import TocsinError

MINUTE, SLACK = timedelta(minutes=1), timedelta(seconds=30)
FIRST = ("Page on-call, open a bridge", "", "Track in the backlog")
SCALE = tuple(
    Severity(name=f"P{n}", response_minutes=5 * (n + 1), line=n + 2, action=said, action_line=n + 50)
    for n, said in enumerate(FIRST)
)
BOOK: Runbook = a_book(
    severities=SCALE,
    escalations=(
        first_call(),
        Escalation(to="Team lead", after_minutes=5, clock="unacknowledged", line=19),
        Escalation(to="Head of engineering", after_minutes=20, clock="unresolved", severities=("P0", "P1"), line=20),
        Escalation(to="nobody at all", after_minutes=25, clock="unresolved", line=21),
        Escalation(to="Head of engineering", after_minutes=60, clock="unavailable", line=22),
        Escalation(to=None, when="longer than estimated by 2x", clock="estimate", line=23),
        Escalation(to=None, when="Severity increases", line=24),
        Escalation(to="Team lead", when="Money is lost", line=25),
    ),
    contacts=(Contact(role="Team lead", line=40), Contact(role="Head of engineering", line=41)),
    phases=(Phase(id="fix", title="Repair", from_minutes=5, to_minutes=30, line=7),),
)


def _said(severity: str) -> Callable[[Incident, datetime], Facts]:
    return lambda incident, _: moves.assess(incident, BOOK, severity, "I look")


DEEDS: dict[str, Callable[[Incident, datetime], Facts]] = {
    "wait": lambda *_: [],
    "take": lambda incident, _: moves.acknowledge(incident, ANA),
    "P0": _said("P0"),
    "P1": _said("P1"),
    "P2": _said("P2"),
    "gone": lambda incident, now: timing.mark_unavailable(incident, now - 7 * MINUTE, "", ANA, now),
    "back": lambda incident, _: timing.mark_available(incident, "", ANA),
    "estimate": lambda incident, _: timing.estimate(incident, 11 * MINUTE, ""),
    "hold": lambda incident, now: moves.hold(incident, now + 13 * MINUTE, "I know", now),
    "condition": lambda incident, now: timing.climb(incident, PEOPLE, 7, "", "true", now),
    "alert": lambda incident, now: moves.link_alert(incident, an_alert("ShopDown", starts_at=now), ""),
    "end": lambda incident, now: moves.resolve(incident, "", "all the same", now),
    "again": lambda incident, _: moves.reopen(incident, "it is back"),
}


def do(incident: Incident, deed: str, now: datetime) -> Incident:
    """What somebody does; what is refused changes nothing."""
    try:
        new = DEEDS[deed](incident, now)
    except TocsinError:
        return incident
    return after(incident, new, ANA, now)


@settings(max_examples=300)
@given(st.lists(st.tuples(st.integers(0, 45), st.sampled_from(sorted(DEEDS))), min_size=1, max_size=14))
def test_both_looks_say_the_same_of_whatever_happens_to_an_incident(story: list[tuple[int, str]]) -> None:
    """Over acknowledgements, severities, outages, estimates, holds, ends and returns the next moment is the same."""
    incident, now = an_incident(BOOK), NOW
    for minutes, deed in story:
        now += minutes * MINUTE
        while (at := next_wake(incident)) is not None and at <= now:
            incident = after(incident, wake(incident, PEOPLE, at), at=at)
        incident = do(incident, deed, now)
        following = next_step(incident)
        assert (following[0] if following else None) == (next_wake(incident) if incident.open else None)


def test_a_step_that_is_overdue_is_a_fault_by_name() -> None:
    """Nobody climbed: the sentence says what should have happened when."""
    told = fault(an_incident(BOOK), NOW, NOW + MINUTE, SLACK)
    assert "the call of On-call (line 10) was due at 2026-03-02 03:00:00 UTC and has not happened" in told


def test_a_clock_that_is_set_too_late_or_never_is_a_fault_before_it_is_late() -> None:
    """A wake time that was lost is found while there is time."""
    incident = after(an_incident(BOOK), wake(an_incident(BOOK), PEOPLE, NOW))
    assert "is set to never" in fault(incident, None, NOW, SLACK)
    assert "is set to" in fault(incident, NOW + 90 * MINUTE, NOW, SLACK)
    assert fault(incident, next_wake(incident), NOW, SLACK) == ""
