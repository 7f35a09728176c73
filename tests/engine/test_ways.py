"""Pages that go on to the next way, messages that become one, and the hands of people in it: on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.engine.test_worker import BUSY, GONE, Device, Hands, device, later, page, states, told
from tests.house import ANA, BEN, open_house
from tocsin.app import App
from tocsin.core import facts
from tocsin.core.oncall import Directory, Person
from tocsin.core.wording import Wording
from tocsin.engine.worker import Worker
from tocsin.errors import Invalid, NotFound, Refused, Undelivered
from tocsin.service import catalogue, deliveries, verifying
from tocsin.settings.telling import Telling
from tocsin.store import incidents, methods, outbox

MINUTE = timedelta(minutes=1)
WAYS = ("chat", "sms", "voice")


@pytest.fixture
def app(tmp_path: Path, db_url: str) -> Iterator[App]:
    """A node on which ana has a chat, text messages and a telephone; ben has mail."""
    opened = open_house(tmp_path / "house", db_url, clock=Hands())
    people = {
        "ana": Person(id="ana", name="Ana", notify=WAYS, contacts={"phone": "+4930123456"}),
        "ben": Person(id="ben", name="Ben", notify=("mail",)),
    }
    roles = {"on-call-engineer": "ana", "team-lead": "ben"}
    notifiers = {way: Device() for way in (*WAYS, "mail", "console")}
    opened.settings = replace(opened.settings, directory=Directory(people, roles), notifiers=notifiers)
    yield opened
    opened.db.close()


@pytest.fixture
def worker(app: App) -> Iterator[Worker]:
    """The worker of that node, turned by hand."""
    made = Worker(app)
    yield made
    made.stop(1)


def rest(worker: Worker) -> None:
    """Turn until nothing is due."""
    while worker.turn():
        pass


def got(app: App, *ways: str) -> list[int]:
    """How many messages each device took."""
    return [len(device(app, way).got) for way in ways or WAYS]


def move(app: App, name: str, by: Any = ANA, **fields: Any) -> None:
    """Make a move on INC-1."""
    request = catalogue.CATALOGUE[name].request(**fields)
    catalogue.make(app, name, "INC-1", request, by, "admin")


def test_a_page_climbs_from_chat_to_telephone(app: App, worker: Worker) -> None:
    """At once, after two minutes, after four: while nobody answers."""
    page(app)
    for wanted in ([1, 0, 0], [1, 0, 0], [1, 1, 0], [1, 1, 0], [1, 1, 1], [1, 1, 1]):
        rest(worker)
        assert got(app) == wanted
        later(app, MINUTE)
    assert [(fact.via, fact.place) for fact in told(app)] == [("chat", 0), ("sms", 1), ("voice", 2)]
    assert app.db.read(lambda tx: incidents.verify(tx, "INC-1")) == []


@pytest.mark.parametrize("answer", ["acknowledge", "note", "resolve"])
def test_whoever_answers_is_left_in_peace(app: App, worker: Worker, answer: str) -> None:
    """By taking it, by doing anything in it, by its end; what waits in the database says why it was dropped."""
    page(app)
    rest(worker)
    fields: dict[str, Any] = {"note": {"text": "I look"}, "resolve": {"override": "a test"}}.get(answer, {})
    move(app, answer, **fields)
    later(app, 10 * MINUTE)
    rest(worker)
    assert got(app, "sms", "voice") == [0, 0]
    dropped = [one for one in app.db.read(lambda tx: outbox.siblings(tx, "INC-1/2/ana")) if one.state == "dropped"]
    assert len(dropped) == 2 and all(one.error for one in dropped)


def test_somebody_elses_note_is_no_answer(app: App, worker: Worker) -> None:
    """Ben writes something; ana still sleeps."""
    page(app)
    rest(worker)
    move(app, "note", BEN, text="I am only reading")
    later(app, 2 * MINUTE)
    rest(worker)
    assert got(app, "sms") == [1]


def test_a_way_that_fails_does_not_wait_for_its_turn(app: App, worker: Worker) -> None:
    """The next one is taken at once, and the one behind it after its own time."""
    device(app, "chat").faults = [BUSY] * 99
    page(app)
    rest(worker)
    assert got(app) == [0, 1, 0]
    later(app, 4 * MINUTE)
    rest(worker)
    assert got(app) == [0, 1, 1]


def test_it_is_not_waited_where_the_settings_say_so(app: App, worker: Worker) -> None:
    """``next_method_after = "0s"``: the further ways are spare ones."""
    app.settings = replace(app.settings, telling=Telling(next_after=timedelta(0)))
    page(app)
    rest(worker)
    later(app, timedelta(hours=1))
    rest(worker)
    assert got(app) == [1, 0, 0]
    assert states(app) == {"done": 1, "dropped": 2}


def test_the_other_side_says_how_long_to_wait(app: App, worker: Worker) -> None:
    """Retry-After is kept, and never for longer than a quarter of an hour."""
    busy = [Undelivered("slow down", retry_after=seconds) for seconds in (90, 99_999)]
    for way in WAYS:
        device(app, way).faults = list(busy)
    page(app)
    for wanted in (90, 900):
        rest(worker)
        row = app.db.read(lambda tx: outbox.get(tx, "INC-1/2/ana"))
        assert row is not None and row.due_at - app.clock.now() == timedelta(seconds=wanted)
        later(app, timedelta(seconds=wanted))


def test_words_that_come_too_fast_become_one(app: App, worker: Worker) -> None:
    """Five in a minute on their own, the rest together a minute later; each incident's timeline says so."""
    for number in range(9):
        page(app, f"Gate {number}")
        rest(worker)
        catalogue.make(app, "resolve", f"INC-{number + 1}",
                       catalogue.CATALOGUE["resolve"].request(override="a test"), BEN, "admin")  # fmt: skip
        rest(worker)
    words = [notice for notice in device(app, "chat").got if notice.kind == "inform"]
    pages = [notice for notice in device(app, "chat").got if notice.kind == "page"]
    assert len(pages) == 9, "no first page of an incident is held back"
    assert len(words) == 5
    later(app, MINUTE)
    rest(worker)
    (bundle,) = [notice for notice in device(app, "chat").got if notice.kind == "inform"][5:]
    assert bundle.subject.startswith("4 messages")
    assert [part.incident for part in bundle.parts] == ["INC-6", "INC-7", "INC-8", "INC-9"]
    for ref in ("INC-6", "INC-9"):
        assert isinstance(told(app, ref)[-1], facts.Notified)
        assert told(app, ref)[-1].subject.startswith("4 messages")


def test_pages_of_one_incident_are_bundled_but_for_the_first(app: App, worker: Worker) -> None:
    """Three in a minute; then the rest with a count."""
    page(app)
    for severity in ("P2", "P1") * 4:
        move(app, "assess", BEN, severity=severity, why="to and fro")
    rest(worker)
    paged = [notice for notice in device(app, "chat").got if notice.kind == "page"]
    assert len(paged) == 3
    assert not paged[0].parts
    later(app, MINUTE)
    rest(worker)
    last = [notice for notice in device(app, "chat").got if notice.kind == "page"][-1]
    assert last.parts and "messages" in last.subject


def test_what_reached_nobody_is_tried_again_by_hand(app: App, worker: Worker) -> None:
    """By every way; a notice that is not given up is not."""
    for way in WAYS:
        device(app, way).faults = [GONE]
    page(app)
    rest(worker)
    (dead,) = deliveries.dead(app)
    assert (dead.to, dead.incident, dead.id) == ("ana", "INC-1", "INC-1/2/ana")
    assert deliveries.retry(app, dead.id) == 3
    rest(worker)
    assert got(app, "chat") == [1]
    assert deliveries.dead(app) == []
    with pytest.raises(Refused, match="not given up"):
        deliveries.retry(app, dead.id)
    with pytest.raises(NotFound):
        deliveries.retry(app, "INC-9/9/ana")


def test_a_call_that_was_lost_goes_out_when_the_node_starts_again(app: App, worker: Worker) -> None:
    """What kept it back is often a setting that was mended before the start; a mere word is not repeated."""
    for way in WAYS:
        device(app, way).faults = [GONE]
    page(app)
    rest(worker)
    assert [one.kind for one in deliveries.dead(app)] == ["page"]
    Worker(app).recover()
    rest(worker)
    assert got(app, "chat") == [1]
    assert deliveries.dead(app) == []


def test_a_lost_call_that_somebody_answered_by_now_is_left_alone(app: App, worker: Worker) -> None:
    """Nobody is called for what another one has."""
    for way in WAYS:
        device(app, way).faults = [GONE]
    page(app)
    rest(worker)
    move(app, "acknowledge", BEN)
    assert deliveries.call_again(app) == 0
    assert [one.kind for one in deliveries.dead(app)] == ["page"]


def test_a_test_says_what_came_of_each_way(app: App) -> None:
    """With the fault of the one that failed; both are kept in the log and with the ways."""
    device(app, "sms").faults = [GONE]
    trials = deliveries.try_out(app, "Ana", by="ben")
    assert [(one.via, one.ok) for one in trials] == [("chat", True), ("sms", False), ("voice", True)]
    assert "the number is gone" in trials[1].detail
    known = {each.via: each for each in deliveries.known(app) if each.person == "ana"}
    assert known["chat"].ok_at == app.clock.now() and known["sms"].ok_at is None
    assert "the number is gone" in known["sms"].error
    assert len(app.db.read(lambda tx: outbox.deliveries(tx, person="ana"))) == 3
    with pytest.raises(NotFound, match="nobody"):
        deliveries.try_out(app, "zoe", by="ben")
    with pytest.raises(Invalid, match="no notifier"):
        deliveries.try_out(app, "ana", "pigeon", by="ben")


def code_in(app: App, way: str) -> str:
    """The code of the last message."""
    return device(app, way).got[-1].subject.rpartition(" ")[2]


def test_a_way_is_verified_by_the_code_that_went_there(app: App) -> None:
    """Typed back, with or without blanks; until then it counts as not verified."""
    verifying.begin(app, "ana", "sms", by="ben")
    with pytest.raises(Refused, match="not the code"):
        verifying.confirm(app, "ana", "sms", "12", by="ben")
    made = verifying.confirm(app, "ana", "sms", " ".join(code_in(app, "sms")), by="ben")
    assert (made.verified_at, made.verified_by) == (app.clock.now(), "ben")
    with pytest.raises(Refused, match="No code was sent"):
        verifying.confirm(app, "ana", "sms", code_in(app, "sms"), by="ben")
    kept = app.db.read(methods.listing)
    assert code_in(app, "sms") not in repr(kept)


def test_another_address_is_another_way(app: App) -> None:
    """Whoever changes the number must verify it again."""
    app.settings = replace(app.settings, notifiers={**app.settings.notifiers, "sms": _Numbered()})
    verifying.begin(app, "ana", "sms", by="ben")
    verifying.confirm(app, "ana", "sms", code_in(app, "sms"), by="ben")
    ana = replace(app.settings.directory.people["ana"], contacts={"phone": "+4930999999"})
    app.settings = replace(app.settings, directory=replace(app.settings.directory, people={"ana": ana}))
    assert [each.verified_at for each in deliveries.known(app) if each.via == "sms"] == [None]


class _Numbered(Device):
    uses = ("phone",)


def test_codes_end_and_are_not_guessed(app: App) -> None:
    """After five tries, after ten minutes; and nobody's telephone is flooded with them."""
    verifying.begin(app, "ana", "sms", by="ben")
    with pytest.raises(Refused, match="just now"):
        verifying.begin(app, "ana", "sms", by="ben")
    for _ in range(5):
        with pytest.raises(Refused, match="not the code"):
            verifying.confirm(app, "ana", "sms", "x", by="ben")
    with pytest.raises(Refused, match="5 tries"):
        verifying.confirm(app, "ana", "sms", code_in(app, "sms"), by="ben")
    later(app, 2 * MINUTE)
    verifying.begin(app, "ana", "sms", by="ben")
    later(app, 11 * MINUTE)
    with pytest.raises(Refused, match="are over"):
        verifying.confirm(app, "ana", "sms", code_in(app, "sms"), by="ben")


def test_a_code_that_does_not_go_out_says_so(app: App) -> None:
    """With the way's own words; a way that is not theirs is refused."""
    device(app, "sms").faults = [GONE]
    with pytest.raises(Undelivered, match="the number is gone"):
        verifying.begin(app, "ana", "sms", by="ben")
    with pytest.raises(Invalid, match="not told by mail"):
        verifying.begin(app, "ana", "mail", by="ben")


def test_no_template_tells_of_a_private_incident(app: App, worker: Worker) -> None:
    """Whatever the team's words are: nothing of it leaves the house."""
    page(app, "The drawer is open")
    move(app, "make_private", why="it is about people")
    words = {"page": Wording(subject="{incident.title}", body="{incident.title} {alerts}")}
    app.settings = replace(app.settings, telling=Telling(templates=words))
    move(app, "assess", facts.ENGINE, severity="P1", why="worse")
    later(app, MINUTE)
    rest(worker)
    (last,) = [notice for notice in device(app, "chat").got if notice.severity == "P1" and notice.kind == "page"]
    assert "private" in last.subject
    assert "drawer" not in last.subject + last.body
