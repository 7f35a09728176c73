"""Rows that an earlier release folded."""

from __future__ import annotations

from tests.store.making import NOW, declare, note
from tocsin.store import incidents
from tocsin.store.db import Database
from tocsin.store.refolding import of_earlier_release, present_code, refold


def _two_of_an_earlier_release(db: Database) -> list[str]:
    refs = [db.write(lambda tx: note(tx, declare(tx, "The oven is cold").id, "seen").id) for _ in range(2)]
    db.write(lambda tx: tx.execute("update incidents set state = replace(state, 'oven', 'stove')"))
    return refs


def test_rows_of_an_earlier_release_are_written_anew_once(db: Database) -> None:
    """The first start of a release makes every row what its timeline tells; the next one looks at none."""
    refs = _two_of_an_earlier_release(db)
    assert db.read(of_earlier_release)
    assert all(db.read(lambda tx, ref=ref: incidents.verify(tx, ref)) for ref in refs)
    assert refold(db, NOW) == refs
    assert all(db.read(lambda tx, ref=ref: incidents.verify(tx, ref)) == [] for ref in refs)
    assert not db.read(of_earlier_release)
    assert refold(db, NOW) == []


def test_other_code_counts_as_an_earlier_release(db: Database) -> None:
    """What folded the rows is known by its content, so a release that changes it looks at them again."""
    assert refold(db, NOW) == []
    assert db.read(lambda tx: tx.one("select code from folded"))["code"] == present_code()  # type: ignore[index]
    db.write(lambda tx: tx.execute("update folded set code = 'of last year'"))
    assert db.read(of_earlier_release)


def test_a_timeline_that_cant_be_folded_holds_up_nobody(db: Database) -> None:
    """It stays as it is, for the doctor to say; the others are written anew."""
    first, second = _two_of_an_earlier_release(db)
    columns = (
        "version, status, severity, title, scenario, runbook_digest, drill, declared_at, resolved_at, wake_at, state"
    )
    copied = (
        f"insert into incidents (id, number, {columns}) select 'INC-99', 99, {columns} from incidents where id = :id"
    )
    db.write(lambda tx: tx.execute(copied, id=first))
    assert refold(db, NOW) == [first, second]
    assert db.read(lambda tx: incidents.verify(tx, "INC-99")) == ["INC-99 has a row but no timeline."]
