"""Silences: planned, bounded, ended; and what fires at their end declares its incident."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.build import an_alert
from tests.house import open_house
from tocsin.app import App
from tocsin.errors import Denied, Invalid, NotFound, Refused
from tocsin.service import alerting, ingest, silencing
from tocsin.service.silencing import Silencing
from tocsin.store import alertbook, alerts, incidents
from tocsin.store.alertbook import Wanted


class Hands:
    """A clock that is turned by hand."""

    at = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)

    def now(self) -> datetime:
        """Where the hands are."""
        return self.at


@pytest.fixture
def app(tmp_path: Path, db_url: str) -> Iterator[App]:
    """One node over an empty database, with a clock of our own."""
    opened = open_house(tmp_path / "house", db_url)
    opened.clock = Hands()
    yield opened
    opened.db.close()


def send(app: App, name: str = "BoardingStops", **labels: str) -> str:
    """An alert comes in and is merged; its fingerprint."""
    now = app.clock.now()
    alert = an_alert(name, labels={"alertname": name, **labels}, starts_at=now, updated_at=now)
    ingest.accept(app, "alertmanager", [alert])
    while ingest.merge_waiting(app):
        pass
    return alert.fingerprint


def turn(app: App, **span: float) -> None:
    """Time passes, and what the clock does is done."""
    assert isinstance(app.clock, Hands)
    app.clock.at += timedelta(**span)
    ingest.lift(app)


def refs(app: App) -> list[str]:
    """The incidents that there are."""
    return app.db.read(incidents.references)


def test_what_fires_when_the_window_ends_is_declared_then_without_being_told_again(app: App) -> None:
    """Webhooks tell an alert once; so the end of the silence looks after it."""
    silencing.plan(app, Silencing(matchers="pier=north", why="paint", lasts="1h"), "ana", "responder")
    kept = send(app, pier="north")
    assert alerting.known(app, kept).view.state == "silenced"
    assert silencing.listing(app)[0].covers == 1
    turn(app, minutes=50)
    assert silencing.listing(app)[0].soon
    assert refs(app) == []
    turn(app, minutes=11)
    assert refs(app) == ["INC-1"]
    known = alerting.known(app, kept)
    assert (known.view.state, known.view.alert.incident, known.view.alert.muted) == ("firing", "INC-1", "")
    assert [each.what for each in known.turns] == ["joined", "silenced"]
    assert ingest.lift(app) == 0


def test_a_silence_that_is_ended_by_hand_counts_no_more_and_another_still_does(app: App) -> None:
    """Two windows over one alert: the second holds it back when the first is ended."""
    wanted = Silencing(matchers="pier=north", why="paint", lasts="1h")
    first = silencing.plan(app, wanted, "ana", "responder")
    second = silencing.plan(app, wanted, "ben", "responder")
    kept = send(app, pier="north")
    silencing.end(app, first.id, "responder")
    turn(app, seconds=1)
    assert "ben" in alerting.known(app, kept).view.alert.muted
    silencing.end(app, second.id, "responder")
    turn(app, seconds=1)
    assert refs(app) == ["INC-1"]
    with pytest.raises(Refused):
        silencing.end(app, second.id, "responder")


def test_a_silence_says_what_it_matches_and_what_of_it_goes_on(app: App) -> None:
    """Whoever writes matchers sees at once whether they match, and that an open incident keeps its alerts."""
    send(app, pier="north")
    late = app.clock.now() + timedelta(hours=1)
    made = silencing.plan(app, Silencing(matchers="pier=north", why="paint", lasts="1h"), "ana", "responder")
    slip = silencing.plan(app, Silencing(matchers="pier=nort", why="paint", lasts="1h"), "ana", "responder")
    planned = Silencing(matchers="pier=~n.*", why="paint", lasts="1h", starts_at=late)
    ahead = silencing.plan(app, planned, "ana", "responder")
    assert [(each.matches, each.covers) for each in (made, slip, ahead)] == [(1, 0), (0, 0), (1, 0)]
    send(app, pier="north", berth="2")  # another alert of that pier, which joins no incident now
    shown = {each.id: (each.matches, each.covers) for each in silencing.listing(app)}
    assert shown == {made.id: (2, 1), slip.id: (0, 0), ahead.id: (2, 0)}
    ended = silencing.end(app, made.id, "responder")
    assert (ended.state, ended.matches) == ("expired", 0)


def test_what_ended_in_the_window_declares_nothing_after_it(app: App) -> None:
    """The window has done what it is for."""
    silencing.plan(app, Silencing(matchers="pier=north", why="paint", lasts="1h"), "ana", "responder")
    now = app.clock.now()
    alert = an_alert("BoardingStops", labels={"alertname": "BoardingStops", "pier": "north"}, starts_at=now)
    for status in ("firing", "resolved"):
        ingest.accept(
            app, "alertmanager", [an_alert("BoardingStops", labels=alert.labels, status=status, updated_at=now)]
        )
        ingest.merge_waiting(app)
    turn(app, hours=2)
    assert refs(app) == []


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (Silencing(matchers="pier=north", why="paint"), "Nothing says when it ends"),
        (Silencing(matchers="pier=north", why="paint", lasts="soon"), "not a duration"),
        (Silencing(matchers="pier=north", why=" ", lasts="1h"), "a reason"),
        (Silencing(matchers="", why="paint", lasts="1h"), "silence everything"),
        (Silencing(matchers='pier=~".*"', why="paint", lasts="1h"), "silence everything"),
        (Silencing(matchers="pier=north", why="paint", lasts="90d"), "at most 31 d"),
        (Silencing(matchers="pier=north", why="paint", ends_at=datetime(2026, 3, 1, tzinfo=UTC)), "end before"),
        (Silencing(matchers="pier=north", why="p", lasts="1h", ends_at=datetime(2027, 3, 1, tzinfo=UTC)), "two ends"),
        (Silencing(matchers="pier north", why="paint", lasts="1h"), "not a matcher"),
    ],
)
def test_a_silence_has_matchers_a_reason_and_a_sensible_end(app: App, wanted: Silencing, words: str) -> None:
    """Anything else is refused in a sentence, and nothing is silenced."""
    with pytest.raises(Invalid, match=words):
        silencing.plan(app, wanted, "ana", "responder")
    assert silencing.listing(app, past=True) == []


def test_who_may_only_look_silences_nothing(app: App) -> None:
    """Nor ends what others began; and one that is not there is said so."""
    with pytest.raises(Denied):
        silencing.plan(app, Silencing(matchers="pier=north", why="paint", lasts="1h"), "vera", "viewer")
    with pytest.raises(Denied):
        silencing.end(app, "x", "agent")
    with pytest.raises(NotFound):
        silencing.end(app, "x", "responder")


def test_alerts_are_found_by_state_words_labels_and_source(app: App) -> None:
    """Signs that mean something to the database are letters here."""
    silencing.plan(app, Silencing(matchers="pier=north", why="paint", lasts="1h"), "ana", "responder")
    send(app, pier="north")
    send(app, pier="south")
    send(app, "Odd", note="100%_done!")

    def names(**wanted: str) -> list[str]:
        found = alerting.listed(app, Wanted(**wanted))  # type: ignore[arg-type]
        assert found.total == len(found.alerts)
        return [each.alert.labels.get("pier", each.alert.name) for each in found.alerts]

    assert sorted(names()) == ["Odd", "north", "south"]
    assert names(state="silenced") == ["north"]
    assert names(state="resolved") == []
    assert names(text="100%_") == ["Odd"]
    assert names(text="1000_") == []
    assert names(text="SOUTH") == ["south"]
    assert names(source="grafana") == []
    assert names(incident="INC-1", state="all") == ["south"]
    assert alerting.sources(app) == ["alertmanager"]


def test_of_one_alert_so_many_turns_are_kept(app: App) -> None:
    """One that flaps for a year does not fill the disk."""
    for _ in range(40):
        fingerprint = send(app, "Odd")
        ended = an_alert("Odd", status="resolved", updated_at=app.clock.now())
        ingest.accept(app, "alertmanager", [ended])
        ingest.merge_waiting(app)
        turn(app, seconds=30)
    turns = app.db.read(lambda tx: alertbook.turns(tx, fingerprint))
    assert len(turns) == alertbook.KEPT_TURNS
    assert turns[0].what == "ended"
    turn(app, days=40)
    app.db.write(lambda tx: alerts.prune(tx, app.clock.now() - timedelta(days=30)))
    app.db.write(lambda tx: alertbook.prune(tx, app.clock.now() - timedelta(days=30)))
    assert app.db.read(lambda tx: alertbook.turns(tx, fingerprint)) == []
