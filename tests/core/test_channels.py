"""Which channels are told of an entry of the timeline, and what."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tocsin.core import facts, moves
from tocsin.core.facts import Actor, Entry
from tocsin.core.fold import evolve
from tocsin.core.incident import Incident
from tocsin.core.notices import Notice, Surroundings, notices_for
from tocsin.core.oncall import Directory, Person, channel_id
from tocsin.core.runbook import Channel, Runbook, Severity

NOW = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
ANA = Actor("person", "ana")
BOOK = Runbook(
    title="Bakery", source="bakery.md", digest="sha256:0",
    severities=(Severity(name="P1", line=3), Severity(name="P2", line=4)),
    channels=(
        Channel(kind="chat", address="#bread", line=7),
        Channel(kind="phone", address="#night", severities=("P1",), line=8),
        Channel(kind="chat", address="#unbound", line=9),
    ),
)  # fmt: skip
BOUND = Directory(
    channels={
        channel_id(name): Person(id=channel_id(name), name=name, notify=("chat",))
        for name in ("#bread", "#night", "#elsewhere")
    }
)


def opened(severity: str = "P2", *, drill: bool = False) -> Incident:
    """An incident that was just declared."""
    (declared,) = moves.declare(
        BOOK, moves.Opening(number=1, title="No bread", severity=severity, why="I smell it", drill=drill)
    )
    return evolve(None, Entry(seq=1, at=NOW, by=ANA, fact=declared))


def told(incident: Incident, fact: Any, directory: Directory = BOUND) -> dict[str, Notice]:
    """Channel → what it is told of a fact."""
    entry = Entry(seq=incident.version + 1, at=NOW, by=ANA, fact=fact)
    around = Surroundings(channels=BOOK.channels)
    found = notices_for(entry, evolve(incident, entry), directory, "https://t.example", around)
    return {notice.to: notice for notice in found}


def test_a_declared_incident_is_told_to_the_channels_of_its_severity() -> None:
    """And to those that are for every one; with the line that names them, and what to do about it is nobody's duty."""
    low, high = (
        {
            notice.to: notice
            for notice in notices_for(
                Entry(seq=1, at=NOW, by=ANA, fact=moves.declare(BOOK, _opening(severity))[0]),
                opened(severity), BOUND, "https://t.example", Surroundings(channels=BOOK.channels),
            )
        }
        for severity in ("P2", "P1")
    )  # fmt: skip

    assert set(low) == {"#bread"}
    assert set(high) == {"#bread", "#night"}
    assert (low["#bread"].kind, low["#bread"].subject) == ("inform", "[P2] INC-1 declared: No bread")
    assert high["#night"].why == "the runbook names #night for P1 (line 8)"
    assert low["#bread"].url == "https://t.example/incidents/INC-1"


def _opening(severity: str) -> moves.Opening:
    return moves.Opening(number=1, title="No bread", severity=severity, why="I smell it")


@pytest.mark.parametrize(
    ("severity", "fact", "channels", "about"),
    [
        ("P2", facts.SeverityChanged(before="P2", after="P1", why="w"), {"#bread", "#night"}, "now P1: No bread"),
        ("P1", facts.SeverityChanged(before="P1", after="P2", why="w"), {"#night"}, "now P2: No bread"),
        ("P2", facts.UpdatePosted(audience="guests", text="Soon."), {"#bread"}, "update for guests"),
        ("P1", facts.Resolved(summary="baked again"), {"#bread", "#night"}, "resolved: baked again"),
        ("P1", facts.Noted(text="hm"), set(), ""),
        ("P1", facts.Acknowledged(), set(), ""),
    ],
)
def test_a_channel_is_told_what_changes_for_those_outside(
    severity: str, fact: Any, channels: set[str], about: str
) -> None:
    """Raised, updated, resolved; a channel that an incident sinks away from learns that, and nothing more of it."""
    found = told(opened(severity), fact)

    assert set(found) == channels
    assert all(notice.subject.endswith(about) for notice in found.values())


def test_an_update_is_told_with_its_words() -> None:
    """Who tells whom, and what."""
    notice = told(opened(), facts.UpdatePosted(audience="guests", text="Rolls at nine.\nSorry."))["#bread"]

    assert "ana tells guests:\nRolls at nine.\nSorry." in notice.body


def test_a_drill_says_so_to_a_channel() -> None:
    """In the first word that is read."""
    notice = told(opened(drill=True), facts.Resolved())["#bread"]

    assert notice.drill
    assert notice.subject.startswith("DRILL ")


def test_nothing_is_told_where_nothing_is_bound() -> None:
    """A channel of the runbook that nobody has bound is silent, and one of another runbook, too."""
    assert told(opened(), facts.Resolved(), Directory()) == {}
    assert "#elsewhere" not in told(opened(), facts.Resolved())


def test_a_channel_that_stands_twice_is_told_once() -> None:
    """Whichever line fits."""
    incident = opened()
    entry = Entry(seq=2, at=NOW, by=ANA, fact=facts.Resolved())
    twice = (Channel(kind="chat", address="#Night", severities=("P1",), line=1), *BOOK.channels[:1] * 2,
             Channel(kind="chat", address="#night", line=2))  # fmt: skip

    found = notices_for(entry, evolve(incident, entry), BOUND, "", Surroundings(channels=twice))
    assert [(notice.to, notice.why) for notice in found] == [
        ("#bread", "the runbook names #bread for every incident (line 7)"),
        ("#night", "the runbook names #night for every incident (line 2)"),
    ]
