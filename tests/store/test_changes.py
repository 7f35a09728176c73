"""Changes, and which messages were taken."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

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


def test_changes_are_chosen_by_who_told_them_and_by_their_words(db: Database) -> None:
    """In any case of letters; signs that mean something to the database are signs."""
    other = replace(a_change(9), source="git", what="Raise 100% of the_limits!", who="Ben")
    db.write(lambda tx: changes.append(tx, [a_change(1), other], NOW))

    assert db.read(changes.sources) == ["git", "till"]
    assert db.read(lambda tx: changes.listing(tx, source="git")) == [other]
    for words in ("RAISE", "100%", "the_limits!", "ben"):
        assert db.read(lambda tx, words=words: changes.listing(tx, words=words)) == [other]
    for words in ("10_%", "theXlimits", "!", "1%0"):
        found = db.read(lambda tx, words=words: changes.listing(tx, words=words))
        assert found == ([other] if words == "!" else [])


def test_another_version_of_a_file_is_noticed(db: Database) -> None:
    """The first one is only put on record; the digest before is told each time."""
    versions = ["a", "a", "b", "b", "a"]
    told = [db.write(lambda tx, one=one: changes.swap_version(tx, "ferry.md", one, NOW)) for one in versions]
    assert told == [None, "a", "a", "b", "b"]
