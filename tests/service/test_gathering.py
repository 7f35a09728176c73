"""Split and merge by hand, on both databases: rows and timelines agree, nothing is lost, nobody reaches too far."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.build import an_alert
from tests.house import ANA, boarding_stops, open_house
from tocsin.app import App
from tocsin.core.alert import Alert
from tocsin.errors import Denied, Invalid, NotFound, Refused
from tocsin.service import access, gathering, ingest, respond
from tocsin.service.access import Caller
from tocsin.store import alertbook, alerts, incidents


@pytest.fixture
def app(tmp_path: Path, db_url: str) -> Iterator[App]:
    """One node over an empty database."""
    opened = open_house(tmp_path / "house", db_url)
    yield opened
    opened.db.close()


def send(app: App, *named: str, **labels: str) -> list[Alert]:
    """Alerts of these names come in and are merged."""
    now = app.clock.now()
    told = [an_alert(each, labels={"alertname": each, **labels}, starts_at=now, updated_at=now) for each in named]
    ingest.accept(app, "alertmanager", told)
    while ingest.merge_waiting(app):
        pass
    return told


def holder(app: App, alert: Alert) -> str | None:
    """Which incident the alert belongs to."""
    found = app.db.read(lambda tx: alerts.get(tx, alert.fingerprint))
    return found.incident if found else None


def sound(app: App) -> bool:
    """Whether every row is the fold of its timeline."""
    refs = app.db.read(incidents.references)
    return not any(app.db.read(lambda tx, ref=ref: incidents.verify(tx, ref)) for ref in refs)


def test_alerts_that_were_split_off_are_an_incident_of_their_own(app: App) -> None:
    """It pages, follows the scenario of its alert, and gets the repetitions; both timelines say so."""
    boarding_stops(app)
    (north,) = send(app, "BoardingStops", pier="north")
    made = gathering.split(app, "INC-1", gathering.Splitting(alerts=(north.fingerprint,), why="another pier"), ANA)
    assert (made.id, made.split_from, made.scenario_title, made.paged) == (
        "INC-2", "INC-1", "Boarding stops", ("ana",)
    )  # fmt: skip
    send(app, "BoardingStops", pier="north")
    assert holder(app, north) == "INC-2"
    assert north.fingerprint not in respond.exists(app, "INC-1").alerts
    turns = app.db.read(lambda tx: alertbook.turns(tx, north.fingerprint))
    assert [turn.what for turn in turns] == ["joined", "fired"]
    assert "split off from INC-1 by ana: another pier" in turns[0].why
    assert sound(app)


def test_a_split_names_alerts_of_that_very_incident_and_leaves_some(app: App) -> None:
    """Anything else is refused, and nothing has changed."""
    boarding_stops(app)
    (odd,) = send(app, "Odd")
    first = next(iter(respond.exists(app, "INC-1").alerts))
    with pytest.raises(NotFound):
        gathering.split(app, "INC-1", gathering.Splitting(alerts=(odd.fingerprint,)), ANA)
    with pytest.raises(Refused, match="nothing would be left"):
        gathering.split(app, "INC-1", gathering.Splitting(alerts=(first,)), ANA)
    with pytest.raises(Invalid):
        gathering.split(app, "INC-1", gathering.Splitting(alerts=()), ANA)
    assert app.db.read(lambda tx: incidents.load(tx, "INC-3")) is None
    assert sound(app)


def test_a_merged_incident_gives_everything_to_the_other(app: App) -> None:
    """Alerts that were not listed too, people, the worse severity; it is never brought back by an alert."""
    boarding_stops(app)
    storm = send(app, *[f"Odd{n}" for n in range(4)], service="gate")
    assert len({holder(app, alert) for alert in storm}) == 1
    more = [send(app, "Odd1", service="gate", part=str(n))[0] for n in range(110)]
    after = gathering.merge(app, "INC-2", gathering.Merging(into="INC-1", why="one cable"), ANA)
    assert (after.id, after.absorbed) == ("INC-1", ("INC-2",))
    assert app.db.read(lambda tx: alertbook.number(tx, "INC-1")) == 1 + 4 + 110
    assert app.db.read(lambda tx: alertbook.number(tx, "INC-2")) == 0
    assert len(after.alerts) == gathering.gathering.MOST_LISTED
    assert after.gathered == 115
    merged = respond.exists(app, "INC-2")
    assert (merged.status, merged.duplicate_of, merged.alerts) == ("resolved", "INC-1", {})
    again = send(app, "Odd1", service="gate", part="7")[0]
    fresh = send(app, "Odd1", service="gate", part="fresh")[0]
    assert {holder(app, each) for each in (more[0], again, fresh)} == {"INC-1"}
    assert app.db.read(lambda tx: incidents.load(tx, "INC-3")) is None
    assert sound(app)


def test_a_merge_can_be_undone_by_reopening_and_splitting(app: App) -> None:
    """The duplicate gets its alerts back, and its next ones."""
    boarding_stops(app)
    (odd,) = send(app, "Odd")
    gathering.merge(app, "INC-2", gathering.Merging(into="INC-1"), ANA)
    from tocsin.service import recurring

    recurring.reopen(app, "INC-2", "it was another matter", ANA)
    back = gathering.split(app, "INC-1", gathering.Splitting(alerts=(odd.fingerprint,), into="INC-2"), ANA)
    assert (back.id, back.duplicate_of, holder(app, odd)) == ("INC-2", "", "INC-2")
    (next_one,) = send(app, "Odd", part="2")
    assert holder(app, next_one) == "INC-2"
    assert sound(app)


def test_what_a_merge_would_lose_keeps_it_back(app: App) -> None:
    """A drill, itself, what is over."""
    boarding_stops(app)
    send(app, "Odd")
    send(app, "BoardingStops", tocsin_drill="true")
    for ref, into, words in (
        ("INC-1", "INC-1", "same incident"),
        ("INC-3", "INC-1", "Practice"),
        ("INC-2", "INC-9", "no incident"),
    ):
        with pytest.raises((Refused, NotFound), match=words):
            gathering.merge(app, ref, gathering.Merging(into=into), ANA)
    respond.resolve(app, "INC-2", "", "it was nothing", ANA)
    with pytest.raises(Refused, match="is resolved"):
        gathering.merge(app, "INC-1", gathering.Merging(into="INC-2"), ANA)
    assert sound(app)


def test_a_token_for_one_incident_reaches_no_other_by_a_merge(app: App) -> None:
    """Its scopes are asked for both, and a new incident is beyond them."""
    boarding_stops(app)
    send(app, "Odd")
    narrow = Caller("robot", "responder", ("incidents:write", "incident:INC-1"))
    with pytest.raises(NotFound):
        access.need_beside(app, narrow, "into", gathering.Merging(into="INC-2"))
    with pytest.raises(Denied):
        access.need_beside(app, narrow, "into", gathering.Splitting(alerts=("0" * 16,)))
    access.need_beside(app, narrow, "into", gathering.Merging(into="INC-1"))
