"""From an accepted alert to an incident, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.build import an_alert
from tests.house import ANA, boarding_stops, open_house
from tocsin.app import App
from tocsin.core.alert import Alert
from tocsin.service import ingest, respond, views
from tocsin.service.catalogue import Declaration
from tocsin.store import alerts, incidents, intake
from tocsin.wire import encode_text


@pytest.fixture
def app(tmp_path: Path, db_url: str) -> Iterator[App]:
    """One node over an empty database."""
    opened = open_house(tmp_path / "house", db_url)
    yield opened
    opened.db.close()


def heard(app: App, name: str, **change: object) -> Alert:
    """An alert as it comes in now."""
    now = app.clock.now()
    return an_alert(name, **{"starts_at": now, "updated_at": now, **change})


def test_an_alert_whose_name_a_scenario_states_declares_its_incident(app: App) -> None:
    """The incident says which line of the document decided."""
    incident = boarding_stops(app)
    assert (incident.scenario_title, incident.severity) == ("Boarding stops", "P2")
    assert "names the alert BoardingStops" in incident.why
    assert incident.paged == ("ana",)


def test_an_alert_that_no_scenario_names_is_followed_by_the_general_process(app: App) -> None:
    """Nothing is guessed, and nothing is swallowed."""
    ingest.accept(app, "alertmanager", [heard(app, "SomethingElse")])
    ingest.merge_waiting(app)
    incident = respond.exists(app, "INC-1")
    assert incident.scenario == ""
    assert "no scenario" in incident.why


def test_the_same_alert_again_and_a_second_of_its_kind_join_the_open_incident(app: App) -> None:
    """A storm is one incident."""
    boarding_stops(app)
    storm = [heard(app, "BoardingStops", labels={"alertname": "BoardingStops", "pier": str(n)}) for n in range(150)]
    ingest.accept(app, "alertmanager", storm)
    ingest.merge_waiting(app)
    assert [summary.incident.id for summary in views.listing(app)] == ["INC-1"]
    held = app.db.read(lambda tx: alerts.listing(tx, incident="INC-1"))
    assert len(held) == 151
    assert len(respond.exists(app, "INC-1").alerts) == ingest.MOST_ALERTS_ON_A_TIMELINE


def test_an_alert_whose_end_passes_without_a_word_clears(app: App) -> None:
    """Alertmanager's dead-man clock: silence after ``endsAt`` means resolved."""
    now = app.clock.now()
    ingest.accept(app, "prometheus", [heard(app, "BoardingStops", ends_at=now + timedelta(microseconds=1))])
    ingest.merge_waiting(app)
    late = heard(app, "BoardingStops", ends_at=app.clock.now() + timedelta(milliseconds=20))
    ingest.accept(app, "prometheus", [late])
    ingest.merge_waiting(app)
    while app.clock.now() <= (late.ends_at or now):
        pass
    assert ingest.expire(app) >= 1
    assert ingest.expire(app) == 0
    listed = views.listing(app)
    assert all(not summary.incident.firing for summary in listed)


def test_one_bad_message_is_set_aside_and_its_neighbours_are_merged(app: App) -> None:
    """What can't be merged is kept with its reason; the rest goes on."""
    now = app.clock.now()
    bad = intake.Arrival(id="in_0", received_at=now, source="x", body='[{"source": 7}]')
    good = intake.Arrival(id="in_1", received_at=now, source="x", body=encode_text([heard(app, "BoardingStops")]))
    app.db.write(lambda tx: intake.append(tx, [bad, good]))
    while ingest.merge_waiting(app):
        pass
    assert respond.exists(app, "INC-1").scenario_title == "Boarding stops"
    assert [arrival.id for arrival in app.db.read(lambda tx: intake.failures(tx, 10))] == ["in_0"]


def test_a_declaration_by_hand_needs_no_alert(app: App) -> None:
    """A trigger without a number has a way in."""
    incident = respond.declare_by_hand(app, Declaration(scenario="boarding", severity="P1", why="a phone call"), ANA)
    assert (incident.severity, incident.declared_by, incident.why) == ("P1", "ana", "a phone call")
    assert app.db.read(lambda tx: incidents.verify(tx, incident.id)) == []


def test_an_edited_runbook_does_not_change_an_open_incident(app: App, tmp_path: Path) -> None:
    """The version is frozen when the incident is declared."""
    before = boarding_stops(app)
    path = tmp_path / "house" / "ferry.md"
    path.write_text(path.read_text("utf-8").replace("uname -s", "uname -r"), "utf-8")
    from tocsin.service.books import read_book

    book, raw = read_book(path)
    app.books, app.raw = (book,), {book.digest: raw}
    page = views.incident_page(app, "INC-1")
    assert page.runbook.digest == before.runbook_digest
    assert "uname -s" in {view.command for part in page.parts for view in part.steps}
