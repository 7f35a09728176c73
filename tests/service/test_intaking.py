"""From the log to incidents: each word counts once, and words that are merged together lead where single ones do."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.build import an_alert
from tests.house import open_house
from tocsin.app import App
from tocsin.core.alert import Alert
from tocsin.core.entries import Entry
from tocsin.errors import Unavailable
from tocsin.service import claiming, ingest
from tocsin.service.intaking import intake_of
from tocsin.store import alerts as alert_store
from tocsin.store import incidents, intake
from tocsin.store.db import Tx
from tocsin.store.inbox import Inbox
from tocsin.store.intakelog import Place, base_of, segments, waits

BOOK = """# Ferry runbook

## Scenario 1: Boarding stops

**Alert**: `BoardingStops`

## Escalation

1. **0-15 min**: On-call engineer
"""
BEGIN = datetime.fromisoformat("2026-11-21T10:00:00+00:00")


@dataclass
class HandClock:
    """A clock that stands."""

    at: datetime = BEGIN

    def now(self) -> datetime:
        """The moment that was set."""
        return self.at


@contextmanager
def a_house(folder: Path, database: str = "") -> Iterator[App]:
    """A node whose clock stands."""
    app = open_house(folder, database or str(folder / "tocsin.db"), runbook=BOOK)
    app.clock = HandClock()
    try:
        yield app
    finally:
        app.db.close()


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    """A node on SQLite."""
    with a_house(tmp_path) as opened:
        yield opened


def told(name: str = "BoardingStops", minutes: float = 0, **change: Any) -> Alert:
    """An alert that fires from then on."""
    at = BEGIN + timedelta(minutes=minutes)
    return an_alert(name, **{"starts_at": at, "updated_at": BEGIN, "ends_at": at + timedelta(minutes=9), **change})


def merge_all(app: App, words: int = 1000) -> int:
    """Until nothing waits; how many pieces that were."""
    total = 0
    while merged := ingest.merge_waiting(app, words=words):
        total += merged
    return total


def known(app: App) -> list[str]:
    """The names of the alerts that are known."""
    return sorted(alert.name for alert in app.db.read(alert_store.listing))


def place(app: App) -> Place:
    """How far the log is worked off."""
    return app.db.read(intake.place)


def base(app: App) -> Path:
    """How the log's files are called."""
    return base_of(app.db.path)  # type: ignore[attr-defined]


def first_segment(app: App) -> Path:
    """The oldest file of the log."""
    return base(app).with_name("tocsin.db.intake-000001.log")


# --- once ----------------------------------------------------------------------------------------------------------


def test_what_was_accepted_is_merged_from_the_log(app: App) -> None:
    """Nothing of it goes through the table; the place moves on in the same transaction."""
    with intake_of(app) as inbox:
        ingest.accept(app, "test", [told(), told("Other")])
        assert app.db.read(intake.backlog) == (0, None)
        assert app.db.read(lambda tx: claiming.backlog(app, tx)) == (1, BEGIN)
        assert inbox.waiting == 1
        assert merge_all(app) == 1
        assert known(app) == ["BoardingStops", "Other"]
        assert place(app) == inbox.log.end  # type: ignore[union-attr]
        assert (inbox.waiting, inbox.waiting_bytes) == (0, 0)
        assert app.db.read(lambda tx: claiming.backlog(app, tx)) == (0, None)


def test_a_turn_takes_of_the_table_as_little_as_of_the_log(app: App) -> None:
    """Messages of many alerts, as PostgreSQL keeps them, do not make one turn long; none is lost or passed over."""
    for n in range(6):
        app.db.write(lambda tx, n=n: ingest.receive(app, tx, "test", [told(f"A{n}B{m}") for m in range(10)]))
    assert ingest.merge_waiting(app, words=15) == 2
    assert app.db.read(intake.backlog)[0] == 4
    assert merge_all(app, words=15) == 4
    assert known(app) == sorted(f"A{n}B{m}" for n in range(6) for m in range(10))


def test_a_restart_goes_on_where_the_last_life_ended(app: App) -> None:
    """In the middle of a group too; segments that are worked off are deleted."""
    with intake_of(app) as inbox:
        inbox.take([record for n in range(5) for record in _records(app, told(f"A{n}"))])  # one group of five
        assert ingest.merge_waiting(app, words=2) == 2
        assert place(app).record == 2
    with intake_of(app) as inbox:
        assert inbox.waiting == 3
        ingest.accept(app, "test", [told("Later")])
        assert merge_all(app, words=2) == 4
        assert known(app) == ["A0", "A1", "A2", "A3", "A4", "Later"]
        assert segments(base(app)) == [2]


def _records(app: App, *alerts: Alert) -> list[bytes]:
    from tocsin.service.intaking import records_of

    return records_of(app, "test", alerts)


def test_whoever_opens_the_database_finds_what_waits_in_the_log(app: App) -> None:
    """A process that was killed left it there; nobody needs to hold the log to merge it, once."""
    with intake_of(app) as inbox:
        inbox.take(_records(app, told("One"), told("Two")))
    assert app.db.read(lambda tx: claiming.backlog(app, tx)) == (1, BEGIN)
    assert (merge_all(app), merge_all(app)) == (1, 0)
    assert known(app) == ["One", "Two"]


def test_a_transaction_that_fails_leaves_everything_where_it_was(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """The place and what was made of the records move together or not at all."""
    with intake_of(app) as inbox:
        ingest.accept(app, "test", [told()])
        with monkeypatch.context() as patch:

            def full(*_: object) -> None:
                raise Unavailable("The disk is full.")

            patch.setattr(intake, "put_place", full)
            with pytest.raises(Unavailable):
                ingest.merge_waiting(app)
        assert (known(app), place(app), inbox.waiting) == ([], Place(), 1)
        assert merge_all(app) == 1
        assert known(app) == ["BoardingStops"]


def test_one_bad_record_is_set_aside_and_the_others_count(app: App) -> None:
    """With its reason, where `tocsin doctor` looks; damage of the file is told in the same place."""
    with intake_of(app) as inbox:
        bad = told(labels={"alertname": "Bad\0"})
        inbox.take(_records(app, told("Good")))
        inbox.take([b"not a record", *_records(app, bad)])
        inbox.take(_records(app, told("Fine")))
        merge_all(app)
        failures = app.db.read(lambda tx: intake.failures(tx, 10))

        assert known(app) == ["Fine", "Good"]
        assert sorted(failure.error.partition(" ")[0] for failure in failures) == ["A", "The"]
        assert any("NUL" in failure.error and "Bad" in failure.body for failure in failures)
        assert inbox.waiting == 0


def test_damage_is_merged_around_and_told(app: App) -> None:
    """What can't be read is neither lost in silence nor in the way of the rest."""
    with intake_of(app) as inbox:
        for name in ("One", "Two", "Three"):
            inbox.take(_records(app, told(name)))
    file = first_segment(app)
    data = bytearray(file.read_bytes())
    data[data.index(b"Two")] ^= 1
    file.write_bytes(data)
    assert waits(base(app), Place())[0] == 2
    assert "damaged" in waits(base(app), Place())[2][0]
    with intake_of(app):
        merge_all(app)
        (failure,) = app.db.read(lambda tx: intake.failures(tx, 10))

    assert known(app) == ["One", "Three"]
    assert "damaged" in failure.error


def test_the_table_and_the_log_are_worked_off_in_the_order_they_came(app: App) -> None:
    """A message with a name of its own goes through the table, and what was answered before it comes first."""
    clock = app.clock
    assert isinstance(clock, HandClock)
    with intake_of(app):
        for minute, status in enumerate(["firing", "resolved", "firing", "resolved", "firing"]):
            clock.at = BEGIN + timedelta(seconds=minute)
            ends = clock.at if status == "resolved" else clock.at + timedelta(minutes=5)
            alert = told(status=status, starts_at=clock.at, ends_at=ends, updated_at=clock.at)
            ingest.accept(app, "test", [alert], message=f"m{minute}" if minute % 2 else "")
        merge_all(app, words=1)
    (alert,) = app.db.read(alert_store.listing)

    assert (alert.status, alert.updated_at) == ("firing", clock.at)
    kinds = [entry.kind for entry in timeline(app) if entry.kind.startswith("Alert")]
    assert kinds == ["AlertLinked", "AlertCleared", "AlertLinked", "AlertCleared", "AlertLinked"]


def test_many_senders_are_answered_after_one_write(app: App) -> None:
    """Whoever waits together is written together; a fault is everybody's."""
    written: list[int] = []
    gate = Inbox(lambda records: written.append(len(records)), lambda: None)
    answers: list[Exception | None] = []
    for _ in range(50):
        gate.put([b"x"], answers.append)
    gate.close()

    assert sum(written) == 50
    assert answers == [None] * 50
    with pytest.raises(Unavailable, match="stopping"):
        gate.put([b"x"], answers.append)

    def full(_: Sequence[bytes]) -> None:
        raise Unavailable("The disk is full.")

    full_one = Inbox(full, lambda: None)
    with pytest.raises(Unavailable, match="full"):
        full_one.take([b"x"])
    full_one.close()


def test_a_disk_that_does_not_keep_up_is_not_waited_for(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits for it is bounded in bytes."""
    import threading

    go = threading.Event()
    monkeypatch.setattr("tocsin.store.inbox.MOST_HELD", 100)
    slow = Inbox(lambda _: go.wait(10) and None, lambda: None)
    slow.put([b"x" * 90], lambda _: None)
    with pytest.raises(Unavailable, match="keep up"):
        slow.put([b"x" * 90], lambda _: None)
    go.set()
    slow.close()


@pytest.mark.postgres
def test_on_postgresql_a_group_is_rows_of_the_table(tmp_path: Path, postgres_url: str) -> None:
    """One row for what came from one source together; any node merges it."""
    with a_house(tmp_path / "one", postgres_url) as one, a_house(tmp_path / "two", postgres_url) as two:
        with intake_of(one) as inbox:
            records = [record for n in range(30) for record in _records(one, told(f"A{n}"))]
            inbox.take(records)
            assert one.db.read(intake.backlog) == (1, BEGIN)
            assert segments(base_of(tmp_path / "one" / "tocsin.db")) == []
        assert merge_all(two) == 1
        assert len(known(two)) == 30


# --- the same, together or one by one --------------------------------------------------------------------------------

names = st.sampled_from(["BoardingStops", "Other", "Third"])
words = st.builds(
    told,
    names,
    st.integers(-20, 3),
    status=st.sampled_from(["firing", "firing", "firing", "resolved"]),
    ends_at=st.none() | st.integers(-15, 30).map(lambda minute: BEGIN + timedelta(minutes=minute)),
    annotations=st.sampled_from([{"summary": "a"}, {"summary": "b"}]),
    key=st.sampled_from(["", "", "", "own"]),
    acknowledged=st.sampled_from(["", "", "", "", "", "here", "there"]),
)


def timeline(app: App) -> list[Entry]:
    """Every entry of every incident."""

    def look(tx: Tx) -> list[Entry]:
        return [entry for ref in incidents.references(tx) for entry in incidents.timeline(tx, ref)]

    return app.db.read(look)


def outcome(app: App) -> tuple[list[Alert], list[tuple[int, str, object]]]:
    """Rows and timelines, without the random names of runs."""
    rows = sorted(app.db.read(alert_store.listing), key=lambda alert: alert.fingerprint)
    return rows, [(entry.seq, entry.kind, entry.fact) for entry in timeline(app)]


@settings(max_examples=int(os.environ.get("TOCSIN_EXAMPLES", "60")), deadline=None,
          suppress_health_check=[HealthCheck.too_slow])  # fmt: skip
@given(st.lists(words, max_size=14))
def test_merged_together_leads_where_one_by_one_does(alerts: list[Alert]) -> None:
    """The same rows and the same timelines, whatever is told in whatever order."""
    heard = [replace(alert, updated_at=BEGIN + timedelta(microseconds=n)) for n, alert in enumerate(alerts)]
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        with a_house(Path(one)) as together, intake_of(together):
            ingest.accept(together, "test", heard)
            merge_all(together)
            found = outcome(together)
        with a_house(Path(two)) as single:
            for alert in heard:

                def take(tx: Tx, alert: Alert = alert, app: App = single) -> None:
                    ingest.take(app, tx, ingest.set_desk(app, tx, app.clock.now()), alert)

                single.db.write(take)
            assert found == outcome(single)
