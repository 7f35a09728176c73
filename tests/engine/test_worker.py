"""Telling people, on both databases: again, another way, given up aloud, and never silently lost."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.build import NOW
from tests.house import ANA, open_house, until
from tests.service.test_merging import make_unreadable
from tocsin.app import App
from tocsin.core import facts
from tocsin.core.notices import Notice
from tocsin.core.oncall import Directory, Person
from tocsin.engine import Engine
from tocsin.engine.worker import HANDS, LEASE, MOST_ATTEMPTS, Worker
from tocsin.errors import Unavailable, Undelivered
from tocsin.plug.kinds import Address, Receipt
from tocsin.service import respond
from tocsin.service.respond import Declaration, exists
from tocsin.store import incidents, outbox

BUSY = Undelivered("the line is busy")
GONE = Undelivered("the number is gone", permanent=True)


@dataclass
class Hands:
    """A clock that is turned by hand."""

    at: datetime = NOW

    def now(self) -> datetime:
        """Where the hands are."""
        return self.at


@dataclass
class Device:
    """A way to reach people: it fails as often as it is told to, and remembers what arrived."""

    faults: list[Exception] = field(default_factory=list)
    got: list[Notice] = field(default_factory=list)
    before: Callable[[Notice], Any] = lambda _: None

    def send(self, notice: Notice, to: Address, timeout: timedelta) -> Receipt:
        """Keep the notice, or fail."""
        del to, timeout
        self.before(notice)
        if self.faults:
            raise self.faults.pop(0)
        self.got.append(notice)
        return Receipt()


@pytest.fixture
def app(tmp_path: Path, db_url: str) -> Iterator[App]:
    """A node on which ana has a phone and then mail, and ben has mail."""
    opened = open_house(tmp_path / "house", db_url, clock=Hands())
    people = {"ana": ("phone", "mail"), "ben": ("mail",)}
    directory = Directory(
        {name: Person(id=name, name=name, notify=ways) for name, ways in people.items()},
        {"on-call-engineer": "ana", "team-lead": "ben"},
    )
    opened.settings = replace(
        opened.settings, directory=directory, notifiers={"phone": Device(), "mail": Device()}, secrets=("hunter-two",)
    )
    yield opened
    opened.db.close()


@pytest.fixture
def worker(app: App) -> Iterator[Worker]:
    """The worker of that node, turned by hand."""
    made = Worker(app)
    yield made
    made.stop(1)


def device(app: App, way: str) -> Device:
    """The device behind a way."""
    found = app.settings.notifiers[way]
    assert isinstance(found, Device)
    return found


def page(app: App, title: str = "The gate") -> str:
    """Declare an incident, which pages ana; its name."""
    return respond.declare_by_hand(app, Declaration(title=title), ANA).id


def later(app: App, span: timedelta) -> None:
    """Turn the clock forward."""
    assert isinstance(app.clock, Hands)
    app.clock.at += span


def told(app: App, ref: str = "INC-1") -> list[Any]:
    """What the timeline says about the telling."""
    timeline = app.db.read(lambda tx: incidents.timeline(tx, ref))
    kinds = facts.Notified | facts.NotifyDelayed | facts.NotifyFailed
    return [entry.fact for entry in timeline if isinstance(entry.fact, kinds)]


def states(app: App) -> dict[str, int]:
    """How many notices are due, done and dead."""
    return app.db.read(outbox.counts)


def test_a_page_that_arrives_stands_on_the_timeline(app: App, worker: Worker) -> None:
    """Who was told, by which way, about what."""
    page(app)
    assert worker.turn()
    assert not worker.turn()
    (fact,) = told(app)
    assert (fact.person, fact.via) == ("ana", "phone")
    (arrived,) = device(app, "phone").got
    assert fact.notice == arrived.id
    (attempt,) = app.db.read(lambda tx: outbox.deliveries(tx, arrived.id))
    assert (attempt.ok, attempt.via) == (True, "phone")
    assert states(app) == {"done": 1, "due": 1}, "the next way waits for an answer"


@pytest.mark.parametrize("fault", [BUSY, GONE, ZeroDivisionError("a fault of the plugin")])
def test_when_one_way_fails_the_next_is_taken_at_once(app: App, worker: Worker, fault: Exception) -> None:
    """Also when a notifier breaks in a way that nobody foresaw."""
    device(app, "phone").faults = [fault]
    page(app)
    worker.turn()
    worker.turn()
    assert [notice.to for notice in device(app, "mail").got] == ["ana"]
    delayed, fact = told(app)
    assert (type(delayed), delayed.via, delayed.next_via) == (facts.NotifyDelayed, "phone", "mail")
    assert (type(fact), fact.via) == (facts.Notified, "mail")
    attempts = app.db.read(lambda tx: outbox.deliveries(tx, fact.notice))
    assert sorted((each.via, each.ok) for each in attempts) == [("mail", True), ("phone", False)]


@pytest.mark.parametrize("fault", [BUSY, ZeroDivisionError("a fault of the plugin")])
def test_where_every_way_is_busy_it_is_tried_again_later_and_later(app: App, worker: Worker, fault: Exception) -> None:
    """After 2 seconds, then after 4, and a little more; that a way fails is said at once, and once."""
    device(app, "phone").faults, device(app, "mail").faults = [fault] * 2, [fault] * 9
    page(app)
    worker.turn()
    worker.turn()
    waits = []
    for _ in range(2):
        due = app.db.read(lambda tx: outbox.get(tx, "INC-1/2/ana"))
        assert due is not None
        waits.append((due.due_at - app.clock.now()).total_seconds())
        later(app, due.due_at - app.clock.now())
        worker.turn()
    assert waits[0] == 2
    assert 4 < waits[1] <= 4.4
    assert [(type(fact), fact.via) for fact in told(app)] == [
        (facts.NotifyDelayed, "phone"), (facts.NotifyDelayed, "mail"), (facts.Notified, "phone"),
    ]  # fmt: skip
    assert len(device(app, "phone").got) == 1
    later(app, timedelta(hours=1))
    assert not worker.turn(), "the way that failed is not tried again once the other one was taken"


def test_what_no_way_will_ever_take_is_given_up_aloud(app: App, worker: Worker) -> None:
    """The timeline says why, with every way's own words, and nothing secret in them."""
    device(app, "phone").faults = [Undelivered("gone\0\ud800 hunter-two " + "x" * 9000, permanent=True)]
    device(app, "mail").faults = [GONE]
    page(app)
    worker.turn()
    worker.turn()
    delayed, fact = told(app)
    assert (delayed.via, delayed.next_via, delayed.again) == ("phone", "mail", False)
    assert isinstance(fact, facts.NotifyFailed)
    assert "phone: gone" in fact.why
    assert "mail: the number is gone" in fact.why
    assert "hunter-two" not in fact.why
    assert len(fact.why) < 1000
    assert states(app) == {"dead": 1, "failed": 1}


def test_what_stays_busy_for_too_long_is_given_up_aloud(app: App, worker: Worker) -> None:
    """After hours, in which it was tried in gaps of a quarter of an hour; a server that comes back is enough."""
    device(app, "phone").faults, device(app, "mail").faults = [BUSY] * 99, [BUSY] * 99
    page(app)
    began, gaps = app.clock.now(), []
    while worker.turn() or states(app).get("due"):
        assert facts.NotifyFailed not in map(type, told(app)[:-1])
        due = app.db.read(lambda tx: outbox.next_due(tx, app.clock.now()))
        if due and due > app.clock.now():
            gaps.append(due - app.clock.now())
            later(app, gaps[-1])
    assert [type(fact) for fact in told(app)] == [facts.NotifyDelayed, facts.NotifyDelayed, facts.NotifyFailed]
    assert states(app) == {"dead": 1, "failed": 1}
    assert timedelta(hours=5) < app.clock.now() - began < timedelta(hours=8)
    assert max(gaps) < timedelta(minutes=17)
    assert len(app.db.read(lambda tx: outbox.deliveries(tx, "INC-1/2/ana"))) == 2 * MOST_ATTEMPTS


def test_somebody_whom_the_configuration_no_longer_knows_is_named(app: App, worker: Worker) -> None:
    """A page to nobody is not a page."""
    page(app)
    app.settings = replace(app.settings, directory=Directory())
    worker.turn()
    (fact,) = told(app)
    assert "ana is nobody" in fact.why


def test_an_unreadable_row_stops_no_other_and_is_set_aside(app: App, worker: Worker) -> None:
    """One bad row costs one row."""
    bad = outbox.Effect(
        id="bad", kind="notify", incident="INC-1", body='{"id": 7}', due_at=NOW - timedelta(hours=1), created_at=NOW
    )
    app.db.write(lambda tx: outbox.put(tx, bad))
    page(app)
    worker.turn()
    assert len(device(app, "phone").got) == 1
    assert states(app) == {"dead": 1, "done": 1, "due": 1}
    (dead,) = app.db.read(outbox.dead)
    assert dead.error


def test_a_page_of_an_incident_that_can_not_be_read_is_sent_once(app: App, worker: Worker) -> None:
    """That it was sent can't be noted there; it is not sent again for that."""
    page(app)
    make_unreadable(app)
    for _ in range(3):
        worker.turn()
        later(app, 2 * LEASE)
    assert len(device(app, "phone").got) == 1
    assert states(app) == {"done": 2}, "by each way once, because nobody is known to have answered"


def test_a_crash_between_sending_and_noting_sends_again_under_the_same_name(app: App, worker: Worker) -> None:
    """At least once: the receiver can tell a repetition, because the notice's id stays."""
    page(app)
    crashed = app.db.write(lambda tx: outbox.claim(tx, app.clock.now(), LEASE, 1, "another-node"))
    (effect,) = crashed
    assert not worker.turn(), "for as long as the other node holds it"
    later(app, LEASE)
    worker.turn()
    (arrived,) = device(app, "phone").got
    assert arrived.id == effect.id
    assert len(told(app)) == 1


def test_a_node_that_starts_anew_takes_up_its_own_work_at_once(app: App, worker: Worker) -> None:
    """It does not wait for the leases of its earlier life."""
    page(app)
    app.db.write(lambda tx: outbox.claim(tx, app.clock.now(), LEASE, 1, app.node))
    worker.recover()
    worker.turn()
    assert len(device(app, "phone").got) == 1


def test_a_database_that_is_away_while_a_page_is_sent_loses_nothing(
    app: App, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It arrived and could not be noted: it is sent again when the lease has ended."""
    page(app)

    def refuses(*_: object) -> bool:
        raise Unavailable("The disk is full.")

    with monkeypatch.context() as broken:
        broken.setattr("tocsin.store.outbox.done", refuses)
        worker.turn()
    assert told(app) == []
    later(app, LEASE)
    worker.turn()
    assert [notice.id for notice in device(app, "phone").got] == [told(app)[0].notice] * 2


def test_a_slow_way_keeps_no_other_page_waiting(app: App) -> None:
    """While one mail server hangs, whoever has a phone is called."""
    let_go = threading.Event()
    slow = Device(before=lambda notice: let_go.wait(20) if notice.incident == "INC-1" else None)
    app.settings = replace(app.settings, notifiers={**app.settings.notifiers, "phone": slow})
    page(app, "The gate")
    engine = Engine(app)
    engine.start()
    try:
        until(lambda: app.db.read(lambda tx: outbox.backlog(tx, app.clock.now() + LEASE)[0]) == 1)
        page(app, "The ramp")
        until(lambda: [notice.incident for notice in slow.got] == ["INC-2"])
    finally:
        let_go.set()
        engine.stop()
    assert sorted(notice.incident for notice in slow.got) == ["INC-1", "INC-2"]


def test_a_way_that_hangs_keeps_no_other_way_waiting(app: App) -> None:
    """However many pages wait for the mail server: the telephone has hands of its own."""
    let_go = threading.Event()
    mail = Device(before=lambda _: let_go.wait(30))
    app.settings = replace(app.settings, notifiers={**app.settings.notifiers, "mail": mail})
    ben = replace(app.settings.directory, roles={"on-call-engineer": "ben"})
    ana, app.settings = app.settings.directory, replace(app.settings, directory=ben)
    for number in range(2 * HANDS):
        page(app, f"Gate {number}")
    engine = Engine(app)
    engine.start()
    try:
        until(lambda: app.db.read(lambda tx: tx.one("select count(*) from outbox where attempts > 0"))[0] >= 12)
        app.settings = replace(app.settings, directory=ana)
        page(app, "The ramp")
        until(lambda: device(app, "phone").got)
        assert not mail.got
    finally:
        let_go.set()
        engine.stop()


def test_row_and_timeline_agree_after_all_of_it(app: App, worker: Worker) -> None:
    """What the worker writes is folded like everything else."""
    device(app, "phone").faults = [GONE]
    page(app)
    worker.turn()
    assert app.db.read(lambda tx: incidents.verify(tx, "INC-1")) == []
    assert exists(app, "INC-1").paged == ("ana",)


def test_two_nodes_send_each_notice_once(tmp_path: Path, postgres_url: str) -> None:
    """Nodes over one database share the telling; a claim is one node's until its lease ends."""
    nodes = [open_house(tmp_path / "house", postgres_url) for _ in range(2)]
    phone = Device()
    for number, node in enumerate(nodes):
        node.node = f"node-{number}"
        node.settings = replace(node.settings, notifiers={"console": phone})
    for number in range(20):
        page(nodes[number % 2], f"Gate {number}")
    engines = [Engine(node) for node in nodes]
    try:
        for engine in engines:
            engine.start()
        until(lambda: states(nodes[0]) == {"done": 20})
    finally:
        for engine in engines:
            engine.stop()
        for node in nodes:
            node.db.close()
    assert sorted(notice.incident for notice in phone.got) == sorted(f"INC-{number}" for number in range(1, 21))
