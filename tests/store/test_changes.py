"""Changes, and which messages were taken."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from tests.store.making import NOW, an_alert, later
from tocsin.core.change import Change
from tocsin.store import alerts, changes
from tocsin.store.db import Database


def a_change(number: int) -> Change:
    """A change of the bakery, so many seconds after the beginning."""
    return Change(
        id=f"chg_{number}", source="till", kind="push", what=f"change {number}", where="bakery", who="mara",
        at=later(number), url="https://till.example.org", outcome="success",
    )  # fmt: skip


def test_changes_are_listed_as_they_were_told_the_newest_first(db: Database) -> None:
    """Whole, bounded by time and number; the same id counts once."""
    db.write(lambda tx: changes.append(tx, [a_change(1), a_change(3), a_change(2), a_change(3)], NOW))

    assert db.read(changes.listing) == [a_change(3), a_change(2), a_change(1)]
    assert db.read(lambda tx: changes.listing(tx, since=later(2))) == [a_change(3), a_change(2)]
    assert db.read(lambda tx: changes.listing(tx, until=later(2), limit=1)) == [a_change(2)]


def test_old_changes_are_forgotten(db: Database) -> None:
    """By when they were told, not by when they say that they were."""
    db.write(lambda tx: changes.append(tx, [a_change(1)], later(10)))
    assert db.write(lambda tx: changes.prune(tx, later(10))) == 0
    assert db.write(lambda tx: changes.prune(tx, later(11))) == 1


def test_a_message_is_taken_once_by_each_source(db: Database) -> None:
    """Of many at the same moment one is the first."""

    def take(_: int) -> bool:
        return db.write(lambda tx: changes.take(tx, "till", "m1", NOW))

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(take, range(24))) == [False] * 23 + [True]
    assert db.write(lambda tx: changes.take(tx, "oven", "m1", NOW))
    assert db.write(lambda tx: changes.prune_taken(tx, later(1))) == 2
    assert take(0)


def test_an_alert_keeps_its_sources_name_for_it(db: Database) -> None:
    """By which it is found again, whatever its labels are by then."""
    one = an_alert(key="oven-2")
    db.write(lambda tx: alerts.upsert(tx, one))
    other = an_alert("Renamed", key="oven-2")

    assert one.fingerprint == other.fingerprint != an_alert().fingerprint
    assert db.read(lambda tx: alerts.get(tx, other.fingerprint)) == one
    assert an_alert(key="oven-2", source="else").fingerprint != one.fingerprint
