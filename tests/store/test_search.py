"""Full text of incidents, on both databases."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.store.making import NOW, declare, note
from tocsin.core.similar import Said
from tocsin.store import search
from tocsin.store.db import Database, open_database
from tocsin.store.migrate import FOLDER, migrate


def test_an_incident_is_found_by_its_words_until_they_change(db: Database) -> None:
    """Titles, alerts, notes and ends count; words that are no longer said do not find it."""
    one = db.write(lambda tx: declare(tx, "The oven is cold"))
    two = db.write(lambda tx: declare(tx, "Prices are wrong"))
    said = Said(title="The oven is cold", alerts=("OvenCold",), notes="chimney blocked", resolution="swept it")
    db.write(lambda tx: search.put(tx, one.id, 1, said))
    db.write(lambda tx: search.put(tx, two.id, 1, Said(title="Prices are wrong")))

    for word in ("oven", "ovencold", "chimney", "swept"):
        assert db.read(lambda tx, word=word: search.found(tx, [word], 9)) == [one.id]
    assert set(db.read(lambda tx: search.found(tx, ["prices", "chimney"], 9))) == {one.id, two.id}
    assert db.read(lambda tx: search.words(tx, one.id)) == said

    db.write(lambda tx: search.put(tx, one.id, 2, Said(title="The oven is cold")))
    assert db.read(lambda tx: search.found(tx, ["chimney"], 9)) == []
    assert db.read(lambda tx: search.words(tx, "INC-99")) is None


@pytest.mark.parametrize(
    "words",
    [["a' | 'b"], ['x" OR "y'], ["NEAR("], ["*"], ["the:*"], ["\\"], ["'"], ["\x00"], ["ß²", "面包"], ["or"], []],
)
def test_no_word_is_a_query(db: Database, words: list[str]) -> None:
    """Whatever stands in an alert, nothing but words is searched, and nothing fails."""
    one = db.write(lambda tx: declare(tx, "bread"))
    db.write(lambda tx: search.put(tx, one.id, 1, Said(title="bread 面包")))

    found = db.read(lambda tx: search.found(tx, words, 9))

    assert found == ([one.id] if "面包" in words else [])


def test_what_lags_behind_is_told_the_newest_first(db: Database) -> None:
    """An incident of which something happened since its words were kept is behind; one whose words are kept is not."""
    one, two = (db.write(declare) for _ in range(2))
    assert db.read(lambda tx: search.behind(tx, 9)) == [two.id, one.id]
    db.write(lambda tx: [search.put(tx, each.id, each.version, Said(title=each.title)) for each in (one, two)])
    assert db.read(lambda tx: search.behind(tx, 9)) == []
    db.write(lambda tx: note(tx, one.id, "still cold"))
    assert db.read(lambda tx: search.behind(tx, 9)) == [one.id]


def test_earlier_incidents_of_a_scenario(db: Database) -> None:
    """The newest first, none that is newer than the one asked for."""
    made = [db.write(declare) for _ in range(3)]
    assert db.read(lambda tx: search.of_scenario(tx, "", made[2].number, 9)) == [made[1].id, made[0].id]
    assert db.read(lambda tx: search.of_scenario(tx, "other", made[2].number, 9)) == []


def test_words_of_an_earlier_release_are_found_and_replaced(tmp_path: Path) -> None:
    """Full text that was kept without numbers is taken over: found as before, and gone when the words change."""
    before = tmp_path / "migrations"
    before.mkdir()
    for file in FOLDER.glob("*.sql"):
        if file.name < "0018":
            shutil.copy(file, before)
    db = open_database(f"sqlite://{tmp_path}/tocsin.db")
    migrate(db, NOW, before)
    one, two = (db.write(lambda tx: declare(tx, "The mill stands still")) for _ in range(2))
    keep = "insert into incident_search (incident, words) values (:incident, :words)"
    db.write(lambda tx: tx.many(keep, [{"incident": each.id, "words": "sluice jammed"} for each in (two, one, two)]))

    migrate(db, NOW)

    assert set(db.read(lambda tx: search.found(tx, ["sluice"], 9))) == {one.id, two.id}
    db.write(lambda tx: search.put(tx, one.id, 2, Said(title="The mill turns")))
    assert db.read(lambda tx: search.found(tx, ["sluice"], 9)) == [two.id]
    db.close()


def test_replacing_words_reads_no_others(tmp_path: Path) -> None:
    """However many incidents are kept, an incident's words are found by its number, not by reading all of them."""
    db = open_database(f"sqlite://{tmp_path}/tocsin.db")
    migrate(db, NOW)
    forget, _ = search.INDEX["sqlite"]
    plan = db.read(lambda tx: tx.all(f"explain query plan {forget}", incident="INC-1"))
    db.close()
    assert "VIRTUAL TABLE INDEX 0:=" in " ".join(str(row["detail"]) for row in plan)
