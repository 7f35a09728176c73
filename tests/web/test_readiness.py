"""Readiness as a page and for programs: the outlook, one's own word on access, targets, news; and who may."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.stories.devices import HandClock
from tests.web import house
from tocsin.app import App
from tocsin.core.oncall import Directory, Person, channel_id
from tocsin.core.run import Target
from tocsin.core.runbook import Access, Procedure, Severity, Step
from tocsin.engine.steward import ASK_EVERY, SETTLED, Steward
from tocsin.engine.worker import Worker
from tocsin.executors.local import Local
from tocsin.plug.kinds import Address, Receipt
from tocsin.service import accessasks, deliveries, readiness, targetchecks
from tocsin.service.access import Caller
from tocsin.settings import Place
from tocsin.store import readying, workers

HOSTILE = "<img src=x onerror=alert(1)>"


class Mailbox:
    """Takes everything."""

    reaches, uses = "email", ("email",)

    def __init__(self) -> None:
        self.got: list[Any] = []

    def send(self, notice: Any, to: Address, timeout: timedelta) -> Receipt:
        """Keep the notice."""
        self.got.append((to.name, notice))
        return Receipt()


@pytest.fixture
def mailbox(app: App) -> Mailbox:
    """Ana is on call and has a mailbox; the runbook lists two systems, one with hostile words."""
    made = Mailbox()
    people = {
        "ana": Person(id="ana", name="Ana <i>", notify=("mail",), contacts={"email": "ana@example.org"}),
        "responder": Person(id="responder", name="Rita", notify=("mail",)),
    }
    roles = dict.fromkeys(("on-call", "on-call-engineer"), "ana")
    app.settings = replace(app.settings, directory=Directory(people, roles), notifiers={"mail": made})
    items = (Access(system="lamp", what=f"The lamp {HOSTILE}", line=3), Access(system="horn", what="The horn", line=4))
    app.books = tuple(replace(book, access=items) for book in app.books)
    return made


@pytest.fixture
def clock(app: App) -> HandClock:
    """A clock that is turned by hand."""
    app.clock = made = HandClock()
    return made


@pytest.fixture
def browser(client: TestClient, mailbox: Mailbox) -> TestClient:
    """A responder who is signed in."""
    del mailbox
    headers = {"Origin": "http://tocsin.test", "Sec-Fetch-Site": "same-origin"}
    signed = client.post(
        "/login", data={"token": house.TOKENS["responder"]}, headers=headers, follow_redirects=False
    )  # fmt: skip
    assert signed.status_code == 303
    client.headers.update(headers)
    return client


def test_the_page_shows_the_hours_and_is_escaped(browser: TestClient) -> None:
    """Strips with their words beside them, findings with lines, hostile words as text."""
    answer = browser.get("/readiness")
    assert answer.status_code == 200
    assert '<svg class="strip24"' in answer.text
    assert HOSTILE not in answer.text
    assert "Ana <i>" not in answer.text
    assert "never drilled" in answer.text or "was ever drilled" in answer.text


def test_somebody_says_on_the_page_that_they_reach_a_system(app: App, browser: TestClient) -> None:
    """A form without script; what is typed is kept as text, and an admin alone speaks for others."""
    posted = browser.post("/readiness/access", data={"system": "horn", "ok": "true"}, follow_redirects=False)
    assert (posted.status_code, posted.headers["location"]) == (303, "/readiness#access")
    (kept,) = app.db.read(readying.said)
    assert (kept.person, kept.system, kept.ok, kept.said_by) == ("responder", "horn", True, "responder")
    browser.post("/readiness/access", data={"system": "horn", "ok": "false", "note": HOSTILE})
    (kept,) = app.db.read(readying.said)
    assert not kept.ok
    assert kept.ok_at is not None
    assert HOSTILE not in browser.get("/readiness").text
    assert browser.post("/readiness/access", data={"system": "horn", "ok": "true", "person": "ana"}).status_code == 403
    refused = browser.post("/readiness/access", data={"system": "moon", "ok": "true"})
    assert refused.status_code == 404
    assert "not one system of a runbook" in refused.text


def test_programs_get_the_whole_and_say_access(client: TestClient, mailbox: Mailbox) -> None:
    """The same through the API; an odd number of weeks is refused."""
    del mailbox
    client.headers.update(house.bearer("admin"))
    told = client.get("/api/v1/readiness").json()
    assert told["outlooks"][0]["spans"][0]["calls"]
    assert client.get("/api/v1/readiness?weeks=9").status_code == 400
    row = client.post("/api/v1/people/access", json={"system": "lamp", "person": "ana", "ok": True}).json()
    assert [(cell["person"], cell["state"]) for cell in row["cells"]] == [("ana", "reached")]
    rows = client.get("/api/v1/people/access").json()["access"]
    assert {row["system"] for row in rows} == {"lamp", "horn"}


def test_what_fails_to_reach_whoever_is_called_is_on_the_first_page(app: App, browser: TestClient) -> None:
    """A way that failed last is news; it is told on Now with the reason."""
    assert "can&#39;t be reached" not in browser.get("/").text
    now = app.clock.now()
    app.db.write(lambda tx: deliveries.note(app, tx, "ana", "mail", now, "the box is full"))
    page = browser.get("/").text
    assert "the box is full" in page
    assert "/readiness" in page


def test_targets_are_looked_at_and_what_is_missing_is_named(app: App, mailbox: Mailbox, tmp_path: Path) -> None:
    """Programs are looked for on the target's own PATH; a credential without a value is told by its name."""
    del mailbox
    place = app.settings.default
    tools = tmp_path / "tools"
    tools.mkdir()
    target = replace(place.target, path=str(tools), env_names=("LAMP_KEY",))
    app.settings = replace(app.settings, default=Place(target=target, executor=place.executor))
    wanted = targetchecks.wanted(app, app.settings.default)
    checks = {each.subject: each for each in targetchecks.check_targets(app)}
    assert checks["reach"].ok
    assert wanted
    assert all(not checks[name].ok for name in wanted if name != "cat" or not Path(tools / "cat").exists())
    (tools / wanted[0]).write_text("#!/bin/sh\n")
    (tools / wanted[0]).chmod(0o755)
    checks = {each.subject: each for each in targetchecks.check_targets(app)}
    assert checks[wanted[0]].ok
    told = [each.message for each in readiness.overview(app).findings]
    assert any("$LAMP_KEY has no value" in each for each in told)
    assert any("lacks" in each for each in told) == (len(wanted) > 1)


def test_targets_that_do_not_answer_say_why(app: App, mailbox: Mailbox) -> None:
    """A database that is not there and a server that nobody listens on are findings; by hand nothing is looked at."""
    del mailbox
    from tocsin.executors.http import Http
    from tocsin.executors.manual import Manual

    nobody = Place(target=Target(name="shop", kind="http"), executor=Http(base_url="http://127.0.0.1:9"))
    app.settings = replace(app.settings, default=nobody)
    (check,) = targetchecks.check_targets(app)
    assert (check.target, check.subject, check.ok) == ("shop", "reach", False)
    assert check.detail
    assert any("shop does not answer" in each.message for each in readiness.overview(app).findings)
    by_hand = Place(target=Target(name="paper", kind="manual"), executor=Manual())
    assert not targetchecks.looked_at(app, by_hand)


def test_each_responder_is_asked_once_a_month_in_business_hours(app: App, mailbox: Mailbox, clock: HandClock) -> None:
    """By mail with the list; not at night, not twice, not for what was said within the month."""
    while app.clock.now().weekday() != 5:
        clock.at += timedelta(days=1)
    assert accessasks.ask_due(app) == ()
    while app.clock.now().weekday() != 0 or app.clock.now().hour != 10:
        clock.at += timedelta(hours=1)
    assert accessasks.ask_due(app) == ("ana",)
    assert mailbox.got == []  # a row of the transaction that took it down; workers deliver it, as every message
    Worker(app).turn()
    ((name, notice),) = mailbox.got
    assert name == "Ana <i>"
    assert "The horn (horn)" in notice.body
    assert accessasks.ask_due(app) == ()
    for system in ("lamp", "horn"):
        readiness.say_access(app, readiness.Said(system=system, person="ana"), Caller("root", "admin"))
    clock.at += timedelta(days=28)
    assert accessasks.ask_due(app) == ()
    clock.at += timedelta(days=7)
    assert accessasks.ask_due(app) == ("ana",)


def test_the_steward_waits_before_it_looks_and_asks(app: App, mailbox: Mailbox, clock: HandClock) -> None:
    """A node that has just started starts nothing; after an hour the targets were looked at, once a day."""
    del mailbox
    steward = Steward(app)
    steward.turn()
    assert app.db.read(readying.targets) == []
    clock.at += max(SETTLED, ASK_EVERY)
    steward.turn()
    first = app.db.read(readying.targets)
    assert first
    clock.at += SETTLED
    steward.turn()
    assert app.db.read(readying.targets)[0].at == first[0].at
    clock.at += timedelta(days=1)
    steward.turn()
    assert app.db.read(readying.targets)[0].at > first[0].at


def test_a_question_that_no_way_takes_is_a_dead_letter(app: App, mailbox: Mailbox, clock: HandClock) -> None:
    """Nobody is asked into the void: it is seen beside every other message that reached nobody."""
    del mailbox
    app.settings = replace(app.settings, notifiers={})
    while app.clock.now().weekday() != 0 or app.clock.now().hour != 10:
        clock.at += timedelta(hours=1)
    assert accessasks.ask_due(app) == ("ana",)
    Worker(app).turn()
    (lost,) = deliveries.dead(app)
    assert (lost.to, lost.incident) == ("ana", "")
    assert "can you still reach everything" in lost.subject


def test_a_worker_looks_at_its_targets_when_a_server_asks(app: App, mailbox: Mailbox, tmp_path: Path) -> None:
    """Where no worker is there, that is told with what to do; one that is looks, with the server's list of programs."""
    del mailbox
    theirs = Place(
        target=Target(name="pump", labels=("pier",), path="/usr/bin:/bin", workdir=str(tmp_path)), executor=Local()
    )
    step = Step(
        id="a",
        kind="shell",
        stage="other",
        title="Pump",
        command="no-such-program && uname -s",
        line=4,
        end_line=4,
    )
    book = replace(app.books[0], procedures=(Procedure(id="p", title="Pump", steps=(step,), line=3),))
    app.settings, app.books = replace(app.settings, default=theirs), (book,)
    assert targetchecks.check_by_hand(app, Caller("root", "admin")) == ()
    assert [one.message for one in readiness.overview(app).findings if one.code == "no-worker"] == [
        "No worker carries out the target pump, whose labels are pier."
    ]
    worker = replace(app, labels=frozenset({"pier"}), serves=False, books=())
    app.db.write(lambda tx: workers.seen(tx, "pump-house", worker.labels, app.clock.now(), serves=False))
    assert "target-unchecked" in {one.code for one in readiness.overview(app).findings}
    assert targetchecks.answer_asks(worker) == ("pump",)
    assert targetchecks.answer_asks(worker) == ()
    found = {one.code: one.message for one in readiness.overview(app).findings}
    assert "no-worker" not in found
    assert "target-unchecked" not in found
    assert found["missing-program"] == "The target pump lacks no-such-program."


def test_a_team_without_anybody_and_a_war_room_without_a_place_are_told(app: App, mailbox: Mailbox) -> None:
    """What the severities' own words want at once is set up before, or told with its line."""
    del mailbox
    levels = (
        Severity(name="P0", action="Page on-call, open a bridge", action_line=7, line=6),
        Severity(name="P1", action="Alert the oven team", action_line=9, line=8),
        Severity(name="P2", action="Track in the backlog", action_line=11, line=10),
    )
    app.books = tuple(replace(book, severities=levels, escalations=()) for book in app.books)
    found = {(one.code, one.line) for one in readiness.overview(app).findings}
    assert {("unbound-team", 9), ("no-war-room", 7)} <= found
    assert "nobody-called" not in {code for code, _ in found}
    assert [one.quiet for one in readiness.overview(app).outlooks] == ["", "", "Track in the backlog (line 11)"]
    channels = {channel_id("oven team"): Person(id=channel_id("oven team"), name="Oven team", notify=("mail",))}
    known = replace(app.settings.directory, channels=channels)
    app.settings = replace(app.settings, directory=known, war_room="https://meet.example.org/{number}")
    assert not {"unbound-team", "no-war-room"} & {one.code for one in readiness.overview(app).findings}
