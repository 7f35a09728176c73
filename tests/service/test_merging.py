"""Merging alerts when something else happens at the same moment, or something is broken; on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.build import an_alert
from tests.house import ANA, boarding_stops, open_house, until
from tocsin.app import App
from tocsin.core.alert import Alert
from tocsin.errors import Refused
from tocsin.service import ingest, respond
from tocsin.store import alerts, incidents, intake
from tocsin.store.db import Tx

QUIET = """# Ferry runbook

## Scenario 1: Boarding stops

**Alert**: `BoardingStops`

## Escalation

1. **0-15 min**: On-call engineer
"""
CONFUSE = "update incidents set state = '{}' where id = 'INC-1'"
WAITING = "select count(*) as amount from pg_locks where not granted"
FUTURE = """
insert into timeline (incident, seq, at, actor_kind, actor, kind, body, prev_hash, hash)
select incident, seq + 1, at, actor_kind, actor, 'FactOfALaterRelease', '{}', hash, 'x' from timeline
where incident = 'INC-1' order by seq desc limit 1
"""


@pytest.fixture
def app(tmp_path: Path, db_url: str) -> Iterator[App]:
    """One node over an empty database, whose scenario has nothing to run."""
    opened = open_house(tmp_path / "house", db_url, runbook=QUIET)
    yield opened
    opened.db.close()


def heard(app: App, name: str = "BoardingStops", **change: object) -> Alert:
    """An alert as it comes in now."""
    now = app.clock.now()
    return an_alert(name, **{"starts_at": now, "updated_at": now, **change})


def send(app: App, *told: Alert) -> None:
    """Accept and merge."""
    ingest.accept(app, "alertmanager", told)
    while ingest.merge_waiting(app):
        pass


def make_unreadable(app: App) -> None:
    """INC-1 becomes as a newer release may leave it behind: neither its row nor its timeline can be read here."""

    def write(tx: Tx) -> None:
        tx.execute(CONFUSE)
        tx.execute(FUTURE)

    app.db.write(write)


@pytest.mark.parametrize(("within", "taken_by"), [(timedelta(hours=2), "INC-1"), (timedelta(0), "INC-2")])
def test_an_alert_for_an_incident_that_ends_at_that_moment_brings_it_back(
    app: App, within: timedelta, taken_by: str
) -> None:
    """What was open when the merge began may be over when it comes to it: the alert is never given to the dead.

    It reopens the incident, or declares another one where the settings want that.
    """
    app.settings = replace(app.settings, reopen_within=within)
    boarding_stops(app)

    def merge_slowly(tx: Tx) -> str | None:
        desk = ingest.set_desk(app, tx, app.clock.now())
        incident = incidents.load(tx, "INC-1", lock=True)
        assert incident is not None
        respond.commit(app, tx, incident, respond.moves.resolve(incident, "", "it is over", app.clock.now()), ANA)
        other = heard(app, labels={"alertname": "BoardingStops", "pier": "2"})
        taken = ingest.take(app, tx, desk, other)
        return taken.id if taken else None

    assert app.db.write(merge_slowly) == taken_by
    assert respond.exists(app, taken_by).open
    assert respond.exists(app, taken_by).paged == ("ana",)


def test_an_alert_that_returns_to_a_full_incident_counts_again(app: App) -> None:
    """Beyond what a timeline lists, an alert that it does list still holds the incident open."""
    boarding_stops(app)
    most = ingest.MOST_ALERTS_ON_A_TIMELINE
    many = [heard(app, labels={"alertname": "BoardingStops", "pier": str(n)}) for n in range(most)]
    send(app, *many)
    listed = [one for one in many if one.fingerprint in respond.exists(app, "INC-1").alerts]
    send(app, *(replace(one, status="resolved", ends_at=app.clock.now()) for one in [*many, heard(app)]))
    assert not respond.exists(app, "INC-1").firing
    send(app, replace(listed[0], starts_at=app.clock.now()))
    assert len(respond.exists(app, "INC-1").firing) == 1
    with pytest.raises(Refused, match="still fires"):
        respond.resolve(app, "INC-1", "", "", ANA)


def test_an_alert_that_is_told_again_in_that_moment_is_not_taken_for_over(tmp_path: Path, postgres_url: str) -> None:
    """Between finding a silent alert and ending it, another node may hear of it: then it is not silent."""
    app = open_house(tmp_path / "house", postgres_url)
    boarding_stops(app)
    now = app.clock.now()
    silent = heard(app, ends_at=now - timedelta(seconds=1), incident="INC-1")
    app.db.write(lambda tx: alerts.upsert(tx, silent))

    def hear_again(tx: Tx) -> int:
        tx.alone("routing")
        alerts.upsert(tx, replace(silent, ends_at=now + timedelta(hours=1)))
        ending = pool.submit(ingest.expire, app)
        until(lambda: app.db.read(lambda other: other.one(WAITING)["amount"]))  # type: ignore[index]
        tx.after_commit(lambda: ended.append(ending.result(10)))
        return 0

    ended: list[int] = []
    with ThreadPoolExecutor(1) as pool:
        app.db.write(hear_again)
    assert ended == [0]
    assert len(respond.exists(app, "INC-1").firing) == 1
    app.db.close()


def test_an_incident_that_can_not_be_read_does_not_cost_alerts(app: App) -> None:
    """It is left out of what routing looks at, and said on the log; every other alert goes its way."""
    boarding_stops(app)
    make_unreadable(app)
    ingest.accept(app, "alertmanager", [heard(app, "AnotherThing")])
    assert ingest.merge_waiting(app) == 1
    assert app.db.read(lambda tx: intake.failures(tx, 10)) == []
    assert respond.exists(app, "INC-2").title == "AnotherThing"


def test_a_turn_that_was_rolled_back_leaves_nothing_behind(app: App) -> None:
    """What routing keeps from one turn to the next is what was committed, never what came to nothing."""
    boarding_stops(app)

    def fail(tx: Tx) -> None:
        desk = ingest.set_desk(app, tx, app.clock.now())
        ingest.take(app, tx, desk, heard(app, "AnotherThing"))
        raise Refused("The test wants no commit.")

    send(app, heard(app))
    with pytest.raises(Refused):
        app.db.write(fail)
    seen = app.db.write(lambda tx: [each.id for each in ingest.set_desk(app, tx, app.clock.now()).open])
    assert seen == ["INC-1"]


def test_a_scenario_without_a_title_pages_all_the_same(app: App) -> None:
    """Nothing in a document keeps its alert from being heard."""
    book = app.books[0]
    nameless = replace(book.scenarios[0], title="")
    app.books = (replace(book, scenarios=(nameless,)),)
    assert boarding_stops(app).title == "BoardingStops"


def test_a_step_that_can_not_be_judged_does_not_keep_the_page_back(
    tmp_path: Path, db_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The diagnosis is help, the page is the promise."""
    app = open_house(tmp_path / "house", db_url)

    def broken(*_: object, **__: object) -> object:
        raise RecursionError("a command of ten thousand brackets")

    monkeypatch.setattr("tocsin.safety.classify", broken)
    incident = boarding_stops(app)
    assert incident.paged == ("ana",)
    assert incident.steps == {}
    app.db.close()


def test_an_alert_that_goes_on_firing_after_somebody_overruled_it_pages_nobody_again(app: App) -> None:
    """Its source repeats it every minute; only when it has ended and comes back is it news."""
    boarding_stops(app)
    respond.resolve(app, "INC-1", "", "the harbour is closed for the night", ANA)
    told = app.db.read(lambda tx: alerts.listing(tx, incident="INC-1"))[0]
    send(app, replace(told, updated_at=app.clock.now()))
    assert app.db.read(incidents.open_ones) == []
    send(app, replace(told, status="resolved", ends_at=app.clock.now()))
    send(app, heard(app))
    assert [one.id for one in app.db.read(incidents.open_ones)] == ["INC-1"]
    kinds = [entry.kind for entry in app.db.read(lambda tx: incidents.timeline(tx, "INC-1"))]
    assert kinds[kinds.index("Reopened") :][:3] == ["Reopened", "AlertCleared", "AlertLinked"]


def test_an_alert_beyond_the_list_stays_with_its_incident(app: App) -> None:
    """A repetition of the 101st alert of a storm is no news either."""
    storm = [heard(app, "Storm", labels={"alertname": "Storm", "pier": str(n)}) for n in range(120)]
    send(app, *storm)
    last = storm[-1]
    assert last.fingerprint not in respond.exists(app, "INC-1").alerts
    book = app.books[0]
    app.books = (replace(book, scenarios=(replace(book.scenarios[0], alerts=("Storm",)),)),)
    send(app, last)
    assert [one.id for one in app.db.read(incidents.open_ones)] == ["INC-1"]
