"""What the status page keeps, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from tests.store.making import NOW, later
from tocsin.core.statuspage.model import Affected, Post, Report
from tocsin.store import statuspage, subscribers
from tocsin.store.db import Database, Tx

REPORT = Report(id="pub_1", kind="incident", title="No bread", begun_at=NOW, created_at=NOW, incident="INC-1")
POST = Post(seq=1, at=NOW, stage="investigating", text="We look.", components={"oven": Affected(state="major")})
PLAN = Report(
    id="mnt_1", kind="maintenance", title="New bricks", begun_at=later(3600), created_at=NOW, ends_at=later(7200),
    offline=True, remind_seconds=60.0,
)  # fmt: skip


def written(tx: Tx) -> None:
    """An incident with an update, and a maintenance ahead."""
    statuspage.put(tx, REPORT, NOW)
    statuspage.add_post(tx, "pub_1", POST, entry=4, by="ana")
    statuspage.put(tx, PLAN, NOW)


def test_reports_come_back_as_they_were_written(db: Database) -> None:
    """With their updates, by id, by incident and by time."""
    db.write(written)

    assert db.read(lambda tx: statuspage.find(tx, "pub_1")) == replace(REPORT, posts=(POST,))
    assert db.read(lambda tx: statuspage.of_incident(tx, "INC-1")) == replace(REPORT, posts=(POST,))
    assert db.read(lambda tx: statuspage.of_incident(tx, "INC-2")) is None
    assert [each.id for each in db.read(lambda tx: statuspage.reports(tx, NOW))] == ["mnt_1", "pub_1"]
    assert db.read(lambda tx: statuspage.next_seq(tx, "pub_1")) == 2
    db.write(lambda tx: statuspage.put(tx, replace(PLAN, ended_at=later(4000)), later(4000)))
    found = db.read(lambda tx: statuspage.find(tx, "mnt_1"))
    assert found is not None
    assert found.over_at == later(4000)


def test_an_incident_that_is_still_open_is_never_too_old_to_show(db: Database) -> None:
    """One that was resolved long ago is."""
    db.write(written)
    much_later = NOW + timedelta(days=200)
    assert [each.id for each in db.read(lambda tx: statuspage.reports(tx, much_later))] == ["pub_1"]
    db.write(lambda tx: statuspage.add_post(tx, "pub_1", replace(POST, seq=2, stage="resolved", components={})))
    assert db.read(lambda tx: statuspage.reports(tx, much_later)) == ()


def test_what_is_taken_back_is_found_no_more(db: Database) -> None:
    """With its last update a report goes; the same incident can be published anew."""
    db.write(written)
    assert not db.write(lambda tx: statuspage.retract(tx, "pub_1", 99, NOW))
    assert db.write(lambda tx: statuspage.retract(tx, "pub_1", 4, NOW))
    assert db.read(lambda tx: statuspage.of_incident(tx, "INC-1")) is None
    db.write(lambda tx: statuspage.put(tx, replace(REPORT, id="pub_2"), NOW))
    found = db.read(lambda tx: statuspage.of_incident(tx, "INC-1"))
    assert found is not None
    assert found.id == "pub_2"


def test_components_are_known_from_their_first_day_on(db: Database) -> None:
    """And what they followed is kept as spans."""
    db.write(lambda tx: statuspage.know(tx, ["oven"], NOW))
    known = db.write(lambda tx: statuspage.know(tx, ["oven", "till"], later(60)))
    assert known == {"oven": NOW, "till": later(60)}
    db.write(lambda tx: statuspage.follow(tx, "oven", "degraded", later(10)))
    spans, lasting = db.read(lambda tx: statuspage.followed(tx, NOW, later(30)))
    assert lasting == {"oven": "degraded"}
    assert [(span.begun, span.ended) for span in spans["oven"]] == [(later(10), later(30))]
    db.write(lambda tx: statuspage.follow(tx, "oven", "operational", later(40)))
    spans, lasting = db.read(lambda tx: statuspage.followed(tx, NOW, later(50)))
    assert (lasting, spans["oven"][0].ended) == ({}, later(40))


def test_each_subscriber_gets_each_message_once(db: Database) -> None:
    """Only who confirmed and did not leave; a message is claimed by one node at a time."""
    for name in ("a", "b", "c"):
        db.write(lambda tx, name=name: subscribers.add(tx, f"sub_{name}", "mail", f"{name}@example.org", NOW))  # type: ignore[misc]
    assert db.write(lambda tx: subscribers.confirm(tx, "sub_a", NOW))
    assert not db.write(lambda tx: subscribers.confirm(tx, "sub_a", NOW))
    assert db.write(lambda tx: subscribers.confirm(tx, "sub_b", NOW))
    assert db.write(lambda tx: subscribers.end(tx, "sub_b", "enough", NOW))
    assert db.read(subscribers.count) == (1, 1)

    assert db.write(lambda tx: subscribers.tell_all(tx, "pub_1", "post:1", NOW)) == 1
    assert db.write(lambda tx: subscribers.tell_all(tx, "pub_1", "post:1", NOW)) == 0
    (sending,) = db.write(lambda tx: subscribers.claim(tx, NOW, later(60), 10))
    assert (sending.subscriber, sending.what, sending.tries) == ("sub_a", "post:1", 1)
    assert db.write(lambda tx: subscribers.claim(tx, later(59), later(99), 10)) == []
    (again,) = db.write(lambda tx: subscribers.claim(tx, later(60), later(99), 10))
    assert again.tries == 2
    db.write(lambda tx: subscribers.settle(tx, again.id, "done", NOW))
    assert db.read(lambda tx: subscribers.backlog(tx, later(999)))[0] == 0
    assert db.write(lambda tx: subscribers.prune(tx, later(1))) == 1


def test_who_asks_again_after_leaving_is_asked_anew(db: Database) -> None:
    """Who is told already stays so."""
    db.write(lambda tx: subscribers.add(tx, "sub_a", "mail", "a@example.org", NOW))
    db.write(lambda tx: subscribers.confirm(tx, "sub_a", NOW))
    assert db.write(lambda tx: subscribers.add(tx, "sub_x", "mail", "a@example.org", later(9))).counts
    db.write(lambda tx: subscribers.end(tx, "sub_a", "enough", later(10)))
    back = db.write(lambda tx: subscribers.add(tx, "sub_x", "mail", "a@example.org", later(20)))
    assert (back.id, back.counts, back.asked_at) == ("sub_a", False, later(20))
    assert db.write(lambda tx: subscribers.forget(tx, later(21), NOW)) == 1
    assert db.write(lambda tx: statuspage.secret(tx, "k")) == db.write(lambda tx: statuspage.secret(tx, "k"))
