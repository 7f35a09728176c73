"""Runbooks, reviews, action items, people and signals."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.store.making import NOW, later
from tocsin.core.runbook import Problem, Runbook, Scenario, Severity, Step
from tocsin.errors import Conflict, Invalid
from tocsin.store import library, people, signals
from tocsin.store.db import Database
from tocsin.store.library import Action, ReviewText
from tocsin.store.people import Session, Token


def _runbook(digest: str = "sha256:1") -> Runbook:
    step = Step(id="slow/1", kind="shell", stage="diagnosis", title="Look", command="uptime", line=4, end_line=4)
    return Runbook(
        title="Shop", source="docs/shop.md", digest=digest,
        severities=(Severity(name="SEV1", response_minutes=5, line=2),),
        scenarios=(Scenario(id="slow", title="Slow", line=3, steps=(step,)),),
        problems=(Problem(line=9, code="undefined-boundary", level="warning", message="…"),),
    )  # fmt: skip


def test_a_pinned_runbook_is_kept_to_the_byte(db: Database) -> None:
    """Model and bytes come back, whatever the encoding; pinning twice is once."""
    raw = b"\xef\xbb\xbf# Shop\r\n\xff\x00 not even text"
    assert db.write(lambda tx: library.pin(tx, _runbook(), raw, NOW))
    assert not db.write(lambda tx: library.pin(tx, _runbook(), b"other", later(1)))
    assert db.read(lambda tx: library.load(tx, "sha256:1")) == _runbook()
    assert db.read(lambda tx: library.raw(tx, "sha256:1")) == raw
    assert db.read(lambda tx: (library.load(tx, "x"), library.raw(tx, "x"))) == (None, None)


def test_the_newest_version_of_a_source_is_known(db: Database) -> None:
    """Versions are listed newest first, and each source knows its last."""
    db.write(lambda tx: library.pin(tx, _runbook("sha256:1"), b"1", NOW))
    db.write(lambda tx: library.pin(tx, _runbook("sha256:2"), b"2", later(1)))
    assert db.read(lambda tx: library.newest(tx, "docs/shop.md")) == "sha256:2"
    assert db.read(lambda tx: library.newest(tx, "docs/other.md")) is None
    assert [one.digest for one in db.read(library.pinned)] == ["sha256:2", "sha256:1"]


def test_two_authors_do_not_overwrite_each_other(db: Database) -> None:
    """A review is written over the version that was read, or not at all."""
    first = ReviewText(incident="INC-1", text="# One", status="draft", version=1, updated_at=NOW, updated_by="ana")
    assert db.read(lambda tx: library.review(tx, "INC-1")) is None
    db.write(lambda tx: library.write_review(tx, first))
    second = replace(first, text="# Two", version=2, updated_by="ben", updated_at=later(1))
    db.write(lambda tx: library.write_review(tx, second))
    for late in (first, replace(second, text="# Mine"), replace(second, version=4)):
        with pytest.raises(Conflict, match="Somebody else has changed the review"):
            db.write(lambda tx, late=late: library.write_review(tx, late))
    assert db.read(lambda tx: library.review(tx, "INC-1")) == second


def test_action_items_are_found_by_incident_state_and_day(db: Database) -> None:
    """Open, done, overdue; done once."""
    made = [
        Action(id=f"act_{i}", incident=f"INC-{i % 2 + 1}", text="Add an index", owner="ana", created_at=later(i),
               due_at=None if i == 0 else later(10 * i), line=i)
        for i in range(4)
    ]  # fmt: skip
    for one in made:
        db.write(lambda tx, one=one: library.put_action(tx, one))
    assert db.read(library.actions) == made
    assert db.read(lambda tx: library.actions(tx, incident="INC-2")) == [made[1], made[3]]
    assert db.read(lambda tx: library.overdue_actions(tx, later(20))) == [made[1], made[2]]
    assert db.write(lambda tx: library.finish_action(tx, "act_1"))
    assert not db.write(lambda tx: library.finish_action(tx, "act_1"))
    assert db.read(lambda tx: library.overdue_actions(tx, later(20))) == [made[2]]
    assert db.read(lambda tx: library.actions(tx, incident="INC-2", state="open")) == [made[3]]
    db.write(lambda tx: library.put_action(tx, replace(made[0], owner="ben")))
    assert db.read(lambda tx: library.action(tx, "act_0")) == replace(made[0], owner="ben")


def test_a_revoked_token_opens_nothing(db: Database) -> None:
    """A token is found by its hash until it is revoked, and its secret can't be used again."""
    ana = Token(hash="h1", name="ana", role="admin", created_at=NOW)
    db.write(lambda tx: people.add_token(tx, ana))
    assert db.read(lambda tx: people.token(tx, "h1")) == ana
    assert db.read(lambda tx: people.token(tx, "h2")) is None
    assert db.write(lambda tx: people.revoke(tx, "ana", later(1))) == 1
    assert db.write(lambda tx: people.revoke(tx, "ana", later(2))) == 0
    assert db.read(lambda tx: people.token(tx, "h1")) is None
    with pytest.raises(Conflict):
        db.write(lambda tx: people.add_token(tx, ana))
    assert db.read(people.tokens) == [replace(ana, revoked_at=later(1))]


def test_sessions_end_by_the_clock_and_by_hand(db: Database) -> None:
    """A session counts until its end, until it is closed, or until its person is signed out everywhere."""
    for number, name in enumerate(("ana", "ana", "ben")):
        one = Session(
            hash=f"s{number}", name=name, role="responder", created_at=NOW, seen_at=NOW, expires_at=later(100 + number)
        )
        db.write(lambda tx, one=one: people.open_session(tx, one))
        with pytest.raises(Conflict):
            db.write(lambda tx, one=one: people.open_session(tx, one))
    assert db.read(lambda tx: people.session(tx, "s0", later(99))).name == "ana"  # type: ignore[union-attr]
    assert db.read(lambda tx: people.session(tx, "s0", later(100))) is None
    assert db.write(lambda tx: people.prune_sessions(tx, later(100))) == 1
    assert db.write(lambda tx: people.close_session(tx, "s2"))
    assert not db.write(lambda tx: people.close_session(tx, "s2"))
    assert db.write(lambda tx: people.close_sessions_of(tx, "ana")) == 1


def test_samples_are_read_by_window_and_bounded(db: Database) -> None:
    """Values come back exactly; a second value of one moment replaces the first; pruning keeps the newest."""
    for second in range(10):
        db.write(lambda tx, second=second: signals.append(tx, "error rate", later(second), second / 3))
    db.write(lambda tx: signals.append(tx, "error rate", later(9), 7))
    db.write(lambda tx: signals.append(tx, "latency", later(4), -1e300))
    assert db.read(lambda tx: signals.window(tx, "error rate", later(2), later(4))) == [
        (later(2), 2 / 3), (later(3), 1.0), (later(4), 4 / 3),
    ]  # fmt: skip
    assert db.read(lambda tx: signals.latest(tx, "error rate")) == (later(9), 7.0)
    assert db.read(lambda tx: signals.latest(tx, "none")) is None
    assert db.read(signals.newest) == {"error rate": (later(9), 7.0), "latency": (later(4), -1e300)}
    assert db.read(signals.names) == ["error rate", "latency"]
    assert db.write(lambda tx: signals.prune(tx, before=later(2), keep=100)) == 2
    assert db.write(lambda tx: signals.prune(tx, before=later(2), keep=4)) == 5
    assert [at for at, _ in db.read(lambda tx: signals.window(tx, "error rate", NOW, later(99)))] == [
        later(6), later(7), later(8), later(9),
    ]  # fmt: skip


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_no_data_is_never_stored_as_a_value(db: Database, value: float) -> None:
    """NaN and infinity are Invalid."""
    with pytest.raises(Invalid, match="no value"):
        db.write(lambda tx: signals.append(tx, "error rate", NOW, value))


def test_watches_are_kept_by_rule(db: Database) -> None:
    """How far a rule has come is replaced, listed and forgotten."""
    for state in ('{"pending": 1}', '{"firing": 2}'):
        db.write(lambda tx, state=state: signals.put_watch(tx, "r1", state, NOW))
    db.write(lambda tx: signals.put_watch(tx, "r2", "{}", NOW))
    assert db.read(lambda tx: signals.watch(tx, "r1")) == '{"firing": 2}'
    assert db.read(signals.watches) == {"r1": '{"firing": 2}', "r2": "{}"}
    assert db.write(lambda tx: signals.drop_watch(tx, "r2"))
    assert db.read(lambda tx: signals.watch(tx, "r2")) is None
