"""Incidents, their timelines, and the proof that the two agree."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.store.making import ANA, NOW, declare, later, note, record
from tocsin.core.facts import (
    Acknowledged,
    ApprovalRequested,
    CriterionChanged,
    Declared,
    Entry,
    Escalated,
    Noted,
    PhasePlan,
    Resolved,
    StepQueued,
)
from tocsin.core.policy import Rung
from tocsin.core.runbook import Criterion
from tocsin.errors import Conflict, Invalid, NotFound, Refused
from tocsin.store import incidents
from tocsin.store.db import Database, Tx


def _verify(db: Database, ref: str) -> list[str]:
    return db.read(lambda tx: incidents.verify(tx, ref))


def _rich(tx: Tx) -> str:
    """An incident with something in every kind of field."""
    number = incidents.next_number(tx)
    made = record(
        tx, None,
        Declared(
            number=number, title="Ünïcödé 🚨 'quoted'", severity="SEV1", why="error rate > 5 %", runbook="shop.md",
            runbook_digest="sha256:1", ladder=(Rung(to="lead", after_seconds=900, clock="unresolved", line=4),),
            phases=(PhasePlan(id="triage", title="Triage", line=9),), watch_seconds=600,
            criteria=(Criterion(text="error rate < 1 %", metric="error rate", op="<", value=1, line=12),),
        ),
        number=number,
    )  # fmt: skip
    made = record(tx, made, Acknowledged())
    made = record(tx, made, CriterionChanged(criterion=0, holds=True, value=0.4))
    made = record(tx, made, Escalated(to="lead", why="P1 for 15 min", rung=0, person="ben", line=4))
    made = record(
        tx, made,
        ApprovalRequested(
            approval="apr_1", step="s/1", command="rm -rf /tmp/x", kind="shell", verdict="change", verdict_why="rm",
            target="local", sha="sha256:2", needs=1, self_approve=False, expires_at=later(600),
        ),
    )  # fmt: skip
    made = record(
        tx, made,
        StepQueued(
            step="s/2", run="run_1", command="uptime", kind="shell", verdict="read", target="local", sha="s",
            why="asked",
        ),
    )  # fmt: skip
    return made.id


def test_numbers_rise_without_gap_even_when_many_declare_and_some_fail(db: Database) -> None:
    """A declaration that fails gives its number back."""

    def one(i: int) -> int | None:
        def work(tx: Tx) -> int:
            number = declare(tx).number
            if i % 4 == 0:
                raise Refused("changed my mind")
            return number

        try:
            return db.write(work)
        except Refused:
            return None

    with ThreadPoolExecutor(8) as pool:
        numbers = [number for number in pool.map(one, range(40)) if number]
    assert sorted(numbers) == list(range(1, 31))


def test_what_was_saved_is_what_is_loaded(db: Database) -> None:
    """The row gives back the very incident, under every way of naming it."""
    ref = db.write(_rich)
    loaded = [db.read(lambda tx, name=name: incidents.load(tx, name)) for name in ("INC-1", "inc-1", " 1 ", "INC-001")]
    assert ref == "INC-1"
    assert loaded[0] is not None
    assert (loaded[0].title, loaded[0].version, loaded[0].paged) == ("Ünïcödé 🚨 'quoted'", 6, ("ben",))
    assert loaded == [loaded[0]] * 4
    assert _verify(db, "1") == []


@pytest.mark.parametrize(
    "ref", ["", "0", "INC-", "INC-2", "x", "1; drop table incidents", "INC-" + "9" * 40, "１", "-1"]
)
def test_a_name_of_nothing_is_nothing(db: Database, ref: str) -> None:
    """A reference that names no incident is None, whatever it holds."""
    db.write(declare)
    assert db.read(lambda tx: incidents.load(tx, ref)) is None
    assert db.read(lambda tx: incidents.timeline(tx, ref)) == []
    assert db.read(lambda tx: incidents.versions(tx, ref)) == 0


def test_the_timeline_tells_the_facts_in_order(db: Database) -> None:
    """Each entry comes back with its moment, its actor and its typed fact; ``after`` skips what is known."""
    ref = db.write(_rich)
    entries = db.read(lambda tx: incidents.timeline(tx, ref))
    assert [entry.seq for entry in entries] == [1, 2, 3, 4, 5, 6]
    assert entries[1] == Entry(seq=2, at=later(2), by=ANA, fact=Acknowledged())
    assert entries[4].fact.expires_at == later(600)
    assert db.read(lambda tx: incidents.timeline(tx, ref, after=4)) == entries[4:]
    assert db.read(lambda tx: incidents.versions(tx, ref)) == 6


def test_the_feed_runs_over_all_incidents(db: Database) -> None:
    """Entries of every incident by time, from a moment on."""
    first, second = db.write(declare).id, db.write(declare).id
    db.write(lambda tx: note(tx, first, "x"))
    feed = db.read(lambda tx: incidents.feed(tx, since=later(1), limit=10))
    assert [(ref, entry.seq) for ref, entry in feed] == [(first, 1), (second, 1), (first, 2)]
    assert db.read(lambda tx: incidents.feed(tx, since=later(2), limit=10)) == feed[2:]


def test_the_same_entry_can_not_be_written_twice(db: Database) -> None:
    """A second entry 2 is a Conflict, and so is one that follows nothing."""
    ref = db.write(declare).id
    db.write(lambda tx: note(tx, ref, "first"))
    for seq, sentence in ((2, "Somebody else has just changed INC-1"), (4, "has no entry 3"), (0, "has no entry")):
        entry = Entry(seq=seq, at=NOW, by=ANA, fact=Noted(text="again"))
        with pytest.raises(Conflict, match=sentence):
            db.write(lambda tx, entry=entry: incidents.append(tx, ref, entry))
    assert _verify(db, ref) == []


@pytest.mark.parametrize(
    "fact",
    [Noted(text="half \ud83d"), CriterionChanged(criterion=0, holds=True, value=float("nan")), "no fact"],
)
def test_a_fact_that_could_not_be_read_back_is_not_written(db: Database, fact: object) -> None:
    """What would break the timeline for ever is Invalid before it is there."""
    ref = db.write(declare).id
    with pytest.raises(Invalid):
        db.write(lambda tx: incidents.append(tx, ref, Entry(seq=2, at=NOW, by=ANA, fact=fact)))
    assert db.read(lambda tx: len(incidents.timeline(tx, ref))) == 1


def test_a_nul_in_a_note_survives(db: Database) -> None:
    """JSON carries what a text column could not."""
    ref = db.write(declare).id
    db.write(lambda tx: note(tx, ref, "a\0b"))
    assert db.read(lambda tx: incidents.timeline(tx, ref))[-1].fact.text == "a\0b"


def test_eight_threads_on_one_incident_leave_no_gap_and_no_double(db: Database) -> None:
    """Moves on the same incident wait for each other."""
    ref = db.write(declare).id
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda i: db.write(lambda tx: note(tx, ref, f"note {i}")), range(160)))
    entries = db.read(lambda tx: incidents.timeline(tx, ref))
    assert [entry.seq for entry in entries] == list(range(1, 162))
    assert {entry.fact.text for entry in entries[1:]} == {f"note {i}" for i in range(160)}
    assert _verify(db, ref) == []


def test_an_older_version_never_replaces_a_newer_one(db: Database) -> None:
    """Saving what was read before somebody else's change is a Conflict."""
    before = db.write(declare)
    db.write(lambda tx: note(tx, before.id, "newer"))
    with pytest.raises(Conflict):
        db.write(lambda tx: incidents.save(tx, before, None))
    assert db.read(lambda tx: incidents.versions(tx, before.id)) == 2


def test_the_due_are_found_in_order(db: Database) -> None:
    """Only those whose time has come, the most overdue first, at most so many; a wake time can be taken away."""
    made = [db.write(lambda tx, s=s: declare(tx, wake_at=None if s is None else later(s))) for s in (30, None, 10, 20)]
    assert db.read(lambda tx: incidents.due(tx, later(20), 10)) == ["INC-3", "INC-4"]
    assert db.read(lambda tx: incidents.due(tx, later(99), 1)) == ["INC-3"]
    assert db.read(incidents.wake_times) == {"INC-3": later(10), "INC-4": later(20), "INC-1": later(30)}
    db.write(lambda tx: incidents.save(tx, made[2], None))
    assert db.read(lambda tx: incidents.due(tx, later(20), 10)) == ["INC-4"]


def test_listings_are_paged_and_filtered(db: Database) -> None:
    """Newest first, page by page, by status; the open ones in the order of declaration."""
    made = [db.write(declare) for _ in range(5)]
    db.write(lambda tx: record(tx, made[1], Resolved()))
    db.write(lambda tx: record(tx, made[3], Acknowledged()))

    def numbers(**how: object) -> list[int]:
        return [one.number for one in db.read(lambda tx: incidents.listing(tx, **how))]  # type: ignore[arg-type]

    assert numbers(limit=2) == [5, 4]
    assert numbers(limit=2, before=4) == [3, 2]
    assert numbers(limit=9, status="open") == [5, 3, 1]
    assert numbers(limit=9, status="acknowledged") == [4]
    assert [one.number for one in db.read(incidents.open_ones)] == [1, 3, 4, 5]
    assert db.read(lambda tx: incidents.load(tx, "2")).resolved_at == later(2)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "sql",
    [
        "update timeline set actor = 'Mallory'",
        "update timeline set seq = seq + 100",
        "delete from timeline",
        "insert into timeline select * from timeline where true on conflict (incident, seq) do update set body = '{}'",
    ],
)
def test_the_database_itself_refuses_to_change_a_timeline(db: Database, sql: str) -> None:
    """UPDATE and DELETE are refused with a sentence, and nothing has changed."""
    ref = db.write(_rich)
    with pytest.raises(Refused, match="The timeline is append-only: an entry is never"):
        db.write(lambda tx: tx.execute(sql))
    assert _verify(db, ref) == []


def test_the_timeline_can_not_be_emptied_another_way(db: Database) -> None:
    """TRUNCATE on PostgreSQL and REPLACE on SQLite are refused as well."""
    ref = db.write(_rich)
    sql = {"postgres": "truncate timeline", "sqlite": "insert or replace into timeline select * from timeline"}
    with pytest.raises(Refused, match="append-only"):
        db.write(lambda tx: tx.execute(sql[db.dialect]))
    assert _verify(db, ref) == []


def _tamper(db: Database, sql: str) -> None:
    """Change a timeline as somebody with the database's own rights could."""
    off = {
        "sqlite": ["drop trigger timeline_never_changes", "drop trigger timeline_never_shrinks"],
        "postgres": ["alter table timeline disable trigger user"],
    }

    def work(tx: Tx) -> None:
        for statement in off[db.dialect]:
            tx.execute(statement)
        tx.execute(sql)

    db.write(work)


@pytest.mark.parametrize(
    ("sql", "sentence"),
    [
        ("update timeline set actor = 'Mallory' where seq = 3", "entry 3 (CriterionChanged) was changed"),
        ("update timeline set at = at + 1 where seq = 6", "entry 6 (StepQueued) was changed"),
        ("update timeline set hash = 'sha256:0' where seq = 2", "entry 3 does not follow"),
        ("update timeline set body = '{' where seq = 4", "the timeline can't be folded"),
        ("update timeline set kind = 'Invented' where seq = 4", "does not know"),
        ("delete from timeline where seq in (2, 3)", "entry 2 to 3 is missing"),
        ("delete from timeline where seq = 1", "entry 1 is missing"),
        ("delete from timeline where seq = 6", "the row's version is not what the timeline tells"),
        ("delete from timeline", "has a row but no timeline"),
        ("delete from incidents", "has a timeline but no row"),
        ("update incidents set status = 'resolved'", "the row's status is not what the timeline tells"),
        ("update incidents set state = replace(state, 'Ünïcödé', 'Harmless')", "differs from the timeline in title"),
        ("update incidents set state = 'x'", "the row's state can't be read"),
    ],
)
def test_tampering_is_found(db: Database, sql: str, sentence: str) -> None:
    """Whatever is changed behind our back, verify says where."""
    ref = db.write(_rich)
    _tamper(db, sql)
    assert sentence in " ".join(_verify(db, ref))


def test_verify_speaks_of_what_is_not_there(db: Database) -> None:
    """An incident that does not exist is a sentence, not an error."""
    assert _verify(db, "7") == ["There is no incident INC-7."]
    assert _verify(db, "../x") == ["'../x' is not an incident's name."]
    assert db.read(incidents.references) == []


def test_a_row_is_rebuilt_from_its_timeline(db: Database) -> None:
    """Whatever became of the row, the timeline makes it anew, with its wake time."""
    ref = db.write(_rich)
    good = db.read(lambda tx: incidents.load(tx, ref))
    assert good is not None
    db.write(lambda tx: incidents.save(tx, replace(good, version=9, title="wrong"), later(5)))
    assert _verify(db, ref) != []
    assert db.write(lambda tx: incidents.rebuild(tx, ref)) == good
    assert _verify(db, ref) == []
    assert db.read(incidents.wake_times) == {ref: later(5)}
    with pytest.raises(NotFound):
        db.write(lambda tx: incidents.rebuild(tx, "77"))


def test_a_row_of_another_shape_is_read_from_its_timeline(db: Database) -> None:
    """A release that changes the incident's fields can still read every old one."""
    ref = db.write(_rich)
    good = db.read(lambda tx: incidents.load(tx, ref))
    db.write(lambda tx: tx.execute("update incidents set state = '{\"id\": 1}'"))
    assert db.read(lambda tx: incidents.load(tx, ref)) == good


def test_a_locked_incident_waits_for_its_turn(db: Database) -> None:
    """Two moves that both look first are one after the other: the second sees the first's entry."""
    ref = db.write(declare).id
    inside, second_asked = threading.Event(), threading.Event()

    def first(tx: Tx) -> int:
        seen = incidents.load(tx, ref, lock=True)
        assert seen is not None
        inside.set()
        assert second_asked.wait(30)
        return record(tx, seen, Noted(text="first")).version

    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(db.write, first)
        assert inside.wait(30)
        two = pool.submit(db.write, lambda tx: note(tx, ref, "second").version)
        second_asked.set()
        assert (one.result(30), two.result(30)) == (2, 3)


def test_moments_keep_their_microseconds(db: Database) -> None:
    """A moment comes back to the microsecond."""
    ref = db.write(declare).id
    at = NOW + timedelta(microseconds=123_457)
    entry = Entry(seq=2, at=at, by=ANA, fact=Noted(text="x"))
    db.write(lambda tx: incidents.append(tx, ref, entry))
    assert db.read(lambda tx: incidents.timeline(tx, ref))[1].at == at
