"""Private incidents as they are found, keys, and answers that count once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from tests.build import an_incident
from tests.store.making import NOW, later
from tocsin.core.teamstate import TeamState
from tocsin.store import incidents, secrecy
from tocsin.store.db import Database


def test_a_private_incident_is_hidden_from_all_but_the_named(db: Database) -> None:
    """Whatever is saved last counts; names are compared as whole words, in any spelling of case."""
    incident = an_incident()
    private = replace(incident, team=TeamState(private=True, named=("ana", "ben-2")))
    db.write(lambda tx: incidents.save(tx, private, None))
    for name, hidden in (("ana", False), ("Ana", False), ("an", True), ("ben", True), ("ben-2", False), ("", True)):
        found = db.read(lambda tx, name=name: secrecy.hidden_from(tx, name))  # type: ignore[misc]
        assert (incident.id in found) is hidden, name
    before = db.read(secrecy.stamp)
    db.write(lambda tx: incidents.save(tx, replace(incident, version=private.version + 1), None))
    assert db.read(secrecy.private) == frozenset()
    assert db.read(secrecy.stamp) != before


def test_of_many_keys_of_one_name_the_first_is_kept(db: Database) -> None:
    """All nodes sign with the same."""
    for secret in ("first", "second"):
        db.write(lambda tx, secret=secret: secrecy.keep_key(tx, "answers", secret, NOW))  # type: ignore[misc]
    assert db.read(lambda tx: secrecy.key(tx, "answers")) == "first"
    assert db.read(lambda tx: secrecy.key(tx, "others")) is None


def test_an_answer_is_taken_once(db: Database) -> None:
    """Of many at the same moment one is the first; forgotten after a while."""
    with ThreadPoolExecutor(8) as threads:
        taken = list(threads.map(lambda _: db.write(lambda tx: secrecy.take(tx, "mail 1", NOW)), range(16)))
    assert sum(taken) == 1
    assert db.write(lambda tx: secrecy.prune_answers(tx, later(1))) == 1
