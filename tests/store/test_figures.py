"""Rolled-up incidents, on both databases."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from tests.store.making import NOW, declare, note
from tocsin.core.figures.measuring import measure
from tocsin.store import figures, incidents
from tocsin.store.db import Database, Tx

ALWAYS, LATER = NOW - timedelta(days=1), NOW + timedelta(days=1)


def roll(tx: Tx, ref: str) -> None:
    """What the service does with an incident that is behind."""
    entries = incidents.timeline(tx, ref)
    figures.put(tx, entries[-1].seq, measure(entries))


def test_what_changed_is_behind_until_it_is_rolled_up(db: Database) -> None:
    """The newest first; what happens later makes it behind again."""
    one, two = (db.write(declare) for _ in range(2))
    assert db.read(lambda tx: figures.behind(tx, 9)) == [(two.id, 1), (one.id, 1)]
    assert db.read(figures.how_many_behind) == 2
    for each in (one, two):
        db.write(partial(roll, ref=each.id))
    assert db.read(lambda tx: figures.behind(tx, 9)) == []
    db.write(lambda tx: note(tx, one.id, "smoke"))
    assert db.read(lambda tx: figures.behind(tx, 9)) == [(one.id, 2)]
    assert db.read(figures.how_many_behind) == 1


def test_an_older_version_replaces_no_newer_one(db: Database) -> None:
    """Two nodes may roll up the same incident."""
    one = db.write(declare)
    early = db.read(lambda tx: measure(incidents.timeline(tx, one.id)))
    db.write(lambda tx: note(tx, one.id, "smoke"))
    db.write(partial(roll, ref=one.id))
    db.write(lambda tx: figures.put(tx, 1, early))
    (kept,) = db.read(lambda tx: figures.touched(tx, ALWAYS, LATER))
    assert kept.last_at > early.last_at


def test_open_ones_are_touched_for_ever(db: Database) -> None:
    """Of others those of which something happened in the period."""
    one = db.write(declare)
    db.write(lambda tx: roll(tx, one.id))
    assert [row.incident for row in db.read(lambda tx: figures.touched(tx, LATER, LATER + timedelta(days=9)))] == [
        one.id
    ]
    assert db.read(lambda tx: figures.touched(tx, ALWAYS, NOW)) == []


def test_what_was_made_by_other_rules_is_made_anew(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """A release that measures something else shows no old figure."""
    one = db.write(declare)
    db.write(lambda tx: roll(tx, one.id))
    monkeypatch.setattr(figures, "RULES", 10_000)
    assert db.read(lambda tx: figures.touched(tx, ALWAYS, LATER)) == []
    assert db.read(lambda tx: figures.behind(tx, 9)) == [(one.id, 1)]


def test_what_can_t_be_read_is_left_out_until_something_new_happens(db: Database) -> None:
    """It keeps no other incident waiting."""
    one = db.write(declare)
    db.write(lambda tx: figures.give_up(tx, one.id, 1))
    assert db.read(lambda tx: figures.touched(tx, ALWAYS, LATER)) == []
    assert db.read(figures.how_many_behind) == 0
    db.write(lambda tx: note(tx, one.id, "smoke"))
    assert db.read(lambda tx: figures.behind(tx, 9)) == [(one.id, 2)]
