"""What comes back reopens its incident, and what flaps is marked once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.build import ANA, NOW, PEOPLE, a_runbook, after, an_alert, an_incident
from tocsin.core import facts, flapping, moves, recurring
from tocsin.core.alert import Alert
from tocsin.core.facts import Entry
from tocsin.core.flapping import Flapping
from tocsin.core.incident import Incident
from tocsin.core.oncall import Directory
from tocsin.core.review import durations
from tocsin.core.routing import Declare
from tocsin.core.wake import next_wake, wake

MINUTE = timedelta(minutes=1)
BOOK = a_runbook()
NEW = Declare(runbook=BOOK, scenario=BOOK.scenarios[0], severity="P1", why="a test says so")


def resolved(alert: Alert, at: datetime = NOW) -> Incident:
    """INC-1, which held this alert, over."""
    incident = after(an_incident(), moves.link_alert(an_incident(), alert, ""))
    incident = after(incident, moves.clear_alert(incident, alert.fingerprint))
    return after(incident, moves.resolve(incident, "", "a test says so", at), at=at)


def back(alert: Alert, *over: Incident, after_minutes: float = 40, last: str | None = None) -> str | None:
    """Which incident this alert brings back."""
    found = recurring.recurrence(alert, NEW, over, last, timedelta(hours=2), NOW + after_minutes * MINUTE)
    return found.incident if found else None


def test_the_same_alert_brings_its_incident_back_and_says_after_how_long() -> None:
    """The reason names the alert and the time."""
    found = recurring.recurrence(an_alert(), NEW, [resolved(an_alert())], None, timedelta(hours=2), NOW + 41 * MINUTE)
    assert found is not None
    assert found.why == "The alert CheckoutFails fires again, 41 min after INC-1 was resolved"


@pytest.mark.parametrize(
    ("labels", "comes"),
    [
        ({"alertname": "CheckoutFails", "shop": "west"}, "INC-1"),
        ({"alertname": "CheckoutFails", "runbook": "Another runbook"}, None),
        ({"alertname": "AnotherAlert"}, None),
        ({"alertname": "CheckoutFails", "tocsin_drill": "true"}, None),
    ],
)
def test_another_alert_brings_it_back_only_by_the_same_way_to_the_same_scenario(
    labels: dict[str, str], comes: str | None
) -> None:
    """Instances may differ; what selected the scenario may not, and practice stays practice."""
    assert back(an_alert(labels=labels), resolved(an_alert())) == comes


def test_a_real_alert_never_brings_practice_back() -> None:
    """Not even under the same fingerprint."""
    assert back(an_alert(), replace(resolved(an_alert()), drill=True)) is None


def test_nothing_comes_back_after_the_time_or_while_it_is_open() -> None:
    """The end of the time still counts; the latest of several is taken."""
    assert back(an_alert(), resolved(an_alert()), after_minutes=120) == "INC-1"
    assert back(an_alert(), resolved(an_alert()), after_minutes=120.1) is None
    assert back(an_alert(), an_incident()) is None
    later = replace(resolved(an_alert(), NOW + MINUTE), id="INC-2")
    assert back(an_alert(), resolved(an_alert()), later) == "INC-2"


def test_an_alert_that_has_a_scenario_by_now_does_not_bring_back_an_incident_without_it() -> None:
    """The runbook was completed since; what it says now is followed."""
    unnamed = replace(resolved(an_alert()), scenario="")
    assert back(an_alert(), unnamed, last="INC-1") is None
    without = replace(NEW, scenario=None)
    assert recurring.recurrence(an_alert(), without, [unnamed], None, timedelta(hours=2), NOW) is not None


def test_what_was_reopened_is_answered_anew_and_its_clocks_begin_again() -> None:
    """The first answer stays the time to acknowledge of the post-mortem."""
    incident = after(an_incident(), wake(an_incident(), PEOPLE, NOW))
    incident = after(incident, moves.acknowledge(incident, ANA), ANA, NOW + 3 * MINUTE)
    incident = after(incident, moves.resolve(incident, "", "enough", NOW), at=NOW + 20 * MINUTE)
    incident = after(incident, recurring.again(incident, "it is back", ()), at=NOW + 60 * MINUTE)
    assert (incident.status, incident.acknowledged_by) == ("open", "")
    assert next_wake(incident) == NOW + 65 * MINUTE, "the response target counts anew, too"
    answered = after(incident, moves.acknowledge(incident, ANA), ANA, NOW + 61 * MINUTE)
    assert answered.status == "acknowledged"
    assert durations(answered).acknowledge == 3 * MINUTE
    assert answered.unanswered_since == NOW + 60 * MINUTE


def test_an_older_timeline_is_folded_as_it_was() -> None:
    """A reopening that was written before this kept its answer, and still does."""
    incident = after(an_incident(), moves.acknowledge(an_incident(), ANA), ANA)
    incident = after(incident, moves.resolve(incident, "", "enough", NOW))
    incident = after(incident, [facts.Reopened(why="it is back")])
    assert (incident.status, incident.acknowledged_at, incident.first_acknowledged_at) == ("acknowledged", NOW, None)


def test_where_nobody_had_been_called_the_first_call_is_made_at_the_return() -> None:
    """A reopening pages those who responded; without them the ladder does, from its beginning."""
    incident = after(an_incident(), wake(an_incident(), Directory(), NOW))
    incident = after(incident, moves.resolve(incident, "", "enough", NOW))
    incident = after(incident, recurring.again(incident, "it is back", ()), at=NOW + MINUTE)
    assert [fact.person for fact in wake(incident, PEOPLE, NOW + MINUTE)] == ["ana"]


def test_an_alert_that_ended_while_nobody_listened_no_longer_fires_after_the_return() -> None:
    """Else it would hold the incident open for ever."""
    incident = after(an_incident(), moves.link_alert(an_incident(), an_alert(), ""))
    incident = after(incident, moves.link_alert(incident, an_alert("Other"), ""))
    incident = after(incident, moves.resolve(incident, "", "enough", NOW))
    incident = after(incident, recurring.again(incident, "it is back", {an_alert("Other").fingerprint}))
    assert [alert.name for alert in incident.firing] == ["Other"]


class Bell:
    """An alert that fires and ends, with what is then written."""

    def __init__(self, terms: Flapping) -> None:
        self.incident, self.terms, self.heard = an_incident(), terms, list[Entry]()

    def fires(self, minute: float) -> None:
        """It is linked."""
        self._write(moves.link_alert(self.incident, an_alert(), ""), minute)

    def ends(self, minute: float) -> list[facts.AlertFlapped]:
        """It is cleared; what is said of it before."""
        alert, now = an_alert().fingerprint, NOW + minute * MINUTE
        marks = flapping.mark(self.incident, alert, self.heard, self.terms, now)
        self._write([*marks, *moves.clear_alert(self.incident, alert)], minute)
        return marks

    def _write(self, new: list[object], minute: float) -> None:
        for fact in new:
            entry = Entry(seq=self.incident.version + 1, at=NOW + minute * MINUTE, by=ANA, fact=fact)
            self.heard.append(entry)
            self.incident = after(self.incident, [fact], at=entry.at)


def test_an_alert_flaps_when_it_has_fired_and_ended_three_times_and_is_marked_once() -> None:
    """With the number and the time; until it was quiet its end does not count."""
    bell = Bell(Flapping())
    said = []
    for minute in (0, 4, 8, 12):
        bell.fires(minute)
        said += bell.ends(minute + 2)
    assert [(mark.fired, mark.span_seconds) for mark in said] == [(3, 600)]
    assert "flaps: it must be quiet for another 30 min" in moves.missing(bell.incident, NOW + 14 * MINUTE)[0]
    assert not any("flaps" in reason for reason in moves.missing(bell.incident, NOW + 44 * MINUTE))


def test_what_was_quiet_for_the_time_begins_from_nothing() -> None:
    """One more alarm an hour later is an alarm like any other; three more are marked again."""
    bell = Bell(Flapping())
    for minute in (0, 4, 8):
        bell.fires(minute)
        bell.ends(minute + 2)
    bell.fires(70)
    assert not bell.ends(71)
    assert not any("flaps" in reason for reason in moves.missing(bell.incident, NOW + 71 * MINUTE))
    bell.fires(72)
    assert not bell.ends(73)
    bell.fires(74)
    assert [mark.fired for mark in bell.ends(75)] == [3]


@pytest.mark.parametrize(("terms", "gap"), [(Flapping(times=0), 1), (Flapping(), 16)])
def test_what_is_slow_or_not_to_be_marked_does_not_flap(terms: Flapping, gap: int) -> None:
    """Zero times: never; one alarm in a quarter of an hour is not flapping."""
    bell = Bell(terms)
    for turn in range(6):
        bell.fires(turn * gap)
        assert not bell.ends(turn * gap + 0.5)
