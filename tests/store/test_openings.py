"""The open incidents, read again only where something has changed; on both databases."""

from __future__ import annotations

from collections.abc import Callable

from tests.store.making import declare, note, record
from tocsin.core.facts import Reopened, Resolved
from tocsin.store import incidents
from tocsin.store.db import Database, Tx, open_database
from tocsin.store.openings import LARGEST, Look, look


def again(db: Database, last: Look | None) -> Look:
    """One more look, in a transaction that writes, as routing's are."""
    return db.write(lambda tx: look(tx, last))


def change(db: Database, ref: str, fact: object) -> None:
    """One more fact about an incident."""

    def write(tx: Tx) -> None:
        before = incidents.load(tx, ref, lock=True)
        record(tx, before, fact)

    db.write(write)


def test_each_look_shows_what_is_open_by_then(db: Database) -> None:
    """Declared, changed, resolved, reopened: the next look is what reading all of them would be."""
    steps: list[Callable[[], object]] = [
        lambda: db.write(lambda tx: [declare(tx) for _ in range(3)]),
        lambda: db.write(lambda tx: note(tx, "INC-2", "still slow")),
        lambda: change(db, "INC-1", Resolved(summary="it is over")),
        lambda: db.write(declare),
        lambda: change(db, "INC-1", Reopened(why="it is not")),
        lambda: None,
    ]
    last = again(db, None)
    for step in steps:
        step()
        last = again(db, last)
        assert list(last.openings) == db.read(incidents.open_ones)


def test_what_has_not_changed_is_not_read_again(db: Database) -> None:
    """Of two incidents only the one with a new entry is another object."""
    db.write(lambda tx: [declare(tx) for _ in range(2)])
    last = again(db, None)
    before = list(last.openings)
    db.write(lambda tx: note(tx, "INC-2", "still slow"))
    after = list(again(db, last).openings)
    assert after[0] is before[0]
    assert after[1].version == 2


def test_a_row_that_was_mended_from_outside_is_seen(db: Database, db_url: str) -> None:
    """`tocsin doctor --rebuild` writes a row anew without telling anything on the timeline."""
    db.write(declare)
    db.write(lambda tx: tx.execute("update incidents set status = 'resolved'"))
    last = again(db, None)
    assert len(last.openings) == 0
    outside = open_database(db_url)
    outside.write(lambda tx: incidents.rebuild(tx, "INC-1"))
    outside.close()
    assert [each.id for each in again(db, last).openings] == ["INC-1"]


def test_what_has_grown_too_large_is_not_kept(db: Database) -> None:
    """Memory stays bounded: beyond the limit nothing is kept from look to look."""
    db.write(declare)
    last = again(db, None)
    assert last.worth_keeping
    last.sizes["INC-1"] = LARGEST + 1
    assert not last.worth_keeping
