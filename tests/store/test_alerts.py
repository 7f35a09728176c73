"""Alerts and silences."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from tests.store.making import NOW, an_alert, later
from tocsin.core.alert import Silence
from tocsin.core.labels import parse_matchers
from tocsin.errors import Invalid
from tocsin.store import alerts
from tocsin.store.db import Database


def _names(db: Database, **how: object) -> list[str]:
    return [alert.name for alert in db.read(lambda tx: alerts.listing(tx, **how))]  # type: ignore[arg-type]


def test_an_alert_comes_back_as_it_was_told(db: Database) -> None:
    """Every field survives, hostile texts included, and the newest word replaces the older one."""
    told = an_alert(
        annotations={"summary": "<script>'%s' :x\n\0 🚨"}, ends_at=later(60), url="http://x/?a=%20", incident="INC-1"
    )
    db.write(lambda tx: alerts.upsert(tx, told))
    assert db.read(lambda tx: alerts.get(tx, told.fingerprint)) == told
    over = replace(told, status="resolved", updated_at=later(5))
    db.write(lambda tx: alerts.upsert(tx, over))
    assert db.read(alerts.listing) == [over]
    assert db.read(lambda tx: alerts.get(tx, "0" * 16)) is None


def test_many_alerts_are_written_at_once(db: Database) -> None:
    """A bulk keeps the last word on each alert."""
    told = [an_alert(f"A{i % 50}", updated_at=later(i)) for i in range(200)]
    db.write(lambda tx: alerts.upsert_all(tx, told))
    kept = db.read(alerts.listing)
    assert {alert.name: alert.updated_at for alert in kept} == {f"A{i}": later(150 + i) for i in range(50)}


def test_listing_answers_who_fires_now(db: Database) -> None:
    """Firing means told firing and not past its end; incidents and freshness filter too."""
    for name, changes in {
        "Ongoing": {"incident": "INC-1"}, "Ends": {"ends_at": later(10)}, "Over": {"status": "resolved"},
        "Later": {"starts_at": later(5), "incident": "INC-1", "updated_at": later(5)},
    }.items():  # fmt: skip
        db.write(lambda tx, name=name, changes=changes: alerts.upsert(tx, an_alert(name, **changes)))
    assert sorted(_names(db, firing_at=later(9))) == ["Ends", "Later", "Ongoing"]
    assert sorted(_names(db, firing_at=later(10))) == ["Later", "Ongoing"]
    assert _names(db, incident="INC-1") == ["Ongoing", "Later"]
    assert _names(db, incident="INC-1", firing_at=NOW) == ["Ongoing", "Later"]
    assert _names(db, since=later(1)) == ["Later"]
    assert len(_names(db, limit=2)) == 2
    assert [alert.name for alert in db.read(lambda tx: alerts.overdue(tx, later(10)))] == ["Ends"]
    assert db.read(lambda tx: alerts.overdue(tx, later(9))) == []


def test_old_alerts_are_forgotten_and_firing_ones_never(db: Database) -> None:
    """Pruning takes what is over and old."""
    for name, changes in {"Old": {"status": "resolved"}, "Expired": {"ends_at": later(1)}, "Firing": {}}.items():
        db.write(lambda tx, name=name, changes=changes: alerts.upsert(tx, an_alert(name, **changes)))
    assert db.write(lambda tx: alerts.prune(tx, NOW)) == 0
    assert db.write(lambda tx: alerts.prune(tx, later(100))) == 2
    assert _names(db) == ["Firing"]


def test_a_label_that_is_no_text_is_invalid(db: Database) -> None:
    """Half a surrogate pair in a label is told, not raised from the depths."""
    with pytest.raises(Invalid, match="surrogate"):
        db.write(lambda tx: alerts.upsert(tx, an_alert(annotations={"summary": "\udc00"})))


def _silence(name: str, starts: datetime, ends: datetime) -> Silence:
    return Silence(
        id=name, matchers=parse_matchers('service="shop", env!~"dev.*"'), starts_at=starts, ends_at=ends,
        created_by="Ana", comment="deploying", updated_at=NOW,
    )  # fmt: skip


def test_silences_are_kept_changed_and_ended(db: Database) -> None:
    """A silence comes back whole; ending it is possible once; one that had not begun never does."""
    active, pending = _silence("s1", NOW, later(100)), _silence("s2", later(50), later(100))
    db.write(lambda tx: alerts.put_silence(tx, active))
    db.write(lambda tx: alerts.put_silence(tx, pending))
    assert db.read(alerts.silences) == [active, pending]
    longer = replace(active, ends_at=later(200))
    db.write(lambda tx: alerts.put_silence(tx, longer))
    assert db.read(lambda tx: alerts.get_silence(tx, "s1")) == longer
    ended = [
        db.write(lambda tx, name=name: alerts.expire_silence(tx, name, later(10))) for name in ("s1", "s2", "s1", "x")
    ]
    assert ended == [True, True, False, False]
    found = db.read(alerts.silences)
    assert [(one.id, one.starts_at, one.state(later(10))) for one in found] == [
        ("s1", NOW, "expired"), ("s2", later(10), "expired"),
    ]  # fmt: skip
    assert db.read(lambda tx: alerts.silences(tx, ending_after=later(10))) == []
