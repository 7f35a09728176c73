"""One incident's figures from its timeline."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.core.figures.lives import ANA, NOW, declared, rolled, timeline
from tocsin.core import facts
from tocsin.core.facts import ENGINE
from tocsin.core.figures.measuring import measure
from tocsin.core.fold import fold
from tocsin.core.review import durations
from tocsin.core.timetable import Cadence, Task, Timetable, Window
from tocsin.wire import decode, encode_text

SIGN = NOW - timedelta(minutes=3)


def linked(name: str = "OvenCold", **change: Any) -> facts.AlertLinked:
    """An alert joins."""
    told: dict[str, Any] = {"fingerprint": f"of {name}", "name": name, "since": SIGN, **change}
    return facts.AlertLinked(**told)


def test_times_are_those_of_the_post_mortem() -> None:
    """Detect, mitigate and resolve count from the first sign, acknowledge from the declaration."""
    told: list[Any] = [
        (0, declared(detected_at=SIGN)), (2, facts.Acknowledged(), ANA), (9, facts.Mitigated(), ANA),
        (20, facts.Resolved(), ANA),
    ]  # fmt: skip
    found, written = rolled(*told), durations(fold(timeline(told)))

    assert (found.detect, found.acknowledge, found.mitigate, found.resolve) == (180, 120, 720, 1380)
    assert written.resolve is not None
    assert found.resolve == written.resolve.total_seconds()


def test_what_did_not_happen_or_nobody_knows_is_no_time() -> None:
    """By hand nothing says when it began; nobody took it; it is open."""
    found = rolled((0, declared()))
    assert (found.detect, found.acknowledge, found.mitigate, found.resolve) == (None, None, None, None)


def test_the_beginning_that_a_person_says_counts_before_any_sign() -> None:
    """Time to detect is known then, also of an incident that a person declared; one said to be later is no time."""
    found = rolled(
        (0, declared()), (5, facts.BeginningSet(at=NOW - timedelta(minutes=20)), ANA), (10, facts.Resolved(), ANA)
    )
    assert (found.detect, found.mitigate, found.resolve) == (1200, 1800, 1800)
    later = rolled((0, declared(detected_at=SIGN)), (5, facts.BeginningSet(at=NOW + timedelta(minutes=3)), ANA))
    assert later.detect == 0


def test_a_clock_that_is_ahead_makes_no_time_negative() -> None:
    """An alert may say that it begins later than we heard of it."""
    assert rolled((0, declared(detected_at=NOW + timedelta(minutes=5)))).detect == 0


def test_after_a_reopening_the_last_end_counts() -> None:
    """The whole time, and that it came back."""
    found = rolled(
        (0, declared()), (10, facts.Resolved(), ANA), (30, facts.Reopened(why="cold again"), ANA),
        (50, facts.Resolved(), ANA),
    )  # fmt: skip
    assert (found.resolve, found.reopened) == (3000, 1)


@pytest.mark.parametrize(("minutes", "kept"), [(4, True), (5, True), (6, False)])
def test_an_answer_is_in_time_or_not(minutes: int, kept: bool) -> None:
    """Each due answer counts once, also where the clock that misses it had no chance to say so."""
    found = rolled((0, declared()), (minutes, facts.Acknowledged(), ANA))
    assert found.promises == (((NOW + timedelta(minutes=minutes)).timestamp(), "response", kept),)


def test_a_missed_answer_counts_once() -> None:
    """When it is missed, and not again when somebody comes."""
    missed = facts.ResponseMissed(severity="P1", due=NOW + timedelta(minutes=5))
    found = rolled((0, declared()), (5, missed), (8, facts.Acknowledged(), ANA))
    assert [event[1:] for event in found.promises] == [("response", False)]


def test_updates_phases_and_deadlines_are_kept_or_missed() -> None:
    """A late update keeps nothing, one that nobody promised neither."""
    table = Timetable(
        windows=(Window(phase="fix", title="Fix", to_minutes=10, line=3),),
        cadences=(Cadence(every_seconds=600, severities=("P1",), line=4),),
        tasks=(Task(id="tell", what="tell the mill", seconds=3600, line=5, after="declared", business_days=None),),
    )
    plan, post = facts.PhasePlan(id="fix", title="Fix", line=3), facts.UpdatePosted(audience="all", text="soon")
    begun = declared(timetable=table, phases=(plan,), response_seconds=None, responses={})
    found = rolled(
        (0, begun), (9, post, ANA), (10, facts.PhaseMissed(phase="fix", minutes=10)),
        (19, facts.UpdateMissed(due=NOW + timedelta(minutes=19))), (20, post, ANA), (25, post, ANA),
        (25.5, post, ANA),
        (26, facts.PhaseReached(phase="fix"), ANA), (40, facts.DeadlineMet(task="tell", what="tell the mill"), ANA),
    )  # fmt: skip
    assert [event[1:] for event in found.promises] == [
        ("update", True), ("phase", False), ("update", False), ("update", True), ("deadline", True),
    ]  # fmt: skip
    assert rolled((0, declared(responses={}, response_seconds=None)), (1, post, ANA)).promises == ()


def test_a_page_counts_once_however_many_ways_it_took() -> None:
    """Words and questions are no pages; a record of an earlier release tells by what caused the notice."""
    found = rolled(
        (0, declared()), (0, facts.Escalated(to="on-call", why="first", person="ana")),
        (1, facts.Notified(person="ana", via="phone", notice="INC-1/2/ana", kind="page")),
        (3, facts.Notified(person="ana", via="mail", notice="INC-1/2/ana", kind="page")),
        (4, facts.Notified(person="ben", via="mail", notice="INC-1/2/ben", kind="inform")),
        (5, facts.Notified(person="cleo", via="mail", notice="INC-1/2/cleo")),
        (6, facts.Notified(person="cleo", via="mail", notice="INC-1/1/cleo")),
        (7, facts.Notified(person="cleo", via="mail", notice="told/otherwise")),
    )  # fmt: skip
    assert [(round((at - NOW.timestamp()) / 60), who) for at, who in found.pages] == [(1, "ana"), (5, "cleo")]


@pytest.mark.parametrize(
    ("fact", "by", "acted"),
    [
        (facts.Acknowledged(), ANA, False),
        (facts.Noted(text="hm"), ANA, False),
        (facts.Resolved(), ANA, False),
        (facts.Mitigated(), ANA, True),
        (facts.StepDone(step="a"), ANA, True),
        (facts.StepDone(step="a"), ENGINE, False),
    ],
)
def test_taking_and_closing_is_not_acting(fact: Any, by: Any, acted: bool) -> None:
    """Somebody acts who does more; the engine's own steps are nobody's."""
    assert rolled((0, declared()), (1, fact, by)).acted is acted


def test_alerts_labels_and_flapping() -> None:
    """Each time that it fired, by what names it; labels with their values, bounded."""
    many = [(2, linked(f"A{number}", labels={"pier": str(number)})) for number in range(9)]
    found = rolled(
        (0, declared()), (0, linked(labels={"service": "oven"})),
        (1, facts.AlertFlapped(fingerprint="of OvenCold", name="OvenCold", fired=3, span_seconds=9, quiet_seconds=9)),
        *many,
    )  # fmt: skip
    assert [name for _, name, _ in found.fired][:2] == ["OvenCold", "A0"]
    assert found.labels == {"service": ("oven",), "pier": ("0", "1", "2", "3", "4")}
    assert [name for _, name in found.flapped] == ["OvenCold"]


def test_runs_tell_how_they_ended() -> None:
    """Failed, too late or not to be started is failed; cancelled by a person is no failure."""
    queued = facts.StepQueued(
        step="a", run="r", command="cat boats\nls", kind="shell", verdict="read", target="here", sha="s", why="w"
    )
    ends = ("succeeded", "failed", "timed_out", "unrunnable", "cancelled")
    finished = [(2, facts.StepFinished(step="a", run="r", status=status)) for status in ends]  # type: ignore[arg-type]
    found = rolled((0, declared()), (1, queued), *finished, (3, facts.StepInDoubt(step="a", run="r", why="died")))
    assert [each[1:] for each in found.ran] == [
        ("a", "cat boats", how) for how in ("well", "failed", "failed", "failed", "in doubt")
    ]


def test_what_is_kept_reads_back_the_same() -> None:
    """Through JSON, with everything that may be empty."""
    for found in (rolled((0, declared())), rolled((0, declared(detected_at=SIGN)), (0, linked()))):
        assert decode(type(found), encode_text(found)) == found


def test_no_timeline_has_no_figures() -> None:
    """It is said, not guessed."""
    with pytest.raises(ValueError, match="without a timeline"):
        measure([])
